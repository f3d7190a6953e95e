"""What is told of roll calls, and what people say in them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.api.schemas import Answer, Body, Moment
from hub.drills.checklist import Kind, Result
from hub.drills.drill import Drill, Item, Plan, State


class WeeklyIn(Body):
    """Each week: `weekday` 1 is Monday; `minute` of the site's day; how long people may answer."""

    weekday: int = Field(ge=1, le=7)
    minute: int = Field(ge=0, lt=1440)
    lasts_s: int = Field(ge=60, le=86400)


class PlanIn(Body):
    """A roll call to be held each week; no grid: on the whole site."""

    title: str = Field(min_length=1, max_length=100)
    grid: str | None = Field(default=None, max_length=64)
    weekly: WeeklyIn


class DrillPlanOut(Answer):
    """A roll call that is held each week; `gone`: its grid was redrawn, so nobody is called."""

    id: str
    title: str
    grid: str | None
    weekday: int
    minute: int
    lasts_s: int
    next_at: Moment
    made_by: str
    gone: bool

    @classmethod
    def of(cls, plan: Plan, *, gone: bool = False) -> DrillPlanOut:
        """The plan as it is told."""
        week = plan.weekly
        return cls(
            id=plan.id,
            title=plan.title,
            grid=plan.grid,
            weekday=week.weekday,
            minute=week.minute,
            lasts_s=week.lasts_s,
            next_at=plan.next_at,
            made_by=plan.made_by,
            gone=gone,
        )


class DrillCallIn(Body):
    """A roll call now; no grid: on the whole site."""

    title: str = Field(min_length=1, max_length=100)
    grid: str | None = Field(default=None, max_length=64)
    lasts_s: int = Field(default=3600, ge=60, le=86400)


class CountOut(Answer):
    """Of one kind: how many came to what, and the share of the good."""

    kind: Kind
    open: int
    good: int
    faulty: int
    missed: int
    share: float | None


class DrillOut(Answer):
    """A roll call; it is an exercise, and says so. Counts are of the asker's ground."""

    id: str
    title: str
    grid: str | None
    starts_at: Moment
    ends_at: Moment
    finished_at: Moment | None
    state: State
    called_by: str
    plan_id: str | None
    exercise: Literal[True] = True
    counts: tuple[CountOut, ...] = ()

    @classmethod
    def of(cls, drill: Drill, counts: tuple[CountOut, ...]) -> DrillOut:
        """The roll call as it is told."""
        return cls(
            id=drill.id,
            title=drill.title,
            grid=drill.grid,
            starts_at=drill.starts_at,
            ends_at=drill.ends_at,
            finished_at=drill.finished_at,
            state=drill.state,
            called_by=drill.called_by,
            plan_id=drill.plan_id,
            counts=counts,
        )


class DrillItemOut(Answer):
    """What was called. `found`: what the hub itself saw of a camera at the call."""

    kind: Kind
    subject: str
    label: str
    grid_code: str | None
    found: str
    result: Result
    faults: tuple[str, ...]
    note: str
    answered_by: str | None
    answered_at: Moment | None
    version: int

    @classmethod
    def of(cls, item: Item) -> DrillItemOut:
        """The item as it is told."""
        path = item.called.grid_path
        return cls(
            kind=item.called.kind,
            subject=item.called.subject,
            label=item.called.label,
            grid_code=path[-1] if path else None,
            found=item.called.found,
            result=item.result,
            faults=item.faults,
            note=item.note,
            answered_by=item.answered_by,
            answered_at=item.answered_at,
            version=item.version,
        )


class DrillAnswerIn(Body):
    """What came of a camera or a post; `version` is the one that was looked at."""

    kind: Kind
    subject: str = Field(max_length=200)
    result: Result
    faults: tuple[str, ...] = Field(default=(), max_length=10)
    note: str = Field(default="", max_length=1000)
    version: int | None = None


class ChecklistOut(Answer):
    """The faults of one kind: codes and what they mean."""

    kind: Kind
    faults: dict[str, str]
