"""What is told of posts, shifts, the roster and leave, and how they are changed, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.access.actions import Role
from hub.api.schemas import Answer, Body, Moment, When
from hub.duty.config import Clock, clock, minutes
from hub.duty.leave import Leave
from hub.duty.posts import Standing
from hub.duty.rostering import Entry
from hub.duty.turns import DAY_MINUTES, Shift
from hub.types.duty import OnDuty

GridCode = Annotated[str, Field(min_length=1, max_length=64)]
AccountId = Annotated[str, Field(min_length=1, max_length=64)]
ShiftId = Annotated[str, Field(min_length=1, max_length=64)]


class PersonOut(Answer):
    """A member of staff."""

    account: str
    name: str


class PostOut(Answer):
    """A post; `id` null: of duty.yaml. `missing`: how many holders it lacks.

    `told`: whether that is told to the grid above. A post that nobody ever held is not.
    """

    id: str | None
    grid: str
    grid_name: str
    role: Role
    wanted: int
    title: str
    holders: tuple[PersonOut, ...]
    missing: int
    told: bool

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """A post with who holds it."""
        post = standing.post
        return cls(
            id=post.id,
            grid=post.grid,
            grid_name=standing.grid_name,
            role=post.role,
            wanted=post.wanted,
            title=post.title,
            holders=tuple(PersonOut.model_validate(each) for each in standing.holders),
            missing=standing.missing,
            told=standing.told,
        )


class PostIn(Body):
    """A post to be set by hand, in place of what stands for this grid and role. 0 wanted: none."""

    grid: GridCode
    role: Role
    wanted: int = Field(ge=0, le=100)
    title: str = Field(default="", max_length=60)


class ShiftOut(Answer):
    """A shift on the site's clock, HH:MM; one that ends before it begins is over midnight."""

    id: str
    name: str
    from_: Clock = Field(serialization_alias="from")
    to: Clock
    grid: str | None
    from_file: bool

    @classmethod
    def of(cls, shift: Shift) -> Self:
        """A shift on file."""
        return cls(
            id=shift.id,
            name=shift.name,
            from_=clock(shift.from_minute),
            to=clock(shift.to_minute),
            grid=shift.grid,
            from_file=shift.from_file,
        )


class ShiftIn(Body):
    """A shift of a grid and all below it (null: of the whole site)."""

    name: str = Field(min_length=1, max_length=60)
    from_: Clock = Field(alias="from")
    to: Clock
    grid: GridCode | None = None

    def shift(self) -> Shift:
        """As the hub reckons with it. One until 00:00 is one until 24:00."""
        until = minutes(self.to) or DAY_MINUTES
        return Shift("", self.name, minutes(self.from_), until, self.grid)


class TurnOut(Answer):
    """A turn of the roster. `ended_at`: when it was taken back or swapped, null while it stands."""

    id: str
    account: str
    name: str
    grid: str
    role: Role
    shift: str | None
    day: date
    starts_at: Moment
    ends_at: Moment
    ended_at: Moment | None
    void: bool

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """A turn on file."""
        return cls.model_validate(entry)


class CandidateOut(PersonOut):
    """Who may be given turns on a grid, as what; `here`: they hold a role on it."""

    roles: tuple[Role, ...]
    here: bool


class LeaveOut(Answer):
    """From when to when somebody is not there."""

    id: str
    account: str
    name: str
    starts_at: Moment
    ends_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, leave: Leave) -> Self:
        """An absence on file."""
        return cls.model_validate(leave)


class RosterOut(Answer):
    """A week of a grid. `people` and `leave` are told to those who keep the roster (`writable`)."""

    grid: str
    week: date
    days: tuple[date, ...]
    writable: bool
    turns: tuple[TurnOut, ...]
    people: tuple[CandidateOut, ...]
    leave: tuple[LeaveOut, ...]


class TurnsIn(Body):
    """Turns to be given to one person: of a shift on some days, or one of its own hours."""

    account: AccountId
    grid: GridCode
    role: Role
    shift: ShiftId | None = None
    days: tuple[date, ...] = Field(default=(), max_length=62)
    starts_at: When | None = None
    ends_at: When | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_shift = self.shift is not None and bool(self.days)
        by_hours = self.starts_at is not None and self.ends_at is not None
        if by_shift == by_hours or (by_shift and (self.starts_at or self.ends_at)):
            raise ValueError("either a shift and its days, or from when to when")
        return self


class SwapIn(Body):
    """Who takes what is left of a turn."""

    account: AccountId


class CopyIn(Body):
    """The turns of one week once more in another; any day of it names a week."""

    grid: GridCode
    week: date
    to: date


class CopyOut(Answer):
    """What was given again, and how many turns could not be."""

    turns: tuple[TurnOut, ...]
    left: int


class LeaveIn(Body):
    """From when to when somebody is not there; why is not asked."""

    account: AccountId
    starts_at: When
    ends_at: When


class OnDutyOut(Answer):
    """Who is on duty, and `why`: `shift`, `post` or `parent`; `said` in words."""

    account: str
    name: str
    role: Role
    grid: str | None
    grid_name: str
    why: str
    unit: str | None
    said: str

    @classmethod
    def of(cls, found: OnDuty, grid_name: str, asked: str) -> Self:
        """One of those on duty; `asked` is what the grid that was asked of is called."""
        return cls(
            account=found.account,
            name=found.name,
            role=found.role,
            grid=found.grid,
            grid_name=grid_name,
            why=found.why,
            unit=found.unit,
            said=_said(found, grid_name, asked),
        )


class NowOut(Answer):
    """Who is on duty for a grid, role by role; a role with nobody has no people."""

    grid: str
    at: Moment
    roles: tuple[RoleNowOut, ...]


class RoleNowOut(Answer):
    """Who is on duty in one role."""

    role: Role
    people: tuple[OnDutyOut, ...]


def _said(found: OnDuty, grid_name: str, asked: str) -> str:
    match found.why:
        case "shift":
            return f"by the roster of {asked}"
        case "post":
            return f"holds the post of {asked}, where no roster is kept this week"
        case _:
            where = grid_name or "the whole site"
            return f"nobody is on duty at {asked}: {where} answers"
