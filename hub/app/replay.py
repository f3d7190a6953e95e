"""One recorded clip through the same pipeline, faster than real time, the same result each time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from hub.alerts import repository as alert_tables
from hub.alerts.engine import RuleEngine
from hub.alerts.evidence import BoxLabel, picture
from hub.alerts.history import TrackHistory
from hub.analytics.catalog import Catalog
from hub.app import registry
from hub.app.demo.report import alert_entry
from hub.app.desk import Desk, unfenced
from hub.app.evidence import KIND_NAMES, outlines
from hub.app.lane import Lane
from hub.app.lanes import bindings_of, tracker_for
from hub.app.planner import plan_camera
from hub.app.sync import sync_files
from hub.config import HubConfig
from hub.flow import centre_flow, clock_flow
from hub.ingest.replay import Replay
from hub.kit.clock import SimClock, iso
from hub.kit.errors import NotFound
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.store.db import Database
from hub.store.migrations import upgrade
from hub.store.records import finding_to_json
from hub.store.secrets import SecretBox
from hub.store.spool import Record, RecordKind
from hub.types.finding import Finding
from hub.types.media import U8, Frame, Packet, StreamInfo
from hub.types.scene import SourceKind, Track
from hub.types.site import CameraSpec

Json = dict[str, Any]

START_AT = 1_767_225_600.0
"""2026-01-01T00:00:00Z: a replay's first picture, so that its report does not depend on today."""
PRODUCER = "replay.00000000"


@dataclass(frozen=True, slots=True)
class Options:
    """What is replayed as which camera; `folder` is an empty one for the database and the key."""

    config: HubConfig
    camera_id: str
    clip: Path
    cache: Path
    folder: Path
    video: Path | None = None


def replay(options: Options) -> Json:
    """Run the clip; the report has `camera`, `findings`, `alerts` and `tasks`.

    Raises NotFound for a camera that is not configured, SourceError for what is no video.
    """
    db = Database(f"sqlite:///{options.folder / 'replay.sqlite'}")
    try:
        upgrade(db)
        clock = SimClock(START_AT)
        desk = _desk(db, options, clock)
        findings: list[Finding] = []
        played = _play(options, desk, findings)
        _settle(db, desk, clock, findings, START_AT + played.seconds)
        return {"camera": played.numbers, **_outcome(db, findings)}
    finally:
        db.close()


def _desk(db: Database, options: Options, clock: SimClock) -> Desk:
    box = SecretBox(options.folder / "key")
    with db.write() as tx:
        sync_files(tx, options.config, box, clock.now(), counted_ids("grid"))
        snapshot = registry.load(tx)
    if options.camera_id not in snapshot.cameras:
        raise NotFound(f"there is no camera {options.camera_id}")
    ids = counted_ids("replay")
    return Desk(snapshot, options.config.dispatch, clock, ids, unfenced, lambda: None)


def _without_evidence(finding: Finding, _frame: Frame | None, _tracks: Sequence[Track]) -> Finding:
    return replace(finding, evidence_id=None)


def _nobody_watches(packet: Packet, info: StreamInfo) -> None:
    """A replay has no live video."""


@dataclass(frozen=True, slots=True)
class _Played:
    seconds: float
    numbers: Json


def _play(options: Options, desk: Desk, findings: list[Finding]) -> _Played:
    models = options.config.models
    planned = plan_camera(desk.snapshot.cameras[options.camera_id], desk.snapshot, models)
    camera = planned.camera
    catalog = Catalog(options.config.models.models, options.cache, Metrics())
    detector = catalog.detector(planned.model) if planned.model else None
    lane = Lane(
        camera.id,
        detector=detector,
        tracker=tracker_for(camera, detector),
        engine=RuleEngine(camera.id, SourceKind.CAMERA, bindings_of(planned), counted_ids("find")),
        history=TrackHistory(600.0, 6000),
        offer=lambda frame: lane.analyse(frame),
        illustrate=_without_evidence,
        keep=findings.extend,
    )
    video = _Video(options.video, camera) if options.video else None

    def on_frame(frame: Frame) -> None:
        lane.on_frame(frame)
        if video is not None:
            video.add(frame, lane.tracks)

    player = Replay(
        camera, options.clip, start_at=START_AT, on_packet=_nobody_watches, on_frame=on_frame
    )
    seconds = player.run()
    if video is not None:
        video.close()
    counts = player.counts
    return _Played(
        seconds,
        {
            "id": camera.id,
            "seconds": round(seconds, 3),
            "packets": counts.packets,
            "frames_decoded": counts.frames_decoded,
            "frames_analysed": counts.frames_analysed,
            "gate_open_share": _share(counts.gate_open, counts.frames_analysed),
            "detector_share": _share(lane.counts.looked, counts.frames_analysed),
        },
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _settle(
    db: Database, desk: Desk, clock: SimClock, findings: Sequence[Finding], end_at: float
) -> None:
    """Each finding at its own time, and the seconds between them."""
    stages = desk.stages()
    for seq, finding in enumerate(findings, start=1):
        _let_pass(db, desk, clock, finding.raised_at)
        body = finding_to_json(finding)
        record = Record(PRODUCER, seq, RecordKind.FINDING, body, finding.raised_at)
        centre_flow(db, stages, [record])
    _let_pass(db, desk, clock, end_at + 60.0)


def _let_pass(db: Database, desk: Desk, clock: SimClock, until: float) -> None:
    while clock.now() < until:
        clock.advance(min(1.0, until - clock.now()))
        clock_flow(db, desk.stages())


def _outcome(db: Database, findings: Sequence[Finding]) -> Json:
    with db.read() as tx:
        found = alert_tables.all_alerts(tx)
        counts = alert_tables.outcome_counts(tx)
    return {
        "findings": [
            {
                "phase": f.phase.value,
                "rule": f.rule_kind.value,
                "place": f.place,
                "captured_at": iso(f.captured_at),
                "dwell_s": round(f.dwell_s, 3),
                "raised_at": iso(f.raised_at),
                "facts": f.facts,
            }
            for f in findings
        ],
        "alerts": [alert_entry(alert) for alert in found],
        "outcomes": {f"{o.value}/{r.value}": n for (o, r), n in sorted(counts.items())},
    }


class _Video:
    """The analysed frames with boxes, zones and lines drawn, as H.264 at the analysis rate."""

    def __init__(self, path: Path, camera: CameraSpec) -> None:
        self._camera = camera
        self._container = av.open(str(path), "w")
        self._stream: Any = None
        self._outlines = outlines(camera)

    def add(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """One more frame."""
        boxes = [
            BoxLabel(t.box, f"{KIND_NAMES[t.kind]} #{t.track_id}", f"{t.kind} #{t.track_id}")
            for t in tracks
        ]
        image = frame.picture.bgr(frame.picture.width, frame.picture.height)
        caption = f"{self._camera.name} · {iso(frame.captured_at)}"
        drawn = picture(image, boxes, self._outlines, caption=caption, plain_caption=caption)
        self._encode(np.asarray(Image.open(io.BytesIO(drawn))))

    def _encode(self, rgb: U8) -> None:
        height, width = (side - side % 2 for side in rgb.shape[:2])
        if self._stream is None:
            rate = max(1, round(self._camera.analysis_fps))
            self._stream = self._container.add_stream("h264", rate=rate)
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
        even = np.ascontiguousarray(rgb[:height, :width])
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(even, "rgb24")))

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
