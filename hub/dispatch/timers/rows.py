"""What a clock is: a step, a level, and when."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from hub.types.finding import Severity
from hub.types.work import IncidentState

_I = IncidentState


class Subject(StrEnum):
    """Of what a clock is."""

    INCIDENT = "incident"
    ALERT = "alert"
    WHISTLE = "whistle"


class Step(StrEnum):
    """What somebody has to do in time. `silence`: say anything at all.

    `sign`, `contact` and `report` are for a department that was called.
    """

    VERDICT = "verdict"
    FILE = "file"
    ACCEPT = "accept"
    ON_SCENE = "on_scene"
    HANDLE = "handle"
    VERIFY = "verify"
    SILENCE = "silence"
    SIGN = "sign"
    CONTACT = "contact"
    REPORT = "report"


class Level(StrEnum):
    """How late it is. `climb`: the next grid above is asked."""

    YELLOW = "yellow"
    RED = "red"
    CLIMB = "climb"
    SUPERVISION = "supervision"
    LEADER = "leader"


class TimerState(StrEnum):
    """`held`: the step cannot run now, and goes on with the due time it has.

    `cancelled`: the step has ended; a row that had fired until then keeps its `fired_at`.
    """

    WAITING = "waiting"
    HELD = "held"
    FIRED = "fired"
    CANCELLED = "cancelled"


_ALL = {Level.YELLOW: 0.8, Level.RED: 1.0, Level.SUPERVISION: 1.2, Level.LEADER: 1.5}

LEVELS: Mapping[Step, Mapping[Level, float]] = MappingProxyType(
    {
        Step.VERDICT: {k: v for k, v in _ALL.items() if k is not Level.YELLOW},
        Step.FILE: _ALL,
        # Then it climbs from grid to grid, and at the root to the leader.
        Step.ACCEPT: {Level.YELLOW: 0.8, Level.RED: 1.0},
        Step.ON_SCENE: _ALL,
        Step.HANDLE: _ALL,
        Step.VERIFY: _ALL,
        Step.SILENCE: {Level.SUPERVISION: 1.0, Level.LEADER: 1.5},
        Step.SIGN: _ALL,
        Step.CONTACT: _ALL,
        Step.REPORT: _ALL,
    }
)
"""At which part of its allowance a step comes to a level."""


def graver(step: Step, level: Level, of: Collection[Level]) -> frozenset[Level]:
    """Those that lie beyond a level of that step; a climb is a round of its own."""
    shares = LEVELS[step]
    mine = shares.get(level, math.inf)
    return frozenset(each for each in of if shares.get(each, 0.0) > mine)


_ON_ITS_WAY = {_I.DISPATCHED, _I.ACCEPTED, _I.ON_WAY, _I.RETURNED, _I.FILED}

RUNS: Mapping[Step, frozenset[IncidentState]] = MappingProxyType(
    {
        **dict.fromkeys(Step, frozenset[IncidentState]()),
        Step.FILE: frozenset({_I.REPORTED, _I.TRIAGED, _I.FILED, _I.RETURNED}),
        Step.ACCEPT: frozenset({_I.DISPATCHED}),
        Step.ON_SCENE: frozenset(_ON_ITS_WAY),
        Step.HANDLE: frozenset({*_ON_ITS_WAY, _I.ON_SCENE}),
        Step.VERIFY: frozenset({_I.HANDLED, _I.VERIFYING}),
        Step.SILENCE: frozenset({_I.ACCEPTED, _I.ON_WAY, _I.ON_SCENE, _I.SUSPENDED}),
    }
)
"""The states of an incident in which a step's clock runs; none for steps that are not its own."""

HOLDS: Mapping[Step, frozenset[IncidentState]] = MappingProxyType(
    {
        **dict.fromkeys(Step, frozenset[IncidentState]()),
        Step.ACCEPT: frozenset({_I.FILED, _I.RETURNED}),
        Step.ON_SCENE: frozenset({_I.SUSPENDED}),
        # Sent back for rework it goes on with the time it had.
        Step.HANDLE: frozenset({_I.SUSPENDED, _I.HANDLED, _I.VERIFYING, _I.REWORK}),
    }
)
"""The states in which it stands still, without having ended."""


GRAVE = (Severity.P1, Severity.P2)
"""Alerts of these need a verdict, cleared or not."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One row. Times are UTC epoch seconds; `version` counts the rounds of a step.

    `first_due_at`: when its first round was due, None as long as it is the only one.
    """

    subject: Subject
    subject_id: str
    step: Step
    level: Level
    started_at: float
    due_at: float
    state: TimerState = TimerState.WAITING
    fired_at: float | None = None
    version: int = 1
    first_due_at: float | None = None

    def after(self, before: Timer) -> Timer:
        """This one as the next round of a step; the first round stays what is judged by."""
        first = before.due_at if before.first_due_at is None else before.first_due_at
        return replace(self, version=before.version + 1, first_due_at=first)

    @property
    def key(self) -> tuple[Step, Level]:
        """Which of its subject's rows it is."""
        return self.step, self.level
