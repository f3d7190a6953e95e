"""Two matters become one, or one becomes two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import clocks, journal, message, repository
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.errands import Office, dispatch, running
from hub.dispatch.cases.life import Found, Word, by_hub, grown, locked, take
from hub.dispatch.journal import Change
from hub.dispatch.lives import Verb
from hub.dispatch.taxonomy import OTHER
from hub.kit.errors import Conflict, Refused
from hub.types.work import Due, Incident, IncidentState

_TAKES_MORE = (
    IncidentState.TRIAGED,
    IncidentState.FILED,
    IncidentState.DISPATCHED,
    IncidentState.RETURNED,
    IncidentState.ACCEPTED,
    IncidentState.ON_WAY,
    IncidentState.ON_SCENE,
    IncidentState.SUSPENDED,
)


_OUT = (
    IncidentState.DISPATCHED,
    IncidentState.ACCEPTED,
    IncidentState.ON_WAY,
    IncidentState.ON_SCENE,
    IncidentState.SUSPENDED,
)


def merge(tx: Connection, incident_id: str, into_id: str, word: Word) -> Incident:
    """They are one matter: alerts, reports, contacts and children go over; returns the merged one.

    Whoever is under way to the other one stays so. Raises Conflict (`same_incident`,
    `into_is_over`, `into_is_out` for what is graver than whoever is under way was told,
    `incident_is_full`), and as `take` does.
    """
    if incident_id == into_id:
        raise Conflict("an incident is no duplicate of itself", code="same_incident")
    first, second = sorted((incident_id, into_id))
    rows = {
        one: locked(tx, one, word if one == incident_id else replace(word, version=None))
        for one in (first, second)
    }
    own, other = rows[incident_id], rows[into_id]
    if other.state not in _TAKES_MORE:
        raise Conflict(f"incident {into_id} is {other.state}", code="into_is_over")
    if other.state in _OUT and _graver(own, other):
        raise Conflict(f"incident {into_id} is out, and less grave", code="into_is_out")
    if len(own.reports) + len(other.reports) > message.MAX_REPORTS:
        raise Conflict(f"incident {into_id} is full", code="incident_is_full")
    due = _due(tx, own, other)
    gone = take(
        tx,
        own,
        Verb.MERGE,
        replace(word, reason=into_id),
        {"merged_into": into_id, "closed_at": word.at},
    )
    _go_over(tx, own, other, due, word)
    return gone


def _graver(own: Found, other: Found) -> bool:
    return bool(own.severity < other.severity or (other.exercise and not own.exercise))


def _due(tx: Connection, own: Found, other: Found) -> Due:
    """The sooner deadlines; what was never filed has none yet that a running one heeds."""
    one, two = (repository.to_incident(row, ()).due for row in (own, other))
    return one if running(tx, own) and not running(tx, other) else clocks.sooner(one, two)


def _go_over(tx: Connection, own: Found, other: Found, due: Due, word: Word) -> None:
    alerts = repository.alert_ids(tx, [own.id])[own.id]
    repository.link_alerts(tx, [(alert, other.id) for alert in alerts])
    cases.take_over(tx, own.id, other.id)
    reports = other.reports
    for each in own.reports:
        reports = message.add_report(reports, each)
    values: dict[str, object] = {
        "reports": reports,
        "severity": min(own.severity, other.severity),
        "exercise": own.exercise and other.exercise,
        **clocks.columns(due),
    }
    if other.class_code in ("", OTHER):  # what nobody had a word for has one now
        values["class_code"] = own.class_code
    change = Change(Verb.MERGE.value, other.state, word.at, word.by, own.id, values, word.device)
    grown(tx, journal.change_incident(tx, other.id, change), word.at)


@dataclass(frozen=True, slots=True)
class Part:
    """What is split off: some of the alerts, or what a person says it is."""

    title: str
    description: str = ""
    alert_ids: tuple[str, ...] = ()


def split(
    tx: Connection, incident_id: str, part: Part, word: Word, office: Office, *, hold: bool = False
) -> Incident:
    """One matter becomes two; returns the new one, which runs on the clocks of the first.

    Raises Refused (`bad_split` for alerts that are not its own, or all of them), and as `take`
    does.
    """
    row = locked(tx, incident_id, word)
    left = [each for each in row.reports if each["alert_id"] not in part.alert_ids]
    _check(repository.alert_ids(tx, [incident_id])[incident_id], part.alert_ids, left)
    parent = repository.to_incident(row, ())
    child = replace(
        parent,
        id=office.ids(),
        state=IncidentState.FILED,
        updated_at=word.at,
        version=journal.FIRST,
        title=part.title,
        self_handled=False,
        parent_id=parent.id,
    )
    said = replace(word, reason=child.id)
    take(tx, row, Verb.SPLIT, said, {"reports": left})
    change = Change(
        Verb.SPLIT.value, None, word.at, word.by, parent.id, _columns(row, child, part), word.device
    )
    repository.link_alerts(tx, [(alert, child.id) for alert in part.alert_ids])
    journal.new_incident(tx, child, change)
    if hold:
        return child
    return dispatch(tx, child.id, by_hub(word.at), office)


def _check(own: Sequence[str], parted: Sequence[str], left: Sequence[object]) -> None:
    if not set(parted) <= set(own) or not left:
        raise Refused("some of its own alerts are split off, never all", code="bad_split")


def _columns(row: Found, child: Incident, part: Part) -> dict[str, object]:
    reports = [each for each in row.reports if each["alert_id"] in part.alert_ids]
    if not reports:  # a matter of its own that no alert tells of: the report of the first, renamed
        head = row.reports[0]
        rule = {**head["rule"], "name": part.title}
        facts = {"title": part.title, "description": part.description}
        reports = [{**head, "alert_id": child.id, "rule": rule, "facts": facts}]
    return {
        "group_key": f"split:{child.id}",
        "dispatch_at": None,
        "reports": reports,
        "description": part.description,
        "lon": row.lon,
        "lat": row.lat,
        "reported_by": row.reported_by,
        "lowered_by": row.lowered_by,
    }
