"""An alert that became graver by itself, as a storm does, makes its incident as grave."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.dispatch import clocks, journal, message, repository
from hub.dispatch.cases import life
from hub.dispatch.cases import repository as cases
from hub.dispatch.config import DispatchConfig
from hub.dispatch.journal import HUB, Change
from hub.dispatch.notices import repository as notices
from hub.dispatch.timers.plan import WORSEN
from hub.dispatch.whistles import journal as whistling
from hub.types.duty import Notice
from hub.types.finding import Alert
from hub.types.staff import Role
from hub.types.work import Due, Incident, IncidentState

_OUT = frozenset({Role.WORKER, Role.CHIEF, Role.DISPATCHER})
_AT_THE_DESK = frozenset({Role.OPERATOR, Role.DISPATCHER})


def worsen(tx: Connection, alert: Alert, *, config: DispatchConfig, now: float) -> Incident | None:
    """Raise the severity of an alert's incident to the alert's, and hasten what is left of it.

    Nothing becomes later: what remains of each step is counted anew from now where that is
    earlier. What waits for others of its group goes out by the shorter wait. Open errands tell it,
    departments that are called have less time, and whoever is on duty hears of it. None where
    there is nothing to raise.
    """
    incident_id = repository.incident_of_alert(tx, alert.id)
    row = None if incident_id is None else repository.lock_incident(tx, incident_id)
    if row is None or row.state in repository.OVER or row.severity <= alert.severity:
        return None
    before = repository.to_incident(row, ())
    rules = config.of_class(before.class_code)
    due = clocks.sooner(before.due, clocks.due(alert.severity, now, rules))
    reason = f"{before.severity} > {alert.severity}: {alert.id}"
    values: dict[str, object] = {
        "severity": alert.severity.value,
        "reports": message.worsened(row.reports, alert.id, alert.severity),
        **clocks.columns(due),
    }
    waits = before.state is IncidentState.FILED and row.dispatch_at is not None
    if waits:
        values["dispatch_at"] = min(row.dispatch_at, now + max(0.0, alert.group_wait_s))
    change = Change(WORSEN, row.state, now, HUB, reason, values)
    incident = life.grown(tx, journal.change_incident(tx, row.id, change), now)
    _tell_errands(tx, incident, due, reason, now)
    whistling.hasten(tx, incident, config, now)
    if not waits:  # whoever it goes out to hears of it then
        notices.put(tx, [_notice(incident, now)])
    return incident


def _tell_errands(tx: Connection, incident: Incident, due: Due, reason: str, now: float) -> None:
    for task in cases.open_tasks(tx, incident.id):
        told = message.hastened(task.message, incident.severity, due)
        change = Change(WORSEN, task.state, now, HUB, reason, {"message": told})
        journal.change_task(tx, task.id, change)


def _notice(incident: Incident, now: float) -> Notice:
    filed = incident.state is IncidentState.FILED
    return Notice(
        key=f"worsen/{incident.id}/{incident.version}",
        about=f"incident/{incident.id}",
        kind=WORSEN,
        severity=incident.severity,
        grid_path=incident.grid_path,
        at=now,
        roles=_AT_THE_DESK if filed else _OUT,
        exercise=incident.exercise,
    )
