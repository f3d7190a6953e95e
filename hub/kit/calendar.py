"""Work time: which seconds of the year count for those who work by a calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_NEVER_DAYS = 400
"""So long without a working second is no calendar, but a mistake."""

Hours = tuple[time, time]
"""From and to, of one day in local time; a noon break lies between two of them."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Weekdays (0 is Monday) with their hours, days off and make-up working days (调休).

    `hours` are in order and do not overlap. A day in both lists is a working day. All moments are
    UTC epoch seconds; hours are of the local clock, so a day on which it is set may be longer or
    shorter.
    """

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether people work on that day at all."""
        if day in self.workdays:
            return True
        return day.weekday() in self.weekdays and day not in self.holidays

    def add(self, start: float, work_s: float) -> float:
        """The first moment by which `work_s` seconds of work have passed since `start`.

        With nothing to add that is `start` itself. Raises ValueError for less than nothing, and
        for a calendar in which nobody works for more than a year.
        """
        if work_s < 0:
            raise ValueError("work time does not run backwards")
        if work_s == 0:
            return start
        left = work_s
        for begins, ends in self._spans(start):
            begins = max(begins, start)
            if ends - begins >= left:
                return begins + left
            left -= max(0.0, ends - begins)
        raise ValueError(f"nobody works for {_NEVER_DAYS} days")

    def between(self, a: float, b: float) -> float:
        """Seconds of work from `a` to `b`; 0 where `b` is not later."""
        total = 0.0
        for begins, ends in self._spans(a):
            if begins >= b:
                break
            total += max(0.0, min(ends, b) - max(begins, a))
        return total

    def spans(self, since: float, until: float) -> list[tuple[float, float]]:
        """The spans of work of the days from `since` on that begin before `until`."""
        return list(takewhile(lambda span: span[0] < until, self._spans(since)))

    def _spans(self, since: float) -> Iterator[tuple[float, float]]:
        """Spans of work from the day of that moment on; ends after a year without any."""
        day = datetime.fromtimestamp(since, self.zone).date()
        idle = 0
        while idle < _NEVER_DAYS:
            spans = _of_day(self, day)
            idle = 0 if spans else idle + 1
            yield from spans
            day += _DAY


@lru_cache(maxsize=4096)
def _of_day(calendar: WorkCalendar, day: date) -> tuple[tuple[float, float], ...]:
    if not calendar.is_working(day):
        return ()
    return tuple(
        (begins, ends)
        for begins, ends in (
            (_at(calendar, day, a), _at(calendar, day, b)) for a, b in calendar.hours
        )
        if ends > begins  # hours that the clock skips in spring are none
    )


def _at(calendar: WorkCalendar, day: date, clock: time) -> float:
    """The moment; 00:00 as an end is not meant: a day ends at 23:59:59.999999 at the latest."""
    return datetime.combine(day, clock, tzinfo=calendar.zone).timestamp()
