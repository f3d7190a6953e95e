"""What would stand on grids that end: one question over the tables of several rooms.

Asked before a redraw. Cameras and sensors move by their positions, and grants name who holds
them; here are those things that only carry a grid's code or path.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hub.store.matters import OVER
from hub.store.tables.alerts import mutes
from hub.store.tables.dispatch import incidents
from hub.store.tables.duty import posts, roster
from hub.types.work import IncidentState

AT_ONCE = 500
"""Values in one `IN (…)`."""


@dataclass(frozen=True, slots=True)
class StrandedPost:
    """A post that was set by hand on such a grid."""

    id: str
    grid: str
    role: str
    title: str
    wanted: int


@dataclass(frozen=True, slots=True)
class Stranded:
    """By number: open incidents of these grids (they stay, sent by the path of their time), turns
    of the roster that are not over, mutes in force. `posts` one by one, by grid.
    """

    incidents: int
    posts: tuple[StrandedPost, ...]
    turns: int
    mutes: int


def stranded(tx: Connection, codes: Collection[str], now: float) -> Stranded:
    """What stands on these grids themselves, not on what lies below them."""
    found = Stranded(0, (), 0, 0)
    listed = sorted(codes)
    for start in range(0, len(listed), AT_ONCE):
        part = _stranded(tx, listed[start : start + AT_ONCE], now)
        found = Stranded(
            found.incidents + part.incidents,
            found.posts + part.posts,
            found.turns + part.turns,
            found.mutes + part.mutes,
        )
    return found


def _stranded(tx: Connection, codes: list[str], now: float) -> Stranded:
    going_on = [state.value for state in IncidentState if state not in OVER]
    matters = select(func.count()).where(
        incidents.c.grid_code.in_(codes), incidents.c.state.in_(going_on)
    )
    live = posts.c.grid.in_(codes), posts.c.ended_at.is_(None)
    set_by_hand = select(posts).where(*live).order_by(posts.c.grid, posts.c.role)
    turns = select(func.count()).where(
        roster.c.grid.in_(codes), roster.c.ended_at.is_(None), roster.c.ends_at > now
    )
    quiet = select(func.count()).where(
        mutes.c.grid_prefix.in_(codes), mutes.c.ended_at.is_(None), mutes.c.ends_at > now
    )
    return Stranded(
        incidents=tx.execute(matters).scalar_one(),
        posts=tuple(
            StrandedPost(row.id, row.grid, row.role, row.title, row.wanted)
            for row in tx.execute(set_by_hand)
        ),
        turns=tx.execute(turns).scalar_one(),
        mutes=tx.execute(quiet).scalar_one(),
    )
