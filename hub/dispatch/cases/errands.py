"""Where an incident goes: sent out, given back, filed again, handed over; its clocks run on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import clocks, journal, matter, message, repository
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases import telling
from hub.dispatch.cases.life import Found, Values, Word, by_hub, locked, take
from hub.dispatch.config import DispatchConfig
from hub.dispatch.going import Ways, tell
from hub.dispatch.incident import TASKS
from hub.dispatch.journal import Change
from hub.dispatch.lives import HUB, Verb
from hub.dispatch.routing import Routing, nobody
from hub.dispatch.whistles.placing import by_class
from hub.kit.errors import Conflict
from hub.kit.ids import Ids
from hub.types.duty import Roster
from hub.types.finding import Binding
from hub.types.work import Incident, IncidentState, TaskState

UNBOUND = "unbound"
_BEFORE_FILING = (IncidentState.REPORTED, IncidentState.TRIAGED)


@dataclass(frozen=True, slots=True)
class Office:
    """What errands are made with."""

    config: DispatchConfig
    ids: Ids
    roster: Roster = nobody


def file(
    tx: Connection, incident_id: str, word: Word, office: Office, *, hold: bool = False
) -> Incident:
    """It is a matter for somebody: filed, and sent out at once unless a dispatcher shall do it.

    Its clocks start when it is filed first; filed again after it was given back, they run on, and
    so do those of what was merged into it. Raises as `take` does.
    """
    row = locked(tx, incident_id, word)
    values: dict[str, object] = {"dispatch_at": None if hold else word.at}
    incident = repository.to_incident(row, ())
    if incident.state is not IncidentState.RETURNED:
        rules = office.config.of_class(incident.class_code)
        due = clocks.due(incident.severity, word.at, rules)
        values |= clocks.columns(clocks.sooner(due, incident.due) if running(tx, row) else due)
    filed = take(tx, row, Verb.FILE, word, values)
    if hold:
        by_class(tx, [filed], config=office.config, ids=office.ids, at=word.at)
        return filed
    return _dispatch(tx, incident_id, by_hub(word.at), office)


def running(tx: Connection, row: Found) -> bool:
    """Whether its clocks run: it was filed, or something that was is merged into it."""
    if row.state not in _BEFORE_FILING:
        return True
    return cases.was_filed(tx, cases.merged_ids(tx, row.id))


def dispatch(tx: Connection, incident_id: str, word: Word, office: Office) -> Incident:
    """Send out what waits for a dispatcher, or for others of its group. Raises as `take` does."""
    locked(tx, incident_id, word)
    return _dispatch(tx, incident_id, replace(word, version=None), office)


def _dispatch(tx: Connection, incident_id: str, word: Word, office: Office) -> Incident:
    row = locked(tx, incident_id, word)
    return sent(tx, row, Verb.DISPATCH, word, office)


def again(tx: Connection, incident_id: str, at: float, office: Office) -> Incident:
    """Sent back for rework: the hub dispatches it anew, in the same transaction."""
    return _dispatch(tx, incident_id, by_hub(at), office)


def sent(
    tx: Connection, row: Found, verb: Verb, word: Word, office: Office, values: Values | None = None
) -> Incident:
    """A move that makes it an errand for the centre of its grid."""
    way = _way(tx, row.grid_path, row.class_code, word.at, office)
    said = word if word.reason else replace(word, reason=way.route.why.value)
    incident = take(tx, row, verb, said, {**(values or {}), "dispatch_at": word.at})
    by_class(tx, [incident], config=office.config, ids=office.ids, at=word.at)
    return _errand(tx, incident, way, word, office)


def _way(
    tx: Connection, path: Sequence[str], class_code: str, at: float, office: Office
) -> Routing:
    return Ways(tx, at, office.config, office.roster).of(path, class_code)


def _errand(
    tx: Connection,
    incident: Incident,
    way: Routing,
    word: Word,
    office: Office,
    path: Sequence[str] | None = None,
) -> Incident:
    """Write the task of an incident that has just gone out; returns the incident.

    Who is on duty for `path`, by itself the incident's own, is told of it.
    """
    row = locked(tx, incident.id, by_hub(word.at))
    why = [line.told() for line in way.why]
    task = matter.errand(incident, row.reports, way.route, office.ids(), word.at, why)
    change = Change("dispatch", None, word.at, word.by, way.route.why.value, device=word.device)
    journal.new_task(tx, task, change, incident.grid_path)
    tell(tx, task.id, incident, incident.grid_path if path is None else path, word.at)
    return incident


def give_back(tx: Connection, incident_id: str, word: Word) -> Incident:
    """Not ours: whoever got the errand gives it back, with a reason. Raises as `take` does."""
    row = locked(tx, incident_id, word)
    incident = take(tx, row, Verb.RETURN, word)
    withdraw(tx, incident_id, Verb.RETURN, word)
    telling.to_roles(tx, incident, telling.Kind.RETURNED, word.at, telling.DESK)
    return incident


def withdraw(tx: Connection, incident_id: str, verb: Verb, word: Word) -> None:
    """Its open errands are void; who holds one learns it from the next word about it."""
    for task in cases.open_tasks(tx, incident_id):
        state = TASKS.move(TaskState(task.state), Verb.VOID, HUB)
        change = Change(
            verb.value, task.state, word.at, word.by, word.why, {"state": state.value}, word.device
        )
        journal.change_task(tx, task.id, change)


def raised(
    tx: Connection, incident_id: str, above: Sequence[str], word: Word, office: Office
) -> None:
    """Nobody accepted, and the grid above (the last of the path) is asked.

    Where another centre serves it the errand goes there; else it stays, and that grid hears of it.
    """
    class_code = locked(tx, incident_id, by_hub(word.at)).class_code
    way = _way(tx, above, class_code, word.at, office)
    if all(task.centre == way.route.centre.id for task in cases.open_tasks(tx, incident_id)):
        return
    withdraw(tx, incident_id, Verb.HAND_OVER, word)
    incident = repository.to_incident(locked(tx, incident_id, by_hub(word.at)), ())
    _errand(tx, incident, way, word, office, above)


def reassign(tx: Connection, incident_id: str, word: Word, office: Office) -> Incident:
    """Whoever had it does not go: those on duty are asked anew; its clocks run on.

    Whoever had it is told. Raises as `take` does.
    """
    row = locked(tx, incident_id, word)
    had = [task.assignee for task in cases.open_tasks(tx, incident_id)]
    incident = take(tx, row, Verb.REASSIGN, word, {"raised_to": None})
    withdraw(tx, incident_id, Verb.REASSIGN, word)
    for name in had:
        telling.to_person(tx, incident, telling.Kind.REASSIGNED, word.at, name)
    way = _way(tx, incident.grid_path, incident.class_code, word.at, office)
    return _errand(tx, incident, way, word, office)


def hand_over(
    tx: Connection, incident_id: str, binding: Binding, word: Word, office: Office
) -> Incident:
    """To another grid: its path is frozen anew, its clocks run on, an open errand goes along.

    Raises Conflict (`same_grid`), and as `take` does.
    """
    row = locked(tx, incident_id, word)
    if binding.grid_code == row.grid_code:
        raise Conflict(f"incident {incident_id} is of {row.grid_code} already", code="same_grid")
    values: dict[str, object] = {
        "grid_code": binding.grid_code,
        "grid_path": list(binding.grid_path),
        # Alerts that come later are of the other grid: none of them joins this one.
        "group_key": f"moved:{incident_id}",
        "reports": message.moved(row.reports, binding),
        "raised_to": None,
    }
    said = word.saying(f"{row.grid_code or UNBOUND} > {binding.grid_code or UNBOUND}")
    under_way = bool(cases.open_tasks(tx, incident_id))
    # Before the path changes: whoever holds the errand hears that it is void.
    withdraw(tx, incident_id, Verb.HAND_OVER, word)
    incident = take(tx, row, Verb.HAND_OVER, said, values, left=row.grid_path)
    if not under_way:
        return incident
    onward = _way(tx, incident.grid_path, incident.class_code, word.at, office)
    return _errand(tx, incident, onward, word, office)
