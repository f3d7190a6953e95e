"""All cameras of one worker, kept as its plan says."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pydantic import SecretStr

from hub.alerts.engine import RuleEngine
from hub.alerts.history import TrackHistory
from hub.alerts.rule import RuleBinding
from hub.analytics.analyser import Analyser
from hub.analytics.model import Detector
from hub.analytics.tracking import Tracker
from hub.app.evidence import EvidenceDesk
from hub.app.lane import Lane
from hub.app.plan import PlannedCamera, changed
from hub.ingest.ring import Ring
from hub.ingest.runner import CameraRunner, CameraStats
from hub.ingest.source import Opener
from hub.kit.clock import Clock
from hub.kit.errors import HubError, NotFound, Retryable
from hub.kit.ids import Ids
from hub.kit.metrics import Metrics
from hub.live.streams import Recent
from hub.live.tap import Offer, Tap
from hub.store.secrets import SecretBox
from hub.types.finding import Finding
from hub.types.media import Frame, Packet, StreamInfo, StreamRole
from hub.types.scene import SourceKind, Track
from hub.types.site import CameraSpec, Credentials

log = logging.getLogger(__name__)

SPREAD_S = 0.25
"""Cameras of one plan start this far apart, so that a fleet does not knock all at once."""
MEND_S = 60.0
"""How often a model that could not be fetched is asked for again."""
HISTORY_S = 300.0
HISTORY_ITEMS = 1500


@dataclass(frozen=True, slots=True)
class Tools:
    """What all lanes of a worker share."""

    clock: Clock
    ids: Ids
    rng: random.Random
    metrics: Metrics
    opener: Opener
    analyser: Analyser
    evidence: EvidenceDesk
    secrets: SecretBox
    detector: Callable[[str], Detector]
    keep: Callable[[Sequence[Finding]], None]
    tap: Tap


@dataclass(frozen=True, slots=True)
class Watched:
    """One running camera. `lack` is why it has no model though it should, None if all is well."""

    planned: PlannedCamera
    runner: CameraRunner
    lane: Lane
    lack: HubError | None = None


class Lanes:
    """Starts, stops and replaces cameras; healthy ones whose entry did not change run on."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._watched: dict[str, Watched] = {}
        self._mended_at = tools.clock.monotonic()

    def apply(self, cameras: Sequence[PlannedCamera]) -> None:
        """Bring what runs in line with the plan."""
        new = {planned.camera.id: planned for planned in cameras}
        old = {key: watched.planned for key, watched in self._watched.items()}
        to_stop, to_start = changed(old, new)
        self._replace(to_stop, {key: new[key] for key in to_start})
        self._mended_at = self._tools.clock.monotonic()

    def mend(self) -> None:
        """Now and then: start the cameras anew whose model could not be had, but may be by now."""
        now = self._tools.clock.monotonic()
        if now - self._mended_at < MEND_S:
            return
        self._mended_at = now
        lacking = {k: w.planned for k, w in self._watched.items() if isinstance(w.lack, Retryable)}
        self._replace(set(lacking), lacking)

    def _replace(self, to_stop: set[str], to_start: Mapping[str, PlannedCamera]) -> None:
        self._stop(to_stop)
        for place, key in enumerate(sorted(to_start)):
            try:
                self._watched[key] = self._start(to_start[key], place * SPREAD_S)
            except HubError as error:
                # The others are watched all the same; the centre tells that this one is not.
                log.error("camera %s cannot be watched: %s: %s", key, error.code, error)

    def _start(self, planned: PlannedCamera, delay_s: float) -> Watched:
        tools = self._tools
        camera = _with_password(planned, tools.secrets)
        roles = (StreamRole.SUB, StreamRole.MAIN) if camera.sub else (StreamRole.MAIN,)
        detector, lack = self._detector(planned)
        names = {rule.id: rule.name or rule.id for rule in planned.rules}

        def illustrate(finding: Finding, frame: Frame | None, tracks: Sequence[Track]) -> Finding:
            rings = [runner.ring(role) for role in roles]
            name = names.get(finding.rule_id, finding.rule_id)
            return tools.evidence.note(camera, rings, tracks, name, finding, frame)

        lane = Lane(
            camera.id,
            detector=detector,
            tracker=tracker_for(camera, detector),
            engine=RuleEngine(
                camera.id, SourceKind.CAMERA, bindings_of(planned), tools.ids, tools.clock
            ),
            history=TrackHistory(HISTORY_S, HISTORY_ITEMS),
            offer=tools.analyser.offer,
            illustrate=illustrate,
            keep=tools.keep,
        )
        runner = CameraRunner(
            camera,
            opener=tools.opener,
            clock=tools.clock,
            rng=tools.rng,
            metrics=tools.metrics,
            on_packet=tools.tap.offer,
            on_frame=lane.on_frame,
            on_health=lane.on_health,
        )
        tools.analyser.add(camera.id, lane.analyse)
        recent = {role: _kept_in(runner.ring(role)) for role in roles}
        tools.tap.begin(camera.id, Offer(recent, camera.masks))
        runner.start(delay_s)
        return Watched(planned, runner, lane, lack)

    def _detector(self, planned: PlannedCamera) -> tuple[Detector | None, HubError | None]:
        if planned.model is None:
            return None, None
        try:
            return self._tools.detector(planned.model), None
        except HubError as error:
            # The camera is still watched over (health, evidence); only its picture rules sleep.
            log.error("camera %s has no model %s: %s", planned.camera.id, planned.model, error)
            self._tools.metrics.add("hub_model_missing_total", model=planned.model)
            return None, error

    def _stop(self, keys: set[str]) -> None:
        if not keys:
            return
        gone = [self._watched.pop(key) for key in sorted(keys)]
        for key in keys:
            self._tools.tap.end(key)
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(lambda w: w.runner.stop(timeout_s=5.0), gone))
        for watched in gone:
            self._tools.analyser.remove(watched.planned.camera.id)

    def stop(self) -> None:
        """Stop all cameras."""
        self._stop(set(self._watched))

    def tick(self, now: float) -> None:
        """Let time pass for every camera's rules."""
        for watched in list(self._watched.values()):
            watched.lane.tick(now)

    def stats(self) -> dict[str, tuple[CameraStats, Lane]]:
        """Numbers of every camera."""
        return {key: (w.runner.stats(), w.lane) for key, w in list(self._watched.items())}

    def lacks(self) -> dict[str, str]:
        """Why a camera that should have a model has none, by camera; absent where all is well."""
        return {k: f"{w.lack.code}: {w.lack}" for k, w in list(self._watched.items()) if w.lack}

    def abandoned(self) -> int:
        """Threads that hang in their camera and were given up."""
        return sum(watched.runner.stats().abandoned for watched in list(self._watched.values()))

    def history(self, camera_id: str) -> TrackHistory | None:
        """Last analysed minutes of a camera, None if it is not here."""
        watched = self._watched.get(camera_id)
        return watched.lane.history if watched else None


def tracker_for(camera: CameraSpec, detector: Detector | None) -> Tracker:
    """A tracker that begins tracks at the score the model's card says."""
    if detector is None:
        return Tracker(camera.analysis_fps)
    return Tracker(camera.analysis_fps, detector.start_score)


def _kept_in(ring: Ring) -> Recent:
    def recent() -> tuple[StreamInfo, Sequence[Packet]] | None:
        try:
            cut = ring.cut(-math.inf, math.inf)
        except NotFound:
            return None
        return cut.info, cut.packets

    return recent


def bindings_of(planned: PlannedCamera) -> list[RuleBinding]:
    """The camera's rules with their zones and lines."""
    rules = {rule.id: rule for rule in planned.rules}
    zones = {zone.id: zone for zone in planned.camera.zones}
    lines = {line.id: line for line in planned.camera.lines}
    return [
        RuleBinding(
            rules[use.rule],
            zones[use.zone] if use.zone else None,
            lines[use.line] if use.line else None,
        )
        for use in planned.camera.rules
        if use.rule in rules
    ]


def _with_password(planned: PlannedCamera, secrets: SecretBox) -> CameraSpec:
    camera = planned.camera
    if planned.secret is None or camera.credentials is None:
        return camera
    password = SecretStr(secrets.decrypt(planned.secret))
    credentials = Credentials(username=camera.credentials.username, password=password)
    return camera.model_copy(update={"credentials": credentials})
