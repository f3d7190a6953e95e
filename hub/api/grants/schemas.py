"""What is told of grants, and how they are given, over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import Connection

from hub.access.actions import Action, Role
from hub.access.granting import Given
from hub.access.grants import ALL_WEEK, DAY_MINUTES, Grant, Window, check_grant
from hub.api.schemas import Answer, Body, Moment, When
from hub.grids import service as grids
from hub.kit.errors import NotFound, Refused

GRANTS_MAX = 50
"""Given to one holder at once."""


class WindowIn(Body):
    """When a grant counts, on the site's clock; `weekdays` are 1 (Monday) to 7.

    Where `to_minute` is not after `from_minute` it runs over midnight, and belongs to the day it
    begins on.
    """

    starts_at: When | None = None
    ends_at: When | None = None
    weekdays: frozenset[Annotated[int, Field(ge=1, le=7)]] = Field(default=ALL_WEEK, min_length=1)
    from_minute: int = Field(default=0, ge=0, lt=DAY_MINUTES)
    to_minute: int = Field(default=DAY_MINUTES, ge=0, le=DAY_MINUTES)

    def window(self) -> Window:
        """As the hub reckons with it."""
        starts, ends = self.starts_at, self.ends_at
        return Window(
            None if starts is None else starts.timestamp(),
            None if ends is None else ends.timestamp(),
            self.weekdays,
            self.from_minute,
            self.to_minute,
        )


class GrantIn(Body):
    """A right to be given: a role, on a grid and all below it (null: the whole site), for a time.

    `unit` is the department or the owner, with the roles that act for one.
    """

    role: Role
    grid: str | None = Field(default=None, min_length=1, max_length=64)
    unit: str | None = Field(default=None, min_length=1, max_length=120)
    window: WindowIn | None = None

    def grant(self) -> Grant:
        """As the hub reckons with it."""
        window = None if self.window is None else self.window.window()
        return Grant(self.role, self.grid, self.unit, window)


class WindowOut(Answer):
    """When a grant counts."""

    starts_at: Moment | None
    ends_at: Moment | None
    weekdays: tuple[int, ...]
    from_minute: int
    to_minute: int


class HeldOut(Answer):
    """A right as it is held: where, for whom, when."""

    role: Role
    grid: str | None
    unit: str | None
    window: WindowOut | None


class GrantOut(HeldOut):
    """A right on file; `in_force`: whether it counts at this moment."""

    id: str
    in_force: bool
    given_at: Moment
    given_by: str
    ended_at: Moment | None
    ended_by: str | None


class RoleOut(Answer):
    """A role of the closed list.

    `unit`: its grants name a department or an owner. `people`, `programs`: who can be given it.
    """

    role: Role
    actions: tuple[Action, ...]
    may_give: tuple[Role, ...]
    unit: bool
    people: bool
    programs: bool


def held_out(grant: Grant) -> HeldOut:
    """A grant that is in force."""
    return HeldOut(
        role=grant.role, grid=grant.grid, unit=grant.unit, window=_window_out(grant.window)
    )


def grant_out(given: Given, now: float, zone: ZoneInfo) -> GrantOut:
    """A grant on file as it stands now."""
    return GrantOut(
        **dict(held_out(given.grant)),
        id=given.id,
        in_force=given.ended_at is None and given.grant.in_force(now, zone),
        given_at=given.given_at,
        given_by=given.given_by,
        ended_at=given.ended_at,
        ended_by=given.ended_by,
    )


def wanted(
    tx: Connection, bodies: list[GrantIn], roles: Collection[Role], departments: Collection[str]
) -> list[Grant]:
    """What is to be given to a holder who may have these roles.

    `departments` are the ids of those that there are.

    Raises Refused (`does_not_fit` for a grid or a department that is not there, and those of
    `check_grant`).
    """
    found = [body.grant() for body in bodies]
    for grant in found:
        check_grant(grant, roles)
        if grant.role is Role.DEPARTMENT and grant.unit not in departments:
            raise Refused(f"unit: there is no department {grant.unit}", code="does_not_fit")
    for code in {grant.grid for grant in found} - {None}:
        try:
            grids.get_grid(tx, str(code))
        except NotFound as error:
            raise Refused(f"grid: there is no grid {code}", code="does_not_fit") from error
    return found


def _window_out(window: Window | None) -> WindowOut | None:
    if window is None:
        return None
    return WindowOut(
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        weekdays=tuple(sorted(window.weekdays)),
        from_minute=window.from_minute,
        to_minute=window.to_minute,
    )
