"""Grants: a role, on a grid and all below it, for a time. Values only; the rows are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hub.kit.errors import Refused
from hub.types.staff import Role
from hub.types.window import ALL_WEEK as ALL_WEEK
from hub.types.window import DAY_MINUTES as DAY_MINUTES
from hub.types.window import Window as Window

UNIT_ROLES = frozenset({Role.DEPARTMENT, Role.OWNER})
"""Roles that act for a unit: a department, an owner of cameras. Their grants name it."""


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
