"""Grants: a role, on a grid and all below it, for a time. Values only; the rows are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.kit.errors import Refused
from hub.types.staff import Role

DAY_MINUTES = 24 * 60
ALL_WEEK = frozenset(range(1, 8))
UNIT_ROLES = frozenset({Role.DEPARTMENT, Role.OWNER})
"""Roles that act for a unit: a department, an owner of cameras. Their grants name it."""


@dataclass(frozen=True, slots=True)
class Window:
    """When something counts, on the wall clock of the site's time zone.

    `starts_at` and `ends_at` are UTC epoch seconds (the end is not part of it), None: open.
    `weekdays` are 1 (Monday) to 7. Each of them counts from `from_minute` to `to_minute` after
    midnight; where `to_minute` is not the later one the window runs over midnight, and belongs to
    the day it begins on. Where clocks are put back, an hour that comes twice counts twice.
    """

    starts_at: float | None = None
    ends_at: float | None = None
    weekdays: frozenset[int] = ALL_WEEK
    from_minute: int = 0
    to_minute: int = DAY_MINUTES

    def in_force(self, now: float, zone: ZoneInfo) -> bool:
        """Whether it counts at `now` (UTC epoch seconds) at a site of that time zone."""
        if self.starts_at is not None and now < self.starts_at:
            return False
        if self.ends_at is not None and now >= self.ends_at:
            return False
        local = datetime.fromtimestamp(now, zone)
        today = local.isoweekday() in self.weekdays
        minute = local.hour * 60 + local.minute
        if self.from_minute < self.to_minute:
            return today and self.from_minute <= minute < self.to_minute
        if minute >= self.from_minute:
            return today
        yesterday = (local.date() - timedelta(days=1)).isoweekday()
        return yesterday in self.weekdays and minute < self.to_minute

    def within(self, other: Window) -> bool:
        """Whether from now on this one counts only when `other`, which counts now, does too."""
        if other.ends_at is not None and (self.ends_at is None or self.ends_at > other.ends_at):
            return False
        hours = self.from_minute, self.to_minute
        others = other.from_minute, other.to_minute
        same = self.weekdays <= other.weekdays and hours == others
        return same or (other.weekdays == ALL_WEEK and others == (0, DAY_MINUTES))


@dataclass(frozen=True, slots=True)
class Grant:
    """A right to act in a role. `grid` None: on the whole site; `window` None: always.

    `unit` names the department or the owner that is acted for, with the roles of `UNIT_ROLES`.
    """

    role: Role
    grid: str | None = None
    unit: str | None = None
    window: Window | None = None

    def in_force(self, now: float, zone: ZoneInfo) -> bool:
        """Whether it counts now."""
        return self.window is None or self.window.in_force(now, zone)

    def outlasts(self, other: Grant) -> bool:
        """Whether from now on it counts whenever the other one does."""
        if self.window is None:
            return True
        return other.window is not None and other.window.within(self.window)


def check_window(window: Window) -> None:
    """Raises Refused (`bad_window`) for one that could never be, or says something else."""
    if not window.weekdays or not window.weekdays <= ALL_WEEK:
        raise Refused("a window has weekdays, 1 (Monday) to 7", code="bad_window")
    if not 0 <= window.from_minute < DAY_MINUTES or not 0 <= window.to_minute <= DAY_MINUTES:
        raise Refused("the minutes of a window are of one day", code="bad_window")
    starts, ends = window.starts_at, window.ends_at
    if starts is not None and ends is not None and ends <= starts:
        raise Refused("a window ends after it starts", code="bad_window")


def check_grant(grant: Grant, given: Iterable[Role]) -> None:
    """Whether a grant can be given to a holder who may have the roles `given`.

    Raises Refused (`role_not_given`, `unit_wanted`, `unit_not_wanted`, `bad_window`).
    """
    if grant.role not in given:
        raise Refused(f"the role {grant.role} is not given here", code="role_not_given")
    if grant.role in UNIT_ROLES and not grant.unit:
        raise Refused(f"the role {grant.role} is of a unit: name it", code="unit_wanted")
    if grant.role not in UNIT_ROLES and grant.unit is not None:
        raise Refused(f"the role {grant.role} is of no unit", code="unit_not_wanted")
    if grant.window is not None:
        check_window(grant.window)
