"""What is due by name, without a look at what the rows say, and the rows locked.

A row that cannot be read must not hide the others, so names are asked for first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from hub.dispatch.timers.rows import TimerState
from hub.store.tables.dispatch import incidents
from hub.store.tables.timers import timers
from hub.types.work import IncidentState

Found = Row[Any]
"""A row as the database has it."""
Key = tuple[str, ...]


def wait_ids(tx: Connection, now: float, limit: int) -> list[str]:
    """Incidents whose group wait is over, the longest waiting first."""
    query = select(incidents.c.id).where(*_waited(now))
    return _ids(tx, query.order_by(incidents.c.dispatch_at, incidents.c.id), limit)


def lock_waits(tx: Connection, now: float, ids: Collection[str]) -> list[Found]:
    """Those of these whose wait is still over, the longest waiting first, locked."""
    return _locked(tx, ids, _waited(now), "dispatch_at")


def _waited(now: float) -> tuple[ColumnElement[bool], ...]:
    # What began later than now was filed by a clock that ran ahead: it has waited long enough.
    at = incidents.c
    ahead = at.dispatch_at.is_not(None) & (at.opened_at > now)
    return at.state == IncidentState.FILED.value, or_(at.dispatch_at <= now, ahead)


def closed_ids(tx: Connection, closed_before: float, limit: int) -> list[str]:
    """Incidents that were closed before that moment, the oldest first."""
    query = select(incidents.c.id).where(*_closed(closed_before))
    return _ids(tx, query.order_by(incidents.c.closed_at, incidents.c.id), limit)


def lock_closed(tx: Connection, closed_before: float, ids: Collection[str]) -> list[Found]:
    """Those of these that still are closed since before that moment, the oldest first, locked."""
    return _locked(tx, ids, _closed(closed_before), "closed_at")


def _closed(before: float) -> tuple[ColumnElement[bool], ...]:
    return incidents.c.state == IncidentState.CLOSED.value, incidents.c.closed_at <= before


def timer_keys(tx: Connection, now: float, limit: int) -> list[Key]:
    """Clocks whose time has come, the longest due first: subject, its id, step, level."""
    key = (timers.c.subject, timers.c.subject_id, timers.c.step, timers.c.level)
    query = (
        select(*key)
        .where(timers.c.state == TimerState.WAITING.value, timers.c.due_at <= now)
        .order_by(timers.c.due_at, *key[1:])
        .limit(limit)
    )
    return [tuple(row) for row in tx.execute(query)]


def _locked(
    tx: Connection, ids: Collection[str], where: Sequence[ColumnElement[bool]], by: str
) -> list[Found]:
    # In the order of their ids, as whoever locks two of them does.
    query = select(incidents).where(incidents.c.id.in_(ids), *where).order_by(incidents.c.id)
    rows = tx.execute(query.with_for_update()).all()
    return sorted(rows, key=lambda row: (getattr(row, by), row.id))


def _ids(tx: Connection, query: Select[Any], limit: int) -> list[str]:
    return list(tx.execute(query.limit(limit)).scalars())
