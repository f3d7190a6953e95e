"""Clocks whose time has come: each is marked in the transaction of what it brings about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import clocks, journal
from hub.dispatch import repository as cases
from hub.dispatch.cases import errands
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.life import by_hub
from hub.dispatch.due import repository as due
from hub.dispatch.due.repository import Key
from hub.dispatch.journal import HUB, Change
from hub.dispatch.notices import repository as notices
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import Late
from hub.dispatch.timers import repository
from hub.dispatch.timers.plan import allowance
from hub.dispatch.timers.rows import GRAVE, RUNS, Level, Step, Subject, Timer, TimerState, graver
from hub.dispatch.timers.told import roles
from hub.dispatch.whistles import late as whistling
from hub.types.duty import Notice
from hub.types.finding import Life, Severity
from hub.types.work import Incident, IncidentState

NOTICE_OF: dict[Level, str] = {Level.CLIMB: "escalated"}
"""The word of a notice, where it is not the level's own."""
Beyond = Collection[Level]
"""The graver levels of the same step whose time has come as well."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A clock that has fired, in this transaction."""

    timer: Timer


def fire_due(
    tx: Connection,
    *,
    now: float,
    office: Office,
    limit: int = 200,
    only: Collection[Key] | None = None,
) -> Sequence[Fired]:
    """Fire what is due, at most `limit` rows, of each subject the longest due first.

    `only`: none but these (subject, its id, step, level), which are due. The caller holds the
    lease of the centre. What fired of alerts wants its line in their log.
    """
    fired = []
    keys = due.timer_keys(tx, now, limit) if only is None else only
    waiting = repository.waiting(tx, now, keys)
    come = repository.come(tx, now, waiting)
    for timer in waiting:
        # An earlier one of this batch may have ended or moved it: then its round is another.
        beyond = graver(timer.step, timer.level, come[timer.subject, timer.subject_id, timer.step])
        if _FIRE[timer.subject](tx, timer, beyond, now, office):
            fired.append(Fired(timer))
    return fired


# -- verdicts ------------------------------------------------------------------------------------


def _alert(tx: Connection, timer: Timer, beyond: Beyond, now: float, office: Office) -> bool:
    row = repository.lock_alert(tx, timer.subject_id)
    over = row is None or row.verdict is not None
    if row is None or over or (row.life == Life.CLEARED and row.severity not in GRAVE):
        repository.cancel(tx, Subject.ALERT, timer.subject_id)
        supervisions.end(tx, Subject.ALERT, timer.subject_id, (Step.VERDICT,), now)
        return False
    if not repository.end(tx, timer, TimerState.FIRED, now):
        return False
    late = Late(
        Severity(row.severity), row.grid_code, tuple(row.grid_path), row.rule_kind, row.exercise
    )
    _bring(tx, timer, timer.level, late, now, office, beyond)
    return True


# -- incidents -----------------------------------------------------------------------------------


def _case(tx: Connection, timer: Timer, beyond: Beyond, now: float, office: Office) -> bool:
    row = cases.lock_incident(tx, timer.subject_id)
    if row is None or IncidentState(row.state) not in RUNS[timer.step]:
        repository.end(tx, timer, TimerState.CANCELLED, now)
        return False
    if not repository.end(tx, timer, TimerState.FIRED, now):
        return False
    incident = cases.to_incident(row, ())
    level = timer.level
    if timer.step is Step.ACCEPT and level in (Level.RED, Level.CLIMB):
        level = _climb(tx, timer, incident, now, office)
    else:
        _line(tx, incident, level, timer.step, now)
    _bring(tx, timer, level, late_of(incident), now, office, beyond)
    if timer.level is Level.RED and level is Level.CLIMB:
        _bring(tx, timer, Level.RED, late_of(incident), now, office, beyond)
    return True


def late_of(incident: Incident) -> Late:
    """The case as a supervision names it."""
    return Late(
        incident.severity,
        incident.grid_code,
        incident.grid_path,
        incident.title or incident.rule_kind.value,
        incident.exercise,
    )


def _line(
    tx: Connection,
    incident: Incident,
    level: Level,
    step: Step,
    now: float,
    *,
    way: str = "",
    raised_to: str | None = None,
) -> None:
    reason = f"{step}: {way}" if way else step.value
    values: dict[str, object] = {} if raised_to is None else {"raised_to": raised_to}
    change = Change(level.value, incident.state.value, now, HUB, reason, values)
    journal.change_incident(tx, incident.id, change)


def _climb(tx: Connection, timer: Timer, incident: Incident, now: float, office: Office) -> Level:
    """Nobody accepted: the next grid above is asked; where there is none, the leader."""
    path = incident.grid_path
    asked = incident.raised_to if incident.raised_to in path else incident.grid_code
    above = path[: path.index(asked)] if asked in path else ()
    if timer.level is Level.RED:
        _line(tx, incident, Level.RED, timer.step, now)
    if not above:
        if timer.level is Level.RED:  # at the root from the start: it has one more allowance
            _again(tx, timer, incident, now, office)
            return Level.RED
        _line(tx, incident, Level.LEADER, timer.step, now)
        return Level.LEADER
    way = f"{asked} > {above[-1]}"
    _line(tx, incident, Level.CLIMB, timer.step, now, way=way, raised_to=above[-1])
    errands.raised(tx, incident.id, above, by_hub(now, Level.CLIMB.value), office)
    _again(tx, timer, incident, now, office)
    return Level.CLIMB


def _again(tx: Connection, timer: Timer, incident: Incident, now: float, office: Office) -> None:
    """Whoever is asked now has as long as those before."""
    rules = office.config.of_class(incident.class_code)
    given = allowance(Step.ACCEPT, incident.severity, rules) or 0.0
    due_at = clocks.after(incident.severity, now, given, rules)
    rows = repository.of(tx, Subject.INCIDENT, [incident.id])[incident.id]
    before = next((row for row in rows if row.key == (Step.ACCEPT, Level.CLIMB)), None)
    row = replace(
        timer,
        level=Level.CLIMB,
        started_at=now,
        due_at=due_at,
        state=TimerState.WAITING,
        fired_at=None,
        version=1 if before is None else before.version + 1,
    )
    repository.write(tx, rows, [row])


# -- whistles ------------------------------------------------------------------------------------


def _whistle(tx: Connection, timer: Timer, beyond: Beyond, now: float, office: Office) -> bool:
    return whistling.fire(tx, timer, beyond, now, office.ids)


# -- what every level brings ---------------------------------------------------------------------


def _bring(
    tx: Connection,
    timer: Timer,
    level: Level,
    late: Late,
    now: float,
    office: Office,
    beyond: Beyond,
) -> None:
    """The supervision, where the level asks for one, and the notice to who is on duty."""
    if level in supervisions.TO:
        supervisions.begin(tx, timer, level, late, now, office.ids)
    hear = roles(timer.step, level, beyond)
    if not hear:
        return
    path = late.grid_path
    if level is Level.CLIMB:
        found = cases.get_incident(tx, timer.subject_id)
        if found is not None and found.raised_to in path:
            path = path[: path.index(found.raised_to) + 1]
    # By the row that fired: one that climbs twice is told of twice.
    row = f"{timer.subject}/{timer.subject_id}/{timer.step}/{timer.level}/{timer.version}"
    notices.put(
        tx,
        [
            Notice(
                key=f"timer/{row}/{level}",
                about=f"{timer.subject}/{timer.subject_id}",
                kind=NOTICE_OF.get(level, level.value),
                severity=late.severity,
                grid_path=path,
                at=now,
                roles=hear,
                exercise=late.exercise,
            )
        ],
    )


_FIRE: Mapping[Subject, Callable[[Connection, Timer, Beyond, float, Office], bool]] = {
    Subject.ALERT: _alert,
    Subject.INCIDENT: _case,
    Subject.WHISTLE: _whistle,
}
