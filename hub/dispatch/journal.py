"""Every change is three writes in one transaction: the row, the log of transitions, the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.dispatch import repository
from hub.dispatch.log import repository as log
from hub.dispatch.matter import Matter
from hub.dispatch.outbox import repository as outbox
from hub.dispatch.timers import hook as clocks
from hub.dispatch.timers.plan import Moved
from hub.dispatch.whistles.repository import units_of
from hub.kit.errors import NotFound
from hub.store import feed
from hub.types.work import DispatchTask, Incident, IncidentState, TaskState

_incident = TypeAdapter(Incident)

HUB = "hub"
"""The actor of what nobody did by hand."""
FIRST = 1
"""The version of what is new."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to an entity: `before` is its state so far, None for a new one."""

    what: str
    before: str | None
    at: float
    by: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    device: str | None = None


def change_incident(
    tx: Connection, incident_id: str, change: Change, *, left: Sequence[str] = ()
) -> Incident:
    """Write a change of an incident; returns it as it stands now. Raises NotFound.

    `left`: the path of the grid that it has just left, where they are told too.
    """
    repository.update_incident(tx, incident_id, updated_at=change.at, **change.values)
    changed = repository.get_incident(tx, incident_id)
    if changed is None:
        raise NotFound(f"there is no incident {incident_id}")
    log.note_transitions(
        tx, [_transition("incident", incident_id, changed.version, changed.state.value, change)]
    )
    path = tuple(dict.fromkeys((*left, *changed.grid_path)))
    units = units_of(tx, [incident_id]).get(incident_id, ())
    feed.append(tx, "incident", incident_id, incident_body(changed), change.at, path, units)
    clocks.changed(tx, [(changed, _moved(change))])
    return changed


def new_incident(tx: Connection, incident: Incident, change: Change) -> None:
    """Write an incident that no alert began; `change.values` are its other columns."""
    repository.insert_incident(tx, incident, **change.values)
    line = _transition("incident", incident.id, FIRST, incident.state.value, change)
    log.note_transitions(tx, [line])
    body = incident_body(incident)
    feed.append(tx, "incident", incident.id, body, change.at, incident.grid_path)
    clocks.changed(tx, [(incident, _moved(change))], fresh=True)


def _moved(change: Change) -> Moved:
    return Moved(change.what, change.before, change.at, change.by != HUB)


def new_task(tx: Connection, task: DispatchTask, change: Change, path: Sequence[str]) -> None:
    """Write an errand with its outbox row; `path` is its incident's."""
    repository.insert_tasks(tx, [task], FIRST)
    outbox.insert_rows(tx, [task], change.at)
    log.note_transitions(tx, [_transition("task", task.id, FIRST, task.state.value, change)])
    feed.append(tx, "task", task.id, task_body(task, FIRST), change.at, path)


def write_matters(tx: Connection, matters: Sequence[Matter], now: float) -> None:
    """Write what a transaction did to matters, and their new tasks with their outbox rows.

    The feed tells each once, as it stands now: what was in between nobody could ever see.
    """
    repository.write_matters(tx, matters)
    tasks = [each.task for each in matters if each.task is not None]
    repository.insert_tasks(tx, tasks, FIRST)
    outbox.insert_rows(tx, tasks, now)
    log.note_transitions(tx, [row for each in matters for row in _lines(each, now)])
    incidents = [each.incident for each in matters]
    said = [(each.id, incident_body(each), each.grid_path) for each in incidents]
    called = units_of(tx, [each.incident.id for each in matters if not each.new])
    feed.append_all(tx, "incident", said, now, called)
    ground = {each.id: each.grid_path for each in incidents}
    told = [(task.id, task_body(task, FIRST), ground[task.incident_id]) for task in tasks]
    feed.append_all(tx, "task", told, now)
    _clocks(tx, matters, now)


def _clocks(tx: Connection, matters: Sequence[Matter], now: float) -> None:
    """Those that only wait for others of their group have no clock but that wait."""
    filed = IncidentState.FILED
    new, known = (
        [
            (each.incident, Moved(each.lines[-1].what, filed.value, now, by_person=False))
            for each in matters
            if each.new is of and each.lines and not (of and each.incident.state is filed)
        ]
        for of in (True, False)
    )
    clocks.changed(tx, new, fresh=True)
    clocks.changed(tx, known)


def _lines(matter: Matter, now: float) -> Iterator[dict[str, object]]:
    for line in matter.lines:
        change = Change(line.what, line.before, now, HUB, line.reason)
        yield _transition("incident", matter.incident.id, line.version, line.after, change)
    if matter.task is not None:
        last = matter.lines[-1]
        change = Change(last.what, None, now, HUB, last.reason)
        yield _transition("task", matter.task.id, FIRST, matter.task.state.value, change)


def change_task(tx: Connection, task_id: str, change: Change) -> None:
    """Write a change of a task. Raises NotFound."""
    repository.update_task(tx, task_id, updated_at=change.at, **change.values)
    row = repository.lock_task(tx, task_id)
    if row is None:
        raise NotFound(f"there is no task {task_id}")
    _tell_tasks(tx, [row], change)


def deliver_tasks(tx: Connection, task_ids: Sequence[str], at: float) -> None:
    """Tasks whose entry was acknowledged: those still queued are delivered now."""
    rows = repository.deliver_tasks(tx, task_ids, at)
    _tell_tasks(tx, rows, Change("deliver", TaskState.QUEUED.value, at, HUB, "acknowledged"))


def _tell_tasks(tx: Connection, rows: Sequence[repository.Found], change: Change) -> None:
    log.note_transitions(
        tx, [_transition("task", row.id, row.version, row.state, change) for row in rows]
    )
    ground = repository.paths(tx, {row.incident_id for row in rows})
    told = [
        (row.id, task_body(repository.to_task(row), row.version), ground.get(row.incident_id, ()))
        for row in rows
    ]
    feed.append_all(tx, "task", told, change.at)


def _transition(
    entity: str, entity_id: str, version: int, state: str, change: Change
) -> dict[str, object]:
    return {
        "entity": entity,
        "entity_id": entity_id,
        "version": version,
        "at": change.at,
        "what": change.what,
        "from_state": change.before,
        "to_state": state,
        "reason": change.reason,
        "actor": change.by,
        "device": change.device,
    }


def incident_body(incident: Incident) -> dict[str, Any]:
    """What the feed tells of an incident: the whole of it, plain JSON."""
    body: dict[str, Any] = _incident.dump_python(incident, mode="json")
    return body


def task_body(task: DispatchTask, version: int) -> dict[str, Any]:
    """What the feed tells of a task: enough for a list; the message is asked for by id."""
    return {
        "id": task.id,
        "incident_id": task.incident_id,
        "centre": task.centre,
        "grid_code": task.grid_code,
        "state": task.state.value,
        "created_at": task.created_at,
        "accepted_at": task.accepted_at,
        "on_way_at": task.on_way_at,
        "on_scene_at": task.on_scene_at,
        "done_at": task.done_at,
        "version": version,
    }
