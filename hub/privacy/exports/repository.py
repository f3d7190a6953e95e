"""Queries on exports, and what an incident has to export."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import incidents, tasks
from hub.store.tables.ops import media
from hub.store.tables.privacy import exports
from hub.store.tables.whistles import whistles
from hub.types.staff import Jurisdiction

Found = Row[Any]
"""A row as the database has it."""


def insert_export(tx: Connection, row: Mapping[str, object]) -> None:
    """Write down that somebody asked."""
    tx.execute(insert(exports).values(**row))


def change(tx: Connection, export_id: str, version: int, values: Mapping[str, object]) -> bool:
    """Change it if it still has this version; it has the next one then."""
    mine = (exports.c.id == export_id, exports.c.version == version)
    done = tx.execute(update(exports).where(*mine).values(version=version + 1, **values))
    return bool(done.rowcount)


def get(tx: Connection, export_id: str) -> Found | None:
    """One export."""
    return tx.execute(select(exports).where(exports.c.id == export_id)).first()


def listed(
    tx: Connection,
    within: Jurisdiction,
    *,
    state: str | None,
    incident_id: str | None,
    after: Cursor | None,
    limit: int,
) -> list[Found]:
    """Exports, newest first."""
    query = select(exports).where(inside(exports.c.grid_path, within))
    if state is not None:
        query = query.where(exports.c.state == state)
    if incident_id is not None:
        query = query.where(exports.c.incident_id == incident_id)
    return list(tx.execute(newest_first(query, exports.c.asked_at, exports.c.id, after, limit)))


def waiting(tx: Connection, states: Collection[str]) -> Found | None:
    """The one that has waited longest in one of these states."""
    query = select(exports).where(exports.c.state.in_(states))
    return tx.execute(query.order_by(exports.c.decided_at, exports.c.id).limit(1)).first()


def past(tx: Connection, state: str, now: float, limit: int) -> list[Found]:
    """Those that can no longer be fetched."""
    late = (exports.c.state == state, exports.c.fetch_until <= now)
    return list(tx.execute(select(exports).where(*late).limit(limit)))


def first_past(tx: Connection, state: str) -> float | None:
    """When the first of those can no longer be fetched; None where there is none."""
    query = select(func.min(exports.c.fetch_until)).where(exports.c.state == state)
    return tx.execute(query).scalar()


def note(tx: Connection, line: Mapping[str, object]) -> None:
    """A line of the sealed log."""
    tx.execute(insert(transitions).values(**line))


def ground_of(tx: Connection, incident_id: str) -> tuple[str, ...] | None:
    """The path of an incident's grid; None where there is no such incident."""
    row = tx.execute(select(incidents.c.grid_path).where(incidents.c.id == incident_id)).first()
    return None if row is None else tuple(row.grid_path)


def evidence_of(tx: Connection, incident_id: str) -> list[str]:
    """Ids of all pictures, clips and photos of an incident and of what was merged into it."""
    ids = select(incidents.c.id).where(
        or_(incidents.c.id == incident_id, incidents.c.merged_into == incident_id)
    )
    links = [select("incident:" + incidents.c.id).where(incidents.c.id.in_(ids))]
    links += [
        select(f"{kind}:" + table.c.id).where(table.c.incident_id.in_(ids))
        for kind, table in (("alert", alerts), ("task", tasks), ("whistle", whistles))
    ]
    mine = or_(*(media.c.linked_to.in_(link) for link in links))
    query = select(media.c.id).where(mine).order_by(media.c.linked_at, media.c.id)
    return list(tx.execute(query).scalars())
