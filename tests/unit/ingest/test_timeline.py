from __future__ import annotations

import itertools
import random

import pytest

from hub.ingest.timeline import Stamp, Timeline, TimelinePolicy

EPOCH = 1_700_000_000.0


class Camera:
    """Sends pictures at a steady rate over a network that delays them."""

    def __init__(self, fps: float = 25.0) -> None:
        self.line = Timeline()
        self.step_s = 1 / fps
        self.taken = 100.0
        self.pts = 5000.0
        self.wall = EPOCH

    def send(
        self, delay_s: float = 0.05, clock_rate: float = 1.0, at: float | None = None
    ) -> Stamp:
        """One picture; `at` overrides the moment of arrival."""
        self.taken += self.step_s
        self.pts += self.step_s * clock_rate
        arrival = self.taken + delay_s if at is None else at
        return self.line.stamp(self.pts, self.pts, self.wall + arrival, arrival)

    def error_s(self, stamp: Stamp) -> float:
        return stamp.captured_at - (self.wall + self.taken)


def test_the_least_delay_tells_when_a_picture_was_taken() -> None:
    camera, rng = Camera(), random.Random(1)
    stamps = [camera.send(0.05 + rng.expovariate(20)) for _ in range(500)]
    assert camera.error_s(stamps[-1]) == pytest.approx(0.05, abs=0.01)
    gaps = [b.media_s - a.media_s for a, b in itertools.pairwise(stamps)]
    assert gaps == pytest.approx([0.04] * 499)
    assert all(a.captured_at <= b.captured_at for a, b in itertools.pairwise(stamps))
    assert all(stamp.captured_at <= stamp.received_at for stamp in stamps)
    assert not any(stamp.reanchored for stamp in stamps)


def test_a_stall_of_the_network_does_not_move_the_time_of_capture() -> None:
    camera = Camera()
    for _ in range(100):
        camera.send()
    burst_at = camera.taken + 4.0
    burst = [camera.send(at=burst_at + i * 0.001) for i in range(100)]
    assert camera.error_s(burst[-1]) == pytest.approx(0.05, abs=0.01)
    assert burst[0].received_at - burst[0].captured_at > 3.9
    assert not any(stamp.reanchored for stamp in burst)


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 5.0, -5.0, -4999.0])
def test_a_jump_of_the_cameras_clock_is_repaired_and_marked_once(jump_s: float) -> None:
    camera = Camera()
    before = [camera.send() for _ in range(50)]
    camera.pts += jump_s
    after = [camera.send() for _ in range(50)]
    assert [stamp.reanchored for stamp in after] == [True] + [False] * 49
    assert after[0].media_s - before[-1].media_s == pytest.approx(0.04, abs=0.01)
    assert abs(camera.error_s(after[-1]) - 0.05) < 0.01
    line = [stamp.dts_s for stamp in before + after]
    assert all(a < b for a, b in itertools.pairwise(line))


def test_a_small_step_back_is_repaired_without_a_mark() -> None:
    camera = Camera()
    stamps = [camera.send() for _ in range(5)]
    camera.pts -= 0.1
    stamps += [camera.send() for _ in range(5)]
    assert not any(stamp.reanchored for stamp in stamps)
    assert all(a.dts_s < b.dts_s for a, b in itertools.pairwise(stamps))


def test_our_own_clock_set_by_an_hour_is_marked_and_the_media_line_runs_on() -> None:
    camera = Camera()
    before = [camera.send() for _ in range(10)][-1]
    camera.wall += 3600
    after = camera.send()
    assert after.reanchored
    assert after.media_s - before.media_s == pytest.approx(0.04)
    assert after.captured_at - before.captured_at == pytest.approx(3600.04)
    assert not camera.send().reanchored


def test_a_slow_camera_clock_is_followed_without_a_jump() -> None:
    camera = Camera(fps=5)
    stamps = [camera.send(clock_rate=0.9999) for _ in range(5 * 3600)]
    assert abs(camera.error_s(stamps[-1]) - 0.05) < 0.02
    assert not any(stamp.reanchored for stamp in stamps)


def test_a_delay_that_stays_longer_is_taken_over_after_a_window_and_marked() -> None:
    camera = Camera()
    for _ in range(25):
        camera.send()
    stamps = [camera.send(delay_s=3.0) for _ in range(25 * 25)]
    assert sum(stamp.reanchored for stamp in stamps) == 1
    assert stamps[-1].received_at - stamps[-1].captured_at < 0.1


def test_missing_and_negative_timestamps_still_give_a_rising_line() -> None:
    line = Timeline()
    sent = [None, None, -2.0, -1.96, None, -1.88, -1.84]
    stamps = [line.stamp(pts, None, EPOCH + i * 0.04, i * 0.04) for i, pts in enumerate(sent)]
    times = [stamp.dts_s for stamp in stamps]
    assert times[0] == 0.0
    assert all(a < b for a, b in itertools.pairwise(times))
    assert times[-1] == pytest.approx(0.24, abs=0.05)


def test_pictures_that_are_reordered_keep_their_show_times() -> None:
    line = Timeline()
    dts = [0.0, 0.04, 0.08, 0.12]
    pts = [0.08, 0.2, 0.12, 0.16]
    stamps = [
        line.stamp(p, d, EPOCH + d, d) for p, d in zip(pts, dts, strict=True)
    ]  # fmt: skip
    assert [stamp.media_s for stamp in stamps] == pytest.approx(pts)
    assert all(stamp.captured_at <= stamp.received_at for stamp in stamps)


def test_after_a_reconnect_the_line_goes_on_by_our_clock() -> None:
    camera = Camera()
    before = [camera.send() for _ in range(10)][-1]
    camera.line.reconnect()
    camera.taken += 8.0
    camera.pts = 0.0
    after = camera.send()
    assert after.media_s - before.media_s == pytest.approx(8.04, abs=0.01)
    assert after.captured_at == pytest.approx(after.received_at)


def test_a_gap_in_the_pictures_is_no_jump() -> None:
    camera = Camera()
    for _ in range(10):
        camera.send()
    camera.taken += 20.0
    camera.pts += 20.0
    stamp = camera.send()
    assert not stamp.reanchored
    assert camera.error_s(stamp) == pytest.approx(0.05)


def test_the_limit_of_a_jump_can_be_set() -> None:
    line = Timeline(TimelinePolicy(jump_s=10.0))
    line.stamp(0.0, 0.0, EPOCH, 0.0)
    assert not line.stamp(5.0, 5.0, EPOCH + 0.04, 0.04).reanchored
