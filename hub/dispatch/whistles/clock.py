"""When a department has to have signed, contacted and reported, and the clocks of that; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from types import MappingProxyType

from hub.dispatch import clocks
from hub.dispatch.config import ClockRules, DispatchConfig
from hub.dispatch.timers.plan import carried, plan
from hub.dispatch.timers.rows import Level, Step, Subject, Timer, TimerState
from hub.types.finding import Severity
from hub.types.whistle import WhistleState

_W = WhistleState

CONTACT_SHARE = 2.0
"""Twice the time to sign, where nothing else is written."""
SOON_SHARE = 0.8
"""Yellow comes at this part of an allowance, as it does with cases."""

RUNS: Mapping[Step, frozenset[WhistleState]] = MappingProxyType(
    {
        Step.SIGN: frozenset({_W.CALLED}),
        Step.CONTACT: frozenset({_W.SIGNED}),
        Step.REPORT: frozenset({_W.CONTACTED, _W.SENT_BACK}),
    }
)
"""What a department has to do in time, and the states in which that is its turn."""
HOLDS: Mapping[Step, frozenset[WhistleState]] = MappingProxyType(
    {
        Step.SIGN: frozenset(),
        Step.CONTACT: frozenset({_W.CALLED}),
        # Sent back it goes on with the time it had.
        Step.REPORT: frozenset({_W.CALLED, _W.SIGNED, _W.REPORTED}),
    }
)
"""The states in which it is not its turn yet, or may be again."""
_SUPERVISED = (Level.SUPERVISION, Level.LEADER)


@dataclass(frozen=True, slots=True)
class WhistleDue:
    """Deadlines, and from when on each is near; UTC epoch seconds."""

    sign_by: float
    contact_by: float
    report_by: float
    sign_soon: float
    contact_soon: float
    report_soon: float


def due(severity: Severity, called_at: float, config: DispatchConfig) -> WhistleDue:
    """The deadlines of a department called at `called_at` (UTC epoch seconds)."""
    given, timers = getattr(config.whistles, severity.value), config.timers.of(severity)
    sign_s = given.sign_s or timers.accept_s
    contact_s = given.contact_s or CONTACT_SHARE * sign_s
    report_s = given.report_s or timers.handle_s
    waits = (sign_s, contact_s, report_s)
    nearly = (SOON_SHARE * each for each in waits)
    ends = (clocks.after(severity, called_at, each, config) for each in (*waits, *nearly))
    return WhistleDue(*ends)


def of(row: object) -> WhistleDue:
    """The deadlines in a row's columns; where one of old has no near moment, it is never near."""
    return WhistleDue(*(getattr(row, each.name) or math.inf for each in fields(WhistleDue)))


def sooner(one: WhistleDue, other: WhistleDue) -> WhistleDue:
    """The earlier of each."""
    return WhistleDue(*map(min, astuple(one), astuple(other)))


def columns(due: WhistleDue) -> dict[str, object]:
    """The deadlines as columns."""
    return {**asdict(due)}


def planned(
    whistle_id: str, severity: Severity, since: float, due: WhistleDue, rules: ClockRules
) -> list[Timer]:
    """The rows of all steps of a department that was called at `since`, by these deadlines."""
    ends = {
        Step.SIGN: due.sign_by,
        Step.CONTACT: due.contact_by,
        Step.REPORT: due.report_by,
    }
    subject = (Subject.WHISTLE, whistle_id)
    rows = [
        row
        for step, due_at in ends.items()
        for row in plan(subject, step, since, severity, rules, due_at)
    ]
    return [carried(row, _standing(row.step, WhistleState.CALLED)) for row in rows]


def moved(kept: Iterable[Timer], state: WhistleState) -> list[Timer]:
    """The rows that are different once the whistle is in that state."""
    now = ((row, carried(row, _standing(row.step, state))) for row in kept)
    return [after for before, after in now if after != before]


def answered(kept: Iterable[Timer], state: WhistleState) -> set[Step]:
    """The steps of which somebody was asked why they are late, and that do not run any more."""
    asked = {t.step for t in kept if t.state is TimerState.FIRED and t.level in _SUPERVISED}
    return {step for step in asked if state not in RUNS[step]}


def _standing(step: Step, state: WhistleState) -> TimerState:
    if state in RUNS[step]:
        return TimerState.WAITING
    return TimerState.HELD if state in HOLDS[step] else TimerState.CANCELLED
