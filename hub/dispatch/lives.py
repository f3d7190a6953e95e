"""How a life is told: a table of moves, state × verb → state, who may, and what is required.

Nothing here knows what an incident is. `incident.py` holds the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from hub.kit.errors import Conflict, Forbidden
from hub.types.staff import Role
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskState

State = TypeVar("State", IncidentState, TaskState, WhistleState)


class Hub(StrEnum):
    """The one who acts when nobody did by hand."""

    HUB = "hub"


HUB = Hub.HUB
Who = Role | Hub
"""In which capacity somebody acts."""


class Verb(StrEnum):
    """What can happen to an incident, a task or a whistle."""

    REPORT = "report"
    FILE = "file"
    TRIAGE = "triage"
    SETTLE = "settle"
    DISPATCH = "dispatch"
    RETURN = "return"
    DELIVER = "deliver"
    ACCEPT = "accept"
    TAKE_OVER = "take_over"
    SET_OUT = "set_out"
    ARRIVE = "arrive"
    FINISH = "finish"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    CLASSIFY = "classify"
    HAND_OVER = "hand_over"
    REASSIGN = "reassign"
    SPLIT = "split"
    MERGE = "merge"
    VERIFY = "verify"
    PASS = "pass"  # noqa: S105 - a verb, not a password
    REWORK = "rework"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    RATE = "rate"
    VOID = "void"
    LAPSE = "lapse"
    CALL = "call"
    SIGN = "sign"
    CONTACT = "contact"
    REFUSE = "refuse"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


class Need(StrEnum):
    """What a move requires besides the right to make it."""

    REASON = "reason"
    """A code of the verb's closed list (`reasons.py`)."""
    DISPOSITION = "disposition"
    """What was done about it, in words."""
    EVIDENCE = "evidence"
    """A photo of the handling, or a reason why there is none."""
    SECOND = "second"
    """Somebody else, in one of the move's `approvers` roles, says yes."""
    OTHER_PERSON = "other_person"
    """Not whoever handled it, reported it for a department, or lowered how grave it is."""
    CALLER = "caller"
    """Whoever called, or a shift leader."""
    LEAD_DONE = "lead_done"
    """No department that leads is still called for it."""


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One line of the table. `start` None: it begins so; `end` None: back to where it came from."""

    start: State | None
    verb: Verb
    end: State | None
    who: frozenset[Who]
    needs: frozenset[Need] = frozenset()
    approvers: frozenset[Role] = frozenset()


class Lives(Generic[State]):
    """A table of moves; a state without any that leads elsewhere is an end."""

    def __init__(self, noun: str, moves: Iterable[Move[State]]) -> None:
        """`noun` names the entity in errors. Raises ValueError for a table that says two things."""
        self.noun = noun
        self.moves: tuple[Move[State], ...] = tuple(moves)
        self._by_key: dict[tuple[State | None, Verb], Move[State]] = {
            (move.start, move.verb): move for move in self.moves
        }
        if len(self._by_key) != len(self.moves):
            raise ValueError(f"{noun}: one state and verb lead to two states")
        if any((Need.SECOND in move.needs) != bool(move.approvers) for move in self.moves):
            raise ValueError(f"{noun}: a second role without its move, or a move without it")

    def find(self, state: State | None, verb: Verb, who: Collection[Who]) -> Move[State]:
        """The move that somebody in these roles makes.

        Raises Conflict (`<noun>_is_<state>`) where the table has no such move, and Forbidden
        (`not_for_your_role`) where it is somebody else's.
        """
        move = self._by_key.get((state, verb))
        if move is None:
            raise Conflict(
                f"{verb}: the {self.noun} is {state}; {self._hint(verb)}",
                code=f"{self.noun}_is_{state}",
            )
        if move.who.isdisjoint(who):
            raise Forbidden(f"{verb} is for: {', '.join(sorted(move.who))}", code=NOT_YOURS)
        return move

    def move(self, state: State, verb: Verb, *who: Who, back_to: State | None = None) -> State:
        """The next state; `back_to` is where it came from. Raises as `find` does."""
        end = self.find(state, verb, who).end or back_to
        if end is None:
            raise ValueError(f"{verb} leads back to where the {self.noun} came from: say where")
        return end

    def ends_of(self, move: Move[State]) -> frozenset[State]:
        """Where a move can lead: to its end, or back to any state that leads to its start."""
        if move.end is not None:
            return frozenset({move.end})
        into = (each for each in self.moves if each.end is move.start)
        return frozenset(each.start for each in into if each.start not in (None, move.start))

    def can(self, state: State | None, verb: Verb) -> bool:
        """Whether anybody can do this now."""
        return (state, verb) in self._by_key

    def open_to(
        self, state: State, who: Collection[Who], *, own_work: bool = False
    ) -> tuple[Verb, ...]:
        """What somebody in these roles can do now, in the table's order.

        `own_work`: it was they who handled it, which nobody verifies themselves.
        """
        return tuple(
            move.verb
            for move in self.moves
            if move.start is state
            and not move.who.isdisjoint(who)
            and not (own_work and Need.OTHER_PERSON in move.needs)
        )

    def _hint(self, verb: Verb) -> str:
        starts = sorted(m.start for m in self.moves if m.verb is verb and m.start is not None)
        return f"possible only when {' or '.join(starts)}" if starts else "never possible"


NOT_YOURS = "not_for_your_role"
