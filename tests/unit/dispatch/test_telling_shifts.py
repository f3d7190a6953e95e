"""A change of shift while something waits to be told: it is for who is on duty then."""

from __future__ import annotations

from hub.access.grants import Grant
from hub.dispatch.calls import Answer
from hub.types.finding import Severity
from hub.types.staff import Role
from tests.flow.test_notices import EAST, Night, at
from tests.flow.test_notices import night as night
from tests.unit.dispatch.test_telling import (
    on_a_line,
    tell_many,
    with_channels,
)


def test_what_waits_over_a_change_of_shift_is_for_who_is_on_duty_then(night: Night) -> None:
    with_channels(night, per_minute=5)
    line = on_a_line(night)
    day = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    late = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    night.shift(day, "02 08:00", "02 20:00")
    night.shift(late, "02 20:00", "03 08:00")
    night.clock.advance(at("02 19:50") - night.clock.now())
    tell_many(night, 100, Severity.P2)
    night.until("02 19:59", 20)
    before = len(line.heard)
    assert {each["to"] for each in line.heard} == {"1"}
    assert 30 <= before <= 50, "the others wait for their turn, untried"
    night.clock.advance(60)
    night.until("02 20:30", 20)
    assert {each["to"] for each in line.heard[before:]} == {"2"}, "nobody who went home is paged"
    assert len({each["id"] for each in line.heard}) == len(line.heard) == 100
    assert len(night.rung(late)) == 100 - before, "and who comes has it on their pages too"


def test_what_a_busy_gateway_put_off_is_for_who_is_on_duty_then(night: Night) -> None:
    day = night.person("wang", Grant(Role.WORKER, EAST), phone="1")
    late = night.person("li", Grant(Role.WORKER, EAST), phone="2")
    night.shift(day, "02 08:00", "02 20:00")
    night.shift(late, "02 20:00", "03 08:00")
    night.clock.advance(at("02 19:55") - night.clock.now())
    with_channels(night, per_minute=5)
    busy = on_a_line(night, Answer(429, b"", 400.0))
    tell_many(night, 8, Severity.P2)
    night.turn()
    assert 0 < len(busy.heard) < 8, "some wait untried for the gateway to be free"
    line = on_a_line(night)
    night.until("02 20:20", 20)
    assert [each["to"] for each in line.heard] == ["2"] * 8


def test_the_bell_of_who_is_named_rings_late_rather_than_not(night: Night) -> None:
    wang = night.person("wang", Grant(Role.WORKER, EAST))
    night.shift(wang, "03 08:00", "03 20:00")
    night.tell("leave", Severity.P3, account=wang)
    night.steps.resolve()
    night.clock.advance(3600)
    night.turn()
    assert night.rung(wang) == ["leave"]
