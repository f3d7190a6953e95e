"""Clocks as rows: what each level brings, once, whatever happens to the process and its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from hub.dispatch import service
from hub.dispatch.cases import approvals, errands, reporting, timeline, verifying
from hub.dispatch.lives import Verb
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import SupervisionState
from hub.dispatch.timers import repository as rows
from hub.dispatch.timers.fire import fire_due
from hub.dispatch.timers.rows import Level, Step, Subject, Timer, TimerState
from hub.dispatch.timers.service import clocks_of
from hub.kit.clock import SimClock, Steady
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.tables.notices import notices
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, TaskAction
from tests.unit.dispatch.given import NOW, NOWHERE, PATH, an_alert, file, store_grid
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import THERE, refused

MINUTE_S, HOUR_S = 60.0, 3600.0
LEVELS = ["yellow", "red", "supervision", "leader"]


def sent(town: Town, severity: Severity = Severity.P1) -> Incident:
    """A camera's alert that has gone out at NOW: two minutes to accept, two hours to handle."""
    return file(town.tx, an_alert(severity=severity), now=NOW, ids=town.ids)


def fire(town: Town, at: float) -> list[str]:
    """What fires by then, as words."""
    town.now = max(town.now, at)
    fired = fire_due(town.tx, now=at, office=town.office)
    return [f"{each.timer.step}/{each.timer.level}" for each in fired]


def lines(town: Town, incident: Incident) -> list[str]:
    told = timeline.told(town.tx, incident.id).entries
    return [f"{e.what} {e.reason}" for e in told if e.actor == "hub" and e.entity == "incident"]


def waiting(tx: Connection, incident: Incident) -> set[str]:
    kept = rows.of(tx, Subject.INCIDENT, [incident.id])[incident.id]
    return {each.step.value for each in kept if each.state is TimerState.WAITING}


def told(tx: Connection) -> list[str]:
    return list(tx.execute(select(notices.c.kind).order_by(notices.c.at, notices.c.key)).scalars())


def test_levels_come_at_their_shares_and_bring_line_notice_and_supervision(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW + 10
        town.act(case.id, TaskAction.ACCEPT, TaskAction.ON_SCENE)
        assert waiting(tx, case) == {"handle", "silence"}
        two_hours = 2 * HOUR_S
        assert fire(town, NOW + 0.8 * two_hours - 1) == []
        assert fire(town, NOW + 0.8 * two_hours) == ["handle/yellow"]
        assert fire(town, NOW + 0.8 * two_hours) == [], "once"
        assert fire(town, NOW + two_hours) == ["handle/red"]
        assert fire(town, NOW + 1.2 * two_hours) == ["handle/supervision"]
        assert fire(town, NOW + 1.5 * two_hours) == ["handle/leader"]
        assert lines(town, case)[-4:] == [f"{level} handle" for level in LEVELS]
        assert told(tx)[-4:] == LEVELS
        asked = supervisions.listed(tx).items
        assert [(each.level, each.step) for each in asked] == [
            (Level.LEADER, Step.HANDLE),
            (Level.SUPERVISION, Step.HANDLE),
        ]
        town.act(case.id, TaskAction.DONE)
        assert [e.state for e in supervisions.listed(tx, states=list(SupervisionState)).items] == [
            SupervisionState.ENDED
        ] * 2, "the step is over"


def test_a_supervision_is_answered_once(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW + 10
        town.act(case.id, TaskAction.ACCEPT, TaskAction.ON_SCENE)
        fire(town, NOW + 1.2 * 2 * HOUR_S)
        [asked] = supervisions.listed(tx).items
        with refused("note_needed"):
            supervisions.answer(tx, asked.id, " ", by="老陈", now=town.now)
        said = supervisions.answer(tx, asked.id, "已催办", by="老陈", now=town.now)
        assert (said.state, said.answer, said.answered_by) == ("answered", "已催办", "老陈")
        with refused("supervision_is_answered"):
            supervisions.answer(tx, asked.id, "又催", by="老陈", now=town.now)
        town.act(case.id, TaskAction.DONE)
        assert supervisions.listed(tx, states=[SupervisionState.ENDED]).items == ()


def test_nobody_accepts_and_it_climbs_to_the_root_and_to_the_leader(db: Database) -> None:
    with db.write() as tx:
        store_grid(tx, PATH[1], "town")
        store_grid(tx, PATH[2], "city")
        town = Town(tx)
        case = sent(town)
        assert [task.centre for task in town.tasks(case.id, open=True)] == ["city"]
        assert fire(town, NOW + 2 * MINUTE_S) == ["accept/yellow", "accept/red"]
        assert town.see(case.id).raised_to == PATH[2], "the village is asked"
        assert len(town.tasks(case.id)) == 1, "whose centre is the same"
        assert fire(town, NOW + 4 * MINUTE_S) == ["accept/climb"]
        assert town.see(case.id).raised_to == PATH[1]
        [errand] = town.tasks(case.id, open=True)
        assert (errand.centre, len(town.tasks(case.id))) == ("town", 2), "the town has a centre"
        fire(town, NOW + 6 * MINUTE_S)
        assert town.see(case.id).raised_to == PATH[0]
        assert supervisions.listed(tx).items == ()
        assert fire(town, NOW + 8 * MINUTE_S) == ["accept/climb"]
        assert [each.level for each in supervisions.listed(tx).items] == [Level.LEADER]
        assert fire(town, NOW + 11 * MINUTE_S) == [], "it has come to the top"
        assert town.see(case.id).due == case.due, "climbing resets nothing"
        town.act(case.id, TaskAction.ACCEPT)
        assert supervisions.listed(tx).items == (), "ended: somebody accepted"
        assert [line for line in lines(town, case) if line.startswith("climb")] == [
            f"climb accept: {own} > {above}"
            for own, above in zip(PATH[:0:-1], PATH[-2::-1], strict=True)
        ]


def test_what_nobody_speaks_of_is_not_forgotten(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW + 10
        accepted_at = town.act(case.id, TaskAction.ACCEPT).updated_at
        town.granted(case.id, Verb.SUSPEND, Role.WORKER, "awaiting_parts")
        held_at = town.see(case.id).updated_at
        assert held_at > accepted_at
        fired = fire(town, held_at + 4 * HOUR_S)
        assert fired == ["silence/supervision"], "nothing else escalates while it is suspended"
        approvals.resume(tx, case.id, town.word(Role.WORKER))
        assert supervisions.listed(tx).items == (), "somebody spoke"
        again = fire(town, town.now)
        assert Counter(again) == {
            f"{step}/{level}": 1 for step in ("on_scene", "handle") for level in LEVELS
        }, "what became due meanwhile"
        assert fire(town, town.now + 4 * HOUR_S) == ["silence/supervision"], "and it begins anew"


def test_given_back_filed_again_and_handed_over_the_clocks_run_on(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW
        errands.give_back(tx, case.id, town.word(Role.WORKER, "not_mine"))
        assert fire(town, NOW + 2 * MINUTE_S) == ["file/yellow", "file/red"], "accept is held"
        errands.file(tx, case.id, town.word(Role.DISPATCHER), town.office)
        assert fire(town, town.now) == ["accept/yellow", "accept/red"], "it was due all the time"
        errands.hand_over(tx, case.id, THERE, town.word(Role.DISPATCHER, "wrong_grid"), town.office)
        assert fire(town, town.now) == []
        assert town.see(case.id).raised_to is None
        fire(town, town.now + 2 * MINUTE_S)
        assert town.see(case.id).raised_to == THERE.grid_path[-2], "of the new ground"


def test_an_errand_of_rework_is_accepted_anew_and_handled_by_the_old_clock(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW + 10
        town.handled(case.id)
        town.now = NOW + 3 * HOUR_S
        assert fire(town, NOW + 29 * MINUTE_S) == ["verify/yellow"]
        verifying.begin(tx, case.id, town.word(Role.SUPERVISOR))
        verifying.rework(tx, case.id, town.word(Role.SUPERVISOR, "not_done"), town.office)
        fired = fire(town, town.now)
        assert [word for word in fired if word.startswith("handle")] == [
            f"handle/{level}" for level in LEVELS
        ]
        assert not [word for word in fired if not word.startswith("handle")]
        assert fire(town, town.now + 2 * MINUTE_S) == ["accept/yellow", "accept/red"]


def test_an_extension_moves_the_rows_and_what_has_fired_waits_anew(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.now = NOW + 10
        town.act(case.id, TaskAction.ACCEPT, TaskAction.ON_SCENE)
        assert "handle/red" in fire(town, NOW + 2 * HOUR_S)
        until = NOW + 10 * HOUR_S
        town.granted(case.id, Verb.EXTEND, Role.WORKER, "awaiting_other_unit", until=until)
        assert fire(town, town.now) == []
        [clock] = [c for c in clocks_of(tx, [case.id], town.now)[case.id] if c.step == "handle"]
        assert (clock.due_at, clock.level) == (until, None)
        words = [w for w in fire(town, until) if w.startswith("handle")]
        assert words == ["handle/yellow", "handle/red"]


def test_an_extension_granted_while_its_clock_fires_counts(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = rows.waiting
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        town.act(case.id, TaskAction.ACCEPT, TaskAction.ON_SCENE)

        def granted(*asked: Any) -> list[Timer]:
            """Between the look at what is due and the lock on the case somebody says yes."""
            found, until = look(*asked), NOW + 4 * HOUR_S
            town.granted(case.id, Verb.EXTEND, Role.WORKER, "weather", until=until)
            return found

        with monkeypatch.context() as during:
            during.setattr(rows, "waiting", granted)
            assert "handle/red" not in fire(town, NOW + 2 * HOUR_S)
        assert "handle/red" in fire(town, NOW + 4 * HOUR_S), "it fires at the new deadline"


def test_a_report_is_filed_in_time_and_a_graver_one_sooner(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.report(Severity.P2)
        began = case.opened_at
        assert fire(town, began + 0.8 * 180) == ["file/yellow"]
        word = town.word(Role.OPERATOR)
        reporting.triage(tx, case.id, word, severity=Severity.P1)
        assert fire(town, began + 90) == ["file/red", "file/supervision", "file/leader"]


def test_working_clocks_stand_still_at_night(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)  # it is a quarter past six in the morning
        case = sent(town, Severity.P3)
        opens = 1_700_008_200.0  # half past eight in Shanghai
        assert fire(town, opens + 29 * MINUTE_S) == ["accept/yellow"]
        assert fire(town, opens + 30 * MINUTE_S) == ["accept/red"]
        [accept] = [c for c in clocks_of(tx, [case.id], opens)[case.id] if c.step == "accept"]
        assert (accept.due_at, accept.started_at) == (opens + 30 * MINUTE_S, NOW)
        assert [(each.level, each.at) for each in accept.levels] == [
            (Level.YELLOW, opens + 24 * MINUTE_S),
            (Level.RED, opens + 30 * MINUTE_S),
        ]


# -- restarts and jumps --------------------------------------------------------------------------


def _reported(town: Town) -> Incident:
    return town.report(Severity.P1)


def _to(*verbs: Callable[[Town, Incident], object]) -> Callable[[Town], Incident]:
    def make(town: Town) -> Incident:
        case = sent(town)
        town.now = NOW
        for verb in verbs:
            verb(town, case)
        return town.see(case.id)

    return make


def _act(*actions: TaskAction) -> Callable[[Town, Incident], object]:
    return lambda town, case: town.act(case.id, *actions)


STATES: dict[IncidentState, Callable[[Town], Incident]] = {
    IncidentState.REPORTED: _reported,
    IncidentState.DISPATCHED: _to(),
    IncidentState.RETURNED: _to(
        lambda t, c: errands.give_back(t.tx, c.id, t.word(Role.WORKER, "not_mine"))
    ),
    IncidentState.ACCEPTED: _to(_act(TaskAction.ACCEPT)),
    IncidentState.ON_WAY: _to(_act(TaskAction.ACCEPT, TaskAction.ON_WAY)),
    IncidentState.ON_SCENE: _to(_act(TaskAction.ACCEPT, TaskAction.ON_SCENE)),
    IncidentState.SUSPENDED: _to(
        _act(TaskAction.ACCEPT),
        lambda t, c: t.granted(c.id, Verb.SUSPEND, Role.WORKER, "awaiting_parts"),
    ),
    IncidentState.HANDLED: _to(_act(TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE)),
    IncidentState.VERIFYING: _to(
        _act(TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE),
        lambda t, c: verifying.begin(t.tx, c.id, t.word(Role.SUPERVISOR)),
    ),
}
FIXED = ("file", "on_scene", "handle", "verify", "silence")
"""Steps whose levels are the same whenever they fire; a climb has rounds of its own."""


def planned(tx: Connection, case: Incident) -> list[Timer]:
    kept = rows.of(tx, Subject.INCIDENT, [case.id])[case.id]
    return [t for t in kept if t.state is TimerState.WAITING and t.step.value in FIXED]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, 0.0])
def test_a_restart_with_another_clock_misses_nothing_and_fires_nothing_twice(
    db: Database, state: IncidentState, jump_s: float
) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = STATES[state](town)
        assert case.state is state
        due = planned(tx, case)
        assert due
    clock, fired, ids = SimClock(town.now), Counter[tuple[str, int]](), counted_ids("later")
    for quarters in (1, 6, 50):  # between two restarts, in steps of a quarter of an hour
        steady = Steady(clock)
        for _ in range(quarters):
            clock.advance(15 * MINUTE_S)
            with db.write() as tx:
                made = Town(tx, ids=ids)
                for each in fire_due(tx, now=steady.now(), office=made.office):
                    timer = each.timer
                    fired[f"{timer.step}/{timer.level}", timer.version] += 1
        clock.set_wall(clock.now() + jump_s)
    assert set(fired.values()) <= {1}, "none twice"
    expected = {(f"{t.step}/{t.level}", t.version) for t in due}
    assert expected <= set(fired), "none missed"


def test_a_jump_that_is_undone_brings_nothing_about(db: Database) -> None:
    clock = SimClock(NOW)
    steady = Steady(clock)
    with db.write() as tx:
        town = Town(tx)
        sent(town)
        assert fire(town, steady.now()) == []
        clock.advance(10)
        clock.set_wall(clock.now() + HOUR_S)
        for _ in range(30):
            clock.advance(1)
            assert fire(town, steady.now()) == []
        clock.set_wall(clock.now() - HOUR_S)
        clock.advance(1)
        assert steady.now() == clock.now()
        clock.advance(2 * MINUTE_S)
        assert fire(town, steady.now()) == ["accept/yellow", "accept/red"]


def test_a_jump_that_lasts_is_believed_and_time_goes_on_meanwhile() -> None:
    clock = SimClock(NOW)
    steady = Steady(clock)
    assert steady.now() == NOW
    clock.set_wall(NOW - HOUR_S)
    assert steady.now() == NOW
    clock.advance(30)
    assert steady.now() == NOW + 30
    clock.advance(30)
    assert steady.now() == clock.now() == NOW - HOUR_S + 60
    clock.set_wall(clock.now() + 3)
    assert steady.now() == clock.now(), "a small correction is followed at once"


def test_two_centres_at_one_database_fire_once(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        [seen] = [t for t in planned(tx, case) if t.key == (Step.HANDLE, Level.RED)]
    with db.write() as tx:
        assert rows.end(tx, seen, TimerState.FIRED, seen.due_at)
    with db.write() as tx:
        assert not rows.end(tx, seen, TimerState.FIRED, seen.due_at)


def test_a_crash_in_between_undoes_mark_and_effect(db: Database) -> None:
    with db.write() as tx:
        case = sent(Town(tx))

    def crash() -> None:
        with db.write() as tx:
            town = Town(tx, ids=iter(("a", "b", "c")).__next__)
            assert fire(town, NOW + 2 * MINUTE_S)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    with db.write() as tx:
        assert service.incident(tx, case.id).raised_to is None
        town = Town(tx, ids=iter(("a", "b", "c")).__next__)
        assert fire(town, NOW + 2 * MINUTE_S) == ["accept/yellow", "accept/red"]


def test_what_no_grid_contains_goes_to_the_leader_after_one_more_allowance(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = file(tx, an_alert(binding=NOWHERE), now=NOW, ids=town.ids)
        assert fire(town, NOW + 2 * MINUTE_S) == ["accept/yellow", "accept/red"]
        assert supervisions.listed(tx).items == ()
        assert fire(town, NOW + 4 * MINUTE_S) == ["accept/climb"]
        [asked] = supervisions.listed(tx).items
        assert (asked.level, asked.subject_id, asked.grid_path) == (Level.LEADER, case.id, ())
