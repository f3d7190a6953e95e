"""Time, injected: an hour of loitering is tested in milliseconds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """UTC epoch seconds, a monotonic counter, and a wait that a stop ends at once."""

    def now(self) -> float:
        """UTC epoch seconds; may jump when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait for `event` at most `timeout_s`; True if it is set."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        """UTC epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds, never going back."""
        return time.monotonic()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait for `event` at most `timeout_s`; True if it is set."""
        return event.wait(max(0.0, timeout_s))


class SimClock:
    """A clock that moves only when told; `wait` moves it by the whole time-out."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._monotonic = 0.0

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._monotonic

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Advance by `timeout_s` unless `event` is set already."""
        if not event.is_set():
            self.advance(max(0.0, timeout_s))
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Move both counters forward."""
        if seconds < 0:
            raise ValueError("time goes forward; use set_wall for a jump of the wall clock")
        self._now += seconds
        self._monotonic += seconds

    def set_wall(self, now: float) -> None:
        """Jump the wall clock, as an operator or NTP might, leaving the monotonic one."""
        self._now = now


class Steady:
    """The wall clock, believed as far as it goes with the monotonic one.

    A jump of more than `JUMP_S` is believed after it has lasted `DOUBT_S`; until then time is
    counted on from before. So a jump that is undone soon brings nothing about. What a clock said
    before the first look is not known: then the wall clock is believed.
    """

    JUMP_S = 5.0
    DOUBT_S = 60.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_s: float | None = None
        self._doubted_since: float | None = None

    def now(self) -> float:
        """UTC epoch seconds to act by."""
        wall, passed = self._clock.now(), self._clock.monotonic()
        offset_s = wall - passed
        known = self._offset_s
        if known is None or abs(offset_s - known) <= self.JUMP_S:
            self._offset_s, self._doubted_since = offset_s, None  # NTP slews: follow it
            return wall
        if self._doubted_since is None:
            self._doubted_since = passed
        if passed - self._doubted_since >= self.DOUBT_S:
            self._offset_s, self._doubted_since = offset_s, None
            return wall
        return passed + known


def iso(at: float) -> str:
    """UTC epoch seconds as ISO 8601 with milliseconds and `Z`."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def local_text(at: float, zone: ZoneInfo) -> str:
    """UTC epoch seconds as people at the site read it, to the second: `2026-03-01 08:15:30`."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def from_iso(text: str) -> float:
    """ISO 8601 with an offset to UTC epoch seconds. Raises ValueError without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment.timestamp()
