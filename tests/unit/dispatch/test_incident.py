"""The tables of the lives of incidents and tasks, and the page that is written from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hub.dispatch import drawing
from hub.dispatch.incident import INCIDENTS, TASKS, VERB_OF, WHISTLES
from hub.dispatch.lives import HUB, Hub, Lives, Move, Need, Verb
from hub.dispatch.reasons import REASONS
from hub.kit.errors import Conflict, Forbidden
from hub.types.staff import Role
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskAction, TaskState

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "incident_life.txt"
PAGE = ROOT / "docs" / "ref" / "incident-life.md"
INCIDENT_ENDS = {IncidentState.EVALUATED, IncidentState.VOID, IncidentState.MERGED}
TASK_ENDS = {TaskState.DONE, TaskState.VOID}
WHISTLE_ENDS = {
    WhistleState.ACCEPTED,
    WhistleState.REFUSED,
    WhistleState.WITHDRAWN,
    WhistleState.VOID,
}

AnyLives = Lives[IncidentState] | Lives[TaskState] | Lives[WhistleState]


def reachable(lives: AnyLives, start: IncidentState | TaskState | WhistleState | None) -> set[str]:
    found: set[str | None] = {start}
    while True:
        ends = [lives.ends_of(move) for move in lives.moves if move.start in found]  # type: ignore[arg-type]
        more = {end.value for each in ends for end in each} - found
        if not more:
            return {state for state in found if state is not None}
        found |= more


@pytest.mark.parametrize("state", list(IncidentState))
def test_every_state_of_an_incident_reaches_an_end(state: IncidentState) -> None:
    assert reachable(INCIDENTS, state) & INCIDENT_ENDS


@pytest.mark.parametrize("state", list(TaskState))
def test_every_state_of_a_task_reaches_an_end(state: TaskState) -> None:
    assert reachable(TASKS, state) & TASK_ENDS


@pytest.mark.parametrize("state", list(WhistleState))
def test_every_state_of_a_whistle_reaches_an_end(state: WhistleState) -> None:
    assert reachable(WHISTLES, state) & WHISTLE_ENDS


def test_nothing_leads_out_of_an_end_and_everything_is_reached_from_a_beginning() -> None:
    assert not [move for move in INCIDENTS.moves if move.start in INCIDENT_ENDS]
    assert not [move for move in TASKS.moves if move.start in TASK_ENDS]
    assert not [move for move in WHISTLES.moves if move.start in WHISTLE_ENDS]
    assert reachable(WHISTLES, None) == set(WhistleState)
    assert reachable(INCIDENTS, None) == set(IncidentState)
    assert reachable(TASKS, TaskState.QUEUED) == set(TaskState)


def test_who_asks_for_a_second_yes_can_never_give_it() -> None:
    with_second = [move for move in INCIDENTS.moves if Need.SECOND in move.needs]
    assert {move.verb for move in with_second} == {Verb.VOID, Verb.SUSPEND, Verb.EXTEND}
    for move in with_second:
        assert move.approvers
        assert not move.approvers & move.who, f"{move.start} {move.verb}"
        assert HUB not in move.who
        assert Need.REASON in move.needs


def test_nobody_verifies_their_own_work_and_closing_wants_a_disposition_and_evidence() -> None:
    for move in INCIDENTS.moves:
        if move.start in (IncidentState.HANDLED, IncidentState.VERIFYING) and HUB not in move.who:
            assert Need.OTHER_PERSON in move.needs, move
        if move.end is IncidentState.CLOSED and move.start is not move.end:
            assert {Need.DISPOSITION, Need.EVIDENCE, Need.LEAD_DONE} <= move.needs
    for whistle in WHISTLES.moves:
        if whistle.start is WhistleState.REPORTED and HUB not in whistle.who:
            assert Need.OTHER_PERSON in whistle.needs, whistle


def test_every_code_of_a_reason_belongs_to_a_move_that_wants_one() -> None:
    moves: list[Move[Any]] = [*INCIDENTS.moves, *WHISTLES.moves]
    wanted = {move.verb for move in moves if Need.REASON in move.needs}
    assert wanted == set(REASONS)
    assert all(REASONS.values())


def test_the_whole_table_is_as_written_down() -> None:
    def said(move: Move[Any], ends: Iterable[str], noun: str = "") -> str:
        head = f"{noun}{move.start or '-'} {move.verb} {','.join(sorted(ends))}"
        words = [move.who, move.needs, move.approvers]
        return " | ".join([head, *(" ".join(sorted(w)) for w in words)]).rstrip(" |")

    found = [said(move, INCIDENTS.ends_of(move)) for move in INCIDENTS.moves]
    found += [said(move, WHISTLES.ends_of(move), "whistle ") for move in WHISTLES.moves]
    assert found == GOLDEN.read_text("utf-8").splitlines()


def test_the_page_is_written_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == drawing.page(), f"run: hub schema --lives {PAGE}"


def test_every_word_has_a_chinese_name() -> None:
    assert set(drawing.STATES) == set(IncidentState)
    assert set(drawing.WHISTLE_STATES) == set(WhistleState)
    moves: list[Move[Any]] = [*INCIDENTS.moves, *WHISTLES.moves]
    assert {move.verb for move in moves} == set(drawing.VERBS)
    assert {role for move in moves for role in move.who} == set(drawing.ROLES)
    assert set(drawing.NEEDS) == set(Need)


def test_a_task_and_its_incident_go_the_same_way_step_by_step() -> None:
    incident, task = IncidentState.DISPATCHED, TaskState.DELIVERED
    for action in TaskAction:
        incident = INCIDENTS.move(incident, VERB_OF[action], Role.WORKER)
        task = TASKS.move(task, VERB_OF[action], Role.WORKER)
    assert (incident, task) == (IncidentState.HANDLED, TaskState.DONE)


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        (TaskState.QUEUED, Verb.ARRIVE),
        (TaskState.DELIVERED, Verb.FINISH),
        (TaskState.ACCEPTED, Verb.ACCEPT),
        (TaskState.ACCEPTED, Verb.DELIVER),
        (TaskState.DONE, Verb.VOID),
        (TaskState.VOID, Verb.ACCEPT),
    ],
)
def test_an_illegal_move_is_a_conflict_named_by_the_state(state: TaskState, verb: Verb) -> None:
    with pytest.raises(Conflict) as refused:
        TASKS.move(state, verb, Role.WORKER)
    assert refused.value.code == f"task_is_{state.value}"


def test_only_those_of_the_table_make_a_move() -> None:
    assert INCIDENTS.move(IncidentState.VERIFYING, Verb.PASS, Role.SUPERVISOR) == "closed"
    for who in (Role.WORKER, Role.DISPATCHER, Role.ADMIN, Hub.HUB):
        with pytest.raises(Forbidden) as refused:
            INCIDENTS.move(IncidentState.VERIFYING, Verb.PASS, who)
        assert refused.value.code == "not_for_your_role"
    with pytest.raises(Forbidden):
        TASKS.move(TaskState.DELIVERED, Verb.VOID, Role.WORKER)


def test_a_suspended_incident_goes_back_to_where_it_came_from() -> None:
    [resume] = [move for move in INCIDENTS.moves if move.verb is Verb.RESUME]
    assert INCIDENTS.ends_of(resume) == {"accepted", "on_way", "on_scene"}
    back = INCIDENTS.move(
        IncidentState.SUSPENDED, Verb.RESUME, Role.WORKER, back_to=IncidentState.ON_WAY
    )
    assert back is IncidentState.ON_WAY
    with pytest.raises(ValueError, match="say where"):
        INCIDENTS.move(IncidentState.SUSPENDED, Verb.RESUME, Role.WORKER)


def test_a_page_offers_what_is_open_to_the_one_who_looks() -> None:
    verifying = IncidentState.VERIFYING
    assert INCIDENTS.open_to(verifying, {Role.SUPERVISOR}) == (Verb.PASS, Verb.REWORK)
    assert INCIDENTS.open_to(verifying, {Role.SUPERVISOR}, own_work=True) == ()
    assert INCIDENTS.open_to(verifying, {Role.WORKER}) == ()
    accepted = INCIDENTS.open_to(IncidentState.ACCEPTED, {Role.WORKER})
    going = {Verb.SET_OUT, Verb.ARRIVE, Verb.FINISH, Verb.TAKE_OVER}
    assert set(accepted) == going | {Verb.SUSPEND, Verb.EXTEND}
    for state in IncidentState:
        assert INCIDENTS.open_to(state, {Role.ADMIN, Role.PRIVACY, Role.OWNER}) == ()


def test_a_table_that_says_two_things_is_refused() -> None:
    everybody = frozenset(Role)
    twice = [
        Move(TaskState.QUEUED, Verb.VOID, end, everybody)
        for end in (TaskState.VOID, TaskState.DONE)
    ]
    with pytest.raises(ValueError, match="two states"):
        Lives("task", twice)
    alone = Move(TaskState.QUEUED, Verb.VOID, TaskState.VOID, everybody, frozenset({Need.SECOND}))
    with pytest.raises(ValueError, match="second role"):
        Lives("task", [alone])
