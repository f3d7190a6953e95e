"""What one case adds to the figures: ones, zeros and waiting times, from its log. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hub.types.finding import RuleKind, Severity
from hub.types.work import IncidentState, Origin

SATISFIED_FROM = 4
"""A rating of four or five stars."""
_MACHINES = frozenset({Origin.CAMERA, Origin.SENSOR, Origin.HUB})
_NOT_ITS_FAULT = frozenset({"no_capacity"})
"""A case given back for this reason was filed rightly."""
_HANDLED = frozenset({"finish", "settle"})
_VERIFIED = frozenset({"pass", "close", "rework"})
_CLOSED = frozenset({IncidentState.CLOSED, IncidentState.ARCHIVED, IncidentState.EVALUATED})


SAID_LATER_S = 300.0
"""A word that was heard so long after the deed comes from a phone that had no network."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case's log; `reason` begins with its code.

    `at` is when it was done, `heard_at` when the hub heard of it, where that is another time.
    """

    what: str
    at: float
    reason: str = ""
    heard_at: float | None = None

    @property
    def code(self) -> str:
        """The code of the reason."""
        return self.reason.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Errand:
    """When an errand was done by the clock of whoever went, UTC epoch seconds."""

    created_at: float
    accepted_at: float | None = None
    on_scene_at: float | None = None
    done_at: float | None = None

    def at(self, what: str) -> float | None:
        """When the step of that name was taken, None if it was not."""
        return {
            "accept": self.accepted_at, "arrive": self.on_scene_at, "finish": self.done_at,
        }.get(what)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deadlines:
    """By when each step had to be done first, UTC epoch seconds; None where nothing was asked."""

    file_by: float | None = None
    accept_by: float | None = None
    on_scene_by: float | None = None
    handle_by: float | None = None
    verify_by: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What the row of an incident says, as far as it counts.

    `deadlines` are those of its first life and first rounds: what was late by them stays late. The
    last ones are those of its present or last handling and verification.
    """

    id: str
    state: IncidentState
    severity: Severity
    origin: Origin
    rule_kind: RuleKind
    grid_path: tuple[str, ...]
    opened_at: float
    handled_at: float | None = None
    closed_at: float | None = None
    self_handled: bool = False
    rating: int | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    last_handle_by: float | None = None
    last_verify_by: float | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case in figures. `due_by`: the moment from which it counts.

    `counts` are ones (zeros are left out), `waits` are seconds by phase.
    """

    case: Case
    due_by: float
    counts: frozenset[str]
    waits: Mapping[str, float]


def assemble(case: Case, lines: Sequence[Line]) -> CaseFacts:
    """The facts of a case from its row and its log, the oldest line first."""
    first = _first(_first_life(lines))
    counts = {"cases"} | _fate(case, lines)
    if "due" in counts:
        counts |= _intake(case, lines, first) | _work(case, lines, first) | _checks(case, lines)
    due_by = case.deadlines.handle_by
    return CaseFacts(
        case,
        case.opened_at if due_by is None else due_by,
        frozenset(counts),
        _waits(case, first) if "due" in counts else {},
    )


def as_done(lines: Sequence[Line], errands: Sequence[Errand]) -> list[Line]:
    """The log by the time of the deeds: those done without a network were heard of later.

    A phone's clock is believed between the moment its errand went out and the one it was heard.
    """
    return [_as_done(line, errands) for line in lines]


def _as_done(line: Line, errands: Sequence[Errand]) -> Line:
    told = [each for each in errands if each.created_at <= line.at and each.at(line.what)]
    if not told:
        return line
    mine = max(told, key=lambda each: each.created_at)
    done_at = max(mine.created_at, mine.at(line.what) or 0.0)
    return line if done_at >= line.at else replace(line, at=done_at, heard_at=line.at)


def _first_life(lines: Sequence[Line]) -> Sequence[Line]:
    """What was said before it was reopened: deadlines of then judge what was done then."""
    ends = next((at for at, line in enumerate(lines) if line.what == "reopen"), len(lines))
    return lines[:ends]


def _first(lines: Sequence[Line]) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in lines:
        found.setdefault(line.what, line.at)
    return found


def _fate(case: Case, lines: Sequence[Line]) -> set[str]:
    """What became of it in all, and whether it is in the denominators."""
    words = {line.what for line in lines}
    found: set[str] = set()
    if any(line.heard_at is not None and line.heard_at - line.at > SAID_LATER_S for line in lines):
        found.add("said_later")
    found |= {
        name for what, name in (("suspend", "suspended"), ("extend", "extended")) if what in words
    }
    if case.state is IncidentState.VOID:
        return found | {"void"}
    if case.state is IncidentState.MERGED:
        return found | {"merged"}
    return found | {"due"}


def _intake(case: Case, lines: Sequence[Line], first: Mapping[str, float]) -> set[str]:
    found: set[str] = set()
    by = case.deadlines.file_by
    if "file" in first:
        found.add("filed")
        if by is None or first["file"] <= by:
            found.add("filed_on_time")
        if not any(_sent_back(line) for line in lines):
            found.add("filed_rightly")
    if "dispatch" in first:
        found.add("dispatched")
        if by is None or first["dispatch"] <= by:
            found.add("dispatched_on_time")
    if any(line.what == "return" for line in lines):
        found.add("returned")
    if case.origin in _MACHINES:
        found.add("by_machine")
        if not any(line.what == "hand_over" and line.code == "wrong_grid" for line in lines):
            found.add("rightly_bound")
    return found


def _sent_back(line: Line) -> bool:
    return line.what == "return" and line.code not in _NOT_ITS_FAULT


def _work(case: Case, lines: Sequence[Line], first: Mapping[str, float]) -> set[str]:
    found: set[str] = set()
    by, began = case.deadlines, _first_life(lines)
    arrived = first.get("arrive")
    if case.self_handled:
        found.add("self_handled")
    elif by.accept_by is not None and "dispatch" in first:
        found.add("to_accept")
        if "accept" in first and first["accept"] <= by.accept_by:
            found.add("accepted_on_time")
        if by.on_scene_by is not None:
            found.add("to_arrive")
            if arrived is not None and arrived <= by.on_scene_by:
                found.add("arrived_on_time")
    if case.handled_at is not None:
        found.add("handled")
        # Sent back for rework it goes on with the time it had: the last word of that life counts.
        if _by(_handled_at(case, began), by.handle_by):
            found.add("handled_on_time")
    if case.state in _CLOSED:
        found.add("closed")
        in_the_end = _by(_handled_at(case, lines), case.last_handle_by)
        if "handled_on_time" in found and in_the_end and _verified_on_time(case, began):
            found.add("closed_on_time")
    return found


def _handled_at(case: Case, lines: Sequence[Line]) -> float | None:
    """When it was handled last by these lines."""
    return max((line.at for line in lines if line.what in _HANDLED), default=case.handled_at)


def _verified_on_time(case: Case, began: Sequence[Line]) -> bool:
    """Looked at in time when it was handled first, and in the end closed in time."""
    looked_at = next((line.at for line in began if line.what in _VERIFIED), case.closed_at)
    return _by(looked_at, case.deadlines.verify_by) and _by(case.closed_at, case.last_verify_by)


def _by(at: float | None, by: float | None) -> bool:
    return at is None or by is None or at <= by


def _checks(case: Case, lines: Sequence[Line]) -> set[str]:
    words = {line.what for line in lines}
    found: set[str] = set()
    if words & {"pass", "rework"}:
        found.add("verified")
    if "rework" in words:
        found.add("reworked")
    if words & {"pass", "close"}:
        found.add("closed_once")
    if "reopen" in words:
        found.add("reopened")
    if case.rating is not None:
        found.add("rated")
        if case.rating >= SATISFIED_FROM:
            found.add("satisfied")
    return found


def _waits(case: Case, first: Mapping[str, float]) -> dict[str, float]:
    """Seconds from one step to the next; a step that was skipped has no wait of its own."""
    steps = (
        ("to_file", case.opened_at, first.get("file")),
        ("to_dispatch", first.get("file"), first.get("dispatch")),
        ("to_accept", first.get("dispatch"), first.get("accept")),
        ("to_arrive", first.get("accept"), first.get("arrive")),
        ("to_handle", first.get("accept"), first.get("finish")),
        ("to_close", case.handled_at, case.closed_at),
        ("in_all", case.opened_at, case.closed_at),
    )
    return {
        phase: max(0.0, end - start)
        for phase, start, end in steps
        if start is not None and end is not None
    }
