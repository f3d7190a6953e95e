"""Turns of duty: patterns of a day on the site's clock, and the moments that come of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
TURN_S_MAX = 7 * 86400.0
"""No turn is longer, so that those that could reach into a week are found by when they begin."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A pattern of a day: local minutes after midnight.

    Where `to_minute` is not the later one it runs over midnight, and belongs to the day it begins
    on. `grid` None: for the whole site. `from_file`: of duty.yaml, so not to be ended here.
    """

    id: str
    name: str
    from_minute: int
    to_minute: int
    grid: str | None = None
    from_file: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's duty in a role on a grid, from `starts_at` until `until` (UTC epoch seconds).

    `until` is when it was to end, or when it was ended before. One that was ended before it began
    has no length.
    """

    account: str
    grid: str
    starts_at: float
    until: float

    def in_force(self, at: float) -> bool:
        """Whether it is running at that moment."""
        return self.starts_at <= at < self.until

    def begins_in(self, week: Week) -> bool:
        """Whether it belongs to that week, and was not taken back."""
        return week.starts_at <= self.starts_at < week.ends_at and self.starts_at < self.until


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday on the site's clock; the times are UTC epoch seconds, end excluded."""

    monday: date
    starts_at: float
    ends_at: float

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))


def week_of(at: float, zone: ZoneInfo) -> Week:
    """The week of a moment at a site of that time zone."""
    return week_from(datetime.fromtimestamp(at, zone).date(), zone)


def week_from(day: date, zone: ZoneInfo) -> Week:
    """The week of a day."""
    monday = day - timedelta(days=day.weekday())
    return Week(monday, _moment(monday, 0, zone), _moment(monday + timedelta(days=7), 0, zone))


def span(shift: Shift, day: date, zone: ZoneInfo) -> tuple[float, float]:
    """From when to when a shift of that day lasts, UTC epoch seconds.

    It keeps to the clock on the wall: in a night when clocks are changed it is an hour longer or
    shorter.
    """
    over_midnight = shift.to_minute <= shift.from_minute
    last = day + timedelta(days=1) if over_midnight else day
    return _moment(day, shift.from_minute, zone), _moment(last, shift.to_minute, zone)


def day_of(at: float, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return datetime.fromtimestamp(at, zone).date()


def _moment(day: date, minute: int, zone: ZoneInfo) -> float:
    if minute >= DAY_MINUTES:
        day, minute = day + timedelta(days=1), minute - DAY_MINUTES
    return datetime.combine(day, time(minute // 60, minute % 60), zone).timestamp()
