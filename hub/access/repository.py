"""Queries on tokens, accounts, grants, sessions, wall layouts, and on the register of looks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.erasing import ERASED
from hub.store.tables.access import (
    accounts,
    grants,
    login_failures,
    looks,
    names,
    sessions,
    tokens,
    wall_layouts,
)

AT_ONCE = 500
"""Values in one `IN (…)`."""
ADMINS_LOCK = 0x68756203  # beside feed.FEED_LOCK in PostgreSQL's one space of advisory locks


def insert_token(tx: Connection, token_id: str, token_hash: str, name: str, now: float) -> None:
    """Write one token's hash."""
    tx.execute(insert(tokens).values(id=token_id, token_hash=token_hash, name=name, created_at=now))


def live_token(tx: Connection, token_hash: str) -> Row[Any] | None:
    """The row of a token that is not revoked."""
    query = select(tokens).where(tokens.c.token_hash == token_hash, tokens.c.revoked_at.is_(None))
    return tx.execute(query).one_or_none()


def all_tokens(tx: Connection) -> Sequence[Row[Any]]:
    """All tokens, oldest first."""
    return tx.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.id)).all()


def token_by_id(tx: Connection, token_id: str) -> Row[Any] | None:
    """One token."""
    return tx.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()


def revoke_token(tx: Connection, token_id: str, now: float) -> None:
    """Mark a token as revoked."""
    tx.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=now))


Seen = tuple[str, str]
"""What was looked at, and the class of the reason."""


def insert_looks(
    tx: Connection, *, at: float, actor: str, action: str, seen: Collection[Seen]
) -> None:
    """Add a line to the register for each; at least one."""
    common = {"at": at, "actor": actor, "action": action}
    rows = [{**common, "subject": subject, "reason": reason} for subject, reason in seen]
    tx.execute(insert(looks), rows)


def looked_since(tx: Connection, actor: str, action: str, since: float) -> set[Seen]:
    """What the actor has looked at by this action after `since`."""
    wanted = select(looks.c.subject, looks.c.reason).where(
        looks.c.at > since, looks.c.actor == actor, looks.c.action == action
    )
    return {(row.subject, row.reason) for row in tx.execute(wanted)}


def looks_before(
    tx: Connection,
    seq: int | None,
    limit: int,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str = "",
    since: float | None = None,
    until: float | None = None,
) -> Sequence[Row[Any]]:
    """Lines of the register, newest first, older than `seq`; `subject` is part of theirs."""
    query = select(looks).order_by(looks.c.seq.desc()).limit(limit)
    if seq is not None:
        query = query.where(looks.c.seq < seq)
    if actor is not None:
        query = query.where(looks.c.actor == actor)
    if action is not None:
        query = query.where(looks.c.action == action)
    if subject:
        query = query.where(looks.c.subject.contains(subject, autoescape=True))
    if since is not None:
        query = query.where(looks.c.at >= since)
    if until is not None:
        query = query.where(looks.c.at < until)
    return tx.execute(query).all()


def insert_account(tx: Connection, values: dict[str, Any]) -> None:
    """Write a new account."""
    tx.execute(insert(accounts).values(**values))


def update_account(tx: Connection, account_id: str, values: dict[str, Any]) -> None:
    """Change columns of one account."""
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def all_accounts(tx: Connection) -> Sequence[Row[Any]]:
    """All accounts by login."""
    return tx.execute(select(accounts).order_by(accounts.c.login)).all()


def account_by_id(tx: Connection, account_id: str) -> Row[Any] | None:
    """One account."""
    return tx.execute(select(accounts).where(accounts.c.id == account_id)).one_or_none()


def logins(tx: Connection, account_ids: Collection[str]) -> dict[str, str]:
    """The logins of these accounts, by id; without those that are erased."""
    if not account_ids:
        return {}
    query = select(accounts.c.id, accounts.c.login).where(
        accounts.c.id.in_(account_ids), accounts.c.login.not_like(f"{ERASED}:%")
    )
    return {row.id: row.login for row in tx.execute(query)}


def account_by_login(tx: Connection, login: str) -> Row[Any] | None:
    """One account, disabled or not."""
    return tx.execute(select(accounts).where(accounts.c.login == login)).one_or_none()


def insert_name(
    tx: Connection, key: str, *, account_id: str | None, token_id: str | None, now: float
) -> bool:
    """Keep a name for a holder; False if it is kept already, whoever was first."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    row = {"key": key, "account_id": account_id, "token_id": token_id, "taken_at": now}
    first = dialect.insert(names).values(**row).on_conflict_do_nothing()
    return tx.execute(first.returning(names.c.key)).first() is not None


def name_row(tx: Connection, key: str) -> Row[Any]:
    """Whose name it is; locked, since a token's may be passed on."""
    return tx.execute(select(names).where(names.c.key == key).with_for_update()).one()


def names_kept(tx: Connection, keys: Collection[str]) -> set[str]:
    """Which of these names are kept for somebody."""
    wanted, found = sorted(keys), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        some = names.c.key.in_(wanted[start : start + AT_ONCE])
        found |= set(tx.execute(select(names.c.key).where(some)).scalars())
    return found


def pass_name(tx: Connection, key: str, token_id: str, now: float) -> None:
    """Keep a token's name for the next one."""
    query = update(names).where(names.c.key == key)
    tx.execute(query.values(token_id=token_id, taken_at=now))


def is_token_live(tx: Connection, token_id: str) -> bool:
    """Whether it is not revoked."""
    query = select(tokens.c.id).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
    return tx.execute(query).first() is not None


def insert_grant(tx: Connection, values: dict[str, Any]) -> None:
    """Write a new grant."""
    tx.execute(insert(grants).values(**values))


def end_grant(tx: Connection, grant_id: str, by: str, now: float) -> None:
    """Mark a grant as ended."""
    query = update(grants).where(grants.c.id == grant_id)
    tx.execute(query.values(ended_at=now, ended_by=by))


def grants_of(tx: Connection, *, account: str | None, token: str | None) -> Sequence[Row[Any]]:
    """All grants of one account or one token, the ended ones too, oldest first."""
    own = grants.c.token_id == token if account is None else grants.c.account_id == account
    return tx.execute(select(grants).where(own).order_by(grants.c.given_at, grants.c.id)).all()


def live_grants(tx: Connection, holder: str) -> Sequence[Row[Any]]:
    """The grants of all holders of a kind (a column's name) that are not ended, oldest first."""
    query = select(grants).where(grants.c[holder].is_not(None), grants.c.ended_at.is_(None))
    return tx.execute(query.order_by(grants.c.given_at, grants.c.id)).all()


def count_admins(
    tx: Connection, *, grant_id: str | None, account: str | None, token: str | None
) -> int:
    """How many grants make an administrator of the whole site for good, without those named.

    Whoever asks is about to take one away: another who does waits until this transaction ends.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(ADMINS_LOCK)))
    query = (
        select(func.count())
        .select_from(grants)
        .outerjoin(accounts, accounts.c.id == grants.c.account_id)
        .outerjoin(tokens, tokens.c.id == grants.c.token_id)
        .where(
            grants.c.role == "admin",
            grants.c.grid.is_(None),
            grants.c.weekdays.is_(None),
            grants.c.ended_at.is_(None),
            accounts.c.disabled_at.is_(None),
            tokens.c.revoked_at.is_(None),
        )
    )
    named = (grants.c.id, grant_id), (grants.c.account_id, account), (grants.c.token_id, token)
    for column, value in named:
        if value is not None:
            query = query.where(column.is_distinct_from(value))
    return tx.execute(query).scalar_one()


def failures_of(tx: Connection, login_hash: str, now: float) -> Row[Any]:
    """Wrong passwords given for a login; other tries of it wait for this transaction."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    first = dialect.insert(login_failures).values(login_hash=login_hash, failures=0, failed_at=now)
    tx.execute(first.on_conflict_do_nothing())
    query = select(login_failures).where(login_failures.c.login_hash == login_hash)
    return tx.execute(query.with_for_update()).one()


def write_failures(
    tx: Connection, login_hash: str, failures: int, now: float, locked_until: float | None
) -> None:
    """Set the count of a login."""
    tx.execute(
        update(login_failures)
        .where(login_failures.c.login_hash == login_hash)
        .values(failures=failures, failed_at=now, locked_until=locked_until)
    )


def clear_failures(tx: Connection, login_hash: str) -> None:
    """Forget the wrong passwords of a login."""
    tx.execute(delete(login_failures).where(login_failures.c.login_hash == login_hash))


def forget_failures(tx: Connection, before: float) -> None:
    """Forget what failed before a moment."""
    tx.execute(delete(login_failures).where(login_failures.c.failed_at < before))


def locks(tx: Connection, now: float) -> dict[str, float]:
    """Until when which login (by its hash) is locked."""
    query = select(login_failures).where(login_failures.c.locked_until > now)
    return {row.login_hash: row.locked_until for row in tx.execute(query)}


def insert_session(
    tx: Connection, id_hash: str, account_id: str, now: float, expires_at: float
) -> None:
    """Write a new session."""
    tx.execute(
        insert(sessions).values(
            id_hash=id_hash,
            account_id=account_id,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
        )
    )


def session_and_account(tx: Connection, id_hash: str) -> Any | None:
    """A session that was not ended, with the account it belongs to if that is not disabled."""
    query = (
        select(
            sessions.c.created_at,
            sessions.c.seen_at,
            sessions.c.expires_at,
            accounts.c.id,
            accounts.c.name,
            accounts.c.must_change,
        )
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(
            sessions.c.id_hash == id_hash,
            sessions.c.ended_at.is_(None),
            accounts.c.disabled_at.is_(None),
        )
    )
    return tx.execute(query).one_or_none()


def see_session(tx: Connection, id_hash: str, now: float) -> None:
    """A sign of life."""
    tx.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(seen_at=now))


def end_sessions(tx: Connection, column: str, value: str, now: float) -> None:
    """End the sessions whose `column` (`id_hash` or `account_id`) is `value`."""
    query = update(sessions).where(sessions.c[column] == value, sessions.c.ended_at.is_(None))
    tx.execute(query.values(ended_at=now))


def forget_sessions(tx: Connection, before: float) -> None:
    """Delete the sessions that were over before a moment."""
    over = or_(sessions.c.expires_at < before, sessions.c.ended_at < before)
    tx.execute(delete(sessions).where(over))


def visible_layouts(tx: Connection, account_id: str | None) -> Sequence[Row[Any]]:
    """Shared layouts and those of one account, by name, each with its owner's name."""
    query = _layouts().order_by(wall_layouts.c.name, wall_layouts.c.id)
    own = wall_layouts.c.owner_id == account_id
    return tx.execute(query.where(or_(wall_layouts.c.shared, own))).all()


def layout_by_id(tx: Connection, layout_id: str) -> Row[Any] | None:
    """One layout with its owner's name."""
    return tx.execute(_layouts().where(wall_layouts.c.id == layout_id)).one_or_none()


def _layouts() -> Any:
    owner = accounts.c.name.label("owner")
    return select(wall_layouts, owner).outerjoin(accounts, accounts.c.id == wall_layouts.c.owner_id)


def count_layouts(tx: Connection, owner_id: str | None) -> int:
    """How many layouts one account (None: the house) has."""
    query = select(func.count()).select_from(wall_layouts)
    return tx.execute(query.where(wall_layouts.c.owner_id == owner_id)).scalar_one()


def insert_layout(tx: Connection, values: dict[str, Any]) -> None:
    """Write a new layout."""
    tx.execute(insert(wall_layouts).values(**values))


def update_layout(tx: Connection, layout_id: str, values: dict[str, Any]) -> None:
    """Change one layout."""
    tx.execute(update(wall_layouts).where(wall_layouts.c.id == layout_id).values(**values))


def delete_layout(tx: Connection, layout_id: str) -> None:
    """Delete one layout."""
    tx.execute(delete(wall_layouts).where(wall_layouts.c.id == layout_id))
