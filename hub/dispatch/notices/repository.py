"""Queries on notices, their deliveries and the tries of those."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.dispatch.notifier import Address
from hub.store.tables.access import accounts
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.notices import channels, deliveries, notices, tries
from hub.store.tellings import over
from hub.types.duty import Notice

Found = Row[Any]
"""A row as the database has it."""

WAITING, SENDING, SENT = "waiting", "sending", "sent"
DELIVERED, DEAD, DROPPED = "delivered", "dead", "dropped"
_OPEN = (WAITING, SENDING)
NEW = 0.0
"""When to look at a notice first: at once, however far ahead the clock was that it was written by.

A later look has a time of whoever looked.
"""
_AT_ONCE = (deliveries.c.tries == 0) & ~deliveries.c.put_off & deliveries.c.paused_at.is_(None)
"""To be sent as soon as it is there, and never tried: due, whatever the clock was."""


# -- notices ---------------------------------------------------------------------------------


def account_of(tx: Connection, name: str) -> str | None:
    """The account of that name; None: a program's, or nobody's."""
    return tx.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar()


def put(tx: Connection, items: Iterable[Notice]) -> None:
    """Keep what is to be told; a notice whose key is known already is told once only."""
    rows = [_row(each) for each in items]
    if not rows:
        return
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(notices).on_conflict_do_nothing(index_elements=["key"]), rows)


def _row(notice: Notice) -> dict[str, object]:
    return {
        "key": notice.key,
        "about": notice.about,
        "kind": notice.kind,
        "severity": notice.severity.value,
        "grid_path": list(notice.grid_path),
        "at": notice.at,
        "resolve_at": NEW,
        "roles": sorted(role.value for role in notice.roles),
        "unit": notice.unit,
        "account": notice.account,
        "exercise": notice.exercise,
    }


def unresolved(tx: Connection, now: float, limit: int) -> Sequence[Found]:
    """Notices of which nobody knows yet whom to tell, and that are to be looked at, locked.

    The gravest first, among equals the longest waiting.
    """
    query = (
        select(notices)
        .where(notices.c.resolved_at.is_(None), notices.c.resolve_at <= now)
        .order_by(notices.c.severity, notices.c.at, notices.c.key)
        .limit(limit)
    )
    return tx.execute(query.with_for_update()).all()


def past(tx: Connection, keys: Collection[str]) -> set[str]:
    """Those of these notices whose matter is over."""
    query = select(notices.c.key).where(notices.c.key.in_(keys), over())
    return set(tx.execute(query).scalars()) if keys else set()


def next_look(tx: Connection) -> float | None:
    """The first moment to look at a notice that waits; None where none does."""
    query = select(func.min(notices.c.resolve_at)).where(notices.c.resolved_at.is_(None))
    return tx.execute(query).scalar()


def next_try(tx: Connection, channel: str) -> float | None:
    """The first moment to send something on a channel; None where nothing waits."""
    mine = (deliveries.c.channel == channel, deliveries.c.state.in_(_OPEN))
    first = func.min(case((_AT_ONCE, 0.0), else_=deliveries.c.next_try_at))
    return tx.execute(select(first).where(*mine)).scalar()


def set_resolved(tx: Connection, keys: Collection[str], told: int, now: float) -> None:
    """It is known who is told of these, and how many of each."""
    mine = update(notices).where(notices.c.key.in_(keys))
    tx.execute(mine.values(resolved_at=now, told=told))


def look_again(tx: Connection, keys: Collection[str], at: float) -> None:
    """Ask anew at that moment who is to be told."""
    if keys:
        mine = update(notices).where(notices.c.key.in_(keys))
        tx.execute(mine.values(resolved_at=None, resolve_at=at))


def give_up(tx: Connection, keys: Collection[str], at: float) -> None:
    """Nobody hears these, which is shown; they are looked at again at that moment all the same."""
    if keys:
        mine = update(notices).where(notices.c.key.in_(keys))
        tx.execute(mine.values(resolved_at=None, resolve_at=at, told=0))


def notices_by_key(tx: Connection, keys: Collection[str]) -> dict[str, Found]:
    """These notices."""
    query = select(notices).where(notices.c.key.in_(keys))
    return {row.key: row for row in tx.execute(query)}


# -- deliveries ------------------------------------------------------------------------------


def insert_deliveries(tx: Connection, rows: Sequence[dict[str, object]]) -> None:
    """New ones; who is told of a notice on a channel already is not told again.

    One that was dropped because its person was off duty, and that nobody has read, begins anew.
    """
    if not rows:
        return
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    query = dialect.insert(deliveries)
    names = ("why", "state", "batch", "put_off", "created_at", "next_try_at", "tries")
    again = {name: query.excluded[name] for name in names}
    query = query.on_conflict_do_update(
        index_elements=["notice_key", "account", "channel"],
        set_={**again, "error": None, "paused_at": None},
        where=(deliveries.c.state == DROPPED) & deliveries.c.acked_at.is_(None),
    )
    tx.execute(query, rows)


def due(tx: Connection, channel: str, now: float, batches: int) -> list[Found]:
    """The rows of a channel's batches that are due, whole, locked, with their `severity`.

    The gravest batches first, among equals the longest waiting.
    """
    first = func.min(deliveries.c.next_try_at)
    waiting = (
        select(deliveries.c.batch)
        .join(notices, notices.c.key == deliveries.c.notice_key)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state.in_(_OPEN),
            or_(deliveries.c.next_try_at <= now, _AT_ONCE),
        )
        .group_by(deliveries.c.batch)
        .order_by(func.min(notices.c.severity), first, deliveries.c.batch)
        .limit(batches)
    )
    place = {batch: number for number, batch in enumerate(tx.execute(waiting).scalars())}
    query = (
        select(deliveries, notices.c.severity)
        .join(notices, notices.c.key == deliveries.c.notice_key)
        .where(deliveries.c.batch.in_(place), deliveries.c.state.in_(_OPEN))
        .order_by(deliveries.c.created_at, deliveries.c.id)
    )
    rows = tx.execute(query.with_for_update(of=deliveries))
    return sorted(rows, key=lambda row: place[row.batch])


def of_other_channels(
    tx: Connection, known: Collection[str], limit: int = 500
) -> list[tuple[str, str]]:
    """Some of what waits for a channel that is none of these: delivery and channel."""
    query = select(deliveries.c.id, deliveries.c.channel).where(
        deliveries.c.state.in_(_OPEN), deliveries.c.channel.not_in(known)
    )
    return [(row.id, row.channel) for row in tx.execute(query.limit(limit))]


def set_deliveries(tx: Connection, ids: Collection[str], **values: object) -> None:
    """Set columns of some."""
    if ids:
        tx.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**values))


def set_sending(tx: Connection, ids: Collection[str], **values: object) -> int:
    """Set columns of those that are still being sent; returns how many.

    Who has read it meanwhile has it, whatever became of the try.
    """
    mine = update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == SENDING)
    return tx.execute(mine.values(**values)).rowcount


def put_off(tx: Connection, channel: str, now: float, until: float) -> None:
    """A whole channel waits; what has waited so since its last try does not wait once more."""
    mine = update(deliveries).where(
        deliveries.c.channel == channel,
        deliveries.c.state == WAITING,
        deliveries.c.next_try_at < until,
        deliveries.c.paused_at.is_(None),
    )
    tx.execute(mine.values(next_try_at=until, paused_at=now))


def insert_tries(
    tx: Connection, ids: Iterable[str], at: float, error: str | None, status: int | None, words: str
) -> None:
    """A row per try and delivery."""
    rows = [
        {"delivery_id": one, "at": at, "error_class": error, "status": status, "words": words}
        for one in ids
    ]
    if rows:
        tx.execute(insert(tries), rows)


def tried_since(tx: Connection, channel: str, since: float, now: float) -> int:
    """How many messages a channel tried to send after a moment, by a clock that was right."""
    query = (
        select(func.count(func.distinct(deliveries.c.batch)))
        .select_from(tries)
        .join(deliveries, deliveries.c.id == tries.c.delivery_id)
        .where(tries.c.at > since, tries.c.at <= now, deliveries.c.channel == channel)
    )
    return tx.execute(query).scalar_one()


# -- what a message needs to know --------------------------------------------------------------


def addresses(tx: Connection, accounts: Collection[str]) -> dict[str, Found]:
    """Where these people want to be reached; who left nothing is left out."""
    query = select(channels).where(channels.c.account.in_(accounts))
    return {row.account: row for row in tx.execute(query)} if accounts else {}


def to_address(account: str, row: Found | None) -> Address:
    """A row as the notifiers know it."""
    if row is None:
        return Address(account)
    return Address(account, row.phone, row.robot_id, row.mention)


def incident_classes(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """The class of each of these incidents."""
    query = select(incidents.c.id, incidents.c.class_code).where(incidents.c.id.in_(ids))
    return {row.id: row.class_code for row in tx.execute(query)}


def alert_kinds(tx: Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Kind and id of the rule of each of these alerts."""
    query = select(alerts.c.id, alerts.c.rule_kind, alerts.c.rule_id).where(alerts.c.id.in_(ids))
    return {row.id: (row.rule_kind, row.rule_id) for row in tx.execute(query)}


def mentions(tx: Connection, keys: Collection[str]) -> tuple[str, ...]:
    """The numbers of those who are told of these notices and want to be mentioned."""
    query = (
        select(channels.c.phone)
        .join(deliveries, deliveries.c.account == channels.c.account)
        .where(deliveries.c.notice_key.in_(keys), channels.c.mention, channels.c.phone.is_not(None))
        .distinct()
        .order_by(channels.c.phone)
    )
    return tuple(tx.execute(query).scalars())


def dead_of(tx: Connection, batch: str) -> list[str]:
    """The dead letters of one message, locked."""
    query = select(deliveries.c.id).where(deliveries.c.batch == batch, deliveries.c.state == DEAD)
    return list(tx.execute(query.order_by(deliveries.c.id).with_for_update()).scalars())


def raise_again(tx: Connection, ids: Collection[str], now: float) -> None:
    """Dead letters wait anew, with all their tries before them."""
    mine = update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == DEAD)
    fresh = {"state": WAITING, "tries": 0, "next_try_at": now}
    tx.execute(mine.values(**fresh, dead_at=None, error=None, paused_at=None))


def acknowledge(tx: Connection, account: str, keys: Collection[str], now: float) -> None:
    """These notices have reached their person; what still waited need not be sent."""
    mine = (deliveries.c.account == account) & deliveries.c.notice_key.in_(keys)
    unread = update(deliveries).where(mine, deliveries.c.acked_at.is_(None))
    tx.execute(unread.values(acked_at=now))
    open_ones = deliveries.c.state.in_((*_OPEN, SENT))
    tx.execute(update(deliveries).where(mine, open_ones).values(state=DELIVERED))


def put_address(tx: Connection, account: str, **values: object) -> None:
    """Where somebody wants to be reached."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    row = dialect.insert(channels).values(account=account, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["account"], set_=values))
