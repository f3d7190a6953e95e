"""A county of one town and one village with two grids, and the people of these tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shapely.geometry import box
from sqlalchemy import Connection

from hub.access import accounts, granting
from hub.access.granting import Holder
from hub.access.grants import Grant, Window
from hub.duty import rostering
from hub.duty.rostering import Entry
from hub.duty.turns import Shift
from hub.grids import repository as grid_rows
from hub.grids.tree import Grid, GridKind
from hub.kit.ids import Ids, counted_ids
from hub.types.staff import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
COUNTY, TOWN, VILLAGE, EAST, WEST = "c", "c-t", "c-t-v", "c-t-v-e", "c-t-v-w"
TREE = (
    (COUNTY, None, 0),
    (TOWN, COUNTY, 1),
    (VILLAGE, TOWN, 2),
    (EAST, VILLAGE, 3),
    (WEST, VILLAGE, 3),
)
PATH = (COUNTY, TOWN, VILLAGE, EAST)
EARLY = Shift("early", "早班", 8 * 60, 16 * 60, from_file=True)
NIGHT = Shift("night", "夜班", 22 * 60, 6 * 60, from_file=True)


def moment(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    """`2026-11-23 08:00` on the wall there, as UTC epoch seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


START = moment("2026-11-02 00:00")
"""When the county was set up: a Monday."""


def lay_grids(tx: Connection, ids: Ids) -> None:
    """The grids of the county."""
    made = [
        (Grid(code, code, GridKind.CIVIL, "plain", parent, box(0, 0, 1, 1)), tier)
        for code, parent, tier in TREE
    ]
    grid_rows.add(tx, made, managed_by="api", origin=None, now=START, ids=ids)


@dataclass
class County:
    """Its people, by the calls of a test."""

    tx: Connection
    ids: Ids

    @classmethod
    def of(cls, tx: Connection) -> County:
        """A county without people."""
        ids = counted_ids("x")
        lay_grids(tx, ids)
        return cls(tx, ids)

    def person(self, login: str, *grants: Grant) -> str:
        """An account with these grants; its id."""
        made = accounts.create(self.tx, login, login, grants, "hash", START, self.ids)
        return made.id

    def worker(self, login: str, grid: str | None = EAST, window: Window | None = None) -> str:
        """A grid worker."""
        return self.person(login, Grant(Role.WORKER, grid, window=window))

    def end_grants(self, account: str, now: float) -> None:
        """All that the account has."""
        holder = Holder(account=account)
        for given in granting.live_of(self.tx, holder):
            granting.end(self.tx, holder, given.id, "boss", now)

    def turn(
        self,
        account: str,
        starts_at: float,
        ends_at: float,
        *,
        grid: str = EAST,
        role: Role = Role.WORKER,
        now: float = START,
        path: tuple[str, ...] = PATH,
        zone: ZoneInfo = SHANGHAI,
    ) -> Entry:
        """A turn of its own hours."""
        wanted = rostering.by_hours(account, grid, role, starts_at, ends_at, zone)
        (made,) = rostering.add(self.tx, [wanted], path, "boss", now, self.ids)
        return made
