"""When things are due, from severity and time; pure."""

from __future__ import annotations

from hub.dispatch.config import ClockRules
from hub.types.finding import Severity
from hub.types.work import Due


def after(severity: Severity, start: float, allowance_s: float, rules: ClockRules) -> float:
    """When an allowance that begins at `start` is used up: by the wall clock, or in work time."""
    if severity in rules.calendar.severities:
        return rules.calendar.calendar.add(start, allowance_s)
    return start + allowance_s


def between(severity: Severity, start: float, end: float, rules: ClockRules) -> float:
    """How much of an allowance passes from `start` to `end`, seconds, never less than 0."""
    if severity in rules.calendar.severities:
        return rules.calendar.calendar.between(start, end)
    return max(0.0, end - start)


def due(severity: Severity, dispatch_at: float, rules: ClockRules) -> Due:
    """The deadlines of a matter that goes out at `dispatch_at` (UTC epoch seconds)."""
    clocks = rules.timers.of(severity)
    on_scene_s = clocks.on_scene_s
    return Due(
        accept_by=after(severity, dispatch_at, clocks.accept_s, rules),
        on_scene_by=None if on_scene_s is None else after(severity, dispatch_at, on_scene_s, rules),
        handle_by=after(severity, dispatch_at, clocks.handle_s, rules),
    )


def sooner(one: Due, other: Due) -> Due:
    """The earlier of each deadline: an alert that joins may hasten a matter, never delay it."""
    return Due(
        accept_by=min(one.accept_by, other.accept_by),
        on_scene_by=earliest(one.on_scene_by, other.on_scene_by),
        handle_by=min(one.handle_by, other.handle_by),
    )


def earliest(*times: float | None) -> float | None:
    """The first of those that are known: what waits for a dispatcher has no time of its own."""
    return min((at for at in times if at is not None), default=None)


def columns(due: Due) -> dict[str, object]:
    """The deadlines as columns of an incident."""
    return {
        "accept_by": due.accept_by,
        "on_scene_by": due.on_scene_by,
        "handle_by": due.handle_by,
    }
