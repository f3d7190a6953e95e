"""When the case of a thing was over, and whether it is held: asked by all that deletes.

Both follow an incident to the one it was merged into: what came of it is one case.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from hub.store.matters import OVER
from hub.store.tables.dispatch import incidents
from hub.store.tables.privacy import holds

HOLD_LOCK = 0x68756203  # beside feed.FEED_LOCK and people.SEAL_LOCK in PostgreSQL's one space


def alone(tx: Connection) -> None:
    """Until the end of the transaction nobody else places a hold or deletes what is kept."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(HOLD_LOCK)))


def over_at(incident_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """When this incident was over (UTC epoch seconds); NULL while it is not, or is none."""
    own, top = incidents.alias(), incidents.alias()
    ended = func.coalesce(top.c.closed_at, top.c.updated_at)
    return (
        select(case((top.c.state.in_([state.value for state in OVER]), ended)))
        .select_from(own.join(top, top.c.id == func.coalesce(own.c.merged_into, own.c.id)))
        .where(own.c.id == incident_id)
        .scalar_subquery()
    )


def held(incident_id: ColumnElement[Any], now: float) -> ColumnElement[bool]:
    """Whether a hold stands on this incident, or on one that it shares its matter with.

    Those are the one it was merged into, those that were merged into it (their alerts and errands
    are its own now), and the one it was split from. Rather too much is kept than too little.
    """
    own, hold, part = incidents.alias(), holds.alias(), incidents.alias()
    mine = or_(
        hold.c.incident_id == incident_id,
        hold.c.incident_id == own.c.merged_into,
        hold.c.incident_id == own.c.parent_id,
        hold.c.incident_id.in_(select(part.c.id).where(part.c.merged_into == own.c.id)),
    )
    around = own.c.id == incident_id
    return exists(
        select(hold.c.id)
        .select_from(own.join(hold, mine))
        .where(around, in_force(hold, now))
        .correlate_except(own, hold)
    )


def in_force(hold: Any, now: float) -> ColumnElement[bool]:
    """Whether a row of `holds` (or an alias of it) is a hold that counts now."""
    ended = holds.alias()
    return and_(
        hold.c.ends.is_(None),
        or_(hold.c.until.is_(None), hold.c.until > now),
        ~exists(select(ended.c.id).where(ended.c.ends == hold.c.id)),
    )
