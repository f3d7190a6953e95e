"""Work time: what counts of a year, and that adding and counting are one thing."""

from __future__ import annotations

import itertools
import random
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from hub.kit.calendar import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8, 30), time(12)), (time(13, 30), time(18)))
HOUR_S = 3600.0
OFFICE = WorkCalendar(
    SHANGHAI,
    HOURS,
    holidays=frozenset({date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)}),
    workdays=frozenset({date(2026, 1, 4)}),
)
NIGHTS = WorkCalendar(
    ZoneInfo("Europe/Berlin"), ((time(1), time(4)), (time(20), time(23, 59))), frozenset(range(7))
)
"""Hours that the clock skips in spring and repeats in autumn."""
SUMMERS = (datetime(2026, 3, 29, tzinfo=NIGHTS.zone), datetime(2026, 10, 25, tzinfo=NIGHTS.zone))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


@pytest.mark.parametrize(
    ("start", "work_s", "end"),
    [
        ("2026-06-01 09:00", 1 * HOUR_S, "2026-06-01 10:00"),
        ("2026-06-01 11:30", 1 * HOUR_S, "2026-06-01 14:00"),  # over the noon break
        ("2026-06-05 17:45", 0.5 * HOUR_S, "2026-06-08 08:45"),  # Friday to Monday
        ("2026-06-06 03:00", 8 * HOUR_S, "2026-06-08 18:00"),  # Saturday night
        ("2025-12-31 17:00", 2 * HOUR_S, "2026-01-04 09:30"),  # New Year, and a Sunday made up
        ("2026-06-01 13:00", 0.0, "2026-06-01 13:00"),  # nothing to add
    ],
)
def test_work_time_is_added(start: str, work_s: float, end: str) -> None:
    assert OFFICE.add(at(start), work_s) == at(end)


def test_work_time_is_counted() -> None:
    assert OFFICE.between(at("2026-06-01 00:00"), at("2026-06-02 00:00")) == 8 * HOUR_S
    assert OFFICE.between(at("2026-06-01 12:00"), at("2026-06-01 13:30")) == 0
    assert OFFICE.between(at("2026-06-02 09:00"), at("2026-06-01 09:00")) == 0
    assert OFFICE.between(at("2026-01-01 00:00"), at("2026-01-05 00:00")) == 8 * HOUR_S


def test_the_hour_that_is_skipped_is_none_and_the_one_repeated_counts_twice() -> None:
    spring, autumn = (day.timestamp() for day in SUMMERS)
    assert NIGHTS.between(spring, spring + 6 * HOUR_S) == 2 * HOUR_S
    assert NIGHTS.between(autumn, autumn + 6 * HOUR_S) == 4 * HOUR_S


@pytest.mark.parametrize("calendar", [OFFICE, NIGHTS])
def test_counting_undoes_adding_and_both_only_grow(calendar: WorkCalendar) -> None:
    draw = random.Random(7)
    around = [at("2025-12-30 00:00"), *(day.timestamp() for day in SUMMERS)]
    for _ in range(400):
        start = draw.choice(around) + draw.uniform(-4, 4) * 86400
        works = sorted(draw.uniform(0, 60) * HOUR_S for _ in range(4))
        ends = [calendar.add(start, work_s) for work_s in works]
        for work_s, end in zip(works, ends, strict=True):
            assert calendar.between(start, end) == pytest.approx(work_s, abs=1e-3)
        assert ends == sorted(ends)
        spans = [calendar.between(start, end + 5) for end in ends]
        assert all(a <= b for a, b in itertools.pairwise(spans))
        # Two steps are as far as one.
        both = calendar.add(calendar.add(start, works[0]), works[1])
        assert both == pytest.approx(calendar.add(start, works[0] + works[1]), abs=1e-3)


def test_what_nobody_can_keep_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        OFFICE.add(0.0, -1)
    never = WorkCalendar(SHANGHAI, HOURS, weekdays=frozenset())
    with pytest.raises(ValueError, match="nobody works"):
        never.add(0.0, 1)
    assert never.between(0.0, 86400.0 * 800) == 0


def test_spans_are_all_the_work_between_two_moments() -> None:
    told = OFFICE.spans(at("2026-06-05 09:00"), at("2026-06-08 09:00"))
    hours = [("06-05", "08:30"), ("06-05", "13:30"), ("06-08", "08:30")]
    assert [begins for begins, _ in told] == [at(f"2026-{day} {hour}") for day, hour in hours]
    assert [(b - a) / HOUR_S for a, b in told] == [3.5, 4.5, 3.5]
