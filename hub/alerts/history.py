"""The last analysed minutes of one camera, for trying a draft rule; in memory, bounded."""

from __future__ import annotations

import threading
from collections import deque

from hub.types.scene import TracksSeen


class TrackHistory:
    """Keeps what was seen for at most `max_s` seconds and `max_items` frames. Thread-safe.

    Of frames with the gate shut only those are kept that follow an open one or stand
    `quiet_every_s` apart: they say nothing but that time passed.
    """

    def __init__(self, max_s: float, max_items: int, quiet_every_s: float = 1.0) -> None:
        if max_items < 1:
            raise ValueError("a history holds at least one frame")
        self._max_s = max_s
        self._quiet_every_s = quiet_every_s
        self._seen: deque[TracksSeen] = deque(maxlen=max_items)
        self._lock = threading.Lock()

    def add(self, seen: TracksSeen) -> None:
        """Remember one frame's tracks; a step back in time forgets all before it."""
        with self._lock:
            if self._seen and seen.captured_at < self._seen[-1].captured_at:
                self._seen.clear()
            if self._says_nothing(seen):
                return
            self._seen.append(seen)
            while seen.captured_at - self._seen[0].captured_at > self._max_s:
                self._seen.popleft()

    def _says_nothing(self, seen: TracksSeen) -> bool:
        if not (self._seen and seen.quiet and self._seen[-1].quiet):
            return False
        return seen.captured_at - self._seen[-1].captured_at < self._quiet_every_s

    def recent(self) -> list[TracksSeen]:
        """What is remembered, oldest first."""
        with self._lock:
            return list(self._seen)
