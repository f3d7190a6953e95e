"""When things are due, from severity and time; pure."""

from __future__ import annotations

from hub.dispatch.config import Timers
from hub.types.finding import Severity
from hub.types.work import Due


def due(severity: Severity, dispatch_at: float, timers: Timers) -> Due:
    """The deadlines of a matter that goes out at `dispatch_at` (UTC epoch seconds)."""
    clocks = timers.of(severity)
    on_scene_s = clocks.on_scene_s
    return Due(
        accept_by=dispatch_at + clocks.accept_s,
        on_scene_by=None if on_scene_s is None else dispatch_at + on_scene_s,
        handle_by=dispatch_at + clocks.handle_s,
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
