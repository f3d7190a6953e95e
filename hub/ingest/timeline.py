"""A stream's times: strictly increasing media time, and when each picture was really taken.

The camera's timestamps are right about the distances between pictures and wrong about
everything else. The one place where missing, backward and jumping ones are repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hub.types.site import Spec


class TimelinePolicy(Spec):
    """Limits of what counts as a jump, seconds."""

    jump_s: float = 1.0
    """More than this against the clock is a jump: anchor again and say so."""
    window_s: float = 10.0
    """The least delay of such a window is compared with the envelope."""
    slew_s: float = 0.005
    """How far the envelope follows a slow camera clock per window (500 ppm)."""
    step_s: float = 0.04
    """Distance assumed between pictures until two have been seen."""


class Stamp(NamedTuple):
    """The times of one packet; `media_s` and `dts_s` on the repaired line, the rest UTC epoch."""

    media_s: float
    dts_s: float
    captured_at: float
    received_at: float
    reanchored: bool


@dataclass(slots=True)
class _Window:
    """The least delay seen since `since`."""

    since: float
    least_s: float


class Timeline:
    """Stamps the packets of one connection after the other; one thread only.

    Delay of a packet = arrival - media time. The network only ever adds to it, so the least
    delay seen (the envelope) is the best estimate of "taken at" = media time + envelope.
    A packet that undercuts it lowers it at once; it rises by at most `slew_s` a window, or, when
    a whole window stayed more than `jump_s` above, in one marked step.
    """

    def __init__(self, policy: TimelinePolicy = TimelinePolicy()) -> None:
        self._policy = policy
        self._shift_s = 0.0
        self._last_raw_s: float | None = None
        self._last_dts_s = -1.0
        self._last_media_s = -1.0
        self._last_arrival = 0.0
        self._step_s = policy.step_s
        self._envelope_s: float | None = None
        self._window = _Window(0.0, 0.0)
        self._wall_s: float | None = None

    def reconnect(self) -> None:
        """The source begins anew: its next timestamp has nothing to do with the last one."""
        self._last_raw_s = None
        self._envelope_s = None

    def stamp(self, pts_s: float | None, dts_s: float | None, now: float, arrival: float) -> Stamp:
        """Times of a packet that came at `arrival` (monotonic) and `now` (UTC epoch).

        `pts_s` and `dts_s` are as sent, None where missing.
        """
        jumped = self._place(pts_s, dts_s, arrival)
        raw_dts = self._last_raw_s if self._last_raw_s is not None else 0.0
        dts = max(raw_dts + self._shift_s, self._last_dts_s + 1e-6)
        media = dts if pts_s is None else pts_s + self._shift_s
        # A picture is never shown before it is decoded; what says so is a broken timestamp.
        media = max(media, dts)
        if media == self._last_media_s:
            media += 1e-6
        reanchored = self._anchor(media, arrival, jumped)
        reanchored = self._wall_was_set(now - arrival) or reanchored
        self._last_dts_s, self._last_media_s, self._last_arrival = dts, media, arrival
        envelope_s = self._envelope_s or 0.0
        captured_at = min(media + envelope_s, arrival) + (now - arrival)
        return Stamp(media, dts, captured_at, now, reanchored)

    def _place(self, pts_s: float | None, dts_s: float | None, arrival: float) -> bool:
        """Take the next raw time; move the shift where it jumps. True for a jump."""
        raw = dts_s if dts_s is not None else pts_s
        last = self._last_raw_s
        waited_s = arrival - self._last_arrival
        if last is None:
            # First packet of a connection: the line goes on where it stopped, by our clock.
            begin = 0.0 if self._last_dts_s < 0 else self._last_dts_s + max(waited_s, self._step_s)
            self._last_raw_s = raw
            self._shift_s = begin - (raw or 0.0)
            return False
        if raw is None:
            self._last_raw_s = last + self._step_s
            return False
        self._last_raw_s = raw
        step_s = raw - last
        if 0.0 < step_s <= self._policy.jump_s:
            self._step_s = step_s
            return False
        if step_s > 0.0 and not self._ahead(raw, arrival):
            return False
        # Back, or far ahead of the clock: the camera's clock jumped, the pictures did not.
        jumped = abs(step_s) > self._policy.jump_s
        if jumped or step_s < -self._policy.jump_s / 4:
            self._shift_s = self._last_dts_s + max(waited_s, self._step_s) - raw
        return jumped

    def _ahead(self, raw: float, arrival: float) -> bool:
        if self._envelope_s is None:
            return False
        return raw + self._shift_s + self._envelope_s > arrival + self._policy.jump_s

    def _anchor(self, media_s: float, arrival: float, jumped: bool) -> bool:
        """Follow the least delay; True when it was set anew because of a jump."""
        delay_s = arrival - media_s
        envelope_s = self._envelope_s
        if envelope_s is None or jumped or delay_s < envelope_s:
            sudden = envelope_s is not None and (
                jumped or envelope_s - delay_s > self._policy.jump_s
            )
            self._envelope_s = delay_s
            self._window = _Window(arrival, delay_s)
            return sudden
        window = self._window
        window.least_s = min(window.least_s, delay_s)
        if arrival - window.since < self._policy.window_s:
            return False
        rise_s = window.least_s - envelope_s
        far = rise_s > self._policy.jump_s
        self._envelope_s = envelope_s + (rise_s if far else min(rise_s, self._policy.slew_s))
        self._window = _Window(arrival, delay_s)
        return far

    def _wall_was_set(self, wall_s: float) -> bool:
        """True when the machine's clock was set by more than a jump since the last packet."""
        before, self._wall_s = self._wall_s, wall_s
        return before is not None and abs(wall_s - before) > self._policy.jump_s
