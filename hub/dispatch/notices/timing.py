"""When somebody is told: now, after the quiet hours, or with the next digest; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.dispatch.notices.config import Digest, NoticesConfig, minute_of
from hub.types.finding import Severity

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A person's quiet hours, minutes since midnight; from and to the same: none."""

    start: int
    end: int

    def until(self, at: datetime) -> datetime | None:
        """When they end if they hold at that moment (in the site's zone), else None."""
        minute = at.hour * 60 + at.minute
        if self.start == self.end:
            return None
        over_midnight = self.start > self.end
        if over_midnight:
            holds = minute >= self.start or minute < self.end
        else:
            holds = self.start <= minute < self.end
        if not holds:
            return None
        day = at + _DAY if over_midnight and minute >= self.start else at
        return _at(day, self.end)


@dataclass(frozen=True, slots=True)
class When:
    """`digest`: told together with what else is due then."""

    at: float
    digest: bool = False
    put_off: bool = False


def quiet_of(config: NoticesConfig, start: int | None, end: int | None) -> Quiet:
    """A person's own quiet hours, else those of the house."""
    if start is not None and end is not None:
        return Quiet(start, end)
    return Quiet(minute_of(config.quiet.start), minute_of(config.quiet.end))


def when(
    severity: Severity,
    now: float,
    quiet: Quiet,
    config: NoticesConfig,
    zone: ZoneInfo,
    *,
    disturbs: bool,
) -> When:
    """When a channel tells somebody. `now` is UTC epoch seconds, and so is the answer."""
    if not disturbs:
        return When(now)
    if severity in config.digest.severities:
        return When(_digest(config.digest, now, quiet, zone), digest=True, put_off=True)
    if severity in config.quiet.broken_by:
        return When(now)
    until = quiet.until(datetime.fromtimestamp(now, zone))
    return When(now) if until is None else When(until.timestamp(), put_off=True)


def _digest(digest: Digest, now: float, quiet: Quiet, zone: ZoneInfo) -> float:
    """The next of its times that is in nobody's quiet hours; if all are, the end of those."""
    local = datetime.fromtimestamp(now, zone)
    times = sorted(
        moment
        for day in (local, local + _DAY)
        for minute in map(minute_of, digest.at)
        if (moment := _at(day, minute)).timestamp() > now
    )
    free = [moment for moment in times if quiet.until(moment) is None]
    chosen = free[0] if free else quiet.until(times[0]) or times[0]
    return chosen.timestamp()


def _at(day: datetime, minute: int) -> datetime:
    return day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
