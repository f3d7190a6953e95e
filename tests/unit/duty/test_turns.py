"""Shifts of a day as moments, where clocks stand still and where they are changed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from hub.duty.turns import Shift, span, week_from, week_of
from tests.unit.duty.town import EARLY, NIGHT, SHANGHAI, moment

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_S = 3600.0


def test_a_shift_lasts_from_one_time_of_the_clock_to_the_other() -> None:
    starts_at, ends_at = span(EARLY, date(2026, 11, 23), SHANGHAI)
    assert (starts_at, ends_at) == (moment("2026-11-23 08:00"), moment("2026-11-23 16:00"))


def test_over_midnight_it_belongs_to_the_day_it_begins_on() -> None:
    starts_at, ends_at = span(NIGHT, date(2026, 12, 31), SHANGHAI)
    assert (starts_at, ends_at) == (moment("2026-12-31 22:00"), moment("2027-01-01 06:00"))


def test_until_midnight_is_until_the_next_day_begins() -> None:
    late = Shift("late", "late", 16 * 60, 24 * 60)
    assert span(late, date(2026, 11, 30), SHANGHAI)[1] == moment("2026-12-01 00:00")


def test_round_the_clock_is_a_day() -> None:
    starts_at, ends_at = span(Shift("day", "day", 480, 480), date(2026, 11, 23), SHANGHAI)
    assert ends_at - starts_at == 24 * HOUR_S


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)]
)
def test_a_night_in_which_clocks_are_changed_keeps_to_the_clock(day: date, hours: int) -> None:
    starts_at, ends_at = span(NIGHT, day, BERLIN)
    assert ends_at - starts_at == hours * HOUR_S


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 25), 167), (date(2026, 10, 25), 169), (date(2026, 6, 3), 168)]
)
def test_a_week_is_from_monday_to_monday_on_the_wall(day: date, hours: int) -> None:
    week = week_from(day, BERLIN)
    assert week.monday.weekday() == 0
    assert week.monday <= day <= week.days[-1]
    assert week.ends_at - week.starts_at == hours * HOUR_S


def test_the_week_of_a_moment_is_that_of_the_place() -> None:
    late_on_sunday = moment("2026-11-22 23:30", BERLIN)
    assert week_of(late_on_sunday, BERLIN).monday == date(2026, 11, 16)
    assert week_of(late_on_sunday, SHANGHAI).monday == date(2026, 11, 23)
