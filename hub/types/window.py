"""Hours on the wall clock in which something counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
ALL_WEEK = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Window:
    """When something counts, on the wall clock of the site's time zone.

    `starts_at` and `ends_at` are UTC epoch seconds (the end is not part of it), None: open.
    `weekdays` are 1 (Monday) to 7. Each of them counts from `from_minute` to `to_minute` after
    midnight; where `to_minute` is not the later one the window runs over midnight, and belongs to
    the day it begins on. Where clocks are put back, an hour that comes twice counts twice.
    """

    starts_at: float | None = None
    ends_at: float | None = None
    weekdays: frozenset[int] = ALL_WEEK
    from_minute: int = 0
    to_minute: int = DAY_MINUTES

    def in_force(self, now: float, zone: ZoneInfo) -> bool:
        """Whether it counts at `now` (UTC epoch seconds) at a site of that time zone."""
        if self.starts_at is not None and now < self.starts_at:
            return False
        if self.ends_at is not None and now >= self.ends_at:
            return False
        local = datetime.fromtimestamp(now, zone)
        today = local.isoweekday() in self.weekdays
        minute = local.hour * 60 + local.minute
        if self.from_minute < self.to_minute:
            return today and self.from_minute <= minute < self.to_minute
        if minute >= self.from_minute:
            return today
        yesterday = (local.date() - timedelta(days=1)).isoweekday()
        return yesterday in self.weekdays and minute < self.to_minute

    def within(self, other: Window) -> bool:
        """Whether from now on this one counts only when `other`, which counts now, does too."""
        if other.ends_at is not None and (self.ends_at is None or self.ends_at > other.ends_at):
            return False
        hours = self.from_minute, self.to_minute
        others = other.from_minute, other.to_minute
        same = self.weekdays <= other.weekdays and hours == others
        return same or (other.weekdays == ALL_WEEK and others == (0, DAY_MINUTES))
