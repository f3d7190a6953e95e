"""Queries on holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select

from hub.store.cases import in_force
from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import incidents
from hub.store.tables.privacy import holds
from hub.types.staff import Jurisdiction

Found = Row[Any]
"""A row as the database has it: the hold, the entry that ended it, and its incident's ground."""

_ENDING = holds.alias("ending")


def _all() -> Select[Any]:
    ended = holds.c.id == _ENDING.c.ends
    return (
        select(
            holds,
            incidents.c.title,
            incidents.c.grid_path,
            _ENDING.c.entered_at.label("ended_at"),
            _ENDING.c.entered_by.label("ended_by"),
            _ENDING.c.note.label("ended_note"),
        )
        .select_from(holds.join(incidents, incidents.c.id == holds.c.incident_id))
        .outerjoin(_ENDING, ended)
        .where(holds.c.ends.is_(None))
    )


def insert_entry(tx: Connection, row: Mapping[str, object]) -> None:
    """Write an entry: a hold, or what ends one."""
    tx.execute(insert(holds).values(**row))


def get(tx: Connection, hold_id: str) -> Found | None:
    """One hold."""
    return tx.execute(_all().where(holds.c.id == hold_id)).first()


def listed(
    tx: Connection,
    within: Jurisdiction,
    now: float,
    *,
    incident_id: str | None,
    standing: bool | None,
    after: Cursor | None,
    limit: int,
) -> list[Found]:
    """Holds, newest first; `standing`: only those in force, or only those that are over."""
    query = _all().where(inside(incidents.c.grid_path, within))
    if incident_id is not None:
        query = query.where(holds.c.incident_id == incident_id)
    if standing is not None:
        counts: ColumnElement[bool] = in_force(holds, now)
        query = query.where(counts if standing else ~counts)
    return list(tx.execute(newest_first(query, holds.c.entered_at, holds.c.id, after, limit)))


def note(tx: Connection, line: Mapping[str, object]) -> None:
    """A line of the sealed log."""
    tx.execute(insert(transitions).values(**line))


def ground_of(tx: Connection, incident_id: str) -> tuple[str, ...] | None:
    """The path of an incident's grid; None where there is no such incident."""
    row = tx.execute(select(incidents.c.grid_path).where(incidents.c.id == incident_id)).first()
    return None if row is None else tuple(row.grid_path)
