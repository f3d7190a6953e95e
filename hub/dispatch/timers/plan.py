"""Which clocks a change starts, moves and ends; pure.

A round of a step begins with a change of state, never because rows are missing: what was met stays
met, and what fired stays fired.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hub.dispatch import clocks
from hub.dispatch.config import ClockRules
from hub.dispatch.lives import Verb
from hub.dispatch.timers.rows import HOLDS, LEVELS, RUNS, Level, Step, Subject, Timer, TimerState
from hub.types.finding import Severity
from hub.types.work import Incident, IncidentState

_I = IncidentState
_MAY_BE_GRAVER = (Verb.TRIAGE, Verb.MERGE)
JOIN = "join"
"""What is said of an incident that waits, and that another alert of its group joins."""
_MAY_HASTEN = (Verb.MERGE, Verb.DISPATCH, JOIN)
"""By these the time to accept and to arrive may become shorter; nothing else is done to it."""
WORSEN = "worsen"
"""What is said of an incident whose alert became graver by itself, as a storm does."""
_UNDER_WAY = (_I.DISPATCHED, _I.ACCEPTED, _I.ON_WAY)
_SAME_START_S = 60.0
"""Between the group wait that ends and the tick that sees it; beyond it something else waited."""


class New(Protocol):
    """Plans the rows of one step of the incident at hand."""

    def __call__(self, step: Step, since: float, due_at: float | None) -> list[Timer]:
        """The rows of a step since then; `due_at` where it was fixed before."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of an incident, as far as clocks care. `by_person`: not by the hub itself."""

    what: str
    before: str | None
    at: float
    by_person: bool


def allowance(step: Step, severity: Severity, rules: ClockRules) -> float | None:
    """How long a step may take, seconds (of work where the severity works by the calendar).

    None where there is no limit, and for steps of departments: they bring their deadlines along.
    """
    timers = rules.timers.of(severity)
    return {
        Step.VERDICT: timers.verdict_s,
        Step.FILE: timers.file_s,
        Step.ACCEPT: timers.accept_s,
        Step.ON_SCENE: timers.on_scene_s,
        Step.HANDLE: timers.handle_s,
        Step.VERIFY: timers.verify_s,
        Step.SILENCE: timers.silence_s,
    }.get(step)


def plan(
    subject: tuple[Subject, str],
    step: Step,
    started_at: float,
    severity: Severity,
    rules: ClockRules,
    due_at: float | None = None,
) -> list[Timer]:
    """The rows of one step that begins now, one a level; none where the step has no allowance.

    `due_at`: it was fixed before, and the allowance is what lies between.
    """
    given = allowance(step, severity, rules)
    if given is None and due_at is None:
        return []
    by_wall = step is Step.SILENCE

    def after(seconds: float) -> float:
        wall = started_at + seconds
        return wall if by_wall else clocks.after(severity, started_at, seconds, rules)

    if due_at is not None:
        given = clocks.between(severity, started_at, due_at, rules)
    return [
        Timer(
            *subject,
            step,
            level,
            started_at,
            due_at if due_at is not None and share == 1.0 else after((given or 0.0) * share),
        )
        for level, share in LEVELS[step].items()
    ]


def adopted(incident: Incident, at: float, rules: ClockRules) -> list[Timer]:
    """The rows of a case that goes on since before there were clocks.

    By the deadlines it has; a step that has none begins now.
    """
    due = {
        Step.ACCEPT: incident.due.accept_by,
        Step.ON_SCENE: incident.due.on_scene_by,
        Step.HANDLE: incident.due.handle_by,
    }
    found: list[Timer] = []
    for step in LEVELS:
        standing = _standing(step, incident.state)
        if standing is TimerState.CANCELLED or (step in due and due[step] is None):
            continue
        since = incident.opened_at if step in due else at
        subject = (Subject.INCIDENT, incident.id)
        rows = plan(subject, step, since, incident.severity, rules, due.get(step))
        found += [replace(row, state=standing) for row in rows]
    return found


def follow(
    kept: Sequence[Timer], incident: Incident, moved: Moved, rules: ClockRules
) -> list[Timer]:
    """The rows that a change makes new or different, given those that are kept."""
    now = {timer.key: carried(timer, _standing(timer.step, incident.state)) for timer in kept}
    changed = _hastened if moved.what == WORSEN else _shifted
    for row in changed(now, incident, moved, rules):
        now[row.key] = row
    for row in _begun(now, incident, moved, rules):
        before = now.get(row.key)
        now[row.key] = row if before is None else row.after(before)
    was = {timer.key: timer for timer in kept}
    return [row for key, row in now.items() if row != was.get(key)]


Rows = Mapping[tuple[Step, Level], Timer]


def carried(timer: Timer, standing: TimerState) -> Timer:
    """A row in another state of its subject: it runs, is held, or has ended."""
    if timer.state is TimerState.CANCELLED or (
        timer.state is TimerState.FIRED and standing is not TimerState.CANCELLED
    ):
        return timer
    return replace(timer, state=standing)


def _standing(step: Step, state: IncidentState) -> TimerState:
    if state in RUNS[step]:
        return TimerState.WAITING
    return TimerState.HELD if state in HOLDS[step] else TimerState.CANCELLED


def _begun(now: Rows, incident: Incident, moved: Moved, rules: ClockRules) -> Iterator[Timer]:
    """The rows of the steps that begin with this change, and of a silence that was broken."""
    state, before, at = incident.state, moved.before, moved.at

    def new(step: Step, since: float = at, due_at: float | None = None) -> list[Timer]:
        return plan((Subject.INCIDENT, incident.id), step, since, incident.severity, rules, due_at)

    changed = state != before
    if state in RUNS[Step.SILENCE] and (changed or moved.by_person):
        yield from new(Step.SILENCE)
    if state is _I.DISPATCHED and (changed or moved.what == Verb.HAND_OVER):
        yield from _gone_out(now, incident, moved, new, rules)
    elif not changed:
        return
    elif state in (_I.REPORTED, _I.RETURNED) or (state is _I.FILED and before is None):
        yield from new(Step.FILE)
    elif state is _I.HANDLED:
        yield from new(Step.VERIFY)


def _gone_out(
    now: Rows, incident: Incident, moved: Moved, new: New, rules: ClockRules
) -> Iterator[Timer]:
    """An errand goes out: the first one, or another.

    Of another the time to accept runs on as long as somebody is asked. Where the one before was
    accepted, or was asked of everybody up to the leader, nobody would be: it begins anew.
    """
    if (Step.HANDLE, Level.RED) not in now or moved.before == _I.CLOSED:
        yield from _sent(incident, moved.at, new, rules)
    elif not any(
        timer.step is Step.ACCEPT and timer.state is TimerState.WAITING for timer in now.values()
    ):
        yield from new(Step.ACCEPT, moved.at, None)


def _sent(incident: Incident, at: float, new: New, rules: ClockRules) -> Iterator[Timer]:
    """It goes out for the first time, or anew after it was closed, by the deadlines it has."""
    due = incident.due
    # What was late before it went out at all could not be accepted in time by anybody.
    yield from new(Step.ACCEPT, at, due.accept_by if due.accept_by > at else None)
    for step, due_at in ((Step.ON_SCENE, due.on_scene_by), (Step.HANDLE, due.handle_by)):
        if due_at is None:
            continue
        left = clocks.between(incident.severity, at, due_at, rules)
        given = allowance(step, incident.severity, rules) or left
        waited = abs(given - left) > _SAME_START_S
        yield from new(step, min(incident.opened_at, at) if waited else at, due_at)


def _shifted(now: Rows, incident: Incident, moved: Moved, rules: ClockRules) -> Iterator[Timer]:
    """Rows of a step whose deadline an extension, a merger or another severity has moved."""
    due = incident.due
    wanted: dict[Step, float | None] = {Step.HANDLE: due.handle_by}
    if moved.what in _MAY_HASTEN:
        wanted |= {Step.ACCEPT: due.accept_by, Step.ON_SCENE: due.on_scene_by}
    if moved.what in _MAY_BE_GRAVER:
        wanted[Step.FILE] = None
    for step, due_at in wanted.items():
        red = now.get((step, Level.RED))
        if red is None or red.state is TimerState.CANCELLED:
            continue
        hastens = due_at is not None and moved.at < due_at < red.due_at
        if step in (Step.ACCEPT, Step.ON_SCENE) and not hastens:
            continue
        subject = (Subject.INCIDENT, incident.id)
        fresh = plan(subject, step, red.started_at, incident.severity, rules, due_at)
        if all(row.due_at == red.due_at for row in fresh if row.level is Level.RED):
            continue
        standing = _standing(step, incident.state)
        rows = (_later(now.get(row.key), row.due_at, moved.at, standing) for row in fresh)
        yield from (row for row in rows if row is not None)


def hastened(now: Rows, fresh: Iterable[Timer]) -> Iterator[Timer]:
    """Rows that still wait, at the time of the fresh ones where that is earlier."""
    for row in fresh:
        before = now.get(row.key)
        waits = before is not None and before.state in (TimerState.WAITING, TimerState.HELD)
        if before is not None and waits and row.due_at < before.due_at:
            yield replace(before, due_at=row.due_at)


def _hastened(now: Rows, incident: Incident, moved: Moved, rules: ClockRules) -> Iterator[Timer]:
    """It is graver: what is left of each step is given that measure from now on, never more."""
    subject = (Subject.INCIDENT, incident.id)
    for step in LEVELS:
        fresh = plan(subject, step, moved.at, incident.severity, rules)
        if step is Step.ACCEPT:  # also for the grid above that is asked now
            fresh += [replace(row, level=Level.CLIMB) for row in fresh if row.level is Level.RED]
        if step is Step.ON_SCENE and (step, Level.RED) not in now:
            # Nobody had to go there as long as it was lighter.
            yield from (fresh if incident.state in _UNDER_WAY else ())
            continue
        yield from hastened(now, fresh)


def _later(before: Timer | None, due_at: float, at: float, standing: TimerState) -> Timer | None:
    """A row at another time; what has fired waits anew only if that lies ahead."""
    if before is None or before.state is TimerState.CANCELLED:
        return None
    if before.state is not TimerState.FIRED:
        return replace(before, due_at=due_at)
    if due_at <= at:
        return None
    return replace(before, due_at=due_at, state=standing, fired_at=None, version=before.version + 1)
