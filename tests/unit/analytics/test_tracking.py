"""Things followed through frames that are made up, one box at a time."""

from __future__ import annotations

import numpy as np
import pytest

from hub.analytics.tracking import Tracker
from hub.types.scene import Detections, ObjectKind, Track

START = 1_700_000_000.0
PERSON, CAR, TRUCK, BICYCLE = (
    ObjectKind.PERSON,
    ObjectKind.CAR,
    ObjectKind.TRUCK,
    ObjectKind.BICYCLE,
)
Seen = tuple[float, float, ObjectKind, float]


def detections(*seen: Seen) -> Detections:
    """Boxes 0.1 wide and 0.2 high at (x, y), of a kind, with a score."""
    xyxy = np.array([(x, y, x + 0.1, y + 0.2) for x, y, _, _ in seen], np.float32).reshape(-1, 4)
    scores = np.array([score for *_, score in seen], np.float32)
    return Detections(xyxy, scores, tuple(kind for *_, kind, _ in seen))


def walk(
    tracker: Tracker, frames: int, at: float = START, x: float = 0.1, score: float = 0.6
) -> list[tuple[Track, ...]]:
    """A person walking to the right at 5 frames a second."""
    return [
        tracker.update(detections((x + 0.01 * i, 0.3, PERSON, score)), at + 0.2 * i)
        for i in range(frames)
    ]


def test_a_walker_is_one_track_from_the_second_frame_on() -> None:
    seen = walk(Tracker(5.0), 10)
    assert seen[0] == ()
    assert [len(tracks) for tracks in seen[1:]] == [1] * 9
    assert {tracks[0].track_id for tracks in seen[1:]} == {1}
    last = seen[-1][0]
    assert last.kind is PERSON
    assert last.first_seen_at == START, "its first detection, not the one that confirmed it"
    assert last.box.x1 == pytest.approx(0.19)
    assert last.score == pytest.approx(0.6)


def test_a_weak_detection_carries_a_track_on_but_begins_none() -> None:
    tracker = Tracker(5.0, start_score=0.45)
    assert all(tracks == () for tracks in walk(tracker, 6, score=0.3))
    walk(tracker, 3, START + 10, score=0.6)
    (carried,) = tracker.update(detections((0.13, 0.3, PERSON, 0.3)), START + 10.6)
    assert carried.first_seen_at == START + 10


def test_a_track_lives_through_two_seconds_unseen_but_not_through_four() -> None:
    tracker = Tracker(5.0)
    walk(tracker, 5, x=0.1)
    assert tracker.update(detections(), START + 1.0) == ()
    still = detections((0.14 + 0.01 * 10, 0.3, PERSON, 0.6))
    (back,) = tracker.update(still, START + 2.8)
    assert back.track_id == 1
    assert tracker.update(still, START + 6.9) == ()
    (other,) = tracker.update(still, START + 7.1)
    assert other.track_id == 2
    assert other.first_seen_at == pytest.approx(START + 6.9)


def test_while_the_gate_is_shut_the_last_tracks_stand_and_none_is_lost() -> None:
    tracker = Tracker(5.0)
    stands = detections((0.4, 0.4, PERSON, 0.6))
    for i in range(4):
        (track, *_) = tracker.update(stands, START + 0.2 * i) or (None,)
    assert track is not None
    for i in range(300):
        assert tracker.rest(START + 0.8 + 0.2 * i) == (track,)
    (again,) = tracker.update(stands, START + 61.0)
    assert again.track_id == track.track_id
    assert again.first_seen_at == START


def test_the_kind_is_what_most_detections_spoke_for() -> None:
    tracker = Tracker(5.0)
    kinds = [CAR, TRUCK, CAR, CAR, TRUCK, CAR]
    seen = [
        tracker.update(detections((0.5, 0.5, kind, 0.6)), START + 0.2 * i)
        for i, kind in enumerate(kinds)
    ]
    assert {track.track_id for tracks in seen for track in tracks} == {1}
    assert seen[-1][0].kind is CAR


def test_a_person_on_a_bicycle_is_two_things() -> None:
    tracker = Tracker(5.0)
    for i in range(5):
        at = (0.3 + 0.01 * i, 0.3)
        tracks = tracker.update(
            detections((*at, PERSON, 0.7), (*at, BICYCLE, 0.6)), START + 0.2 * i
        )
    assert {(track.kind, track.track_id) for track in tracks} == {(PERSON, 1), (BICYCLE, 2)}


def test_a_frame_that_is_not_younger_changes_nothing() -> None:
    tracker = Tracker(5.0)
    last = walk(tracker, 4)[-1]
    assert tracker.update(detections(), START + 0.6) == last
    assert tracker.update(detections(), START + 0.1) == last
    (on,) = tracker.update(detections((0.14, 0.3, PERSON, 0.6)), START + 0.8)
    assert on.track_id == last[0].track_id


def test_a_clock_set_back_begins_anew_with_new_numbers() -> None:
    tracker = Tracker(5.0)
    walk(tracker, 4)
    seen = walk(tracker, 3, START - 3600)
    assert seen[0] == ()
    assert [tracks[0].track_id for tracks in seen[1:]] == [2, 2]
    assert seen[-1][0].first_seen_at == START - 3600


def test_nothing_seen_is_no_track() -> None:
    tracker = Tracker(5.0)
    assert [tracker.update(detections(), START + i) for i in range(3)] == [(), (), ()]
    assert tracker.rest(START + 9) == ()
