"""One matter while a transaction works on it: decided here on values, written once at the end.

A batch of a hundred alerts after a power cut must not cost a hundred times two dozen round trips:
what is known is read for all of them, every step is a new value, and the last one is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.dispatch import clocks, message
from hub.dispatch.config import ClockRules
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.lives import HUB, Verb
from hub.dispatch.message import Json
from hub.dispatch.routing import Route
from hub.dispatch.timers.plan import JOIN
from hub.types.finding import Alert
from hub.types.scene import SourceKind
from hub.types.work import DispatchTask, Incident, IncidentState, Origin, TaskState

_ORIGIN = {
    SourceKind.CAMERA: Origin.CAMERA,
    SourceKind.SENSOR: Origin.SENSOR,
    SourceKind.WORKER: Origin.HUB,  # one of the hub's own processes
    SourceKind.HUB: Origin.HUB,
}


@dataclass(frozen=True, slots=True)
class Filing:
    """An alert on its way to an incident, with what the message will tell of it.

    `wait_s`: how long its group waits for others of the kind, 0 for at once.
    """

    alert: Alert
    report: Json
    group_key: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the incident's log. `before` is None for what begins with it."""

    version: int
    what: str
    before: str | None
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matter:
    """An incident with what it will tell, and what this transaction did to it so far.

    `dispatch_at` is None for what waits for a dispatcher. `joined` are the alerts that came in this
    transaction, `parted` those that left it, `task` the errand it became in it.
    """

    incident: Incident
    group_key: str
    dispatch_at: float | None
    reports: tuple[Json, ...]
    new: bool = False
    lines: tuple[Line, ...] = ()
    joined: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()
    task: DispatchTask | None = None


def opened(
    filing: Filing, incident_id: str, rules: ClockRules, now: float, *, class_code: str = ""
) -> Matter:
    """A new matter of one alert, to go out after the wait of its group."""
    alert = filing.alert
    dispatch_at = now + max(0.0, filing.wait_s)
    incident = Incident(
        id=incident_id,
        state=IncidentState.FILED,
        rule_kind=alert.rule_kind,
        severity=alert.severity,
        grid_code=alert.binding.grid_code,
        grid_path=alert.binding.grid_path,
        opened_at=now,
        updated_at=now,
        alert_ids=(alert.id,),
        due=clocks.due(alert.severity, dispatch_at, rules),
        exercise=alert.exercise,
        origin=_ORIGIN[alert.source_kind],
        class_code=class_code,
    )
    return Matter(
        incident=incident,
        group_key=filing.group_key,
        dispatch_at=dispatch_at,
        reports=(filing.report,),
        new=True,
        lines=(Line(incident.version, "file", None, incident.state.value, alert.id),),
        joined=(alert.id,),
    )


def joined(matter: Matter, filing: Filing, rules: ClockRules, now: float) -> Matter:
    """The matter with one alert more: it may become more severe and go out sooner, never later.

    An alert that goes out by itself does not wait with a matter that waits for a dispatcher.
    """
    alert, present = filing.alert, matter.incident
    dispatch_at = now + max(0.0, filing.wait_s)
    incident = replace(
        present,
        severity=min(present.severity, alert.severity),
        due=clocks.sooner(present.due, clocks.due(alert.severity, dispatch_at, rules)),
        exercise=present.exercise and alert.exercise,
        alert_ids=(*present.alert_ids, alert.id),
    )
    grown = replace(
        matter,
        dispatch_at=clocks.earliest(matter.dispatch_at, dispatch_at),
        reports=tuple(message.add_report(matter.reports, filing.report)),
        joined=(*matter.joined, alert.id),
    )
    return _moved(grown, incident, JOIN, alert.id, now)


def dispatched(
    matter: Matter, route: Route, task_id: str, now: float, why: Sequence[Json] = ()
) -> Matter:
    """The matter gone out: one errand for the centre of the route."""
    present = matter.incident
    task = errand(present, matter.reports, route, task_id, now, why)
    after = replace(present, state=INCIDENTS.move(present.state, Verb.DISPATCH, HUB))
    return _moved(replace(matter, task=task), after, "dispatch", route.why.value, now)


def errand(
    incident: Incident,
    reports: Sequence[Json],
    route: Route,
    task_id: str,
    now: float,
    why: Sequence[Json] = (),
) -> DispatchTask:
    """The errand that an incident becomes for the centre of the route.

    What a person reported stands in the message as an alert of the id of its incident.
    """
    told = message.Errand(
        task_id=task_id,
        incident_id=incident.id,
        alert_ids=incident.alert_ids or tuple(each["alert_id"] for each in reports),
        opened_at=incident.opened_at,
        dispatched_at=now,
        due=incident.due,
        class_code=incident.class_code,
    )
    return DispatchTask(
        id=task_id,
        incident_id=incident.id,
        centre=route.centre.id,
        grid_code=incident.grid_code,
        state=TaskState.QUEUED,
        created_at=now,
        message=message.compose(told, reports, route),
        why=tuple(why),
    )


def without_alerts(matter: Matter, now: float) -> Matter:
    """The matter as people reported it: its alerts part from it, each with its line in the log."""
    alerts = matter.incident.alert_ids
    reports = tuple(each for each in matter.reports if each["alert_id"] not in alerts)
    left = replace(matter, reports=reports, parted=alerts)
    for alert_id in alerts:
        rest = tuple(each for each in left.incident.alert_ids if each != alert_id)
        left = _moved(left, replace(left.incident, alert_ids=rest), "part", alert_id, now)
    return left


def void(matter: Matter, reason: str, now: float) -> Matter:
    """The matter that needs nobody any more."""
    state = INCIDENTS.move(matter.incident.state, Verb.LAPSE, HUB)
    after = replace(matter.incident, state=state, closed_at=now)
    return _moved(matter, after, "lapse", reason, now)


def _moved(matter: Matter, after: Incident, what: str, reason: str, now: float) -> Matter:
    before = matter.incident
    after = replace(after, version=before.version + 1, updated_at=now)
    line = Line(after.version, what, before.state.value, after.state.value, reason)
    return replace(matter, incident=after, lines=(*matter.lines, line))
