"""Queries on tokens and on the register of looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.store.tables.access import looks, tokens


def insert_token(
    tx: Connection, token_id: str, token_hash: str, name: str, role: str, now: float
) -> None:
    """Write one token's hash."""
    tx.execute(
        insert(tokens).values(
            id=token_id, token_hash=token_hash, name=name, role=role, created_at=now
        )
    )


def live_token(tx: Connection, token_hash: str) -> Row[Any] | None:
    """The row of a token that is not revoked."""
    query = select(tokens).where(tokens.c.token_hash == token_hash, tokens.c.revoked_at.is_(None))
    return tx.execute(query).one_or_none()


def count_live(tx: Connection, role: str) -> int:
    """How many tokens of a role are not revoked."""
    query = (
        select(func.count())
        .select_from(tokens)
        .where(tokens.c.role == role, tokens.c.revoked_at.is_(None))
    )
    return tx.execute(query).scalar_one()


def all_tokens(tx: Connection) -> Sequence[Row[Any]]:
    """All tokens, oldest first."""
    return tx.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.id)).all()


def token_by_id(tx: Connection, token_id: str) -> Row[Any] | None:
    """One token."""
    return tx.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()


def revoke_token(tx: Connection, token_id: str, now: float) -> None:
    """Mark a token as revoked."""
    tx.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=now))


def insert_look(
    tx: Connection, *, at: float, actor: str, action: str, subject: str, reason: str
) -> None:
    """Add one line to the register."""
    tx.execute(
        insert(looks).values(at=at, actor=actor, action=action, subject=subject, reason=reason)
    )


def looked_since(tx: Connection, key: tuple[str, str, str, str], since: float) -> bool:
    """Whether the same actor, action, subject and reason stand there after `since`."""
    columns = (looks.c.actor, looks.c.action, looks.c.subject, looks.c.reason)
    same = [column == value for column, value in zip(columns, key, strict=True)]
    return (
        tx.execute(select(looks.c.seq).where(looks.c.at > since, *same).limit(1)).first()
        is not None
    )


def looks_before(tx: Connection, seq: int | None, limit: int) -> Sequence[Row[Any]]:
    """Lines of the register, newest first, older than `seq`."""
    query = select(looks).order_by(looks.c.seq.desc()).limit(limit)
    if seq is not None:
        query = query.where(looks.c.seq < seq)
    return tx.execute(query).all()
