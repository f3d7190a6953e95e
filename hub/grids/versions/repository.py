"""SQL of the versions of the grids."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, func, insert, select, update

from hub.grids.versions.version import Version
from hub.store.tables.grids import grid_versions

GRIDS_LOCK = 0x68756204  # beside feed.FEED_LOCK in PostgreSQL's one space of advisory locks


def lock(tx: Connection) -> None:
    """One redraw at a time: another waits until this transaction ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(GRIDS_LOCK)))


def versions(tx: Connection) -> list[Version]:
    """All of them, newest first."""
    rows = tx.execute(select(grid_versions).order_by(grid_versions.c.no.desc())).mappings()
    return [Version(**row) for row in rows]


def version(tx: Connection, no: int) -> Version | None:
    """One of them."""
    query = select(grid_versions).where(grid_versions.c.no == no)
    row = tx.execute(query).mappings().one_or_none()
    return Version(**row) if row is not None else None


def newest(tx: Connection) -> Version | None:
    """The newest that is not withdrawn, be it planned or in force."""
    query = select(grid_versions).where(grid_versions.c.withdrawn_at.is_(None))
    row = tx.execute(query.order_by(grid_versions.c.no.desc()).limit(1)).mappings().one_or_none()
    return Version(**row) if row is not None else None


def next_no(tx: Connection) -> int:
    """The number of the version to come; those that were withdrawn keep theirs."""
    return (tx.execute(select(func.max(grid_versions.c.no))).scalar_one() or 0) + 1


def insert_version(tx: Connection, new: Version) -> None:
    """Write one down."""
    tx.execute(insert(grid_versions).values(**asdict(new)))


def due(tx: Connection, now: float) -> list[int]:
    """The numbers of those planned whose moment has come, oldest first."""
    query = select(grid_versions.c.no).where(
        grid_versions.c.settled_at.is_(None),
        grid_versions.c.withdrawn_at.is_(None),
        grid_versions.c.valid_from <= now,
    )
    return list(tx.execute(query.order_by(grid_versions.c.no)).scalars())


def settled(tx: Connection, no: int, now: float) -> None:
    """It is in force since now."""
    tx.execute(update(grid_versions).where(grid_versions.c.no == no).values(settled_at=now))


def withdrawn(tx: Connection, no: int, by: str, now: float) -> None:
    """It will not be."""
    row = update(grid_versions).where(grid_versions.c.no == no)
    tx.execute(row.values(withdrawn_at=now, withdrawn_by=by))
