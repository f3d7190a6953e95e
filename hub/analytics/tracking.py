"""Following things within one camera, for minutes, in memory. Who a person is plays no part."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import supervision as sv
from numpy.typing import NDArray
from trackers import ByteTrackTracker

from hub.analytics.families import FAMILY
from hub.analytics.motion import SideMotion
from hub.types.scene import Box, Detections, ObjectKind, Track

# Chosen on three real clips at 5 fps with NanoDet, against tracks of the same clips at full rate.
# Buffered overlap (BIoU) was tried for fast vehicles and mixed more things up than it kept.
_LOST_S = 3.0
_OVERLAP_MIN = 0.2
_DETECTIONS_MIN = 2
_BACK_S_MAX = 1.0


@dataclass(slots=True)
class _Life:
    """What is remembered of one track beside its motion."""

    track_id: int
    first_seen_at: float
    votes: dict[ObjectKind, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Family:
    """The tracks of kinds that are mixed up with each other; `lives` by ByteTrack's own id."""

    motion: ByteTrackTracker
    lives: dict[int, _Life] = field(default_factory=dict)


class Tracker:
    """One camera's tracks, by ByteTrack (Y. Zhang et al., 2022). Not for two threads at once.

    A detection of at least `start_score` may begin a track, a weaker one only carries one on. A
    track is reported in frames where it was detected, from its second detection in a row on;
    `first_seen_at` is the time of the first. It is given up after 3 s without a detection.
    Kinds that a detector mixes up (car, truck, bus) share tracks, and a track's kind is the one
    that most of its detections, weighed by score, spoke for.
    """

    def __init__(self, analysis_fps: float, start_score: float = 0.45) -> None:
        self._fps = analysis_fps
        self._start_score = start_score
        self._families: dict[int, _Family] = {}
        self._ids = 0
        self._rested_s = 0.0
        self._before_at: float | None = None
        self._last: tuple[Track, ...] = ()

    def update(self, detections: Detections, captured_at: float) -> tuple[Track, ...]:
        """The tracks seen in the frame captured at `captured_at` (UTC epoch seconds).

        A frame up to a second older than the one before changes nothing and gives the last tracks;
        if time went back further the clock was set, and tracking begins anew.
        """
        if self._before_at is not None and captured_at <= self._before_at:
            if self._before_at - captured_at <= _BACK_S_MAX:
                return self._last
            self._families.clear()
            self._before_at = None
        seen = np.array([FAMILY[kind] for kind in detections.kinds], np.int64)
        tracks: list[Track] = []
        for family in sorted(self._families.keys() | set(seen.tolist())):
            rows = np.flatnonzero(seen == family)
            tracks += self._follow(self._family(family), detections, rows, captured_at)
        self._before_at = captured_at
        self._last = tuple(tracks)
        return self._last

    def rest(self, captured_at: float) -> tuple[Track, ...]:
        """Nothing changed up to `captured_at` (the gate was shut): the last tracks still stand.

        The time rested does not count towards losing a track.
        """
        if self._before_at is not None and captured_at > self._before_at:
            self._rested_s += captured_at - self._before_at
            self._before_at = captured_at
        return self._last

    def _family(self, number: int) -> _Family:
        if number not in self._families:
            self._families[number] = _Family(
                ByteTrackTracker(
                    lost_track_buffer=round(_LOST_S * 30),  # counted in frames of 30 a second
                    frame_rate=self._fps,
                    track_activation_threshold=self._start_score,
                    high_conf_det_threshold=self._start_score,
                    minimum_consecutive_frames=_DETECTIONS_MIN,
                    minimum_iou_threshold=_OVERLAP_MIN,
                    state_estimator_class=SideMotion,
                )
            )
        return self._families[number]

    def _follow(
        self, family: _Family, detections: Detections, rows: NDArray[np.int64], captured_at: float
    ) -> list[Track]:
        """Detections of one family (given by their rows) carried on to tracks."""
        if not (len(rows) or family.motion.tracks):
            return []
        given = sv.Detections(
            xyxy=detections.xyxy[rows], confidence=detections.scores[rows], class_id=rows
        )
        followed = family.motion.update(given, timestamp=captured_at - self._rested_s)
        tracks = []
        if followed.tracker_id is not None and followed.class_id is not None:
            for number, row in zip(followed.tracker_id, followed.class_id, strict=True):
                if number >= 0:
                    tracks.append(
                        self._track(family, int(number), detections, int(row), captured_at)
                    )
        alive = {tracklet.tracker_id for tracklet in family.motion.tracks}
        family.lives = {number: life for number, life in family.lives.items() if number in alive}
        return sorted(tracks, key=lambda track: track.track_id)

    def _track(
        self, family: _Family, number: int, detections: Detections, row: int, captured_at: float
    ) -> Track:
        life = family.lives.get(number)
        if life is None:
            # ByteTrack numbers a track at its second detection in a row: the first was one before.
            self._ids += 1
            first_at = captured_at if self._before_at is None else self._before_at
            life = family.lives[number] = _Life(self._ids, first_at)
        score = float(detections.scores[row])
        kind = detections.kinds[row]
        life.votes[kind] = life.votes.get(kind, 0.0) + score
        return Track(
            track_id=life.track_id,
            kind=max(life.votes, key=life.votes.__getitem__),
            box=Box(*(float(side) for side in detections.xyxy[row])),
            score=score,
            first_seen_at=life.first_seen_at,
        )
