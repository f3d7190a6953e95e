"""Evidence of an alert: the boxed picture at once, the clip when its post-roll is in the ring."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from hub.alerts.evidence import BoxLabel, NoClip, Outline, clip, picture
from hub.ingest.ring import Cut, Ring
from hub.kit.channel import Channel, WhenFull
from hub.kit.clock import Clock, local_text
from hub.kit.errors import NotFound
from hub.kit.metrics import Metrics
from hub.store.media import MediaKind, MediaStore
from hub.types.finding import Finding, Phase
from hub.types.media import U8, Frame
from hub.types.scene import ObjectKind, Track
from hub.types.site import CameraSpec

log = logging.getLogger(__name__)

PRE_ROLL_S = 5.0
POST_ROLL_S = 5.0
LONGEST_S = 20.0
CAPACITY = 512
"""Clips waiting for their post-roll; beyond that the clip, never the finding, is given up."""

READY = 64
"""Pictures and cut clips waiting to be drawn and written; each holds its packets in memory."""

KIND_NAMES = {
    ObjectKind.PERSON: "人员",
    ObjectKind.BICYCLE: "自行车",
    ObjectKind.MOTORCYCLE: "摩托车",
    ObjectKind.CAR: "汽车",
    ObjectKind.BUS: "客车",
    ObjectKind.TRUCK: "货车",
    ObjectKind.TRAIN: "列车",
    ObjectKind.BOAT: "船只",
    ObjectKind.ANIMAL: "动物",
    ObjectKind.BAG: "箱包",
    ObjectKind.FIRE: "明火",
    ObjectKind.SMOKE: "烟雾",
    ObjectKind.FALLEN_PERSON: "倒地人员",
    ObjectKind.WATER: "积水",
    ObjectKind.DEBRIS: "散落物",
}


@dataclass(frozen=True, slots=True)
class PictureJob:
    """One picture to be drawn and coded; `image` is a copy of its own."""

    evidence_id: str
    image: U8
    boxes: tuple[BoxLabel, ...]
    outlines: tuple[Outline, ...]
    caption: str
    plain_caption: str


@dataclass(frozen=True, slots=True)
class ClipJob:
    """One clip to be cut at `due_at` from the first of `rings` that has something to play."""

    evidence_id: str
    camera: CameraSpec
    rings: tuple[Ring, ...]
    from_s: float
    to_s: float
    due_at: float


class EvidenceDesk:
    """Makes evidence in threads of its own; `note` only writes down what is to be made.

    `zone` is the site's, for the time on the picture.
    """

    def __init__(self, store: MediaStore, clock: Clock, metrics: Metrics) -> None:
        self.zone = ZoneInfo("UTC")
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._lock = threading.Lock()
        self._ready: Channel[Callable[[], None]] = Channel(READY, WhenFull.DROP_NEW)
        self._clips: list[tuple[float, int, ClipJob]] = []
        self._order = itertools.count()
        self.wake = threading.Event()

    def note(
        self,
        camera: CameraSpec,
        rings: Sequence[Ring],
        tracks: Sequence[Track],
        rule_name: str,
        finding: Finding,
        frame: Frame | None,
    ) -> Finding:
        """The finding as it goes on: without its evidence id where there is nothing to show."""
        if finding.phase is not Phase.OPENED or finding.evidence_id is None:
            return finding
        if not rings and frame is None:
            return replace(finding, evidence_id=None)
        if len(self._clips) >= CAPACITY:
            self._metrics.add("hub_evidence_dropped_total")
            return replace(finding, evidence_id=None)
        tipped_at = finding.captured_at + finding.dwell_s
        due_at = tipped_at + POST_ROLL_S
        from_s = max(finding.captured_at, tipped_at - LONGEST_S) - PRE_ROLL_S
        job = ClipJob(finding.evidence_id, camera, tuple(rings), from_s, due_at, due_at)
        with self._lock:
            heapq.heappush(self._clips, (due_at, next(self._order), job))
        if frame is not None:
            drawn = _picture_job(camera, tracks, rule_name, finding, frame, self.zone)
            if not self._ready.put(lambda: self._write_picture(drawn)):
                self._metrics.add("hub_evidence_dropped_total")
        self.wake.set()
        return finding

    def cut_step(self) -> float:
        """Take the packets of every clip that is due, before the rings forget them."""
        self._cut_due(self._clock.now())
        with self._lock:
            next_at = self._clips[0][0] if self._clips else None
        return 1.0 if next_at is None else min(1.0, max(0.05, next_at - self._clock.now()))

    def make_step(self) -> float:
        """Draw and write one thing that is ready."""
        job = self._ready.get(timeout_s=1.0)
        if job is not None:
            job()
        return 0.0

    def flush(self) -> None:
        """Everything that waits, with as much post-roll as there is."""
        self._cut_due(float("inf"))
        while len(self._ready):
            self.make_step()

    def _cut_due(self, until: float) -> None:
        due = []
        with self._lock:
            while self._clips and self._clips[0][0] <= until:
                due.append(heapq.heappop(self._clips)[2])
        for job in due:
            self._cut(job)

    def _cut(self, job: ClipJob) -> None:
        cuts = []
        for ring in job.rings:
            with contextlib.suppress(NotFound):
                cuts.append(ring.cut(job.from_s, job.to_s))
        if not cuts:
            self._no_clip(job, "nothing of that time is kept")
        elif not self._ready.put(lambda: self._write_clip(job, cuts)):
            self._no_clip(job, "too much evidence waits to be written")

    def _write_picture(self, job: PictureJob) -> None:
        jpeg = picture(
            job.image,
            job.boxes,
            job.outlines,
            caption=job.caption,
            plain_caption=job.plain_caption,
        )
        self._store.put(job.evidence_id, MediaKind.PICTURE, jpeg)
        self._metrics.add("hub_evidence_pictures_total")

    def _write_clip(self, job: ClipJob, cuts: Sequence[Cut]) -> None:
        why = ""
        for cut in cuts:
            try:
                content = clip(cut.packets, cut.info, job.camera.masks)
            except NoClip as error:
                why = str(error)
                continue
            self._store.put(job.evidence_id, MediaKind.CLIP, content)
            self._metrics.add("hub_evidence_clips_total")
            return
        self._no_clip(job, why)

    def _no_clip(self, job: ClipJob, why: str) -> None:
        self._metrics.add("hub_evidence_no_clip_total")
        log.warning("no clip for evidence %s of %s: %s", job.evidence_id, job.camera.id, why)


def _picture_job(
    camera: CameraSpec,
    tracks: Sequence[Track],
    rule_name: str,
    finding: Finding,
    frame: Frame,
    zone: ZoneInfo,
) -> PictureJob:
    name = rule_name
    boxes = [BoxLabel(t.box, f"{KIND_NAMES[t.kind]} {t.score:.2f}", t.kind.value) for t in tracks]
    if finding.box is not None and not any(t.box == finding.box for t in tracks):
        boxes.append(BoxLabel(finding.box, name, finding.rule_kind.value))
    when = local_text(finding.captured_at + finding.dwell_s, zone)
    return PictureJob(
        evidence_id=finding.evidence_id or "",
        # The decoder reuses its buffers: colour is taken now, drawn and coded later.
        image=frame.picture.bgr(frame.picture.width, frame.picture.height),
        boxes=tuple(boxes),
        outlines=_outlines(camera, finding.place),
        caption=f"{name} · {camera.name} · {when}",
        plain_caption=f"{finding.rule_kind.value} · {camera.id} · {when}",
    )


def _outlines(camera: CameraSpec, place: str) -> tuple[Outline, ...]:
    zones = [Outline(z.polygon, z.name or z.id, z.id) for z in camera.zones if z.id == place]
    lines = [
        Outline((line.a, line.b), line.name, line.id) for line in camera.lines if line.id == place
    ]
    return tuple(zones + lines)
