"""Opened by a clock, answered by a person, or ended with the step that was late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from hub.dispatch.supervisions import repository
from hub.dispatch.supervisions.repository import NO_UNITS, Units
from hub.dispatch.timers.rows import Level, Step, Subject, Timer
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids
from hub.store import feed
from hub.store.page import Cursor, Page, page
from hub.types.finding import Severity
from hub.types.staff import EVERYWHERE, NOWHERE, Jurisdiction, Role

TOPIC = "supervision"
TO: Mapping[Level, frozenset[Role]] = {
    Level.SUPERVISION: frozenset({Role.CHIEF, Role.SUPERVISOR}),
    Level.LEADER: frozenset({Role.SHIFT_LEADER}),
}
"""Who is addressed at which level, on the ground of the case and above."""


class SupervisionState(StrEnum):
    """`ended`: the step ended before anybody answered."""

    OPEN = repository.OPEN
    ANSWERED = repository.ANSWERED
    ENDED = repository.ENDED


@dataclass(frozen=True, slots=True)
class Supervision:
    """Somebody has to say why a step of a case is so late: somebody above, or the department.

    `unit` is the department that answers, None where those above do. `due_at` is when the level
    was reached by the clock, `opened_at` when that was seen; both UTC epoch seconds. `title` is the
    report's, or the kind of the rule.
    """

    id: str
    subject: Subject
    subject_id: str
    step: Step
    level: Level
    severity: Severity
    grid_code: str | None
    grid_path: tuple[str, ...]
    title: str
    exercise: bool
    due_at: float
    opened_at: float
    state: SupervisionState
    answered_by: str | None
    answered_at: float | None
    answer: str
    ended_at: float | None
    version: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """The case of which a step is late; `unit`: the department that answers for it."""

    severity: Severity
    grid_code: str | None
    grid_path: tuple[str, ...]
    title: str
    exercise: bool
    unit: str | None = None


def begin(tx: Connection, timer: Timer, level: Level, late: Late, now: float, ids: Ids) -> None:
    """Open one for a timer that has fired; it is in the transaction of that."""
    made = ids()
    repository.insert_one(
        tx,
        id=made,
        subject=timer.subject.value,
        subject_id=timer.subject_id,
        step=timer.step.value,
        level=level.value,
        round=timer.version,
        severity=late.severity.value,
        grid_code=late.grid_code,
        grid_path=list(late.grid_path),
        title=late.title,
        exercise=late.exercise,
        unit=late.unit,
        due_at=timer.due_at,
        opened_at=now,
    )
    _tell(tx, _get(tx, made), now)


def end(
    tx: Connection, subject: Subject, subject_id: str, steps: Collection[Step], now: float
) -> None:
    """Those steps are over: what was asked about them needs no answer any more."""
    named = [step.value for step in steps]
    for row in repository.lock_open(tx, subject.value, subject_id, named):
        over = repository.change(tx, row.id, state=SupervisionState.ENDED.value, ended_at=now)
        _tell(tx, _supervision(over), now)


def answer(
    tx: Connection,
    supervision_id: str,
    note: str,
    *,
    by: str,
    now: float,
    version: int | None = None,
    within: Jurisdiction = EVERYWHERE,
    units: Units = NO_UNITS,
) -> Supervision:
    """Somebody says why it is late, and what is done about it.

    Raises NotFound (`no_such_supervision`), Forbidden (`not_for_your_role`), Conflict
    (`supervision_is_<state>`, `stale_version`), Refused (`note_needed`).
    """
    if not note.strip():
        raise Refused("an answer says something", code="note_needed")
    row = repository.get(tx, supervision_id, lock=True)
    if row is None or not (within.covers(row.grid_path) or _own(row, units)):
        raise _none(supervision_id)
    if not answers(row, within, units):
        raise Forbidden(f"{row.unit} answers it", code="not_for_your_role")
    if row.state != repository.OPEN:
        raise Conflict(f"it is {row.state}", code=f"supervision_is_{row.state}")
    if version is not None and version != row.version:
        raise Conflict(f"it is at version {row.version}", code="stale_version")
    said = repository.change(
        tx,
        supervision_id,
        state=SupervisionState.ANSWERED.value,
        answered_by=by,
        answered_at=now,
        answer=note.strip(),
    )
    answered = _supervision(said)
    _tell(tx, answered, now)
    return answered


def listed(
    tx: Connection,
    *,
    states: Collection[SupervisionState] = (SupervisionState.OPEN,),
    subject_id: str | None = None,
    within: Jurisdiction = EVERYWHERE,
    units: Units = NO_UNITS,
    after: str | None = None,
    limit: int = 50,
) -> Page[Supervision]:
    """Those of that ground or of these departments, newest first. Raises Refused (`bad_cursor`)."""
    named = [state.value for state in states]

    def rows(cursor: Cursor | None, count: int) -> list[Supervision]:
        found = repository.listed(tx, named, subject_id, (within, units), cursor, count)
        return [_supervision(row) for row in found]

    return page(rows, lambda each: Cursor(each.opened_at, each.id), after, limit)


def answers(one: Supervision | repository.Found, within: Jurisdiction, units: Units) -> bool:
    """Whether it is for who may answer on that ground, and for these departments on theirs."""
    return within.covers(one.grid_path) if one.unit is None else _own(one, units)


def _own(one: Supervision | repository.Found, units: Units) -> bool:
    return one.unit is not None and units.get(one.unit, NOWHERE).covers(one.grid_path)


def _get(tx: Connection, supervision_id: str) -> Supervision:
    row = repository.get(tx, supervision_id)
    if row is None:
        raise _none(supervision_id)
    return _supervision(row)


def _none(supervision_id: str) -> NotFound:
    return NotFound(f"there is no supervision {supervision_id!r}", code="no_such_supervision")


def _supervision(row: repository.Found) -> Supervision:
    return Supervision(
        id=row.id,
        subject=Subject(row.subject),
        subject_id=row.subject_id,
        step=Step(row.step),
        level=Level(row.level),
        severity=Severity(row.severity),
        grid_code=row.grid_code,
        grid_path=tuple(row.grid_path),
        title=row.title,
        exercise=row.exercise,
        due_at=row.due_at,
        opened_at=row.opened_at,
        state=SupervisionState(row.state),
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
        ended_at=row.ended_at,
        version=row.version,
        unit=row.unit,
    )


def _tell(tx: Connection, one: Supervision, now: float) -> None:
    # Who answered stands in the register, not in what everybody is told.
    body: dict[str, Any] = asdict(replace(one, answered_by=None))
    body["grid_path"] = list(one.grid_path)
    units = () if one.unit is None else (one.unit,)
    feed.append(tx, TOPIC, one.id, body, now, one.grid_path, units)
