"""When a rule is on: weekdays and local time ranges in a named time zone."""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from hub.types.site import Spec

Weekday = Annotated[int, Field(ge=1, le=7)]
"""ISO weekday: 1 is Monday, 7 is Sunday."""


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _known_zone(name: str) -> str:
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


class TimeRange(Spec):
    """Local time from `start` up to, not including, `end`; over midnight when `end` is earlier.

    `weekdays` are those on which the range starts; empty means every day. Equal times mean the
    whole day.
    """

    weekdays: tuple[Weekday, ...] = ()
    start: time = time(0, 0)
    end: time = time(0, 0)


class Schedule(Spec):
    """The hours in which a rule is on; without ranges it is always on."""

    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    ranges: tuple[TimeRange, ...] = Field(default=(), max_length=32)

    def is_on(self, at: float) -> bool:
        """Whether the rule is on at `at` (UTC epoch seconds)."""
        if not self.ranges:
            return True
        local = datetime.fromtimestamp(at, _zone(self.time_zone))
        return any(_covers(part, local.isoweekday(), local.time()) for part in self.ranges)


def _covers(part: TimeRange, weekday: int, moment: time) -> bool:
    days = part.weekdays or tuple(range(1, 8))
    if part.start < part.end:
        return weekday in days and part.start <= moment < part.end
    if part.start == part.end:
        return weekday in days
    yesterday = 7 if weekday == 1 else weekday - 1
    return (weekday in days and moment >= part.start) or (yesterday in days and moment < part.end)
