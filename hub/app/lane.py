"""One camera's lane through the worker: which frames are looked at, what rules make of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hub.alerts.engine import RuleEngine
from hub.alerts.history import TrackHistory
from hub.analytics.model import Detector
from hub.analytics.tracking import Tracker
from hub.flow import WorkerStages, worker_flow
from hub.types.finding import Finding
from hub.types.media import Frame
from hub.types.scene import HealthChanged, HealthState, Observation, Tick, Track, TracksSeen

LOOK_AGAIN_S = 1.0
"""While something is tracked, a model looks at least this often, open gate or not."""
LOOK_ANYWAY_S = 10.0
"""An empty picture is looked at this often in spite of a shut gate."""


Illustrate = Callable[[Finding, Frame | None, Sequence[Track]], Finding]
"""Notes what evidence is to be made of a finding, and returns the finding as it goes on."""


@dataclass(slots=True)
class LaneCounts:
    """What the lane did, since its start."""

    frames: int = 0
    gate_open: int = 0
    looked: int = 0


class Lane:
    """Decides per frame whether the model runs, and keeps one camera's rules in one order.

    `offer` hands a frame to the shared analysis threads, which call `analyse`. Quiet frames
    never go through them: the last tracks still stand, and the rules learn only that time
    passed. `keep` takes findings for good (it may wait, it never drops).
    """

    def __init__(
        self,
        camera_id: str,
        *,
        detector: Detector | None,
        tracker: Tracker,
        engine: RuleEngine,
        history: TrackHistory,
        offer: Callable[[Frame], object],
        illustrate: Illustrate,
        keep: Callable[[Sequence[Finding]], None],
    ) -> None:
        self._camera_id = camera_id
        self._tracker = tracker
        self._engine = engine
        self._offer = offer
        self._keep = keep
        self._lock = threading.Lock()
        self._illustrator = illustrate
        self._last_frame: Frame | None = None
        self._tracks: tuple[Track, ...] = ()
        self._looked_at = float("-inf")
        self.history = history
        self.counts = LaneCounts()
        self._stages: WorkerStages | None = None
        if detector is not None:
            self._stages = WorkerStages(
                look=lambda frame: self._look(detector, frame),
                remember=history.add,
                judge=engine.step,
                illustrate=self._illustrate,
                keep=keep,
            )

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What was seen last."""
        return self._tracks

    def on_frame(self, frame: Frame) -> None:
        """Called by the camera's own thread for every frame at the analysis rate."""
        self.counts.frames += 1
        self._last_frame = frame
        self.counts.gate_open += frame.gate_open
        if self._stages is not None and (frame.gate_open or self._due(frame.captured_at)):
            self._looked_at = frame.captured_at
            self._offer(frame)
        elif self._tracks:
            self._quiet(frame)

    def _due(self, captured_at: float) -> bool:
        since_s = captured_at - self._looked_at
        # Less than nothing: the wall clock was set back, which must not keep the model away.
        return not 0.0 <= since_s < (LOOK_AGAIN_S if self._tracks else LOOK_ANYWAY_S)

    def _quiet(self, frame: Frame) -> None:
        # A frame at the model is older than this one: its tracks come first.
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._tracks = self._tracker.rest(frame.captured_at)
            seen = TracksSeen(
                self._camera_id, frame.captured_at, frame.received_at, self._tracks, quiet=True
            )
            self.history.add(seen)
            self._judge(seen, frame)
        finally:
            self._lock.release()

    def analyse(self, frame: Frame) -> None:
        """Called by an analysis thread for the newest frame of this camera."""
        if self._stages is not None:
            with self._lock:
                worker_flow(self._stages, frame)

    def _look(self, detector: Detector, frame: Frame) -> TracksSeen:
        self.counts.looked += 1
        detections = detector.detect(frame)
        self._tracks = self._tracker.update(detections, frame.captured_at)
        return TracksSeen(self._camera_id, frame.captured_at, frame.received_at, self._tracks)

    def on_health(self, change: HealthChanged) -> None:
        """The picture changed its state; a lost or frozen one says nothing of what stands there."""
        with self._lock:
            if change.state is not HealthState.ONLINE:
                self._tracks = ()
            self._judge(change, self._last_frame)

    def tick(self, now: float) -> None:
        """Time passes also where no frame comes: hold times run out, open episodes say so."""
        with self._lock:
            self._judge(Tick(self._camera_id, now), self._last_frame)

    def _judge(self, observation: Observation, frame: Frame | None) -> None:
        findings = self._engine.step(observation)
        if findings:
            self._keep([self._illustrate(finding, frame) for finding in findings])

    def _illustrate(self, finding: Finding, frame: Frame | None) -> Finding:
        return self._illustrator(finding, frame, self._tracks)
