"""A roll call as others see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.drills.checklist import Kind, Result
from hub.drills.schedule import Weekly


class State(StrEnum):
    """`called` until its time is over or somebody finishes it."""

    CALLED = "called"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Plan:
    """A roll call that is held each week. Times are UTC epoch seconds; `grid` None: everywhere."""

    id: str
    title: str
    grid: str | None
    grid_path: tuple[str, ...]
    weekly: Weekly
    next_at: float
    made_by: str
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Drill:
    """One roll call. It is an exercise, whatever comes of it: no alert, no incident."""

    id: str
    title: str
    grid: str | None
    grid_path: tuple[str, ...]
    starts_at: float
    ends_at: float
    state: State
    called_by: str
    finished_at: float | None = None
    plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """Who or what is called: a camera by its id, a post as `<grid>/<role>`.

    `found`: what the hub saw of a camera at that moment (`online`, `frozen`, `offline`), "" of a
    post.
    """

    kind: Kind
    subject: str
    label: str
    grid_path: tuple[str, ...]
    found: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What was called and what came of it."""

    called: Called
    result: Result
    faults: tuple[str, ...]
    note: str
    answered_by: str | None
    answered_at: float | None
    version: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many of what was called came to what."""

    results: Mapping[Kind, Mapping[Result, int]]

    def share(self, kind: Kind) -> float | None:
        """The share of the good among all that were called; None where none was."""
        called = sum(self.results.get(kind, {}).values())
        return self.results[kind].get(Result.GOOD, 0) / called if called else None
