"""Whoever accepted goes home: the next of the shift takes it over, or the desk asks anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from hub.access import accounts
from hub.dispatch import service
from hub.dispatch.cases import errands
from hub.dispatch.timers import repository as timers
from hub.dispatch.timers.rows import Step, Subject, TimerState
from hub.store.db import Database
from hub.store.tables.notices import notices
from hub.types.staff import Role
from hub.types.work import DispatchTask, Incident, IncidentState, Receipt, TaskAction, TaskState
from tests.unit.dispatch.given import IN_FIELD
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused

EARLY, LATE = "早班小王", "晚班小孟"


def out(town: Town, *actions: TaskAction) -> tuple[Incident, DispatchTask]:
    """An errand that the early shift accepted, and went so far with."""
    made = town.filed()
    case = town.act(made.id, TaskAction.ACCEPT, *actions, by=EARLY)
    [errand] = town.tasks(made.id)
    return case, errand


def say(
    town: Town, errand: DispatchTask, action: TaskAction, by: str, note: str = "", key: str = ""
) -> Incident:
    town.now += 60
    said = Receipt(errand.id, action, town.now, by, key or f"{by}/{action}/{town.now}", note)
    return service.act(town.tx, replace(said, roles=IN_FIELD))


def told(tx: Connection) -> list[tuple[str, str | None]]:
    rows = tx.execute(select(notices.c.kind, notices.c.account).order_by(notices.c.at)).all()
    return [(row.kind, row.account) for row in rows if row.kind == "reassigned"]


def waiting(town: Town, case: Incident) -> dict[Step, set[float]]:
    found: dict[Step, set[float]] = {}
    for row in timers.of(town.tx, Subject.INCIDENT, [case.id])[case.id]:
        if row.state is TimerState.WAITING:
            found.setdefault(row.step, set()).add(row.due_at)
    return found


def test_the_late_shift_takes_over_by_name_and_the_clocks_run_on(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        account = accounts.create(tx, "early", EARLY, [], "x", town.now, town.ids).id
        case, errand = out(town, TaskAction.ON_WAY)
        before = waiting(town, case)
        with refused("task_is_of_another"):
            say(town, errand, TaskAction.ON_SCENE, LATE)
        with refused("note_needed"):
            say(town, errand, TaskAction.TAKE_OVER, LATE)
        now = say(town, errand, TaskAction.TAKE_OVER, LATE, "小王已下班")
        assert (now.state, now.due) == (IncidentState.ACCEPTED, case.due)
        [after] = town.tasks(case.id, open=True)
        assert (after.id, after.assignee, after.state) == (errand.id, LATE, TaskState.ACCEPTED)
        assert after.accepted_at == errand.accepted_at, "it was accepted once, and in time"
        assert after.on_way_at is None, "who takes over has not set out yet"
        for step in (Step.ON_SCENE, Step.HANDLE):
            assert waiting(town, case).get(step) == before.get(step)
        assert told(tx) == [("reassigned", account)]
        with refused("task_is_yours"):
            say(town, errand, TaskAction.TAKE_OVER, LATE, "再接一次")
        for action in (TaskAction.ON_SCENE, TaskAction.DONE):
            say(town, errand, action, LATE, "井盖已补")
        assert town.row(case.id).handled_by == LATE


def test_words_that_arrive_after_somebody_took_over_are_refused_by_name(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case, errand = out(town)
        taken = say(town, errand, TaskAction.TAKE_OVER, LATE, "换班", key="take-1")
        for action in (TaskAction.ON_WAY, TaskAction.ON_SCENE, TaskAction.DONE):
            with refused("task_is_of_another"):
                say(town, errand, action, EARLY, "离线时说的")
        assert say(town, errand, TaskAction.TAKE_OVER, LATE, "换班", key="take-1") == taken
        say(town, errand, TaskAction.TAKE_OVER, EARLY, "还是我去")
        assert town.act(case.id, TaskAction.ON_WAY, by=EARLY).state is IncidentState.ON_WAY


@pytest.mark.parametrize(
    "gone", [(), (TaskAction.ON_WAY,), (TaskAction.ON_SCENE,)], ids=["accepted", "way", "scene"]
)
def test_the_desk_asks_anew_those_on_duty_in_the_same_grid(
    db: Database, gone: tuple[TaskAction, ...]
) -> None:
    with db.write() as tx:
        town = Town(tx)
        account = accounts.create(tx, "early", EARLY, [], "x", town.now, town.ids).id
        case, errand = out(town, *gone)
        with refused("not_for_your_role"):
            errands.reassign(tx, case.id, town.word(Role.OPERATOR, "off_duty"), town.office)
        with refused("reason_needed"):
            errands.reassign(tx, case.id, town.word(Role.DISPATCHER), town.office)
        word = town.word(Role.SHIFT_LEADER, "off_duty")
        now = errands.reassign(tx, case.id, word, town.office)
        assert (now.state, now.grid_code, now.due) == (
            IncidentState.DISPATCHED,
            case.grid_code,
            case.due,
        )
        assert told(tx) == [("reassigned", account)]
        [anew] = town.tasks(case.id, open=True)
        assert (anew.id != errand.id, anew.assignee) == (True, None)
        assert Step.ACCEPT in waiting(town, case), "whoever is asked now has a time of their own"
        with refused("task_is_void"):
            say(town, errand, TaskAction.DONE, EARLY, "离线时说的")
        assert town.act(case.id, TaskAction.ACCEPT, by=LATE).state is IncidentState.ACCEPTED


def test_what_nobody_accepted_is_neither_taken_over_nor_given_anew(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        [errand] = town.tasks(made.id)
        with refused("task_is_queued"):
            say(town, errand, TaskAction.TAKE_OVER, LATE, "x")
        with refused("incident_is_dispatched"):
            word = town.word(Role.DISPATCHER, "off_duty")
            errands.reassign(tx, made.id, word, town.office)


def test_who_is_not_sent_says_nothing_of_an_errand(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed()
        [errand] = town.tasks(case.id, open=True)
        for role in (Role.ADMIN, Role.OPERATOR, Role.SHIFT_LEADER, Role.DISPATCHER):
            said = Receipt(errand.id, TaskAction.ACCEPT, town.now, EARLY, f"as {role}")
            with refused("not_for_your_role"):
                service.act(tx, replace(said, roles=frozenset({role})))
        assert town.tasks(case.id, open=True) == [errand]
