"""Cases that go on since before there were clocks get theirs; none gets them twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from hub.dispatch.config import ClockRules
from hub.dispatch.timers import service as clocks
from hub.dispatch.timers.plan import adopted
from hub.dispatch.timers.rows import RUNS, Level, Step, TimerState
from hub.kit.clock import SimClock
from hub.store.db import Database
from hub.store.tables.timers import timers
from hub.types.finding import Phase, RuleKind, Severity
from hub.types.work import Due, Incident, IncidentState
from tests.flow.centre import Centre

CASE = Incident(
    "i1",
    IncidentState.DISPATCHED,
    RuleKind.REPORT,
    Severity.P2,
    "a",
    ("a",),
    0.0,
    0.0,
    (),
    Due(300.0, 1800.0, 86400.0),
)
RULES = ClockRules()


@pytest.mark.parametrize("state", list(IncidentState))
def test_a_case_has_the_clocks_that_run_in_its_state(state: IncidentState) -> None:
    rows = adopted(replace(CASE, state=state), 1000.0, RULES)
    running = {row.step for row in rows if row.state is TimerState.WAITING}
    assert running == {step for step, states in RUNS.items() if state in states}


def test_the_deadlines_stay_and_the_rest_begins_now() -> None:
    going = replace(CASE, state=IncidentState.ACCEPTED)
    red = {r.step: r for r in adopted(going, 1000.0, RULES) if r.level is Level.RED}
    assert (red[Step.ON_SCENE].due_at, red[Step.HANDLE].due_at) == (1800.0, 86400.0)
    silent = [r for r in adopted(going, 1000.0, RULES) if r.step is Step.SILENCE]
    assert {row.started_at for row in silent} == {1000.0}
    unhurried = replace(going, due=Due(300.0, None, 86400.0))
    assert Step.ON_SCENE not in {row.step for row in adopted(unhurried, 1000.0, RULES)}


@pytest.fixture
def centre(db: Database, clock: SimClock) -> Centre:
    return Centre(db, clock)


def test_an_upgraded_database_gets_them_once(centre: Centre) -> None:
    centre.take(centre.finding(Phase.OPENED))
    with centre.db.write() as tx:
        before = {(row.step, row.level) for row in tx.execute(select(timers))}
        tx.execute(delete(timers))
    with centre.db.write() as tx:
        assert clocks.adopt(tx, centre.clock.now()) == 1
    with centre.db.write() as tx:
        assert clocks.adopt(tx, centre.clock.now()) == 0
        after = {(row.step, row.level) for row in tx.execute(select(timers))}
    assert before <= after
