"""From an alert to a task, and from a worker's word to a handled matter; all in the caller's tx."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.dispatch import going, journal, matter, photos, repository
from hub.dispatch.cases import life, telling
from hub.dispatch.config import DispatchConfig
from hub.dispatch.due import repository as due
from hub.dispatch.going import Ways
from hub.dispatch.incident import GOING, INCIDENTS, TASKS, VERB_OF
from hub.dispatch.journal import Change
from hub.dispatch.lives import Verb
from hub.dispatch.log import repository as log
from hub.dispatch.matter import Filing, Matter
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.dispatch.routing import nobody
from hub.dispatch.whistles.placing import by_class
from hub.dispatch.whistles.repository import NO_UNITS, Units, is_called_for
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.store.page import Cursor, Page, page
from hub.types.duty import Roster
from hub.types.finding import Verdict
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import (
    DispatchTask,
    Incident,
    IncidentState,
    Receipt,
    TaskAction,
    TaskState,
)

_DISMISSED = {Verdict.FALSE, Verdict.DUPLICATE, Verdict.TEST, Verdict.SUPPRESSED}
_FILED = IncidentState.FILED
_STAMP = {
    TaskAction.ON_WAY: "on_way_at",
    TaskAction.ON_SCENE: "on_scene_at",
    TaskAction.DONE: "done_at",
}
DONE_ON_SCENE = "done_on_scene"
"""The disposition of who was there and says no more than that it is done."""
_incident = TypeAdapter(Incident)


def file(
    tx: Connection,
    filings: Sequence[Filing],
    *,
    config: DispatchConfig,
    now: float,
    ids: Ids,
    roster: Roster = nobody,
) -> list[Incident]:
    """File alerts in their order: each joins the incident of its group that waits, or opens one.

    With `wait_s` 0 an incident goes out in this transaction: task and outbox row with it. An
    alert that belongs to an incident already is not filed again. Returns the incident of each.
    """
    known = repository.filed(tx, [filing.alert.id for filing in filings])
    new = [filing for filing in filings if filing.alert.id not in known]
    waiting = _waiting(tx, {filing.group_key for filing in new})
    matters: dict[str, Matter] = {}
    for filing in new:
        if filing.alert.id in known:  # twice in one batch
            continue
        before = waiting.pop(filing.group_key, None)
        if before is None:
            of = config.classes.of_rule(filing.alert.rule_kind, filing.alert.rule_id).code
            after = matter.opened(filing, ids(), config.of_class(of), now, class_code=of)
        else:
            rules = config.of_class(before.incident.class_code)
            after = matter.joined(before, filing, rules, now)
        matters[after.incident.id] = after
        known[filing.alert.id] = after.incident.id
        if not _goes_out(after, now):
            waiting[filing.group_key] = after
    written = _settle(tx, list(matters.values()), Ways(tx, now, config, roster), ids)
    return [
        written.get(known[filing.alert.id]) or incident(tx, known[filing.alert.id])
        for filing in filings
    ]


def _waiting(tx: Connection, group_keys: Collection[str]) -> dict[str, Matter]:
    rows: dict[str, repository.Found] = {}
    for row in repository.lock_waiting(tx, group_keys):
        rows.setdefault(row.group_key, row)
    return {each.group_key: each for each in repository.matters(tx, list(rows.values()))}


def _settle(tx: Connection, matters: Sequence[Matter], ways: Ways, ids: Ids) -> dict[str, Incident]:
    """Send those whose wait is over, write all of them; returns them by id as they stand now."""
    now = ways.at
    ready = [each for each in matters if _goes_out(each, now)]
    ways.look_up(each.incident.grid_path for each in ready)
    sent = {each.incident.id: _sent(each, ways, ids()) for each in ready}
    settled = [sent.get(each.incident.id, each) for each in matters]
    journal.write_matters(tx, settled, now)
    gone = [(m.task.id, m.incident, m.incident.grid_path) for m in sent.values() if m.task]
    going.tell_all(tx, gone, now)
    out = [each.incident for each in sent.values()]
    by_class(tx, out, config=ways.config, ids=ids, at=now)
    return {each.incident.id: each.incident for each in settled}


def _sent(each: Matter, ways: Ways, task_id: str) -> Matter:
    way = ways.of(each.incident.grid_path, each.incident.class_code)
    why = tuple(line.told() for line in way.why)
    return matter.dispatched(each, way.route, task_id, ways.at, why)


def _goes_out(each: Matter, now: float) -> bool:
    at, began = each.dispatch_at, each.incident.opened_at
    # As `due` says: what a clock filed that ran ahead has waited long enough.
    return each.incident.state is _FILED and at is not None and (at <= now or began > now)


def dispatch_due(
    tx: Connection,
    *,
    config: DispatchConfig,
    now: float,
    ids: Ids,
    limit: int = 100,
    roster: Roster = nobody,
    only: Collection[str] | None = None,
) -> list[Incident]:
    """Send out the incidents whose group wait is over, at most `limit`; returns those touched.

    `only`: none but these. One whose alerts a person dismissed in the meantime, every one, becomes
    void instead; if people reported it as well it goes out as what they reported, without them.
    """
    ids_due = due.wait_ids(tx, now, limit) if only is None else only
    waited = repository.matters(tx, due.lock_waits(tx, now, ids_due))
    said = repository.verdicts(tx, [each.incident.id for each in waited])
    judged = [_dropped(each, now) if _dismissed(said, each) else each for each in waited]
    settled = _settle(tx, judged, Ways(tx, now, config, roster), ids).values()
    return [life.follow(tx, each, now) for each in settled]


def _dropped(each: Matter, now: float) -> Matter:
    rest = matter.without_alerts(each, now)
    return rest if rest.reports else matter.void(each, "all_alerts_dismissed", now)


def _dismissed(said: Mapping[str, Sequence[str | None]], each: Matter) -> bool:
    words = said.get(each.incident.id, ())
    return bool(words) and all(word in _DISMISSED for word in words)


def act(tx: Connection, receipt: Receipt, *, now: float | None = None) -> Incident:
    """What a grid worker did: accept, on the way, on scene, done; photos named there are kept.

    To take over is said by another than who goes; every other step after the acceptance is theirs.

    The same key twice gives the same answer and does nothing twice. `now` is when we heard of
    it, `receipt.at` unless told. Raises NotFound (`no_such_task`), Conflict (`key_reused`,
    `task_is_of_another`, `task_is_yours`, or `task_is_<state>` for actions in another order),
    Forbidden (`not_for_your_role`), Refused (`note_needed`: done without having been there, and
    taking over, want a reason).
    """
    case, task = _locked(tx, receipt.task_id)
    before = answered(tx, receipt)
    if before is not None:
        return before
    heard_at = receipt.at if now is None else now
    verb = VERB_OF[receipt.action]
    start = TaskState(task.state)
    _refuse_other_hands(task, receipt)
    end = TASKS.move(start, verb, *receipt.roles)
    been_there = start is TaskState.ON_SCENE
    explained = verb is Verb.TAKE_OVER or (end is TaskState.DONE and not been_there)
    if explained and not receipt.note.strip():
        raise Refused(f"{verb} without having been there: a note says why", code="note_needed")
    _move_incident(tx, case, receipt, verb, heard_at)
    # A phone's clock may run behind, or ahead.
    at = max(min(receipt.at, heard_at), task.created_at)
    values: dict[str, object] = {"state": end.value, **_stamps(receipt, at)}
    if receipt.note:
        values["note"] = receipt.note
    if receipt.photo_ids:
        values["photo_ids"] = photos.keep(tx, task, receipt.photo_ids, heard_at)
    change = Change(verb.value, task.state, heard_at, receipt.by, receipt.note, values)
    journal.change_task(tx, task.id, change)
    answer = incident(tx, task.incident_id)
    if verb is Verb.TAKE_OVER:
        telling.to_person(tx, answer, telling.Kind.REASSIGNED, heard_at, task.assignee)
    body = _incident.dump_json(answer).decode()
    if not log.insert_action(
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


def _refuse_other_hands(task: repository.Found, receipt: Receipt) -> None:
    """Raises Conflict (`task_is_of_another`, `task_is_yours`) for what is not theirs to say now.

    To accept what somebody has accepted is no step at all, nor is any of what is over.
    """
    if task.state not in GOING or receipt.action is TaskAction.ACCEPT:
        return
    taking = receipt.action is TaskAction.TAKE_OVER
    theirs = task.assignee in (None, receipt.by)
    if taking and theirs:
        raise Conflict(f"{receipt.by} goes there already", code="task_is_yours")
    if not taking and not theirs:
        raise Conflict(
            f"{task.assignee} goes there: {receipt.by} takes it over first",
            code="task_is_of_another",
        )


def _stamps(receipt: Receipt, at: float) -> dict[str, object]:
    """Who goes there, and when what was done; whoever takes over has not been on the way yet."""
    match receipt.action:
        case TaskAction.ACCEPT:
            return {"accepted_at": at, "assignee": receipt.by}
        case TaskAction.TAKE_OVER:
            return {"on_way_at": None, "on_scene_at": None, "assignee": receipt.by}
    return {_STAMP[receipt.action]: at}


def _locked(tx: Connection, task_id: str) -> tuple[repository.Found, repository.Found]:
    """An errand's incident, and then the errand: as the clock does that climbs meanwhile.

    Raises NotFound (`no_such_task`).
    """
    seen = repository.get_task(tx, task_id)
    case = None if seen is None else repository.lock_incident(tx, seen.incident_id)
    errand = None if case is None else repository.lock_task(tx, task_id)
    if case is None or errand is None:
        raise NotFound(f"there is no task {task_id!r}", code="no_such_task")
    return case, errand


def answered(tx: Connection, receipt: Receipt) -> Incident | None:
    """What the same person was answered to the same word before; None where it is the first.

    Raises Conflict (`key_reused`).
    """
    first = log.find_action(tx, receipt.key)
    if first is None:
        return None
    said = (receipt.task_id, receipt.action.value, receipt.by)
    if (first.task_id, first.action, first.actor) != said:
        raise Conflict(f"key {receipt.key!r} was used for something else", code="key_reused")
    return _incident.validate_json(first.result)


def _move_incident(
    tx: Connection, row: repository.Found, receipt: Receipt, verb: Verb, now: float
) -> None:
    state = INCIDENTS.move(IncidentState(row.state), verb, *receipt.roles)
    values: dict[str, object] = {"state": state.value}
    if verb is Verb.FINISH:
        said = receipt.note.strip() or DONE_ON_SCENE
        values |= {"handled_by": receipt.by, "handled_at": now, "disposition": said}
    change = Change(verb.value, row.state, now, receipt.by, receipt.note, values)
    life.follow(tx, journal.change_incident(tx, row.id, change), now)


def incident(
    tx: Connection,
    incident_id: str,
    *,
    within: Jurisdiction = EVERYWHERE,
    units: Units = NO_UNITS,
) -> Incident:
    """One incident of that ground, or one that these departments were called for.

    Raises NotFound (`no_such_incident`).
    """
    found = repository.get_incident(tx, incident_id)
    if found is None or not (
        within.covers(found.grid_path) or is_called_for(tx, incident_id, units)
    ):
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    return found


def task(
    tx: Connection, task_id: str, *, within: Jurisdiction = EVERYWHERE, own: str | None = None
) -> DispatchTask:
    """One task of that ground, or one that `own` goes to. Raises NotFound (`no_such_task`)."""
    found = repository.get_task(tx, task_id)
    if found is None or not _reached(tx, found, within, own):
        raise NotFound(f"there is no task {task_id!r}", code="no_such_task")
    return found


def _reached(tx: Connection, task: DispatchTask, within: Jurisdiction, own: str | None) -> bool:
    if within.everywhere or (own is not None and task.assignee == own):
        return True
    return within.covers(repository.paths(tx, [task.incident_id]).get(task.incident_id, ()))


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
