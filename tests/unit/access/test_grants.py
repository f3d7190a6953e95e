"""Windows: on the site's wall clock, over midnight, and where clocks are changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.access.actions import ACCOUNT_ROLES, GIVEN_ROLES, Role
from hub.access.grants import ALL_WEEK, UNIT_ROLES, Grant, Window, check_grant
from hub.kit.errors import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Window(weekdays=frozenset({5}), from_minute=22 * 60, to_minute=6 * 60)
"""Friday night."""


def at(text: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> float:
    """Epoch seconds of a time on the wall clock of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-05-08T08:00:00", True),  # a Friday
        ("2026-05-08T17:59:59.999", True),
        ("2026-05-08T18:00:00", False),
        ("2026-05-08T07:59:59.999", False),
        ("2026-05-09T12:00:00", False),
    ],
)
def test_a_window_of_the_day_has_its_first_minute_and_not_its_last(when: str, counts: bool) -> None:
    office = Window(weekdays=frozenset({1, 2, 3, 4, 5}), from_minute=480, to_minute=1080)
    assert office.in_force(at(when), SHANGHAI) is counts


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-05-08T00:00:00", False),  # the night before is Thursday's
        ("2026-05-08T05:00:00", False),
        ("2026-05-08T21:59:00", False),
        ("2026-05-08T22:00:00", True),
        ("2026-05-08T23:59:59", True),
        ("2026-05-09T00:00:00", True),  # Saturday by the calendar, Friday's night
        ("2026-05-09T05:59:59", True),
        ("2026-05-09T06:00:00", False),
        ("2026-05-09T22:00:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(when: str, counts: bool) -> None:
    assert NIGHT.in_force(at(when), SHANGHAI) is counts


def test_sunday_night_runs_into_monday() -> None:
    night = Window(weekdays=frozenset({7}), from_minute=1200, to_minute=480)
    assert night.in_force(at("2026-05-11T07:59:00"), SHANGHAI)
    assert not night.in_force(at("2026-05-10T07:59:00"), SHANGHAI)


def test_a_duty_from_eight_to_eight_is_a_whole_day() -> None:
    duty = Window(weekdays=frozenset({3}), from_minute=480, to_minute=480)
    inside = [at("2026-05-06T08:00:00") + hour * 3600.0 for hour in range(-2, 27)]
    assert [duty.in_force(now, SHANGHAI) for now in inside] == [False] * 2 + [True] * 24 + [
        False
    ] * 3


def test_without_days_and_minutes_only_its_ends_count() -> None:
    week = Window(starts_at=at("2026-05-04T00:00:00"), ends_at=at("2026-05-11T00:00:00"))
    assert not week.in_force(at("2026-05-03T23:59:59"), SHANGHAI)
    assert week.in_force(at("2026-05-04T00:00:00"), SHANGHAI)
    assert week.in_force(at("2026-05-10T23:59:59"), SHANGHAI)
    assert not week.in_force(at("2026-05-11T00:00:00"), SHANGHAI)
    assert Window().in_force(0.0, SHANGHAI)


def test_the_zone_is_the_sites() -> None:
    """Friday 23:00 in Shanghai is Friday 17:00 in Berlin."""
    now = at("2026-05-08T23:00:00")
    assert NIGHT.in_force(now, SHANGHAI)
    assert not NIGHT.in_force(now, BERLIN)


def counted(window: Window, day: str, zone: ZoneInfo) -> float:
    """Hours that a window counts within the 32 hours from midnight of that day."""
    start = at(f"{day}T00:00:00", zone)
    quarters = (start + 900.0 * number for number in range(32 * 4))
    return sum(window.in_force(now, zone) for now in quarters) / 4


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-28", SHANGHAI, 8.0),
        ("2026-03-28", BERLIN, 7.0),  # put forward on Sunday at 2
        ("2026-10-24", BERLIN, 9.0),  # put back on Sunday at 3
        ("2026-10-24", SHANGHAI, 8.0),
    ],
)
def test_a_night_is_as_long_as_the_wall_clock_says(day: str, zone: ZoneInfo, hours: float) -> None:
    saturday = Window(weekdays=frozenset({6}), from_minute=22 * 60, to_minute=6 * 60)
    start = datetime.fromisoformat(day)
    assert start.isoweekday() == 6
    assert counted(saturday, day, zone) == hours


def test_the_hour_that_comes_twice_counts_twice() -> None:
    early = Window(weekdays=frozenset({7}), from_minute=150, to_minute=170)
    twice = [at("2026-10-25T02:40:00", BERLIN, fold) for fold in (0, 1)]
    assert twice[1] - twice[0] == timedelta(hours=1).total_seconds()
    assert all(early.in_force(now, BERLIN) for now in twice)


def test_a_grant_without_a_window_counts_always() -> None:
    assert Grant(Role.CHIEF, "1234").in_force(at("2026-05-08T03:00:00"), SHANGHAI)
    assert not Grant(Role.CHIEF, window=NIGHT).in_force(at("2026-05-08T03:00:00"), SHANGHAI)


@pytest.mark.parametrize(
    ("short", "long", "is_within"),
    [
        (NIGHT, NIGHT, True),
        (NIGHT, Window(), True),
        (Window(), NIGHT, False),
        (Window(ends_at=5.0), Window(ends_at=5.0), True),
        (Window(ends_at=6.0), Window(ends_at=5.0), False),
        (Window(), Window(ends_at=5.0), False),
        (Window(ends_at=5.0), Window(), True),
        (Window(weekdays=frozenset({1})), Window(weekdays=frozenset({1, 2})), True),
        (Window(weekdays=frozenset({3})), Window(weekdays=frozenset({1, 2})), False),
        (Window(from_minute=60), Window(from_minute=120), False),
    ],
)
def test_one_window_may_lie_within_another(short: Window, long: Window, is_within: bool) -> None:
    assert short.within(long) is is_within
    assert Grant(Role.CHIEF, window=long).outlasts(Grant(Role.WORKER, window=short)) is is_within
    assert Grant(Role.CHIEF).outlasts(Grant(Role.WORKER, window=short))
    assert not Grant(Role.CHIEF, window=long).outlasts(Grant(Role.WORKER))


@pytest.mark.parametrize(
    "window",
    [
        Window(weekdays=frozenset()),
        Window(weekdays=frozenset({0})),
        Window(weekdays=frozenset({8})),
        Window(from_minute=-1),
        Window(from_minute=1440),
        Window(to_minute=1441),
        Window(starts_at=2.0, ends_at=2.0),
    ],
)
def test_a_window_that_says_nothing_is_refused(window: Window) -> None:
    with pytest.raises(Refused) as refused:
        check_grant(Grant(Role.WORKER, window=window), GIVEN_ROLES)
    assert refused.value.code == "bad_window"


@pytest.mark.parametrize("role", list(Role))
def test_a_unit_is_named_by_the_roles_that_act_for_one(role: Role) -> None:
    if role not in GIVEN_ROLES:
        with pytest.raises(Refused, match="not given here"):
            check_grant(Grant(role), GIVEN_ROLES)
        return
    right, wrong = Grant(role), Grant(role, unit="fire brigade")
    if role in UNIT_ROLES:
        right, wrong = wrong, right
    check_grant(right, GIVEN_ROLES)
    with pytest.raises(Refused) as refused:
        check_grant(wrong, GIVEN_ROLES)
    assert refused.value.code in {"unit_wanted", "unit_not_wanted"}
    assert (role in ACCOUNT_ROLES) is (role is not Role.CENTRE)
    assert frozenset(range(1, 8)) == ALL_WEEK
