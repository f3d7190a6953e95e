"""Every change is three writes in one transaction: the row, the log of transitions, the feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.dispatch import repository
from hub.kit.errors import NotFound
from hub.store import feed
from hub.types.work import Incident, TaskState

_incident = TypeAdapter(Incident)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to an entity: `before` is its state so far, None for a new one."""

    what: str
    before: str | None
    at: float
    by: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def change_incident(tx: Connection, incident_id: str, change: Change) -> Incident:
    """Write a change of an incident; returns it as it stands now. Raises NotFound."""
    repository.update_incident(tx, incident_id, updated_at=change.at, **change.values)
    changed = repository.get_incident(tx, incident_id)
    if changed is None:
        raise NotFound(f"there is no incident {incident_id}")
    repository.note_transitions(
        tx, [_transition("incident", incident_id, changed.version, changed.state.value, change)]
    )
    feed.append(tx, "incident", incident_id, incident_body(changed), change.at)
    return changed


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
    _tell_tasks(tx, rows, Change("deliver", TaskState.QUEUED.value, at, "hub", "acknowledged"))


def _tell_tasks(tx: Connection, rows: Sequence[repository.Found], change: Change) -> None:
    repository.note_transitions(
        tx, [_transition("task", row.id, row.version, row.state, change) for row in rows]
    )
    for row in rows:
        feed.append(tx, "task", row.id, task_body(row), change.at)


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
        "device": None,
    }


def incident_body(incident: Incident) -> dict[str, Any]:
    """What the feed tells of an incident: the whole of it, plain JSON."""
    body: dict[str, Any] = _incident.dump_python(incident, mode="json")
    return body


def task_body(row: repository.Found) -> dict[str, Any]:
    """What the feed tells of a task: enough for a list; the message is asked for by id."""
    return {
        "id": row.id,
        "incident_id": row.incident_id,
        "centre": row.centre,
        "grid_code": row.grid_code,
        "state": row.state,
        "created_at": row.created_at,
        "accepted_at": row.accepted_at,
        "on_way_at": row.on_way_at,
        "on_scene_at": row.on_scene_at,
        "done_at": row.done_at,
        "version": row.version,
    }
