"""ByteTrack as tuned, on a real crowd seen five times a second by the default model."""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card
from hub.analytics.still import StillPicture
from hub.analytics.tracking import Tracker
from hub.kit.metrics import Metrics
from hub.types.media import Frame
from hub.types.scene import Box, Detections, ObjectKind, Track

pytestmark = pytest.mark.slow

FPS, EVERY = 5.0, 5
Seen = list[tuple[float, Detections, tuple[Track, ...]]]


@pytest.fixture(scope="module")
def seen(cards: dict[str, Card], cache: Path, clip: Callable[[str], Path]) -> Seen:
    card = cards["nanodet-m-416"]
    detector = Catalog([card], cache, Metrics()).detector(card.id)
    tracker = Tracker(FPS, detector.start_score)
    reader = cv2.VideoCapture(str(clip("crowd")))
    frames: Seen = []
    number = 0
    while reader.grab():
        if number % EVERY == 0:
            at = 1_700_000_000 + number / 25
            pixels = np.asarray(reader.retrieve()[1], np.uint8)
            found = detector.detect(Frame("cam", number, at, at, at, StillPicture(pixels)))
            frames.append((at, found, tracker.update(found, at)))
        number += 1
    assert len(frames) > 60
    return frames


def lives(seen: Seen) -> dict[int, list[tuple[float, Track]]]:
    found: dict[int, list[tuple[float, Track]]] = defaultdict(list)
    for at, _, tracks in seen:
        for track in tracks:
            found[track.track_id].append((at, track))
    return found


def middle(box: Box) -> tuple[float, float]:
    return ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)


def test_people_keep_their_numbers(seen: Seen) -> None:
    spans = [life[-1][0] - life[0][0] for life in lives(seen).values()]
    assert statistics.median(spans) >= 4.0, "seconds; the clip has 13.6"
    # Each new number is a person come in, or one lost: at full rate the clip gives 64.
    assert 30 <= len(spans) <= 60


def test_most_strong_detections_are_tracked(seen: Seen) -> None:
    strong = sum(int((found.scores >= 0.45).sum()) for _, found, _ in seen[1:])
    tracked = sum(len(tracks) for *_, tracks in seen[1:])
    assert tracked >= 0.95 * strong


def test_no_track_jumps_across_the_square(seen: Seen) -> None:
    for life in lives(seen).values():
        for (before_at, before), (at, track) in pairwise(life):
            (x1, y1), (x2, y2) = middle(before.box), middle(track.box)
            # Half a body's height allows for boxes that lose and find the legs again.
            body = max(before.box.y2 - before.box.y1, track.box.y2 - track.box.y1)
            moved = math.hypot(x2 - x1, y2 - y1)
            assert moved < body / 2 + 0.1 * (at - before_at), track.track_id


def test_ages_and_kinds_stand_firm(seen: Seen) -> None:
    for number, life in lives(seen).items():
        assert len({track.first_seen_at for _, track in life}) == 1
        assert life[0][1].first_seen_at < life[0][0]
        assert sum(track.kind is ObjectKind.PERSON for _, track in life) in (0, len(life)), number
    people = {n for n, life in lives(seen).items() if life[-1][1].kind is ObjectKind.PERSON}
    assert len(people) >= 0.9 * len(lives(seen))


def test_an_update_costs_little_beside_a_model_run(seen: Seen) -> None:
    tracker = Tracker(FPS)
    costs = []
    for at, found, _ in seen:
        ten = Detections(found.xyxy[:10], found.scores[:10], found.kinds[:10])
        began = time.thread_time()
        tracker.update(ten, at)
        costs.append(1000 * (time.thread_time() - began))
    assert statistics.median(costs) < 5.0, "ms of CPU; about 1 on a machine that does nothing else"
