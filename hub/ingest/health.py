"""What state a camera's picture is in, judged from the progress of its video. Pure.

The socket says nothing: a camera may hold it open and send no video, send packets that
decode to nothing, or send the same picture for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.types.scene import HealthState
from hub.types.site import Spec


class HealthPolicy(Spec):
    """When a picture counts as stale, offline, frozen. Seconds of the monotonic clock."""

    stale_after_s: float = 4.0
    offline_after_s: float = 10.0
    first_picture_s: float = 30.0
    """Packets may flow this long before the first picture (a GOP of 10 s, a slow link)."""
    frozen_after_s: float = 10.0
    frozen_keyframes: int = 2
    failed_connects: int = 2
    """A camera that never gave a picture is offline after so many refusals."""


@dataclass(slots=True)
class Progress:
    """What a camera's threads have seen; written by them, read by the watch.

    All moments are monotonic seconds. `since` is the moment of the start; `connects_failed`
    counts refusals since the last picture; `same_since` is the first of the pictures that are
    identical up to the newest, `same_keyframes` how many keyframes are among them.
    """

    since: float
    packet_at: float | None = None
    picture_at: float | None = None
    connects_failed: int = 0
    same_since: float = 0.0
    same_keyframes: int = 0
    sample: bytes = b""

    def saw_picture(self, sample: bytes, keyframe: bool, at: float) -> None:
        """A picture was looked at; `sample` are rows of its luma, compared byte for byte."""
        if sample != self.sample:
            self.sample = sample
            self.same_since = at
            self.same_keyframes = 0
        self.same_keyframes += keyframe
        self.picture_at = at
        self.connects_failed = 0


def judge(progress: Progress, now: float, policy: HealthPolicy) -> HealthState:
    """State at `now` (monotonic)."""
    if progress.picture_at is None:
        return _before_first_picture(progress, now, policy)
    without_s = now - progress.picture_at
    if without_s >= policy.offline_after_s:
        return HealthState.OFFLINE
    if without_s >= policy.stale_after_s:
        return HealthState.STALE
    same_s = progress.picture_at - progress.same_since
    if same_s >= policy.frozen_after_s and progress.same_keyframes >= policy.frozen_keyframes:
        return HealthState.FROZEN
    return HealthState.ONLINE


def _before_first_picture(progress: Progress, now: float, policy: HealthPolicy) -> HealthState:
    if progress.connects_failed >= policy.failed_connects:
        return HealthState.OFFLINE
    flowing = progress.packet_at is not None and now - progress.packet_at < policy.stale_after_s
    limit_s = policy.first_picture_s if flowing else policy.offline_after_s
    return HealthState.OFFLINE if now - progress.since >= limit_s else HealthState.CONNECTING
