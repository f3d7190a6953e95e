"""Queries on what the rules of a source remember."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from hub.store.tables.rules import rule_states


def rule_state(tx: Connection, source: str) -> dict[str, Any] | None:
    """What the rules of a source remember, None when nothing; locked."""
    query = select(rule_states.c.state).where(rule_states.c.source == source).with_for_update()
    state: dict[str, Any] | None = tx.execute(query).scalar()
    return state


def remembering(tx: Connection, limit: int) -> list[str]:
    """The sources whose rules remember something."""
    query = select(rule_states.c.source).order_by(rule_states.c.source)
    return list(tx.execute(query.limit(limit)).scalars())


def rule_states_of(tx: Connection, sources: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the rules of these sources remember, of those that do; locked."""
    query = select(rule_states.c.source, rule_states.c.state).order_by(rule_states.c.source)
    query = query.where(rule_states.c.source.in_(sources))
    return {row.source: row.state for row in tx.execute(query.with_for_update())}


def put_rule_state(
    tx: Connection, source: str, state: Mapping[str, Any] | None, *, known: bool, now: float
) -> None:
    """Store what the rules of a source remember; None takes the row away. `known`: it exists."""
    here = rule_states.c.source == source
    if state is None:
        tx.execute(delete(rule_states).where(here))
    elif known:
        tx.execute(update(rule_states).where(here).values(state=dict(state), updated_at=now))
    else:
        tx.execute(insert(rule_states).values(source=source, state=dict(state), updated_at=now))
