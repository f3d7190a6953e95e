"""The newest frame of each camera, in turn; one that fails hurts nobody else."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from hub.analytics.analyser import Analyser
from hub.analytics.still import StillPicture
from hub.kit.clock import RealClock, SimClock
from hub.kit.metrics import Metrics
from hub.types.media import Frame
from tests.unit.analytics.graphs import frame_of

GREY = StillPicture(np.zeros((9, 16, 3), np.uint8))


def frame(camera: str, seq: int) -> Frame:
    return frame_of(GREY, camera, seq)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def quiet(clock: SimClock, metrics: Metrics) -> Analyser:
    """One that is not started: the test takes each step itself."""
    return Analyser(2, clock, metrics, random.Random(1))


def test_of_many_frames_only_the_newest_is_looked_at(quiet: Analyser, metrics: Metrics) -> None:
    seen: list[int] = []
    quiet.add("cam", lambda f: seen.append(f.seq))
    assert [quiet.offer(frame("cam", seq)) for seq in range(5)] == [True] + [False] * 4
    quiet.step()
    assert seen == [4]
    assert metrics.get("hub_analysis_dropped_frames_total", camera="cam") == 4
    assert metrics.get("hub_analysis_frames_total", camera="cam") == 1


def test_cameras_are_served_in_turn_however_much_one_sends(quiet: Analyser) -> None:
    served: list[str] = []
    for name in ("busy", "calm", "slow"):
        quiet.add(name, lambda f: served.append(f.source))
    quiet.offer(frame("busy", 0))
    quiet.offer(frame("calm", 0))
    quiet.offer(frame("slow", 0))
    for seq in range(1, 7):
        quiet.offer(frame("busy", seq))
        quiet.step()
        quiet.offer(frame("busy", seq + 100))
        if seq % 3 == 0:
            quiet.offer(frame("calm", seq))
            quiet.offer(frame("slow", seq))
    assert served[:3] == ["busy", "calm", "slow"]
    assert Counter(served) == {"busy": 2, "calm": 2, "slow": 2}


def test_a_failing_camera_rests_and_the_others_do_not_notice(
    quiet: Analyser, clock: SimClock, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    def fails(_: Frame) -> None:
        raise RuntimeError("no such tensor")

    quiet.add("broken", fails)
    quiet.add("well", lambda f: seen.append(f.seq))
    quiet.offer(frame("broken", 0))
    quiet.offer(frame("well", 0))
    assert [quiet.step(), quiet.step()] == [0.0, 0.0], "the thread never pauses for a failure"
    assert seen == [0]
    assert metrics.get("hub_analysis_failures_total", camera="broken") == 1
    assert metrics.get("hub_analysis_failures_total", camera="well") == 0
    assert "no such tensor" in caplog.text
    assert "no such tensor" in quiet.last_errors["broken"]

    assert not quiet.offer(frame("broken", 1)), "it rests"
    assert quiet.offer(frame("well", 1))
    quiet.step()
    assert seen == [0, 1]

    clock.advance(1.0)
    assert quiet.offer(frame("broken", 2)), "it may try again"
    quiet.step()
    assert metrics.get("hub_analysis_failures_total", camera="broken") == 2


def test_the_rest_grows_and_ends_with_a_good_turn(quiet: Analyser, clock: SimClock) -> None:
    broken = True

    def work(_: Frame) -> None:
        if broken:
            raise RuntimeError("not now")

    quiet.add("cam", work)
    rests: list[float] = []
    for turn in range(6):
        rested = 0.0
        while not quiet.offer(frame("cam", turn)):
            clock.advance(0.05)
            rested += 0.05
        rests.append(rested)
        quiet.step()
    assert rests.pop(0) == 0
    assert rests[0] < 0.6
    assert max(rests) > 2.0
    assert max(rests) <= 5.1
    clock.advance(10)
    broken = False
    quiet.offer(frame("cam", 99))
    quiet.step()
    assert quiet.offer(frame("cam", 100))
    assert quiet.last_errors == {}


def test_a_frame_that_came_while_work_failed_is_dropped(quiet: Analyser, metrics: Metrics) -> None:
    def work(f: Frame) -> None:
        quiet.offer(frame("cam", f.seq + 1))
        raise RuntimeError("not now")

    quiet.add("cam", work)
    quiet.offer(frame("cam", 0))
    quiet.step()
    assert metrics.get("hub_analysis_dropped_frames_total", camera="cam") == 1
    quiet.step()
    assert metrics.get("hub_analysis_frames_total", camera="cam") == 1


def test_a_camera_that_left_is_served_no_more(quiet: Analyser, metrics: Metrics) -> None:
    seen: list[int] = []
    quiet.add("cam", lambda f: seen.append(f.seq))
    quiet.offer(frame("cam", 0))
    assert quiet.remove("cam")
    quiet.add("other", lambda f: seen.append(100 + f.seq))
    quiet.offer(frame("other", 0))
    quiet.step()
    assert seen == [100]
    assert not quiet.offer(frame("cam", 1))
    assert metrics.get("hub_analysis_dropped_frames_total", camera="cam") == 1
    assert quiet.remove("cam"), "removing twice does no harm"


def test_a_camera_is_added_once(quiet: Analyser) -> None:
    quiet.add("cam", lambda _: None)
    with pytest.raises(ValueError, match="cam is served already"):
        quiet.add("cam", lambda _: None)


@pytest.fixture
def running(metrics: Metrics) -> Iterator[Analyser]:
    analyser = Analyser(2, RealClock(), metrics)
    analyser.start()
    yield analyser
    assert analyser.stop(5.0) == []


def test_at_most_two_at_once_and_one_of_each_camera(running: Analyser) -> None:
    lock, gate, enough = threading.Lock(), threading.Event(), threading.Event()
    inside: Counter[str] = Counter()
    most, twice = 0, False

    def work(f: Frame) -> None:
        nonlocal most, twice
        with lock:
            inside[f.source] += 1
            most = max(most, inside.total())
            twice = twice or inside[f.source] > 1
            if inside.total() == 2:
                enough.set()
        gate.wait(5.0)
        with lock:
            inside[f.source] -= 1

    for name in ("a", "b", "c"):
        running.add(name, work)
    for seq in range(4):
        for name in ("a", "b", "c"):
            running.offer(frame(name, seq))
    assert enough.wait(5.0)
    gate.set()
    assert running.remove("a")
    assert running.remove("b")
    assert running.remove("c")
    assert most == 2
    assert not twice


def test_remove_waits_for_work_under_way_and_says_when_it_did_not_end(running: Analyser) -> None:
    began, gate = threading.Event(), threading.Event()

    def work(_: Frame) -> None:
        began.set()
        gate.wait(5.0)

    running.add("cam", work)
    running.offer(frame("cam", 0))
    assert began.wait(20.0)
    assert not running.remove("cam", timeout_s=0.05)
    gate.set()


def test_stop_names_the_thread_that_hangs(metrics: Metrics) -> None:
    analyser = Analyser(1, RealClock(), metrics)
    began, gate = threading.Event(), threading.Event()

    def work(_: Frame) -> None:
        began.set()
        gate.wait(5.0)

    analyser.add("cam", work)
    analyser.start()
    analyser.offer(frame("cam", 0))
    assert began.wait(20.0)
    assert analyser.stop(0.05) == ["analyse-0"]
    gate.set()
    assert analyser.stop(5.0) == []
