"""One matter while a transaction works on it: decided here on values, written once at the end.

A batch of a hundred alerts after a power cut must not cost a hundred times two dozen round trips:
what is known is read for all of them, every step is a new value, and the last one is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.dispatch import clocks, message
from hub.dispatch.config import Timers
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.lives import HUB, Verb
from hub.dispatch.message import Json
from hub.dispatch.routing import Route
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

    `joined` are the alerts that came in this transaction, `task` the errand it became in it.
    """

    incident: Incident
    group_key: str
    dispatch_at: float
    reports: tuple[Json, ...]
    new: bool = False
    lines: tuple[Line, ...] = ()
    joined: tuple[str, ...] = ()
    task: DispatchTask | None = None


def opened(filing: Filing, incident_id: str, timers: Timers, now: float) -> Matter:
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
        due=clocks.due(alert.severity, dispatch_at, timers),
        exercise=alert.exercise,
        origin=_ORIGIN[alert.source_kind],
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


def joined(matter: Matter, filing: Filing, timers: Timers, now: float) -> Matter:
    """The matter with one alert more: it may become more severe and go out sooner, never later."""
    alert, present = filing.alert, matter.incident
    dispatch_at = now + max(0.0, filing.wait_s)
    incident = replace(
        present,
        severity=min(present.severity, alert.severity),
        due=clocks.sooner(present.due, clocks.due(alert.severity, dispatch_at, timers)),
        exercise=present.exercise and alert.exercise,
        alert_ids=(*present.alert_ids, alert.id),
    )
    grown = replace(
        matter,
        dispatch_at=min(matter.dispatch_at, dispatch_at),
        reports=tuple(message.add_report(matter.reports, filing.report)),
        joined=(*matter.joined, alert.id),
    )
    return _moved(grown, incident, "join", alert.id, now)


def dispatched(matter: Matter, route: Route, task_id: str, now: float) -> Matter:
    """The matter gone out: one errand for the centre of the route."""
    present = matter.incident
    task = errand(present, matter.reports, route, task_id, now)
    after = replace(present, state=INCIDENTS.move(present.state, Verb.DISPATCH, HUB))
    return _moved(replace(matter, task=task), after, "dispatch", route.why.value, now)


def errand(
    incident: Incident, reports: Sequence[Json], route: Route, task_id: str, now: float
) -> DispatchTask:
    """The errand that an incident becomes for the centre of the route.

    What a person reported stands in the message as an alert of the incident's own id.
    """
    told = message.Errand(
        task_id=task_id,
        incident_id=incident.id,
        alert_ids=incident.alert_ids or (incident.id,),
        opened_at=incident.opened_at,
        dispatched_at=now,
        due=incident.due,
    )
    return DispatchTask(
        id=task_id,
        incident_id=incident.id,
        centre=route.centre.id,
        grid_code=incident.grid_code,
        state=TaskState.QUEUED,
        created_at=now,
        message=message.compose(told, reports, route),
    )


def void(matter: Matter, reason: str, now: float) -> Matter:
    """The matter that needs nobody any more."""
    state = INCIDENTS.move(matter.incident.state, Verb.LAPSE, HUB)
    return _moved(matter, replace(matter.incident, state=state), "lapse", reason, now)


def _moved(matter: Matter, after: Incident, what: str, reason: str, now: float) -> Matter:
    before = matter.incident
    after = replace(after, version=before.version + 1, updated_at=now)
    line = Line(after.version, what, before.state.value, after.state.value, reason)
    return replace(matter, incident=after, lines=(*matter.lines, line))
