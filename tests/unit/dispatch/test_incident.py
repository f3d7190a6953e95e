"""The tables of the lives of incidents and tasks."""

from __future__ import annotations

import pytest

from hub.dispatch.incident import INCIDENTS, TASKS, VERB_OF, Lives, Move, Verb, Who
from hub.kit.errors import Conflict, Forbidden
from hub.types.work import IncidentState, TaskAction, TaskState

INCIDENT_ENDS = {IncidentState.CLOSED, IncidentState.VOID}
TASK_ENDS = {TaskState.DONE, TaskState.VOID}


def reachable(lives: Lives[IncidentState] | Lives[TaskState], start: str) -> set[str]:
    found: set[str] = {start}
    while True:
        more = {move.end.value for move in lives.moves if move.start.value in found} - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize("state", list(IncidentState))
def test_every_state_of_an_incident_reaches_an_end(state: IncidentState) -> None:
    assert reachable(INCIDENTS, state.value) & {end.value for end in INCIDENT_ENDS}


@pytest.mark.parametrize("state", list(TaskState))
def test_every_state_of_a_task_reaches_an_end(state: TaskState) -> None:
    assert reachable(TASKS, state.value) & {end.value for end in TASK_ENDS}


def test_nothing_leads_out_of_an_end_and_everything_is_reached_from_the_beginning() -> None:
    assert not [move for move in INCIDENTS.moves if move.start in INCIDENT_ENDS]
    assert not [move for move in TASKS.moves if move.start in TASK_ENDS]
    assert reachable(INCIDENTS, "filed") == {state.value for state in IncidentState}
    assert reachable(TASKS, "queued") == {state.value for state in TaskState}


def test_a_task_and_its_incident_go_the_same_way_step_by_step() -> None:
    incident, task = IncidentState.DISPATCHED, TaskState.DELIVERED
    for action in TaskAction:
        incident = INCIDENTS.move(incident, VERB_OF[action], Who.GRID_WORKER)
        task = TASKS.move(task, VERB_OF[action], Who.GRID_WORKER)
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
        TASKS.move(state, verb, Who.GRID_WORKER)
    assert refused.value.code == f"task_is_{state.value}"


def test_only_a_supervisor_closes_and_a_grid_worker_voids_nothing() -> None:
    assert INCIDENTS.move(IncidentState.HANDLED, Verb.CLOSE, Who.SUPERVISOR) == "closed"
    for who in (Who.GRID_WORKER, Who.DISPATCHER, Who.HUB):
        with pytest.raises(Forbidden) as refused:
            INCIDENTS.move(IncidentState.HANDLED, Verb.CLOSE, who)
        assert refused.value.code == f"not_for_{who.value}"
    with pytest.raises(Forbidden):
        TASKS.move(TaskState.DELIVERED, Verb.VOID, Who.GRID_WORKER)


def test_an_ambiguous_table_is_refused() -> None:
    twice = [
        Move(TaskState.QUEUED, Verb.VOID, end, frozenset(Who))
        for end in (TaskState.VOID, TaskState.DONE)
    ]
    with pytest.raises(ValueError, match="two states"):
        Lives("task", twice)
