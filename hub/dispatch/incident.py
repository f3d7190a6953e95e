"""The lives of incidents and tasks, as tables: state × verb → state, and who may say the verb.

The tables cover what the spine drives. A longer table replaces them without touching the code:
states and verbs are words, `Lives.move` only looks up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from hub.kit.errors import Conflict, Forbidden
from hub.types.work import IncidentState, TaskAction, TaskState

State = TypeVar("State", IncidentState, TaskState)


class Verb(StrEnum):
    """What can happen to an incident or a task."""

    DISPATCH = "dispatch"
    DELIVER = "deliver"
    ACCEPT = "accept"
    SET_OUT = "set_out"
    ARRIVE = "arrive"
    FINISH = "finish"
    CLOSE = "close"
    VOID = "void"


class Who(StrEnum):
    """In which capacity somebody acts."""

    HUB = "hub"
    GRID_WORKER = "grid_worker"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"


VERB_OF = {
    TaskAction.ACCEPT: Verb.ACCEPT,
    TaskAction.ON_WAY: Verb.SET_OUT,
    TaskAction.ON_SCENE: Verb.ARRIVE,
    TaskAction.DONE: Verb.FINISH,
}


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One line of the table."""

    start: State
    verb: Verb
    end: State
    who: frozenset[Who]


class Lives(Generic[State]):
    """A table of moves; a state without any is an end."""

    def __init__(self, noun: str, moves: Iterable[Move[State]]) -> None:
        """`noun` names the entity in errors. Raises ValueError for an ambiguous table."""
        self.noun = noun
        self.moves: tuple[Move[State], ...] = tuple(moves)
        self._by_key: dict[tuple[State, Verb], Move[State]] = {
            (move.start, move.verb): move for move in self.moves
        }
        if len(self._by_key) != len(self.moves):
            raise ValueError(f"{noun}: one state and verb lead to two states")

    def move(self, state: State, verb: Verb, who: Who) -> State:
        """The next state.

        Raises Conflict (`<noun>_is_<state>`) where the table has no such move, and Forbidden
        (`not_for_<who>`) where it is somebody else's.
        """
        move = self._by_key.get((state, verb))
        if move is None:
            raise Conflict(
                f"{verb}: the {self.noun} is {state}; {self._hint(verb)}",
                code=f"{self.noun}_is_{state}",
            )
        if who not in move.who:
            raise Forbidden(f"{verb} is not for a {who}", code=f"not_for_{who}")
        return move.end

    def _hint(self, verb: Verb) -> str:
        starts = sorted(move.start for move in self.moves if move.verb is verb)
        return f"possible only when {' or '.join(starts)}" if starts else "never possible"


def _moves(start: State, *lines: tuple[Verb, State, tuple[Who, ...]]) -> list[Move[State]]:
    return [Move(start, verb, end, frozenset(who)) for verb, end, who in lines]


_HUB, _WORKER, _DISPATCHER, _SUPERVISOR = Who.HUB, Who.GRID_WORKER, Who.DISPATCHER, Who.SUPERVISOR
_VOIDERS = (_HUB, _DISPATCHER, _SUPERVISOR)

INCIDENTS: Lives[IncidentState] = Lives(
    "incident",
    [
        *_moves(
            IncidentState.FILED,
            (Verb.DISPATCH, IncidentState.DISPATCHED, (_HUB, _DISPATCHER)),
            (Verb.VOID, IncidentState.VOID, _VOIDERS),
        ),
        *_moves(
            IncidentState.DISPATCHED,
            (Verb.ACCEPT, IncidentState.ACCEPTED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, IncidentState.VOID, _VOIDERS),
        ),
        *_moves(
            IncidentState.ACCEPTED,
            (Verb.SET_OUT, IncidentState.ON_WAY, (_WORKER, _DISPATCHER)),
            (Verb.ARRIVE, IncidentState.ON_SCENE, (_WORKER, _DISPATCHER)),
            (Verb.FINISH, IncidentState.HANDLED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, IncidentState.VOID, _VOIDERS),
        ),
        *_moves(
            IncidentState.ON_WAY,
            (Verb.ARRIVE, IncidentState.ON_SCENE, (_WORKER, _DISPATCHER)),
            (Verb.FINISH, IncidentState.HANDLED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, IncidentState.VOID, _VOIDERS),
        ),
        *_moves(
            IncidentState.ON_SCENE,
            (Verb.FINISH, IncidentState.HANDLED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, IncidentState.VOID, _VOIDERS),
        ),
        *_moves(
            IncidentState.HANDLED,
            (Verb.CLOSE, IncidentState.CLOSED, (_SUPERVISOR,)),
        ),
    ],
)

TASKS: Lives[TaskState] = Lives(
    "task",
    [
        # A worker may accept before the relay has seen the acknowledgement: both are true.
        *_moves(
            TaskState.QUEUED,
            (Verb.DELIVER, TaskState.DELIVERED, (_HUB,)),
            (Verb.ACCEPT, TaskState.ACCEPTED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, TaskState.VOID, _VOIDERS),
        ),
        *_moves(
            TaskState.DELIVERED,
            (Verb.ACCEPT, TaskState.ACCEPTED, (_WORKER, _DISPATCHER)),
            (Verb.VOID, TaskState.VOID, _VOIDERS),
        ),
        *_moves(
            TaskState.ACCEPTED,
            (Verb.SET_OUT, TaskState.ON_WAY, (_WORKER, _DISPATCHER)),
            (Verb.ARRIVE, TaskState.ON_SCENE, (_WORKER, _DISPATCHER)),
            (Verb.FINISH, TaskState.DONE, (_WORKER, _DISPATCHER)),
            (Verb.VOID, TaskState.VOID, _VOIDERS),
        ),
        *_moves(
            TaskState.ON_WAY,
            (Verb.ARRIVE, TaskState.ON_SCENE, (_WORKER, _DISPATCHER)),
            (Verb.FINISH, TaskState.DONE, (_WORKER, _DISPATCHER)),
            (Verb.VOID, TaskState.VOID, _VOIDERS),
        ),
        *_moves(
            TaskState.ON_SCENE,
            (Verb.FINISH, TaskState.DONE, (_WORKER, _DISPATCHER)),
            (Verb.VOID, TaskState.VOID, _VOIDERS),
        ),
    ],
)
