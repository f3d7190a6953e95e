"""Figure 11: whatever is stuck is named by the auditor, each kind by its first, and nothing else.

The rows are damaged as no code of the hub would: what the auditor looks at is what others forgot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from bench.prove.figures import Line
from bench.prove.installation import Installation
from bench.prove.planted import Planter
from hub.app import registry
from hub.app.auditor import Auditor
from hub.app.desk import Desk, unfenced
from hub.app.notices import check_address
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import GRACE_S, Finding, Kind
from hub.dispatch.calls import Caller
from hub.dispatch.timers.rows import Step, TimerState
from hub.flow import clock_flow
from hub.kit.clock import SimClock
from hub.kit.ids import random_id
from hub.kit.metrics import Metrics
from hub.store.db import Database
from hub.store.tables.dispatch import approvals, incidents, outbox, tasks
from hub.store.tables.notices import deliveries, notices
from hub.store.tables.timers import timers
from hub.store.tables.whistles import whistles
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskState
from tests.unit.dispatch.given import CONFIG, NOW

TICK_S, TICKS = 60.0, 12
"""Twelve minutes: the last word of what is planted is said in its tenth."""
LONG_S = 200_000.0
"""Longer than anything may take."""
Damage = Callable[[Connection, float], Sequence[str]]
"""Breaks something at a moment; the names in the order in which they are to be found."""


def stuck(place: Installation) -> list[Line]:
    """Cases of every state go on for some minutes; then one thing of each kind stands still."""
    with place.tables("stuck") as db:
        clock = SimClock(NOW)
        with db.write() as tx:
            Planter(tx, NOW).everything()
            desk = Desk(registry.load(tx), CONFIG, clock, random_id, unfenced, lambda: None)
        for _ in range(TICKS):
            clock.advance(TICK_S)
            clock_flow(db, desk.stages())
        aside: list[str] = []
        spools: dict[str, dict[str, int]] = {}
        caller = Caller(check_address)  # that nobody is called by: no address is set
        auditor = Auditor(db, clock, unfenced, lambda: spools, Metrics(), caller, lambda: aside)
        before = _look(db, desk, auditor)
        with db.write() as tx:
            planted = {kind: list(do(tx, clock.now())) for kind, do in DAMAGES.items()}
        aside.append("incident/one/handle/red")
        spools["worker-0"] = {"spool_pending": 3}
        planted |= {Kind.SET_ASIDE: list(aside), Kind.NOT_TAKEN: list(spools)}
        _look(db, desk, auditor)
        clock.advance(GRACE_S)  # so long the clocks may need themselves
        found = _look(db, desk, auditor)
    return [
        Line(11, "kinds of what can be stuck", len(Kind)),
        Line(11, "of them planted", len(planted), len(Kind), exactly=True),
        Line(11, "stuck things planted", sum(map(len, planted.values()))),
        Line(11, "of them not found, or under another name", _wrong(planted, found), 0),
        Line(11, "named while nothing was stuck", sum(each.count for each in before), 0),
    ]


def _look(db: Database, desk: Desk, auditor: Auditor) -> Sequence[Finding]:
    """A round of the auditor, and what it wrote down."""
    auditor.step(desk, AuditorConfig())
    with db.read() as tx:
        beat = audit.last_beat(tx)
    return () if beat is None else beat.found


def _wrong(planted: Mapping[Kind, Sequence[str]], found: Sequence[Finding]) -> int:
    told = {each.kind: each for each in found}
    wrong = sum(each.count for each in found if each.kind not in planted)
    for kind, names in planted.items():
        one = told.get(kind)
        if one is None:
            wrong += len(names)
        else:
            wrong += abs(one.count - len(names)) + (one.first != names[0])
    return wrong


# -- what befalls the rows -----------------------------------------------------------------------


def _no_clock(tx: Connection, _now: float) -> Sequence[str]:
    """A case and a department lose the clock of their step."""
    out = IncidentState.DISPATCHED.value
    open_ = select(incidents.c.id, incidents.c.opened_at).where(incidents.c.state == out)
    case = tx.execute(open_.order_by(incidents.c.updated_at)).first()
    called = whistles.c.state == WhistleState.CALLED.value
    whistle = tx.execute(select(whistles).where(called).order_by(whistles.c.updated_at)).first()
    assert case is not None
    assert whistle is not None
    for subject_id, step in ((case.id, "accept"), (whistle.id, "sign")):
        mine = (timers.c.subject_id == subject_id, timers.c.step == step)
        tx.execute(delete(timers).where(*mine))
    since = {case.id: case.opened_at, whistle.incident_id: whistle.called_at}
    return sorted(since, key=lambda each: since[each])


def _not_fired(tx: Connection, now: float) -> Sequence[str]:
    """A case lies at its verification, and none of the clocks of that did anything."""
    mine = (timers.c.state == TimerState.WAITING.value, timers.c.step == Step.VERIFY.value)
    one = tx.execute(select(timers.c.subject_id).where(*mine)).scalars().first()
    late = update(timers).where(*mine, timers.c.subject_id == one).values(due_at=now - LONG_S)
    return [str(one)] * tx.execute(late).rowcount


def _not_sent(tx: Connection, now: float) -> Sequence[str]:
    waits = select(incidents.c.id).where(
        incidents.c.state == IncidentState.FILED.value, incidents.c.dispatch_at.is_not(None)
    )
    ids = tx.execute(waits.order_by(incidents.c.dispatch_at)).scalars().all()[:2]
    for number, each in enumerate(ids):
        values = {"dispatch_at": now - LONG_S + number}
        tx.execute(update(incidents).where(incidents.c.id == each).values(**values))
    return ids


def _outbox(tx: Connection, now: float) -> Sequence[str]:
    going = tasks.c.state != TaskState.VOID.value
    query = select(outbox.c.task_id).join(tasks, tasks.c.id == outbox.c.task_id).where(going)
    ids = tx.execute(query.order_by(outbox.c.created_at)).scalars().all()[:2]
    for number, each in enumerate(ids):
        values = {"created_at": now - LONG_S + number, "acked_at": None}
        tx.execute(update(outbox).where(outbox.c.task_id == each).values(**values))
    return ids


def _undecided(tx: Connection, now: float) -> Sequence[str]:
    row = tx.execute(select(approvals)).first()
    assert row is not None
    values = {"state": "asked", "asked_at": now - LONG_S}
    tx.execute(update(approvals).where(approvals.c.id == row.id).values(**values))
    return [row.incident_id]


def _whistles(tx: Connection, now: float) -> Sequence[str]:
    signed = whistles.c.state == WhistleState.SIGNED.value
    return [
        tx.execute(
            update(whistles)
            .where(signed)
            .values(report_by=now - LONG_S)
            .returning(whistles.c.incident_id)
        ).scalar_one()
    ]


def _dead_letters(tx: Connection, now: float) -> Sequence[str]:
    key = tx.execute(select(notices.c.key).order_by(notices.c.key)).scalars().first()
    row = {"id": "d1", "notice_key": key, "account": "", "channel": "sms", "why": "direct"}
    times = {"created_at": now, "next_try_at": now, "dead_at": now}
    state = {"state": "dead", "batch": "d1", "put_off": False, "tries": 9}
    tx.execute(insert(deliveries), row | times | state)
    return ["sms"]


def _unheard(tx: Connection, _now: float) -> Sequence[str]:
    keys = tx.execute(select(notices.c.key).order_by(notices.c.at.desc())).scalars().all()
    tx.execute(update(notices).where(notices.c.key == keys[0]).values(told=0))
    return [keys[0]]


DAMAGES: Mapping[Kind, Damage] = {
    Kind.NO_CLOCK: _no_clock,
    Kind.NOT_FIRED: _not_fired,
    Kind.NOT_SENT: _not_sent,
    Kind.OUTBOX: _outbox,
    Kind.UNDECIDED: _undecided,
    Kind.WHISTLES: _whistles,
    Kind.DEAD_LETTERS: _dead_letters,
    Kind.UNHEARD: _unheard,
}
"""All that stands in the database; records that nobody takes and rows put aside do not."""
