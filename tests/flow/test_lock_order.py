"""A person and the clock change the same thing in the same moment: one waits, none is sent away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from hub.alerts import service as alerts
from hub.dispatch import repository
from hub.dispatch import service as dispatch
from hub.dispatch.cases.errands import Office
from hub.dispatch.timers import service as clocks
from hub.dispatch.timers.fire import fire_due
from hub.flow import clock_flow
from hub.store.db import Database
from hub.types.finding import Phase, Verdict
from hub.types.staff import Role
from hub.types.work import IncidentState, Receipt, TaskAction
from tests.flow.centre import CONFIG, Centre

# SQLite has one lock for everything.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

Meanwhile = Callable[[Callable[[], object]], Future[object]]


@pytest.fixture
def meanwhile() -> Iterator[Meanwhile]:
    """Somebody else, at the same time."""
    with ThreadPoolExecutor(1) as other:
        yield other.submit


def until_it_waits(db: Database) -> None:
    """Until a transaction waits for the lock of another."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with db.read() as tx:
            if tx.execute(waits).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def accept(centre: Centre) -> None:
    with centre.db.write() as tx:
        [task] = dispatch.tasks(tx).items
        said = Receipt(task.id, TaskAction.ACCEPT, centre.clock.now(), "小王", "key")
        dispatch.act(tx, replace(said, roles=frozenset({Role.WORKER})))


def test_who_accepts_while_it_climbs_is_heard_after_it(
    centre: Centre, meanwhile: Meanwhile
) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    centre.clock.advance(120)
    with centre.db.write() as tx:
        repository.lock_incident(tx, case.id)  # as the clock does first
        accepted = meanwhile(lambda: accept(centre))
        until_it_waits(centre.db)
        fire_due(tx, now=centre.clock.now(), office=Office(CONFIG, centre.ids))
    accepted.result(timeout=10)
    [case] = centre.incidents()
    assert (case.state, case.raised_to) == (IncidentState.ACCEPTED, case.grid_path[-2])


def test_who_judges_when_the_time_for_it_is_up_ends_its_clock(
    centre: Centre, meanwhile: Meanwhile
) -> None:
    centre.take(centre.finding(Phase.OPENED, rule_id="verify"))
    alert, by = centre.alert(), alerts.Actor("duty officer")
    centre.clock.advance(30)
    now = centre.clock.now()
    with centre.db.write() as tx:
        alerts.verdict(tx, alert.id, Verdict.FALSE, actor=by, now=now)
        fired = meanwhile(lambda: clock_flow(centre.db, centre.desk.stages()))
        until_it_waits(centre.db)
        clocks.end_verdict(tx, alert.id, now)
    fired.result(timeout=10)
    with centre.db.read() as tx:
        assert [each.what for each in alerts.history(tx, alert.id)][-1] == "verdict:false"
