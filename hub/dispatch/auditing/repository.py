"""Queries of the auditor: each by an index, each bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    exists,
    insert,
    or_,
    select,
    union_all,
    update,
)

from hub.dispatch.auditing.config import ApprovalBounds, AuditorConfig
from hub.dispatch.notices.standing import repository as standing
from hub.dispatch.timers.rows import Step, Subject, TimerState
from hub.dispatch.whistles import clock
from hub.store.tables.dispatch import approvals, incidents, outbox, tasks
from hub.store.tables.timers import auditor_beats, timers
from hub.store.tables.whistles import whistles
from hub.types.finding import Severity
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskState

ROUND_S = 60.0
LATE_S = 3 * ROUND_S
"""A beat that is older: the auditor has stopped."""
AHEAD_S = 10.0
"""One further ahead was written by a clock that was wrong: it says nothing about now."""
GRACE_S = 60.0
"""What happens each second is a minute late only where it does not happen."""
COUNTED_MAX = 1000


class Kind(StrEnum):
    """What is wrong."""

    NO_CLOCK = "no_clock"
    """An open case whose present step has no clock that goes on."""
    NOT_FIRED = "not_fired"
    """A clock that is due and did nothing."""
    NOT_SENT = "not_sent"
    """A case whose group wait is over, and that did not go out."""
    OUTBOX = "outbox"
    """An errand that no queue took for long."""
    NOT_TAKEN = "not_taken"
    """Records wait in spools, and the centre takes none."""
    SET_ASIDE = "set_aside"
    """A row that time has come for cannot be worked on; it is tried again and again."""
    UNDECIDED = "undecided"
    """A question that nobody decides."""
    WHISTLES = "whistles"
    """A whistle that is long due and unanswered."""
    DEAD_LETTERS = "dead_letters"
    """What a channel could not deliver, of matters that go on."""
    UNHEARD = "unheard"
    """A notice that found nobody on duty for long."""


GRAVE = (Kind.NO_CLOCK, Kind.NOT_FIRED, Kind.NOT_SENT, Kind.NOT_TAKEN, Kind.SET_ASIDE)
"""The hub itself fails; the others are what people leave undone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many there are of it (at most 1000 are counted), and the first of them by name."""

    kind: Kind
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The auditor's last round: when it ended (UTC epoch seconds), its number, what it found."""

    at: float
    rounds: int
    took_s: float
    found: tuple[Finding, ...]

    def is_late(self, now: float) -> bool:
        """Whether nobody knows that the auditor still looks."""
        return not -AHEAD_S <= now - self.at <= LATE_S


_I = IncidentState
_ALIVE = (TimerState.WAITING.value, TimerState.FIRED.value)
_TURN: Mapping[Step, tuple[IncidentState, ...]] = {
    Step.FILE: (_I.REPORTED, _I.TRIAGED, _I.RETURNED),
    Step.ACCEPT: (_I.DISPATCHED,),
    Step.HANDLE: (_I.ACCEPTED, _I.ON_WAY, _I.ON_SCENE),
    Step.SILENCE: (_I.SUSPENDED,),
    Step.VERIFY: (_I.HANDLED, _I.VERIFYING),
}
"""Whose clock has to go on in which states, beside others that may."""
_UNREPORTED = [
    state.value for state in (WhistleState.SIGNED, WhistleState.CONTACTED, WhistleState.SENT_BACK)
]


def findings(tx: Connection, now: float, bounds: AuditorConfig) -> list[Finding]:
    """All that is wrong by `now`, UTC epoch seconds."""
    late = now - GRACE_S
    asked = {
        Kind.NO_CLOCK: _unclocked(late),
        Kind.NOT_FIRED: select(timers.c.subject_id)
        .where(timers.c.state == TimerState.WAITING.value, timers.c.due_at < late)
        .order_by(timers.c.due_at),
        Kind.NOT_SENT: select(incidents.c.id)
        .where(incidents.c.state == _I.FILED.value, incidents.c.dispatch_at < late)
        .order_by(incidents.c.dispatch_at),
        Kind.OUTBOX: _outbox(now - bounds.outbox_s),
        Kind.UNDECIDED: _undecided(now, bounds.approval_s),
        Kind.WHISTLES: _whistles(now - bounds.whistle_s),
        Kind.DEAD_LETTERS: standing.dead_letters(),
        Kind.UNHEARD: standing.unheard(),
    }
    found = []
    for kind, query in asked.items():
        ids = list(tx.execute(query.limit(COUNTED_MAX)).scalars())
        if ids:
            found.append(Finding(kind, len(ids), ids[0]))
    return found


def _unclocked(before: float) -> Select[Any]:
    """Cases whose present step has no clock that goes on, whatever clocks of others there are.

    And those of a department that is called, and whose own step has none.
    """
    turns = [
        _stands_still(step, incidents.c.state.in_([each.value for each in states]))
        for step, states in _TURN.items()
    ]
    # What waits for others of its group has no clock but that wait.
    held = (incidents.c.state == _I.FILED.value) & incidents.c.dispatch_at.is_(None)
    cases = select(incidents.c.id, incidents.c.opened_at.label("since")).where(
        or_(*turns, _stands_still(Step.FILE, held)), incidents.c.updated_at < before
    )
    called = [
        _stands_still(step, whistles.c.state.in_([each.value for each in states]), whistles)
        for step, states in clock.RUNS.items()
    ]
    departments = select(whistles.c.incident_id, whistles.c.called_at).where(
        whistles.c.ended_at.is_(None), or_(*called), whistles.c.updated_at < before
    )
    found = union_all(cases, departments).subquery()
    return select(found.c.id).order_by(found.c.since)


def _stands_still(
    step: Step, states: ColumnElement[bool], of: Table = incidents
) -> ColumnElement[bool]:
    subject = Subject.INCIDENT if of is incidents else Subject.WHISTLE
    going = exists().where(
        timers.c.subject == subject.value,
        timers.c.subject_id == of.c.id,
        timers.c.step == step.value,
        timers.c.state.in_(_ALIVE),
    )
    return and_(states, ~going)


def _outbox(before: float) -> Select[Any]:
    wanted = exists().where(tasks.c.id == outbox.c.task_id, tasks.c.state != TaskState.VOID.value)
    return (
        select(outbox.c.task_id)
        .where(
            outbox.c.acked_at.is_(None),
            outbox.c.dead_at.is_(None),
            outbox.c.created_at < before,
            wanted,
        )
        .order_by(outbox.c.created_at)
    )


def _undecided(now: float, bounds: ApprovalBounds) -> Select[Any]:
    late = (
        (incidents.c.severity == each.value) & (approvals.c.asked_at < now - bounds.of(each))
        for each in Severity
    )
    return (
        select(approvals.c.incident_id)
        .join(incidents, incidents.c.id == approvals.c.incident_id)
        .where(approvals.c.state == "asked", or_(*late))
        .order_by(approvals.c.asked_at)
    )


def _whistles(before: float) -> Select[Any]:
    unsigned = (whistles.c.state == WhistleState.CALLED.value) & (whistles.c.sign_by < before)
    unreported = whistles.c.state.in_(_UNREPORTED) & (whistles.c.report_by < before)
    return (
        select(whistles.c.incident_id)
        .where(whistles.c.ended_at.is_(None), or_(unsigned, unreported))
        .order_by(whistles.c.called_at)
    )


# -- the beat ------------------------------------------------------------------------------------

NAME = "auditor"


def put_beat(tx: Connection, beat: Beat) -> None:
    """Write down that a round has ended."""
    row = {
        "at": beat.at,
        "rounds": beat.rounds,
        "took_s": beat.took_s,
        "found": [asdict(each) for each in beat.found],
    }
    done = tx.execute(update(auditor_beats).where(auditor_beats.c.name == NAME).values(**row))
    if done.rowcount == 0:
        tx.execute(insert(auditor_beats).values(name=NAME, **row))


def last_beat(tx: Connection) -> Beat | None:
    """The last round, None before the first."""
    row = tx.execute(select(auditor_beats).where(auditor_beats.c.name == NAME)).first()
    if row is None:
        return None
    found = tuple(Finding(Kind(f["kind"]), f["count"], f["first"]) for f in row.found)
    return Beat(row.at, row.rounds, row.took_s, found)
