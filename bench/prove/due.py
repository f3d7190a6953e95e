"""When clocks are due, worked out from the configuration's table and not by the hub's own code.

The steps and their levels are those of docs/design/clocks.md; work time is counted second by
second. Nothing of `hub.dispatch.timers` or `hub.dispatch.clocks` is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from hub.dispatch.config import DispatchConfig, SeverityTimers
from hub.dispatch.workdays import CalendarConfig
from hub.types.finding import Severity

WHOLE = {"yellow": 0.8, "red": 1.0, "supervision": 1.2, "leader": 1.5}
LEVELS: dict[str, dict[str, float]] = {
    "verdict": {level: share for level, share in WHOLE.items() if level != "yellow"},
    "file": WHOLE,
    "on_scene": WHOLE,
    "handle": WHOLE,
    "verify": WHOLE,
    "silence": {"supervision": 1.0, "leader": 1.5},
    "accept": {"yellow": 0.8, "red": 1.0, "climb": 1.0},
}
SUPERVISED = ("supervision", "leader")
WHISTLES = ("sign", "contact", "report")
FIELD = {"worker", "chief"}
TURN: dict[str, set[str]] = {
    "verdict": {"operator"},
    "file": {"operator", "dispatcher"},
    "accept": FIELD,
    "on_scene": FIELD,
    "handle": FIELD,
    "verify": {"operator", "supervisor"},
    "silence": FIELD,
    **{name: {"department"} for name in WHISTLES},
}
"""Whose turn each step is."""
ABOVE = {"supervision": {"chief", "supervisor"}, "leader": {"shift_leader"}}
SENT = "sent"
"""What is told of a case whose group wait is over: its errand."""

Allowance = Callable[[SeverityTimers], float | None]
ALLOWED: dict[str, Allowance] = {
    "verdict": lambda timers: timers.verdict_s,
    "file": lambda timers: timers.file_s,
    "accept": lambda timers: timers.accept_s,
    "on_scene": lambda timers: timers.on_scene_s,
    "handle": lambda timers: timers.handle_s,
    "verify": lambda timers: timers.verify_s,
    "silence": lambda timers: timers.silence_s,
}


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has to be told of a subject once.

    `at` is when, UTC epoch seconds; where it counts from what was told before (`climb`), it is
    None, and `after_s` says how long from then. It was there from `since_tick` on.
    """

    subject_id: str
    step: str
    told: str
    at: float | None
    after_s: float = 0.0
    since_tick: int = 0


def step(
    subject_id: str, name: str, since: float, severity: Severity, config: DispatchConfig
) -> Iterator[Due]:
    """All levels of a step that began then."""
    given = ALLOWED[name](config.timers.of(severity)) or 0.0
    by_wall = name == "silence" or severity not in config.calendar.severities
    for level, share in LEVELS[name].items():
        seconds = given * share
        at = since + seconds if by_wall else worked(config.calendar, since, seconds)
        yield Due(subject_id, name, level, at)


def hears(name: str, told: str) -> set[str]:
    """The roles that hear of a level of a step, when it alone is due."""
    turn = TURN[name]
    if name in WHISTLES:
        return turn | {"red": {"dispatcher", "shift_leader"}, **ABOVE}.get(told, set())
    if told in ABOVE:
        return ABOVE[told]
    return turn if told == "yellow" else turn | {"dispatcher"}


def climbing(subject_id: str, grids_above: int, accept_s: float) -> Iterator[Due]:
    """After the first grid above: each further one, then the leader, has as long as the first."""
    for _ in range(grids_above - 1):
        yield Due(subject_id, "accept", "climb", None, accept_s)
    yield Due(subject_id, "accept", "leader", None, accept_s)


def whistled(whistle_id: str, name: str, since: float, given_s: float) -> Iterator[Due]:
    """A step of a department, on the wall clock."""
    for level, share in WHOLE.items():
        yield Due(whistle_id, name, level, since + given_s * share)


def worked(calendar: CalendarConfig, since: float, work_s: float) -> float:
    """When so many seconds of work have passed since then (both whole seconds)."""
    at, left = since, work_s
    zone, hours = ZoneInfo(calendar.time_zone), _hours(calendar)
    while left > 0:
        local = datetime.fromtimestamp(at, zone)
        day = local.strftime("%a").lower()
        if day in calendar.weekdays and any(a <= local.time() < b for a, b in hours):
            left -= 1
        at += 1
    return at


def _hours(calendar: CalendarConfig) -> Sequence[tuple[time, time]]:
    return [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in calendar.hours]
