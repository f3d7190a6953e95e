"""Queries on incidents and tasks. Outbox, log and cases have repositories of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from hub.dispatch.matter import Matter
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.dispatch.whistles.repository import called_for
from hub.store.ground import looked_up, looked_up_below, looked_up_through
from hub.store.page import Cursor, newest_first
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents, tasks
from hub.store.tables.grids import grids
from hub.types.finding import RuleKind, Severity
from hub.types.staff import Jurisdiction
from hub.types.work import DispatchTask, Due, Incident, IncidentState, Origin, TaskState

Json = dict[str, Any]
Found = Row[Any]
"""A row as the database has it."""

_ENDED = (TaskState.DONE, TaskState.VOID)
OVER = (
    IncidentState.CLOSED,
    IncidentState.ARCHIVED,
    IncidentState.EVALUATED,
    IncidentState.VOID,
    IncidentState.MERGED,
)
"""An incident in one of these takes no more alerts."""


# -- incidents ---------------------------------------------------------------------------


def write_matters(tx: Connection, matters: Sequence[Matter]) -> None:
    """Incidents as they stand now, new ones and changed ones, and the links of their alerts."""
    fresh = [_BLANK | _matter_row(each) for each in matters if each.new]
    if fresh:
        tx.execute(insert(incidents), fresh)
    changed = [
        {"matter": each.incident.id, **_matter_row(each)} for each in matters if not each.new
    ]
    if changed:
        tx.execute(update(incidents).where(incidents.c.id == bindparam("matter")), changed)
    link_alerts(tx, [(alert, each.incident.id) for each in matters for alert in each.joined])
    link_alerts(tx, [(alert, None) for each in matters for alert in each.parted])


def _matter_row(matter: Matter) -> dict[str, Any]:
    return {
        **_incident_row(matter.incident),
        "group_key": matter.group_key,
        "dispatch_at": matter.dispatch_at,
        "reports": list(matter.reports),
    }


def insert_incident(tx: Connection, incident: Incident, **more: object) -> None:
    """A new incident that no alert began; `more` are the columns that `Incident` does not tell."""
    tx.execute(insert(incidents).values(**_BLANK, **_incident_row(incident)).values(**more))


def _incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "state": incident.state.value,
        "rule_kind": incident.rule_kind.value,
        "severity": incident.severity.value,
        "grid_code": incident.grid_code,
        "grid_path": list(incident.grid_path),
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        **asdict(incident.due),
        "exercise": incident.exercise,
        "version": incident.version,
        "origin": incident.origin.value,
        "title": incident.title,
        "parent_id": incident.parent_id,
        "closed_at": incident.closed_at,
        "class_code": incident.class_code,
    }


_BLANK = {
    "description": "",
    "disposition": "",
    "no_evidence": "",
    "photo_ids": [],
    "self_handled": False,
    "rating_note": "",
}


def matters(tx: Connection, rows: Sequence[Found]) -> list[Matter]:
    """Rows of incidents as the matters that a transaction works on, in their order."""
    ids = alert_ids(tx, [row.id for row in rows])
    return [
        Matter(to_incident(row, ids[row.id]), row.group_key, row.dispatch_at, tuple(row.reports))
        for row in rows
    ]


def update_incident(tx: Connection, incident_id: str, **values: object) -> None:
    """Set columns of one incident; its version counts up."""
    tx.execute(
        update(incidents)
        .where(incidents.c.id == incident_id)
        .values(version=incidents.c.version + 1, **values)
    )


def lock_incident(tx: Connection, incident_id: str) -> Found | None:
    """The row, locked until the transaction ends (SQLite locks as a whole)."""
    return tx.execute(
        select(incidents).where(incidents.c.id == incident_id).with_for_update()
    ).first()


def lock_waiting(tx: Connection, group_keys: Collection[str]) -> Sequence[Found]:
    """The incidents of these groups that have not gone out yet, the oldest first, locked."""
    if not group_keys:
        return []
    return tx.execute(
        select(incidents)
        .where(
            incidents.c.group_key.in_(group_keys), incidents.c.state == IncidentState.FILED.value
        )
        .order_by(incidents.c.opened_at, incidents.c.id)
        .with_for_update()
    ).all()


def to_incident(row: Found, alert_ids: Iterable[str]) -> Incident:
    """A row as the value the other rooms know."""
    return Incident(
        id=row.id,
        state=IncidentState(row.state),
        rule_kind=RuleKind(row.rule_kind),
        severity=Severity(row.severity),
        grid_code=row.grid_code,
        grid_path=tuple(row.grid_path),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        alert_ids=tuple(alert_ids),
        due=Due(row.accept_by, row.on_scene_by, row.handle_by),
        exercise=row.exercise,
        version=row.version,
        origin=Origin(row.origin),
        title=row.title,
        self_handled=row.self_handled,
        parent_id=row.parent_id,
        merged_into=row.merged_into,
        closed_at=row.closed_at,
        rating=row.rating,
        raised_to=row.raised_to,
        class_code=row.class_code,
    )


def get_incident(tx: Connection, incident_id: str) -> Incident | None:
    """One incident with the ids of its alerts."""
    row = tx.execute(select(incidents).where(incidents.c.id == incident_id)).first()
    return None if row is None else to_incident(row, alert_ids(tx, [row.id])[row.id])


def list_incidents(
    tx: Connection, wanted: IncidentFilter, after: Cursor | None, limit: int
) -> list[Incident]:
    """Newest first."""
    query = select(incidents)
    if wanted.state is not None:
        query = query.where(incidents.c.state == wanted.state.value)
    if wanted.open is not None:
        # The states themselves, not their opposite: few of many are open, and an index finds them.
        states = [state.value for state in IncidentState if (state not in OVER) == wanted.open]
        query = query.where(incidents.c.state.in_(states))
    if wanted.severity is not None:
        query = query.where(incidents.c.severity == wanted.severity.value)
    if wanted.rule_kind is not None:
        query = query.where(incidents.c.rule_kind == wanted.rule_kind.value)
    if wanted.unbound is not None:
        nowhere = incidents.c.grid_code.is_(None)
        query = query.where(nowhere if wanted.unbound else ~nowhere)
    if wanted.grid is not None:
        query = query.where(looked_up_below(tx, incidents.c.grid_path, wanted.grid))
    seen = looked_up(tx, incidents.c.grid_path, wanted.within)
    query = query.where(or_(seen, called_for(wanted.units)))
    rows = tx.execute(newest_first(query, incidents.c.opened_at, incidents.c.id, after, limit))
    found = rows.all()
    ids = alert_ids(tx, [row.id for row in found])
    return [to_incident(row, ids[row.id]) for row in found]


def paths(tx: Connection, incident_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of which ground each of these incidents is."""
    query = select(incidents.c.id, incidents.c.grid_path).where(incidents.c.id.in_(incident_ids))
    return {row.id: tuple(row.grid_path) for row in tx.execute(query)}


# -- alerts, as far as they belong to incidents ---------------------------------------------


def incident_of_alert(tx: Connection, alert_id: str) -> str | None:
    """The incident an alert was filed under, None if it was not."""
    return tx.execute(select(alerts.c.incident_id).where(alerts.c.id == alert_id)).scalar()


def filed(tx: Connection, alert_ids: Sequence[str]) -> dict[str, str]:
    """The incidents that these alerts belong to, by alert; those that have ended are left out."""
    if not alert_ids:
        return {}
    over = [state.value for state in OVER]
    rows = tx.execute(
        select(alerts.c.id, incidents.c.id.label("incident_id"))
        .join(incidents, incidents.c.id == alerts.c.incident_id)
        .where(alerts.c.id.in_(alert_ids), incidents.c.state.not_in(over))
    )
    return {row.id: row.incident_id for row in rows}


def link_alerts(tx: Connection, links: Sequence[tuple[str, str | None]]) -> None:
    """Note in alerts which incident they belong to, None for none: (alert, incident).

    Duplicates that have no incident of their own go along: what they show is of this matter too,
    for whoever exports, holds or deletes it.
    """
    if links:
        lone_duplicate = and_(
            alerts.c.merged_into == bindparam("alert"), alerts.c.incident_id.is_(None)
        )
        statement = update(alerts).where(or_(alerts.c.id == bindparam("alert"), lone_duplicate))
        tx.execute(
            statement.values(incident_id=bindparam("incident")),
            [{"alert": alert, "incident": incident} for alert, incident in links],
        )


def alert_ids(tx: Connection, incident_ids: Sequence[str]) -> dict[str, list[str]]:
    """The alerts of each incident, in the order they were raised."""
    found: dict[str, list[str]] = {incident_id: [] for incident_id in incident_ids}
    if not found:
        return found
    rows = tx.execute(
        select(alerts.c.incident_id, alerts.c.id)
        .where(alerts.c.incident_id.in_(incident_ids))
        .order_by(alerts.c.raised_at, alerts.c.id)
    )
    for incident_id, alert_id in rows:
        found[incident_id].append(alert_id)
    return found


def verdicts(tx: Connection, incident_ids: Sequence[str]) -> dict[str, list[str | None]]:
    """What people said about each alert, by incident; one without alerts is left out."""
    said: dict[str, list[str | None]] = {}
    if incident_ids:
        rows = tx.execute(
            select(alerts.c.incident_id, alerts.c.verdict).where(
                alerts.c.incident_id.in_(incident_ids)
            )
        )
        for incident_id, verdict in rows:
            said.setdefault(incident_id, []).append(verdict)
    return said


def centre_by_grid(tx: Connection, codes: Collection[str], now: float) -> dict[str, str]:
    """The centre that each of these grids names today; grids that name none are left out."""
    if not codes:
        return {}
    rows = tx.execute(
        select(grids.c.code, grids.c.centre).where(
            grids.c.code.in_(codes),
            grids.c.centre.is_not(None),
            grids.c.valid_from <= now,
            or_(grids.c.valid_to.is_(None), grids.c.valid_to > now),
        )
    )
    return {row.code: row.centre for row in rows}


# -- tasks -----------------------------------------------------------------------------------


def insert_tasks(tx: Connection, new: Sequence[DispatchTask], version: int) -> None:
    """New tasks, all at the version given."""
    if not new:
        return
    rows: list[dict[str, object]] = [
        {
            "id": task.id,
            "incident_id": task.incident_id,
            "centre": task.centre,
            "grid_code": task.grid_code,
            "state": task.state.value,
            "message": task.message,
            "created_at": task.created_at,
            "updated_at": task.created_at,
            "photo_ids": [],
            "why": list(task.why),
            "version": version,
        }
        for task in new
    ]
    tx.execute(insert(tasks), rows)


def lock_task(tx: Connection, task_id: str) -> Found | None:
    """The row, locked: the actions of one task come one after the other."""
    return tx.execute(select(tasks).where(tasks.c.id == task_id).with_for_update()).first()


def update_task(tx: Connection, task_id: str, **values: object) -> None:
    """Set columns of one task; its version counts up."""
    tx.execute(
        update(tasks).where(tasks.c.id == task_id).values(version=tasks.c.version + 1, **values)
    )


def get_task(tx: Connection, task_id: str) -> DispatchTask | None:
    """One task."""
    row = tx.execute(select(tasks).where(tasks.c.id == task_id)).first()
    return None if row is None else to_task(row)


def list_tasks(
    tx: Connection, wanted: TaskFilter, after: Cursor | None, limit: int
) -> list[DispatchTask]:
    """Newest first."""
    query = select(tasks)
    if wanted.state is not None:
        query = query.where(tasks.c.state == wanted.state.value)
    if wanted.centre is not None:
        query = query.where(tasks.c.centre == wanted.centre)
    if wanted.incident_id is not None:
        query = query.where(tasks.c.incident_id == wanted.incident_id)
    if wanted.open is not None:
        ended = tasks.c.state.in_([state.value for state in _ENDED])
        query = query.where(~ended if wanted.open else ended)
    if wanted.grid is not None:
        here = Jurisdiction(roots=frozenset({wanted.grid}))
        query = query.where(looked_up_through(tx, tasks.c.incident_id, incidents, here))
    query = query.where(looked_up_through(tx, tasks.c.incident_id, incidents, wanted.within))
    if wanted.assignee is not None:
        query = query.where(tasks.c.assignee == wanted.assignee)
    rows = tx.execute(newest_first(query, tasks.c.created_at, tasks.c.id, after, limit))
    return [to_task(row) for row in rows]


def to_task(row: Found) -> DispatchTask:
    """A row as the value the other rooms know."""
    return DispatchTask(
        id=row.id,
        incident_id=row.incident_id,
        centre=row.centre,
        grid_code=row.grid_code,
        state=TaskState(row.state),
        created_at=row.created_at,
        message=row.message,
        accepted_at=row.accepted_at,
        on_way_at=row.on_way_at,
        on_scene_at=row.on_scene_at,
        done_at=row.done_at,
        assignee=row.assignee,
        note=row.note or "",
        photo_ids=tuple(row.photo_ids),
        why=tuple(row.why),
    )


def deliver_tasks(tx: Connection, task_ids: Sequence[str], now: float) -> list[Found]:
    """Queued tasks become delivered; returns their rows. Others keep their later state."""
    queued = tx.execute(
        select(tasks.c.id)
        .where(tasks.c.id.in_(task_ids), tasks.c.state == TaskState.QUEUED.value)
        .with_for_update()
    )
    ids = list(queued.scalars())
    tx.execute(
        update(tasks)
        .where(tasks.c.id.in_(ids))
        .values(state=TaskState.DELIVERED.value, updated_at=now, version=tasks.c.version + 1)
    )
    return list(tx.execute(select(tasks).where(tasks.c.id.in_(ids)).order_by(tasks.c.id)))
