"""Queries on supervisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.timers import supervisions
from hub.types.staff import Jurisdiction

Found = Row[Any]
"""A row as the database has it."""
Units = Mapping[str, Jurisdiction]
"""For which departments somebody acts, and on which ground."""
NO_UNITS: Units = MappingProxyType({})

OPEN, ANSWERED, ENDED = "open", "answered", "ended"


def insert_one(tx: Connection, **values: object) -> None:
    """A new one."""
    tx.execute(insert(supervisions).values(state=OPEN, answer="", version=1, **values))


def get(tx: Connection, supervision_id: str, *, lock: bool = False) -> Found | None:
    """One, locked if it is to be changed."""
    query = select(supervisions).where(supervisions.c.id == supervision_id)
    return tx.execute(query.with_for_update() if lock else query).first()


def change(tx: Connection, supervision_id: str, **values: object) -> Found:
    """Set columns of one; its version counts up. Returns the row as it stands now."""
    tx.execute(
        update(supervisions)
        .where(supervisions.c.id == supervision_id)
        .values(version=supervisions.c.version + 1, **values)
    )
    query = select(supervisions).where(supervisions.c.id == supervision_id)
    return tx.execute(query).one()


def lock_open(
    tx: Connection, subject: str, subject_id: str, steps: Collection[str]
) -> Sequence[Found]:
    """Those of these steps of one subject that nobody answered yet."""
    query = select(supervisions).where(
        supervisions.c.subject == subject,
        supervisions.c.subject_id == subject_id,
        supervisions.c.step.in_(steps),
        supervisions.c.state == OPEN,
    )
    return tx.execute(query.order_by(supervisions.c.id).with_for_update()).all()


def listed(
    tx: Connection,
    states: Collection[str],
    subject_id: str | None,
    seen: tuple[Jurisdiction, Units],
    after: Cursor | None,
    limit: int,
) -> Sequence[Found]:
    """Those of the ground that is seen, and for departments on theirs, newest first."""
    within, units = seen
    path = supervisions.c.grid_path
    own = ((supervisions.c.unit == u) & inside(path, g) for u, g in sorted(units.items()))
    query = select(supervisions).where(
        supervisions.c.state.in_(states), or_(inside(path, within), *own)
    )
    if subject_id is not None:
        query = query.where(supervisions.c.subject_id == subject_id)
    columns = supervisions.c
    return tx.execute(newest_first(query, columns.opened_at, columns.id, after, limit)).all()
