"""From an alert to a task, and from a worker's word to a handled matter; all in the caller's tx."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.dispatch import clocks, journal, message, photos, repository, routing
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import INCIDENTS, TASKS, VERB_OF, Verb, Who
from hub.dispatch.journal import Change
from hub.dispatch.message import SourceCard
from hub.dispatch.outbox import repository as outbox
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.store.page import Cursor, Page, page
from hub.types.finding import Alert, Verdict
from hub.types.work import (
    DispatchTask,
    Incident,
    IncidentState,
    Receipt,
    TaskAction,
    TaskState,
)

_DISMISSED = {Verdict.FALSE, Verdict.DUPLICATE, Verdict.TEST, Verdict.SUPPRESSED}
_ENDED = {IncidentState.CLOSED, IncidentState.VOID}
_STAMP = {
    TaskAction.ACCEPT: "accepted_at",
    TaskAction.ON_WAY: "on_way_at",
    TaskAction.ON_SCENE: "on_scene_at",
    TaskAction.DONE: "done_at",
}
_incident = TypeAdapter(Incident)


def file(
    tx: Connection,
    alert: Alert,
    *,
    group_key: str,
    wait_s: float,
    source: SourceCard,
    rule_name: str,
    config: DispatchConfig,
    now: float,
    ids: Ids,
) -> Incident:
    """File an alert: it joins the incident of its group that still waits, or opens one.

    With `wait_s` 0 the incident goes out in this transaction: task and outbox row with it.
    An alert that belongs to an incident already is not filed again.
    """
    before = _filed_already(tx, alert)
    if before is not None:
        return before
    report = message.report(alert, source, rule_name, config.evidence_path)
    dispatch_at = now + max(0.0, wait_s)
    waiting = repository.lock_waiting(tx, group_key)
    if waiting is None:
        incident_id = open_incident(tx, alert, report, group_key, dispatch_at, config, now, ids)
    else:
        incident_id = waiting.id
        _join(tx, waiting, alert, report, dispatch_at, config, now)
    row = repository.lock_incident(tx, incident_id)
    if row is not None and row.dispatch_at <= now:
        _dispatch(tx, row, config, now, ids)
    return incident(tx, incident_id)


def _filed_already(tx: Connection, alert: Alert) -> Incident | None:
    known = repository.incident_of_alert(tx, alert.id)
    filed = None if known is None else repository.get_incident(tx, known)
    return None if filed is None or filed.state in _ENDED else filed


def open_incident(
    tx: Connection,
    alert: Alert,
    report: message.Json,
    group_key: str,
    dispatch_at: float,
    config: DispatchConfig,
    now: float,
    ids: Ids,
) -> str:
    """A new incident of one alert, to go out at `dispatch_at`; returns its id."""
    opened = Incident(
        id=ids(),
        state=IncidentState.FILED,
        rule_kind=alert.rule_kind,
        severity=alert.severity,
        grid_code=alert.binding.grid_code,
        grid_path=alert.binding.grid_path,
        opened_at=now,
        updated_at=now,
        alert_ids=(alert.id,),
        due=clocks.due(alert.severity, dispatch_at, config.timers),
        exercise=alert.exercise,
        version=0,
    )
    repository.insert_incident(tx, opened, group_key, dispatch_at)
    repository.link_alert(tx, alert.id, opened.id)
    change = Change("file", None, now, "hub", alert.id, {"reports": [report]})
    journal.change_incident(tx, opened.id, change)
    return opened.id


def _join(
    tx: Connection,
    waiting: repository.Found,
    alert: Alert,
    report: message.Json,
    dispatch_at: float,
    config: DispatchConfig,
    now: float,
) -> None:
    present = repository.to_incident(waiting, ()).due
    due = clocks.sooner(present, clocks.due(alert.severity, dispatch_at, config.timers))
    repository.link_alert(tx, alert.id, waiting.id)
    values = {
        "severity": min(waiting.severity, alert.severity.value),
        "dispatch_at": min(waiting.dispatch_at, dispatch_at),
        "reports": message.add_report(waiting.reports, report),
        "exercise": waiting.exercise and alert.exercise,
        **asdict(due),
    }
    change = Change("join", waiting.state, now, "hub", alert.id, values)
    journal.change_incident(tx, waiting.id, change)


def dispatch_due(
    tx: Connection, *, config: DispatchConfig, now: float, ids: Ids, limit: int = 100
) -> list[Incident]:
    """Send out the incidents whose group wait is over, at most `limit`; returns those touched.

    One whose alerts a person dismissed in the meantime, every one, becomes void instead.
    """
    touched = []
    for row in repository.lock_due(tx, now, limit):
        said = repository.verdicts(tx, row.id)
        if said and all(word in _DISMISSED for word in said):
            state = INCIDENTS.move(IncidentState(row.state), Verb.VOID, Who.HUB)
            reason = "all_alerts_dismissed"
            change = Change("void", row.state, now, "hub", reason, {"state": state.value})
            journal.change_incident(tx, row.id, change)
        else:
            _dispatch(tx, row, config, now, ids)
        touched.append(incident(tx, row.id))
    return touched


def _dispatch(
    tx: Connection, row: repository.Found, config: DispatchConfig, now: float, ids: Ids
) -> None:
    path = tuple(row.grid_path)
    route = routing.plan(path, repository.centre_by_grid(tx, path, now), config)
    present = repository.to_incident(row, repository.alert_ids(tx, [row.id])[row.id])
    task_id = ids()
    errand = message.Errand(
        task_id=task_id,
        incident_id=present.id,
        alert_ids=present.alert_ids,
        opened_at=present.opened_at,
        dispatched_at=now,
        due=present.due,
    )
    task = DispatchTask(
        id=task_id,
        incident_id=present.id,
        centre=route.centre.id,
        grid_code=present.grid_code,
        state=TaskState.QUEUED,
        created_at=now,
        message=message.compose(errand, row.reports, route),
    )
    repository.insert_task(tx, task)
    outbox.insert_row(tx, task.id, task.centre, now)
    state = INCIDENTS.move(present.state, Verb.DISPATCH, Who.HUB)
    why = route.why.value
    change = Change("dispatch", row.state, now, "hub", why, {"state": state.value})
    journal.change_incident(tx, row.id, change)
    journal.change_task(tx, task.id, Change("dispatch", None, now, "hub", why))


def act(tx: Connection, receipt: Receipt, *, now: float | None = None) -> Incident:
    """What a grid worker did: accept, on the way, on scene, done; photos named there are kept.

    The same key twice gives the same answer and does nothing twice. `now` is when we heard of
    it, `receipt.at` unless told. Raises NotFound (`no_such_task`), Conflict (`key_reused`, or
    `task_is_<state>` for actions in another order), Refused (`note_needed`: done without having
    been there wants a reason).
    """
    task = repository.lock_task(tx, receipt.task_id)
    if task is None:
        raise NotFound(f"there is no task {receipt.task_id!r}", code="no_such_task")
    done_before = repository.find_action(tx, receipt.key)
    if done_before is not None:
        return _same_answer(done_before, receipt)
    heard_at = receipt.at if now is None else now
    verb = VERB_OF[receipt.action]
    start = TaskState(task.state)
    end = TASKS.move(start, verb, Who.GRID_WORKER)
    been_there = start is TaskState.ON_SCENE
    if end is TaskState.DONE and not been_there and not receipt.note.strip():
        raise Refused("done without having been there: a note says why", code="note_needed")
    _move_incident(tx, task.incident_id, receipt, verb, heard_at)
    at = max(receipt.at, task.created_at)  # a phone's clock may run behind
    values: dict[str, object] = {"state": end.value, _STAMP[receipt.action]: at}
    if receipt.action is TaskAction.ACCEPT:
        values["assignee"] = receipt.by
    if receipt.note:
        values["note"] = receipt.note
    if receipt.photo_ids:
        values["photo_ids"] = photos.keep(tx, task, receipt.photo_ids, heard_at)
    change = Change(verb.value, task.state, heard_at, receipt.by, receipt.note, values)
    journal.change_task(tx, task.id, change)
    answer = incident(tx, task.incident_id)
    body = _incident.dump_json(answer).decode()
    if not repository.insert_action(
        tx,
        key=receipt.key,
        task_id=receipt.task_id,
        action=receipt.action.value,
        result=body,
        actor=receipt.by,
        at=heard_at,
    ):
        raise Conflict(f"key {receipt.key!r} was used for another task", code="key_reused")
    return answer


def _same_answer(action: repository.Found, receipt: Receipt) -> Incident:
    if (action.task_id, action.action) != (receipt.task_id, receipt.action.value):
        raise Conflict(f"key {receipt.key!r} was used for something else", code="key_reused")
    return _incident.validate_json(action.result)


def _move_incident(
    tx: Connection, incident_id: str, receipt: Receipt, verb: Verb, now: float
) -> None:
    row = repository.lock_incident(tx, incident_id)
    if row is None:
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    state = INCIDENTS.move(IncidentState(row.state), verb, Who.GRID_WORKER)
    change = Change(verb.value, row.state, now, receipt.by, receipt.note, {"state": state.value})
    journal.change_incident(tx, row.id, change)


def incident(tx: Connection, incident_id: str) -> Incident:
    """One incident. Raises NotFound (`no_such_incident`)."""
    found = repository.get_incident(tx, incident_id)
    if found is None:
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    return found


def task(tx: Connection, task_id: str) -> DispatchTask:
    """One task. Raises NotFound (`no_such_task`)."""
    found = repository.get_task(tx, task_id)
    if found is None:
        raise NotFound(f"there is no task {task_id!r}", code="no_such_task")
    return found


def incidents(
    tx: Connection,
    wanted: IncidentFilter = IncidentFilter(),
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[Incident]:
    """A page of incidents, newest first. Raises Refused (`bad_cursor`)."""
    return page(
        lambda cursor, count: repository.list_incidents(tx, wanted, cursor, count),
        lambda incident: Cursor(incident.opened_at, incident.id),
        after,
        limit,
    )


def tasks(
    tx: Connection,
    wanted: TaskFilter = TaskFilter(),
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[DispatchTask]:
    """A page of tasks, newest first. Raises Refused (`bad_cursor`)."""
    return page(
        lambda cursor, count: repository.list_tasks(tx, wanted, cursor, count),
        lambda task: Cursor(task.created_at, task.id),
        after,
        limit,
    )
