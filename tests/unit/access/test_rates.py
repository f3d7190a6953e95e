"""How often one may ask: a full bucket at first, then so much a second."""

from __future__ import annotations

import pytest

from hub.access.actions import ANYONE, Subject
from hub.access.rates import Buckets, Rate, Rates, RateSettings, TooMany, address_key
from hub.kit.clock import SimClock
from hub.kit.metrics import Metrics
from hub.types.staff import Role

TWO = Rate(per_s=2, burst=4)


def taken(buckets: Buckets, key: str, tries: int) -> int:
    """How many of these tries are let through."""
    through = 0
    for _ in range(tries):
        try:
            buckets.take(key, TWO)
        except TooMany:
            continue
        through += 1
    return through


def test_a_burst_goes_through_and_then_so_many_a_second(clock: SimClock) -> None:
    buckets = Buckets(clock)
    assert taken(buckets, "a", 10) == 4
    clock.advance(1.0)
    assert taken(buckets, "a", 10) == 2
    clock.advance(3600.0)
    assert taken(buckets, "a", 10) == 4, "it is never more than full"


def test_it_says_when_to_come_again_and_that_is_true(clock: SimClock) -> None:
    buckets = Buckets(clock)
    taken(buckets, "a", 4)
    with pytest.raises(TooMany) as refused:
        buckets.take("a", TWO)
    assert refused.value.retry_after_s == pytest.approx(0.5)
    clock.advance(refused.value.retry_after_s)
    buckets.take("a", TWO)


def test_who_is_refused_is_not_put_off_by_asking_again(clock: SimClock) -> None:
    buckets = Buckets(clock)
    taken(buckets, "a", 4)
    for _ in range(10):
        clock.advance(0.05)
        taken(buckets, "a", 1)
    assert taken(buckets, "b", 1) == 1, "nobody else is touched"
    clock.advance(0.5)
    assert taken(buckets, "a", 1) == 1


def test_the_table_is_bounded_and_forgets_who_asked_longest_ago(clock: SimClock) -> None:
    buckets = Buckets(clock, limit=2)
    assert [taken(buckets, key, 4) for key in ("a", "b")] == [4, 4]
    taken(buckets, "a", 1)
    taken(buckets, "c", 4)
    assert len(buckets) == 2
    assert taken(buckets, "a", 1) == 0, "it asked lately"
    assert taken(buckets, "b", 1) == 1, "it was forgotten"


SETTINGS = RateSettings(
    subject=Rate(per_s=1, burst=3), sensor=Rate(per_s=1, burst=2), unknown=Rate(per_s=1, burst=1)
)
PERSON = Subject("Li Na", (), account="a-1")
PROGRAM = Subject("a program", (), token="t-1")
SENSOR = Subject.of("sensor door-1", Role.SENSOR)


@pytest.mark.parametrize(
    ("who", "by", "through"),
    [(PERSON, "account", 3), (PROGRAM, "token", 3), (SENSOR, "sensor", 2), (ANYONE, "address", 1)],
)
def test_each_kind_has_a_rate_of_its_own_and_refusals_are_counted(
    clock: SimClock, who: Subject, by: str, through: int
) -> None:
    metrics = Metrics()
    rates = Rates(SETTINGS, clock, metrics)
    for _ in range(through):
        rates.count(who, "10.0.0.9")
    with pytest.raises(TooMany):
        rates.count(who, "10.0.0.9")
    assert metrics.get("hub_api_requests_refused_total", by=by) == 1


def test_a_person_has_one_bucket_wherever_they_ask_from(clock: SimClock) -> None:
    rates = Rates(SETTINGS, clock, Metrics())
    for host in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        rates.count(PERSON, host)
    with pytest.raises(TooMany):
        rates.count(PERSON, "10.0.0.4")
    rates.count(ANYONE, "10.0.0.1")
    rates.count(ANYONE, "10.0.0.2")


def test_a_subscribers_ipv6_addresses_are_one() -> None:
    assert address_key("2001:db8:1:2::5") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::5") != address_key("2001:db8:1:3::5")
    assert address_key("::ffff:10.0.0.1") == address_key("10.0.0.1")
    assert address_key("testclient") == "address testclient"
