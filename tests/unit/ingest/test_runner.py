"""A camera's life on a simulated clock, with a pretended camera at the other end."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest

from hub.ingest.runner import CameraRunner
from hub.ingest.source import Fault, Source, SourceError, Unit
from hub.kit.clock import RealClock, SimClock
from hub.kit.errors import NotFound
from hub.kit.metrics import Metrics
from hub.kit.supervise import Backoff
from hub.types.media import StreamRole
from hub.types.scene import HealthChanged
from hub.types.scene import HealthState as S
from hub.types.site import CameraSpec, Stream
from tests.unit.ingest.clips import camera
from tests.unit.ingest.pretend import Desk, PretendOpener, Script

SUB = {"sub": {"url": "rtsp://10.0.0.7/sub"}}


def play(desk: Desk, role: StreamRole = StreamRole.MAIN) -> float | SourceError:
    """One turn of a stream's thread: its pause, or its error."""
    try:
        return desk.runner.reader(role).step()
    except SourceError as error:
        return error


def desk_with(clock: SimClock, *plays: Script | Fault, **more: object) -> Desk:
    return Desk(PretendOpener(*plays), clock, **more)


def test_a_camera_that_sends_is_online_and_hands_on_packets_and_frames() -> None:
    clock = SimClock()
    desk = desk_with(clock, Script(clock, 10, each=lambda: desk.runner.watch()))
    play(desk)
    stats = desk.runner.stats()
    assert desk.states == [S.ONLINE]
    assert stats.packets == len(desk.packets) == 50
    assert stats.frames_decoded == stats.frames_analysed == len(desk.frames) == 50
    assert stats.fps == pytest.approx(5.0, rel=0.2)
    assert stats.bitrate_bps > 0
    assert stats.last_picture_at == pytest.approx(clock.now() - 0.2, abs=0.01)
    assert desk.runner.ring(StreamRole.MAIN).span_s() == pytest.approx(9.8)


def test_with_a_sub_stream_that_is_decoded_and_main_only_kept() -> None:
    clock = SimClock()
    desk = desk_with(clock, Script(clock, 4), Script(clock, 4), **SUB)
    play(desk, StreamRole.SUB)
    play(desk, StreamRole.MAIN)
    assert {packet.role for packet, _ in desk.packets} == {StreamRole.SUB, StreamRole.MAIN}
    assert desk.runner.stats().frames_decoded == 20
    assert desk.runner.ring(StreamRole.MAIN).span_s() > 3
    with pytest.raises(NotFound):
        desk_with(clock).runner.ring(StreamRole.SUB)


def test_a_camera_that_vanishes_is_told_stale_then_offline_with_the_reason() -> None:
    clock = SimClock()
    desk = desk_with(
        clock, Script(clock, 10, ending=Fault.TIMEOUT, each=lambda: desk.runner.watch())
    )
    assert isinstance(play(desk), float)
    assert desk.watch(12) == [S.STALE, S.OFFLINE]
    assert desk.health[-1].detail.startswith("timeout")
    assert desk.health[-1].last_picture_at == pytest.approx(desk.health[-1].at - 10, abs=0.6)


def test_a_wrong_password_is_told_at_the_second_refusal() -> None:
    clock = SimClock()
    desk = desk_with(clock, Fault.WRONG_PASSWORD, Fault.WRONG_PASSWORD)
    assert isinstance(play(desk), SourceError)
    assert desk.watch(1) == []
    assert isinstance(play(desk), SourceError)
    assert desk.watch(1) == [S.OFFLINE]
    assert desk.health[-1].detail.startswith("wrong_password")
    assert "wrong_password" in desk.runner.stats().last_error


def test_an_old_reason_does_not_explain_a_new_silence() -> None:
    clock = SimClock()
    pictures = iter(range(100))

    def each() -> None:
        if next(pictures) == 20:
            assert desk.runner.stats().last_error == ""
            assert desk.watch(5)[-1] is S.STALE

    desk = desk_with(clock, Fault.WRONG_PASSWORD, Script(clock, 10, each=each))
    play(desk)
    assert "wrong_password" in desk.runner.stats().last_error
    play(desk)
    told = next(change for change in desk.health if change.state is S.STALE)
    assert told.detail == "no picture for 4 s"


def test_a_frozen_picture_is_told_and_so_is_its_thaw() -> None:
    clock = SimClock()
    began = clock.now()
    frozen = Script(clock, 16, frozen=True, each=lambda: desk.runner.watch())
    desk = desk_with(clock, frozen, Script(clock, 4, each=lambda: desk.runner.watch()))
    play(desk)
    assert desk.states == [S.ONLINE, S.FROZEN]
    assert "same picture" in desk.health[-1].detail
    # The pictures go on coming, but they show what was there when it froze.
    assert desk.health[-1].last_picture_at == pytest.approx(began, abs=0.01)
    assert desk.runner.stats().last_picture_at == pytest.approx(began, abs=0.01)
    play(desk)
    assert desk.states == [S.ONLINE, S.FROZEN, S.ONLINE]
    assert desk.runner.stats().reconnects == 1


def test_packets_that_decode_to_nothing_end_the_connection() -> None:
    clock = SimClock()
    desk = desk_with(
        clock, Script(clock, 120, undecodable=True, each=lambda: desk.runner.watch())
    )  # fmt: skip
    play(desk)
    assert desk.runner.stats().last_error.startswith("main: no_picture")
    assert desk.states == [S.OFFLINE]
    assert desk.runner.stats().dropped == pytest.approx(150, abs=2)


def test_a_short_connection_counts_as_a_failure_and_a_long_one_does_not() -> None:
    clock = SimClock()
    desk = desk_with(clock, Script(clock, 2), Script(clock, 8))
    assert isinstance(play(desk), SourceError)
    pause_s = play(desk)
    assert isinstance(pause_s, float)
    assert 0 < pause_s <= 2.0


def test_a_source_is_closed_by_the_thread_that_opened_it_also_when_a_callback_fails() -> None:
    clock = SimClock()
    script = Script(clock, 4)
    desk = desk_with(clock, script)
    desk.frames = Refusing()  # type: ignore[assignment]
    runner = CameraRunner(
        camera(), opener=PretendOpener(script), clock=clock, rng=random.Random(1),
        metrics=Metrics(), on_packet=lambda p, i: None,
        on_frame=desk.frames.append, on_health=lambda h: None,
    )  # fmt: skip
    with pytest.raises(ValueError, match="no"):
        runner.reader(StreamRole.MAIN).step()
    assert script.closed_by == threading.get_ident()


class Refusing:
    def append(self, frame: object) -> None:
        raise ValueError("no")


def test_a_fleet_that_fails_together_does_not_come_back_together() -> None:
    clock = SimClock()
    pauses: list[float] = []
    for seed in range(50):
        script = Script(clock, 8, ending=Fault.BROKEN)
        desk = desk_with(clock, script)
        desk.runner.reader(StreamRole.MAIN)._rng = random.Random(seed)
        pause_s = play(desk)
        assert isinstance(pause_s, float)
        pauses.append(pause_s)
    assert max(pauses) - min(pauses) > 1.5
    assert all(sum(abs(a - b) < 0.1 for b in pauses) < 15 for a in pauses)


def test_the_back_off_is_capped_at_five_seconds_for_five_minutes_then_at_sixty() -> None:
    rng, backoff = random.Random(2), Backoff()
    early = [backoff.pause_s(n, 299.0, rng) for n in range(1, 200)]
    late = [backoff.pause_s(n, 301.0, rng) for n in range(50, 200)]
    assert early[0] <= 0.5
    assert max(early) <= 5.0
    assert 30.0 <= min(late) <= max(late) <= 60.0


def test_after_a_stall_of_the_host_the_watch_skips_one_round() -> None:
    clock = SimClock()
    desk = desk_with(clock, Script(clock, 10, each=lambda: desk.runner.watch()))
    play(desk)
    clock.advance(30.0)
    desk.runner.watch()
    assert desk.states == [S.ONLINE]
    assert desk.metrics.get("hub_ingest_host_stalls_total") == 1
    assert desk.watch(0.5) == [S.OFFLINE]


class Hanging:
    """The first open hangs until it is let go; the ones after it refuse."""

    open_limit_s = 0.05

    def __init__(self) -> None:
        self.release = threading.Event()
        self.asked = 0

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        self.asked += 1
        if self.asked == 1:
            self.release.wait(10)
        raise SourceError(Fault.UNREACHABLE, "refused")


def test_a_thread_that_hangs_is_abandoned_and_another_takes_over() -> None:
    clock, opener = SimClock(), Hanging()
    runner = CameraRunner(
        camera(), opener=opener, clock=clock, rng=random.Random(1), metrics=Metrics(),
        on_packet=lambda p, i: None, on_frame=lambda f: None, on_health=lambda h: None,
    )  # fmt: skip
    first = runner.reader(StreamRole.MAIN)

    hanging = threading.Thread(target=first.step)
    hanging.start()
    wait_for(lambda: opener.asked == 1)
    for _ in range(9):
        clock.advance(0.5)
        runner.watch()
    assert runner.stats().abandoned == 0
    for _ in range(2):
        clock.advance(0.5)
        runner.watch()
    assert runner.stats().abandoned == 1
    assert first.stop.is_set()
    assert runner.reader(StreamRole.MAIN) is not first
    wait_for(lambda: opener.asked >= 2)
    opener.release.set()
    hanging.join(5)
    runner.stop(2)


class Dripping(PretendOpener):
    """A connection that gives bytes and never a whole picture, until its line is cut."""

    def __init__(self, clock: SimClock) -> None:
        super().__init__()
        self.source = DrippingScript(clock)

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        self.asked.append(stream)
        return self.source


class DrippingScript(Script):
    def __init__(self, clock: SimClock) -> None:
        super().__init__(clock)
        self.was_cut = threading.Event()

    def units(self) -> Iterator[Unit]:
        assert self.was_cut.wait(10)
        yield from ()
        raise SourceError(Fault.TIMEOUT, "nothing came in time")

    def cut(self) -> None:
        self.was_cut.set()


def test_a_read_that_hangs_is_cut_and_no_thread_is_lost() -> None:
    clock = SimClock()
    opener = Dripping(clock)
    runner = CameraRunner(
        camera(), opener=opener, clock=clock, rng=random.Random(1), metrics=Metrics(),
        on_packet=lambda p, i: None, on_frame=lambda f: None, on_health=lambda h: None,
    )  # fmt: skip
    reader = runner.reader(StreamRole.MAIN)
    ended: list[SourceError] = []

    def read() -> None:
        with pytest.raises(SourceError) as caught:
            reader.step()
        ended.append(caught.value)

    reading = threading.Thread(target=read)
    reading.start()
    wait_for(lambda: reader.limit_s == opener.source.read_limit_s)
    for _ in range(10):
        clock.advance(0.5)
        runner.watch()
        assert not opener.source.was_cut.is_set()
    clock.advance(0.5)
    runner.watch()
    reading.join(5)
    assert not reading.is_alive()
    assert ended[0].fault is Fault.TIMEOUT
    assert opener.source.closed_by == reading.ident
    assert runner.stats().abandoned == 0
    assert runner.reader(StreamRole.MAIN) is reader


def test_started_threads_end_when_told_to() -> None:
    told: list[HealthChanged] = []
    clock = RealClock()
    runner = CameraRunner(
        camera(**SUB), opener=PretendOpener(), clock=clock, rng=random.Random(1),
        metrics=Metrics(), on_packet=lambda p, i: None, on_frame=lambda f: None,
        on_health=told.append,
    )  # fmt: skip
    before = threading.active_count()
    runner.start(0.01)
    assert threading.active_count() == before + 3
    wait_for(lambda: "unreachable" in runner.stats().last_error)
    assert runner.stop(5.0) == []
    wait_for(lambda: threading.active_count() == before)
    assert told[0].state is S.CONNECTING


def wait_for(true: object, limit_s: float = 5.0) -> None:
    assert callable(true)
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
