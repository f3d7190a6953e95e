"""What becomes of incidents when a person says that two alerts are one matter, or two after all.

Nothing that has gone out is touched, and no errand is lost: the duplicate's report goes over to
the incident of the other alert, and an incident of which nothing else tells is merged into it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from hub.dispatch import clocks, journal, matter, message, repository
from hub.dispatch.cases import life
from hub.dispatch.cases import repository as cases
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.journal import Change
from hub.dispatch.lives import Verb
from hub.dispatch.log import repository as log
from hub.dispatch.matter import Filing
from hub.dispatch.timers.plan import JOIN
from hub.kit.errors import Conflict
from hub.kit.ids import Ids
from hub.types.finding import Alert
from hub.types.staff import Role
from hub.types.work import IncidentState

MERGE = "merge"
"""The word in an incident's log, with the alert as the reason, by which `part` knows it again."""

_GONE = repository.OVER
_OVER = (IncidentState.HANDLED, IncidentState.VERIFYING, *_GONE)


def join(tx: Connection, duplicate_id: str, into_id: str, *, by: str, now: float) -> None:
    """Bring a duplicate that still waits to go out to the incident of the other alert.

    Without one of its own it shares that of the other, now or as soon as there is one, so that its
    evidence is kept and exported with it; in the same one nothing is to be done. Raises Conflict:
    `incident_is_<state>` when somebody is sent there already; `into_waits` when the other alert
    still waits for a verdict (this one would wait with it), `into_is_over` when its incident has
    been dealt with, `incident_is_full` when that cannot tell of one more alert.
    """
    own, other = _both(tx, duplicate_id, into_id)
    if own is None:
        repository.link_alerts(tx, [(duplicate_id, other.id)] if other is not None else [])
        return
    if own.state in _GONE or (other is not None and own.id == other.id):
        return
    if own.state != IncidentState.FILED:
        raise Conflict(
            f"alert {duplicate_id} has been sent out: its incident is {own.state}",
            code=f"incident_is_{own.state}",
        )
    if other is None:
        raise Conflict(f"alert {into_id} has no incident yet", code="into_waits")
    if other.state in _OVER:
        raise Conflict(f"the incident of alert {into_id} is {other.state}", code="into_is_over")
    if len(other.reports) >= message.MAX_REPORTS:
        raise Conflict(f"incident {other.id} is full", code="incident_is_full")
    _move(tx, duplicate_id, own, other, by, now)


def _both(
    tx: Connection, duplicate_id: str, into_id: str
) -> tuple[repository.Found | None, repository.Found | None]:
    ids = [repository.incident_of_alert(tx, alert_id) for alert_id in (duplicate_id, into_id)]
    rows = {one: repository.lock_incident(tx, one) for one in sorted({i for i in ids if i})}
    own, other = (None if one is None else rows[one] for one in ids)
    return own, other


def _move(
    tx: Connection,
    alert_id: str,
    own: repository.Found,
    other: repository.Found,
    by: str,
    now: float,
) -> None:
    own_due, due = (repository.to_incident(row, ()).due for row in (own, other))
    values: dict[str, object] = clocks.columns(clocks.sooner(own_due, due))
    for report in _reports_of(own, alert_id):
        values["reports"] = message.add_report(other.reports, report)
        values["exercise"] = other.exercise and report["exercise"]
    if other.state == IncidentState.FILED:
        # One that waits for a dispatcher has no time: with an alert that has one it goes out then.
        values["dispatch_at"] = clocks.earliest(own.dispatch_at, other.dispatch_at)
    repository.link_alerts(tx, [(alert_id, other.id)])
    change = Change(MERGE, other.state, now, by, alert_id, values)
    life.grown(tx, journal.change_incident(tx, other.id, change), now)
    left = [each for each in own.reports if each["alert_id"] != alert_id]
    if left or repository.alert_ids(tx, [own.id])[own.id]:
        parted = Change("part", own.state, now, by, alert_id, {"reports": left})
        journal.change_incident(tx, own.id, parted)
    else:
        cases.take_over(tx, own.id, other.id)
        state = INCIDENTS.move(IncidentState.FILED, Verb.MERGE, Role.OPERATOR)
        gone = {"state": state.value, "merged_into": other.id, "closed_at": now}
        merged = Change(Verb.MERGE.value, own.state, now, by, other.id, gone)
        life.follow(tx, journal.change_incident(tx, own.id, merged), now)


def part(
    tx: Connection,
    alert: Alert,
    *,
    group_key: str,
    wait_s: float,
    config: DispatchConfig,
    by: str,
    now: float,
    ids: Ids,
) -> None:
    """Take back what `join` did: the alert gets an incident of its own, after the usual wait.

    Whoever is under way to the other one stays so. Raises Conflict (`report_gone`) when the other
    incident has grown so large that it no longer tells of this alert.
    """
    joined = repository.incident_of_alert(tx, alert.id)
    if joined is None:
        return
    row = repository.lock_incident(tx, joined)
    found = [] if row is None else _reports_of(row, alert.id)
    if not log.was_said(tx, joined, MERGE, alert.id):
        if not found and not _was_filed(tx, joined, alert.id):
            repository.link_alerts(tx, [(alert.id, None)])  # it only shared it
        return
    if row is None or not found:
        raise Conflict(f"incident {joined} no longer tells of {alert.id}", code="report_gone")
    left = {"reports": [each for each in row.reports if each["alert_id"] != alert.id]}
    filing = Filing(alert, found[0], group_key, wait_s)
    of = config.classes.of_rule(alert.rule_kind, alert.rule_id).code
    opened = matter.opened(filing, ids(), config.of_class(of), now, class_code=of)
    journal.write_matters(tx, [opened], now)
    journal.change_incident(tx, joined, Change("part", row.state, now, by, alert.id, left))


def _was_filed(tx: Connection, incident_id: str, alert_id: str) -> bool:
    """Whether the alert came into the incident by itself."""
    return any(log.was_said(tx, incident_id, what, alert_id) for what in (Verb.FILE.value, JOIN))


def _reports_of(row: repository.Found, alert_id: str) -> list[message.Json]:
    return [each for each in row.reports if each["alert_id"] == alert_id]
