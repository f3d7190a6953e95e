"""Evidence of an alert: the boxed picture at once, the clip when its post-roll is in the ring."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from hub.alerts.evidence import BoxLabel, NoClip, Outline, clip, picture
from hub.alerts.evidence.marks import ClipMarks, Mark, Moment
from hub.app.workbench import Workbench
from hub.ingest.ring import Cut, Ring
from hub.kit.clock import Clock, local_text
from hub.kit.errors import NotFound, Retryable
from hub.kit.metrics import Metrics
from hub.store.media import MediaKind, MediaStore
from hub.types.finding import Finding, Phase
from hub.types.media import U8, Codec, Frame
from hub.types.scene import ObjectKind, Track
from hub.types.site import CameraSpec

log = logging.getLogger(__name__)

PRE_ROLL_S = 5.0
POST_ROLL_S = 5.0
LONGEST_S = 20.0
CAPACITY = 512
"""Clips waiting for their post-roll; beyond that the clip, never the finding, is given up."""

FLUSH_S = 8.0
READY = 64
READY_BYTES = 32 * 1024 * 1024
"""Pictures and cut clips waiting to be made: how many, and what they may hold in memory; clips
that are encoded anew have as much again."""

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
    marks: tuple[Mark, ...] = ()


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
        self._quick = Workbench(READY, READY_BYTES)
        self._slow = Workbench(READY, READY_BYTES)
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
        marks = (
            Mark(finding.captured_at, Moment.BEGAN),
            Mark(tipped_at, Moment.RAISED, finding.box),
        )
        job = ClipJob(finding.evidence_id, camera, tuple(rings), from_s, due_at, due_at, marks)
        with self._lock:
            heapq.heappush(self._clips, (due_at, next(self._order), job))
        if frame is not None:
            drawn = _picture_job(camera, tracks, rule_name, finding, frame, self.zone)
            if not self._quick.offer(drawn.image.nbytes, lambda: self._write_picture(drawn)):
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
        """Draw a picture, or write a clip that needs no new encoding.

        A disk that refuses it (Retryable) is asked for it again at the next turn; what comes
        meanwhile and finds no room is counted and given up. The findings went on long before.
        """
        return self._work_at(self._quick)

    def encode_step(self) -> float:
        """The same for a clip that is encoded anew, so that no picture waits behind it."""
        return self._work_at(self._slow)

    def _work_at(self, bench: Workbench) -> float:
        try:
            return bench.step()
        except Retryable:
            self._metrics.add("hub_evidence_refusals_total")
            raise

    def flush(self) -> None:
        """Everything that waits, with as much post-roll as there is and as the disk takes.

        What takes longer than FLUSH_S is given up: who ends is waited for.
        """
        self._cut_due(float("inf"))
        until = self._clock.monotonic() + FLUSH_S
        benches = (self._quick, self._slow)
        why = "no time is left"
        try:
            for bench in benches:
                while len(bench) and self._clock.monotonic() < until:
                    self._work_at(bench)
        except Retryable as error:
            why = f"{error.code}: {error}"
        lost = sum(len(bench) for bench in benches)
        if lost:
            self._metrics.add("hub_evidence_dropped_total", lost)
            log.error("%d pictures and clips are lost: %s", lost, why)

    def _cut_due(self, until: float) -> None:
        due = []
        with self._lock:
            while self._clips and self._clips[0][0] <= until:
                due.append(heapq.heappop(self._clips)[2])
        for job in due:
            self._cut(job)

    def _cut(self, job: ClipJob) -> None:
        found = _first_cut(job, job.rings)
        if found is None:
            self._no_clip(job, "nothing of that time is kept")
            return
        cut, others = found
        remuxed = cut.info.codec is Codec.H264 and not job.camera.masks
        bench = self._quick if remuxed else self._slow
        size_bytes = sum(len(packet.data) for packet in cut.packets)
        if not bench.offer(size_bytes, lambda: self._write_clip(job, cut, others)):
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

    def _write_clip(self, job: ClipJob, cut: Cut, others: Sequence[Ring]) -> None:
        try:
            content = clip(cut.packets, cut.info, job.camera.masks)
        except NoClip as error:
            # Only now is the other stream asked: its packets were not to wait in memory as well.
            another = _first_cut(job, others)
            if another is None:
                self._no_clip(job, str(error))
            else:
                self._write_clip(job, *another)
            return
        self._store.put(job.evidence_id, MediaKind.MARKS, _marks(job, cut).to_json())
        self._store.put(job.evidence_id, MediaKind.CLIP, content)
        self._metrics.add("hub_evidence_clips_total")

    def _no_clip(self, job: ClipJob, why: str) -> None:
        self._metrics.add("hub_evidence_no_clip_total")
        log.warning("no clip for evidence %s of %s: %s", job.evidence_id, job.camera.id, why)


def _marks(job: ClipJob, cut: Cut) -> ClipMarks:
    """The marks that lie within the clip, which a ring cuts at a keyframe."""
    starts_at, ends_at = cut.packets[0].captured_at, cut.packets[-1].captured_at
    within = tuple(mark for mark in job.marks if starts_at <= mark.at <= ends_at)
    return ClipMarks(starts_at, ends_at, within)


def _first_cut(job: ClipJob, rings: Sequence[Ring]) -> tuple[Cut, Sequence[Ring]] | None:
    """The clip's packets from the first ring that has them, and the rings after it."""
    for number, ring in enumerate(rings):
        with contextlib.suppress(NotFound):
            return ring.cut(job.from_s, job.to_s), rings[number + 1 :]
    return None


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
        outlines=tuple(o for o in outlines(camera) if o.plain == finding.place),
        caption=f"{name} · {camera.name} · {when}",
        plain_caption=f"{finding.rule_kind.value} · {camera.id} · {when}",
    )


def outlines(camera: CameraSpec) -> tuple[Outline, ...]:
    """The zones and lines of a camera, to be drawn under their names; `plain` is the id."""
    zones = [Outline(zone.polygon, zone.name or zone.id, zone.id) for zone in camera.zones]
    lines = [Outline((line.a, line.b), line.name or line.id, line.id) for line in camera.lines]
    return (*zones, *lines)
