"""Which camera's newest picture is analysed next: one slot a camera, served round-robin."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hub.kit.clock import Clock
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.types.media import Frame

Work = Callable[[Frame], None]

_LOOK_UP_S = 1.0
_NOTED_AS = "analyse "


@dataclass(slots=True)
class _Seat:
    """One camera: its newest frame, and how it has been faring."""

    camera_id: str
    work: Work
    frame: Frame | None = None
    queued: bool = False
    busy: bool = False
    failures: int = 0
    not_before: float = 0.0


class Analyser:
    """At most `threads` runs at once over all cameras, at most one at a time for each.

    A camera whose work fails rests for a while (doubling, up to 5 s); the others do not notice.
    Counts `hub_analysis_frames_total`, `hub_analysis_dropped_frames_total` (replaced by a newer
    one before its turn), `hub_analysis_failures_total`, all by camera, and
    `hub_analysis_busy_seconds_total`.
    """

    def __init__(
        self, threads: int, clock: Clock, metrics: Metrics, rng: random.Random | None = None
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._threads = threads
        self._supervisor = Supervisor(clock, rng)
        self._seats: dict[str, _Seat] = {}
        self._turns: deque[_Seat] = deque()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Start the threads."""
        for number in range(self._threads):
            self._supervisor.loop(f"analyse-{number}", self.step)

    def stop(self, timeout_s: float = 10.0) -> list[str]:
        """End; returns the names of the threads that did not in time."""
        self._supervisor.stopping.set()
        with self._changed:
            self._changed.notify_all()
        return self._supervisor.stop(timeout_s)

    @property
    def last_errors(self) -> dict[str, str]:
        """The newest error's text by camera id; absent after a good turn."""
        return {
            name.removeprefix(_NOTED_AS): text for name, text in self._supervisor.last_error.items()
        }

    def add(self, camera_id: str, work: Work) -> None:
        """Serve this camera from now on. Raises ValueError if it is served already."""
        with self._changed:
            if camera_id in self._seats:
                raise ValueError(f"camera {camera_id} is served already")
            self._seats[camera_id] = _Seat(camera_id, work)

    def remove(self, camera_id: str, timeout_s: float = 5.0) -> bool:
        """Serve it no more; True when no work of it runs any longer. Not to be called by work."""
        with self._changed:
            seat = self._seats.pop(camera_id, None)
            if seat is None:
                return True
            seat.frame = None
            return self._changed.wait_for(lambda: not seat.busy, timeout_s)

    def offer(self, frame: Frame) -> bool:
        """Put a frame into its camera's slot; False if a frame was lost by that.

        Lost is the older one that nobody had come to look at, or this one when its camera is not
        served or rests after a failure.
        """
        with self._changed:
            seat = self._seats.get(frame.source)
            if seat is None or self._clock.monotonic() < seat.not_before:
                self._dropped(frame)
                return False
            replaced = seat.frame
            seat.frame = frame
            self._queue(seat)
            if replaced is not None:
                self._dropped(replaced)
            return replaced is None

    def _dropped(self, frame: Frame) -> None:
        self._metrics.add("hub_analysis_dropped_frames_total", camera=frame.source)

    def _queue(self, seat: _Seat) -> None:
        """Give the seat a place at the end of the line, unless it has one or is being served."""
        if not (seat.queued or seat.busy):
            seat.queued = True
            self._turns.append(seat)
            self._changed.notify()

    def step(self) -> float:
        """Serve one camera, or wait a moment for a frame."""
        taken = self._take()
        if taken is None:
            return 0.0
        seat, frame = taken
        began = self._clock.monotonic()
        pause_s = self._supervisor.attempt(
            f"{_NOTED_AS}{seat.camera_id}", lambda: seat.work(frame), seat.failures
        )
        self._metrics.add("hub_analysis_busy_seconds_total", self._clock.monotonic() - began)
        self._metrics.add("hub_analysis_frames_total", camera=seat.camera_id)
        if pause_s:
            self._metrics.add("hub_analysis_failures_total", camera=seat.camera_id)
        self._done(seat, pause_s)
        return 0.0

    def _take(self) -> tuple[_Seat, Frame] | None:
        with self._changed:
            if not self._turns:
                self._changed.wait(_LOOK_UP_S)
            while self._turns and not self._supervisor.stopping.is_set():
                seat = self._turns.popleft()
                seat.queued = False
                frame, seat.frame = seat.frame, None
                if frame is not None:
                    seat.busy = True
                    return seat, frame
            return None

    def _done(self, seat: _Seat, pause_s: float) -> None:
        with self._changed:
            seat.busy = False
            seat.failures = seat.failures + 1 if pause_s else 0
            seat.not_before = self._clock.monotonic() + pause_s
            if seat.frame is not None and pause_s:
                self._dropped(seat.frame)
                seat.frame = None
            elif seat.frame is not None:
                self._queue(seat)
            self._changed.notify_all()
