"""Random lives: whatever people do in whatever order, some things hold after every word."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import Kind
from hub.dispatch.cases import approvals, contacts, errands, joining, reporting, verifying
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.joining import Part
from hub.dispatch.cases.reporting import Handling
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.lives import HUB, Move, Need, Verb
from hub.dispatch.reasons import REASONS
from hub.dispatch.timers import repository as timers
from hub.dispatch.timers.rows import HOLDS, RUNS, Level, Step, Subject, TimerState
from hub.kit.errors import NotFound
from hub.store.db import Database
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, TaskAction
from tests.unit.dispatch.given import HERE, NOW, an_alert, file
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import THERE, refused

WITH_AN_ERRAND = {"dispatched", "accepted", "on_way", "on_scene", "suspended"}
ACTIONS = {
    Verb.ACCEPT: TaskAction.ACCEPT,
    Verb.TAKE_OVER: TaskAction.TAKE_OVER,
    Verb.SET_OUT: TaskAction.ON_WAY,
    Verb.ARRIVE: TaskAction.ON_SCENE,
    Verb.FINISH: TaskAction.DONE,
}
MOVES_A_CLOCK = {Verb.EXTEND, Verb.REOPEN}
_I = IncidentState
NEEDED = {
    _I.REPORTED: {Step.FILE},
    _I.TRIAGED: {Step.FILE},
    _I.FILED: {Step.FILE, Step.HANDLE},
    _I.RETURNED: {Step.FILE},
    _I.DISPATCHED: {Step.ACCEPT},
    _I.ACCEPTED: {Step.SILENCE},
    _I.ON_WAY: {Step.SILENCE},
    _I.ON_SCENE: {Step.SILENCE},
    _I.SUSPENDED: {Step.SILENCE},
    _I.HANDLED: {Step.VERIFY},
    _I.VERIFYING: {Step.VERIFY},
}
"""One of these waits in the state."""
LATER = NOW + 10 * 365 * 86400.0


def said(town: Town, move: Move[IncidentState], draw: random.Random) -> Any:
    role = draw.choice(sorted(r for r in move.who if r is not HUB and r in PEOPLE))
    reason = draw.choice(sorted(REASONS.get(move.verb, {"": ""})))
    return town.word(Role(role), reason)


PEOPLE = {
    Role.WORKER, Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER, Role.SUPERVISOR, Role.CHIEF,
    Role.ASSESSOR,
}  # fmt: skip
DO: dict[Verb, Callable[[Town, Incident, Any], object]] = {
    Verb.TRIAGE: lambda t, i, w: reporting.triage(t.tx, i.id, w),
    Verb.FILE: lambda t, i, w: errands.file(t.tx, i.id, w, t.office, hold=t.now % 120 < 60),
    Verb.DISPATCH: lambda t, i, w: errands.dispatch(t.tx, i.id, w, t.office),
    Verb.RETURN: lambda t, i, w: errands.give_back(t.tx, i.id, w),
    Verb.HAND_OVER: lambda t, i, w: errands.hand_over(
        t.tx, i.id, THERE if i.grid_code == HERE.grid_code else HERE, w, t.office
    ),
    Verb.REASSIGN: lambda t, i, w: errands.reassign(t.tx, i.id, w, t.office),
    Verb.SPLIT: lambda t, i, w: joining.split(t.tx, i.id, Part("另一处"), w, t.office),
    Verb.RESUME: lambda t, i, w: approvals.resume(t.tx, i.id, w),
    Verb.VERIFY: lambda t, i, w: verifying.begin(t.tx, i.id, w),
    Verb.PASS: lambda t, i, w: verifying.accept(t.tx, i.id, w, no_evidence="夜间"),
    Verb.REWORK: lambda t, i, w: verifying.rework(t.tx, i.id, w, t.office),
    Verb.REOPEN: lambda t, i, w: verifying.reopen(t.tx, i.id, w, t.office),
    Verb.ARCHIVE: lambda t, i, w: verifying.archive(t.tx, i.id, w),
    Verb.RATE: lambda t, i, w: verifying.rate(t.tx, i.id, 3, replace(w, note="电话回访")),
    Verb.SETTLE: lambda t, i, w: reporting.settle(
        t.tx, i.id, Handling("已处理", "夜间"), w, t.office.config
    ),
}


def step(town: Town, incident: Incident, move: Move[IncidentState], draw: random.Random) -> None:
    if move.verb in ACTIONS:
        town.act(incident.id, ACTIONS[move.verb], by=hands(town, incident, move.verb))
        return
    word = said(town, move, draw)
    if Need.OTHER_PERSON in move.needs and word.by == town.row(incident.id).handled_by:
        with refused("own_work"):
            DO[move.verb](town, incident, word)
        word = replace(word, by="另一人")
    if Need.SECOND not in move.needs:
        DO[move.verb](town, incident, word)
        return
    until = incident.due.handle_by + 3600
    asked = approvals.ask(town.tx, incident.id, move.verb, word, town.ids, until=until)
    second = Role(draw.choice(sorted(move.approvers)))
    approvals.decide(town.tx, asked.id, draw.random() < 0.8, town.word(second))


def hands(town: Town, incident: Incident, verb: Verb) -> str:
    """Who goes there, or the other of two who takes over."""
    [errand] = town.tasks(incident.id, open=True)
    goes = errand.assignee or "小王"
    other = "小王" if goes == "小孟" else "小孟"
    return other if verb is Verb.TAKE_OVER else goes


def holds(town: Town, before: Incident, after: Incident, verb: Verb) -> None:
    """What is true after every word."""
    assert after.opened_at == before.opened_at
    assert set(before.alert_ids) <= set(after.alert_ids) or verb is Verb.SPLIT
    first_filing = verb is Verb.FILE and before.state is IncidentState.TRIAGED
    if verb not in MOVES_A_CLOCK and not first_filing:
        assert after.due == before.due, f"{verb} moved a clock"
    errands_open = cases.open_tasks(town.tx, after.id)
    assert len(errands_open) == (1 if after.state.value in WITH_AN_ERRAND else 0), verb
    clocks_stand(town, after)
    assert after.version > before.version
    if after.state in (IncidentState.CLOSED, IncidentState.VOID):
        assert not cases.open_asks(town.tx, after.id)
    if verb is Verb.RATE or after.state in (IncidentState.ARCHIVED, IncidentState.VOID):
        with pytest.raises(NotFound):
            contacts.of(town.tx, after.id)


def clocks_stand(town: Town, incident: Incident) -> None:
    """What runs has its rows, by the deadlines it has; nothing else waits."""
    rows = timers.of(town.tx, Subject.INCIDENT, [incident.id])[incident.id]
    waiting = {row.step for row in rows if row.state is TimerState.WAITING}
    assert all(incident.state in RUNS[step] for step in waiting)
    held = {row.step for row in rows if row.state is TimerState.HELD}
    assert all(incident.state in HOLDS[step] for step in held)
    goes_out_by_itself = incident.state is IncidentState.FILED and not rows
    if NEEDED.get(incident.state) and not goes_out_by_itself:
        assert NEEDED[incident.state] & waiting, f"{incident.state} has no clock"
    wrong = {each.kind: each.first for each in audit.findings(town.tx, LATER, AuditorConfig())}
    assert Kind.NO_CLOCK not in wrong, f"the auditor misses one in {incident.state}"
    for row in rows:
        if row.key == (Step.HANDLE, Level.RED) and row.state is not TimerState.CANCELLED:
            assert row.due_at == incident.due.handle_by, "handle runs by the deadline it was given"
    for level in (Level.YELLOW, Level.RED):
        own = [r for r in rows if r.level is level and r.step is Step.HANDLE]
        assert len(own) <= 1


def begun(town: Town, draw: random.Random) -> Incident:
    """What a person reports, or an alert that waits a while for others of its group."""
    if draw.random() < 0.5:
        return town.report(contact=Contact("周", "138"))
    return seen(town, f"life-{town.ids()}", wait_s=30)


def seen(town: Town, group: str, wait_s: float) -> Incident:
    alert = an_alert(town.ids(), severity=Severity.P3)
    now, ids = town.now, town.ids
    return file(town.tx, alert, now=now, wait_s=wait_s, group_key=group, ids=ids)


def one_more(town: Town, before: Incident) -> Incident:
    """Another alert of its group: it joins what waits and goes out with it, or opens its own."""
    waits = before.state is IncidentState.FILED
    group = town.row(before.id).group_key
    made = seen(town, group, wait_s=0)
    after = town.see(before.id)
    assert (made.id == before.id) == waits
    if waits:
        assert after.state is IncidentState.DISPATCHED
        assert after.due.handle_by <= before.due.handle_by
    assert len(cases.open_tasks(town.tx, after.id)) == (after.state.value in WITH_AN_ERRAND)
    return after


def possible(incident: Incident) -> list[Move[IncidentState]]:
    known = DO.keys() | ACTIONS.keys() | {Verb.VOID, Verb.SUSPEND, Verb.EXTEND}
    return [
        move
        for move in INCIDENTS.moves
        if move.start is incident.state and move.verb in known and move.who - {HUB}
    ]


def test_random_lives_keep_their_clocks_and_lose_no_errand(db: Database) -> None:
    draw = random.Random(22)
    said_at_all: set[Verb] = set()
    for _ in range(40):
        with db.write() as tx:
            town = Town(tx, ids=lambda: f"{draw.getrandbits(64):016x}")
            incident = begun(town, draw)
            for _ in range(25):
                if draw.random() < 0.1:
                    incident = one_more(town, incident)
                moves = possible(incident)
                if not moves:
                    break
                weights = [0.3 if Need.SECOND in m.needs else 1.0 for m in moves]
                [move] = draw.choices(moves, weights)
                step(town, incident, move, draw)
                after = town.see(incident.id)
                holds(town, incident, after, move.verb)
                said_at_all.add(move.verb)
                incident = after
    assert said_at_all >= DO.keys() | ACTIONS.keys() | {Verb.VOID, Verb.SUSPEND, Verb.EXTEND}
