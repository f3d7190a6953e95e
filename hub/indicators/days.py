"""Days and periods of the site: which day a moment belongs to, and where one begins. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hub.kit.errors import Refused

LONGEST_DAYS = 3 * 366
"""Further apart nothing is asked for in one question."""


class Step(StrEnum):
    """How long a part of a series is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both counted, of the site's calendar."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def period(first: date, last: date) -> Period:
    """From one day to another. Raises Refused (`bad_period`) where that is none, or too long."""
    if last < first or (last - first).days >= LONGEST_DAYS:
        raise Refused(f"a period has 1 to {LONGEST_DAYS} days", code="bad_period")
    if not _of_our_time(first) or not _of_our_time(last):
        raise Refused("a period lies in the years 2000 to 2199", code="bad_period")
    return Period(first, last)


def _of_our_time(day: date) -> bool:
    return 2000 <= day.year < 2200


def before(this: Period) -> Period:
    """The period of the same length that ends the day before."""
    last = this.first - timedelta(days=1)
    return Period(last - timedelta(days=this.days - 1), last)


def week_of(day: date) -> Period:
    """The week, Monday to Sunday, of a day. Raises Refused (`bad_period`)."""
    if not _of_our_time(day):
        raise Refused("a week lies in the years 2000 to 2199", code="bad_period")
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def day_of(at: float, zone: ZoneInfo) -> date:
    """The site's day of a moment, UTC epoch seconds."""
    return datetime.fromtimestamp(at, zone).date()


def starts_at(day: date, zone: ZoneInfo) -> float:
    """When a day of the site begins, UTC epoch seconds."""
    return datetime.combine(day, time(), zone).timestamp()


def bounds(day: date, zone: ZoneInfo) -> tuple[float, float]:
    """From when to when a day of the site lasts; 23 to 25 hours where clocks are changed."""
    return starts_at(day, zone), starts_at(day + timedelta(days=1), zone)


def part_of(day: date, step: Step) -> date:
    """The first day of the part of a series that a day belongs to."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)


def parts(this: Period, step: Step) -> list[date]:
    """The parts of a series, each by its first day, also those in which nothing was."""
    found: list[date] = []
    day = this.first
    while day <= this.last:
        part = part_of(day, step)
        if not found or found[-1] != part:
            found.append(part)
        day += timedelta(days=1)
    return found
