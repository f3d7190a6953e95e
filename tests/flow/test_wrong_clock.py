"""What was written by a clock that ran ahead does not wait for as long as the clock was ahead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from hub.access.grants import Grant
from hub.kit.clock import SimClock, Steady
from hub.store.tables.notices import deliveries, notices
from hub.types.finding import Phase, Severity
from hub.types.staff import Role
from hub.types.work import IncidentState
from tests.flow.centre import Centre
from tests.flow.test_notices import EAST, Night
from tests.flow.test_notices import night as night
from tests.unit.privacy.rows import put_incident

HOUR_S = 3600.0
AHEAD_S = [90.0, 8 * HOUR_S]


@contextmanager
def ahead(clock: SimClock, seconds: float) -> Iterator[None]:
    """Meanwhile the clock runs ahead."""
    clock.set_wall(clock.now() + seconds)
    yield
    clock.set_wall(clock.now() - seconds)


@pytest.mark.parametrize("seconds", AHEAD_S)
def test_who_is_to_be_told_is_asked_at_once(night: Night, seconds: float) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    with ahead(night.clock, seconds):
        night.tell("fire", Severity.P1)
    night.turn()
    assert (night.rung(wang), [to for to, _ in night.texted()]) == (["fire"], ["1"])


def test_what_is_to_be_sent_at_once_is_and_fails_no_faster_for_it(night: Night) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.there.status = 503
    with ahead(night.clock, 8 * HOUR_S):
        night.tell("fire", Severity.P1)
        night.steps.resolve()
    for _ in range(3):
        night.turn()
    assert (night.rung(wang), len(night.heard)) == (["fire"], 1), "the next try waits its time"
    night.there.status = 200
    night.clock.advance(night.config.notices.wait_s(1))
    night.turn()
    assert night.states() == ["sent"]


def test_what_was_sent_then_does_not_count_against_the_gateways_minute(night: Night) -> None:
    [live, sms] = night.config.notices.channels
    few = night.config.notices.model_copy(
        update={"channels": (live, sms.model_copy(update={"per_minute": 1}))}
    )
    night.config = night.config.model_copy(update={"notices": few})
    night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    with ahead(night.clock, 8 * HOUR_S):
        night.tell("before", Severity.P1)
        night.turn()
    night.tell("after", Severity.P1)
    night.turn()
    assert len(night.texted()) == 2


def test_what_is_over_when_somebody_comes_is_not_told_any_more(night: Night) -> None:
    with night.db.write() as tx:
        put_incident(tx, "smoke", "closed", night.clock.now())
    with ahead(night.clock, 8 * HOUR_S):
        night.tell("smoke", Severity.P2)
    night.turn()
    wang = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    night.turn()
    assert night.rung(wang) == [], "it is looked at again each minute, not each turn"
    night.clock.advance(60)
    night.turn()
    with night.db.read() as tx:
        assert tx.execute(select(deliveries)).all() == []
        assert tx.execute(select(notices.c.told)).scalar_one() == 0


@pytest.mark.parametrize("seconds", AHEAD_S)
def test_a_case_that_waits_for_its_group_goes_out(centre: Centre, seconds: float) -> None:
    with ahead(centre.clock, seconds):
        centre.take(centre.finding(Phase.OPENED, rule_id="slow"))
    [case] = centre.incidents()
    assert case.state is IncidentState.FILED
    centre.wait(1)
    [case] = centre.incidents()
    assert case.state is IncidentState.DISPATCHED


def test_a_jump_ends_no_wait_before_its_time(centre: Centre) -> None:
    steady = Steady(centre.clock)
    centre.desk = replace(centre.desk, steady=steady.now)
    centre.take(centre.finding(Phase.OPENED, rule_id="slow"))
    centre.wait(1)
    with ahead(centre.clock, HOUR_S):
        centre.wait(10)
    [case] = centre.incidents()
    assert case.state is IncidentState.FILED
    centre.wait(30)
    [case] = centre.incidents()
    assert case.state is IncidentState.DISPATCHED
