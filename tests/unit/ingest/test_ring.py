from __future__ import annotations

import threading

import pytest

from hub.ingest.ring import Ring, RingPolicy
from hub.kit.errors import NotFound
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

EPOCH = 1_700_000_000.0
INFO = StreamInfo(Codec.H264, 640, 360, b"sets")
LATER = StreamInfo(Codec.H264, 1280, 720, b"more", generation=1)


def packet(i: int, *, gop: int = 50, size: int = 1000, generation: int = 0) -> Packet:
    at = i / 25
    return Packet(
        "gate-1", StreamRole.SUB, b"x" * size, i % gop == 0, at, at, EPOCH + at, EPOCH + at,
        generation=generation,
    )  # fmt: skip


def filled(seconds: int, policy: RingPolicy = RingPolicy(), **more: int) -> Ring:
    ring = Ring("gate-1/sub", policy)
    for i in range(seconds * 25):
        ring.add(packet(i, **more), INFO)
    return ring


@pytest.mark.parametrize("gop", [25, 50, 250])
def test_it_keeps_ten_seconds_and_the_gop_that_covers_their_start(gop: int) -> None:
    ring = filled(60, gop=gop)
    assert 10.0 <= ring.span_s() <= 10.0 + 2 * gop / 25
    newest = EPOCH + 60 - 1 / 25
    cut = ring.cut(newest - 10.0, newest)
    assert cut.packets[0].keyframe
    assert cut.packets[0].captured_at <= newest - 10.0
    assert cut.packets[-1].captured_at == pytest.approx(newest)
    assert cut.info is INFO


def test_a_cut_begins_at_the_keyframe_before_and_ends_in_time() -> None:
    cut = filled(20).cut(EPOCH + 15.0, EPOCH + 17.0)
    assert cut.packets[0].captured_at - EPOCH == pytest.approx(14.0)
    assert cut.packets[-1].captured_at - EPOCH <= 17.0


def test_nothing_kept_of_that_time_is_said_by_name() -> None:
    ring = filled(60)
    with pytest.raises(NotFound) as caught:
        ring.cut(EPOCH + 100, EPOCH + 110)
    assert caught.value.code == "no_packets"
    with pytest.raises(NotFound):
        Ring("empty").cut(EPOCH, EPOCH + 1)


def test_a_cut_that_begins_too_early_gives_what_there_is() -> None:
    ring = filled(60)
    cut = ring.cut(EPOCH, EPOCH + 55)
    assert cut.packets[0].keyframe
    assert cut.packets[0].captured_at > EPOCH + 40


def test_the_cap_shortens_the_preroll_aloud_and_it_heals(caplog: pytest.LogCaptureFixture) -> None:
    policy = RingPolicy(keep_s=10.0, cap_bytes=300_000)
    ring = Ring("gate-1/main", policy)
    for i in range(25 * 20):
        ring.add(packet(i, size=2000), INFO)
        assert ring.size_bytes <= 300_000
    before = ring.shortened
    assert "shortened" in caplog.text
    for i in range(25 * 20, 25 * 60):
        ring.add(packet(i, size=500), INFO)
    assert (before, ring.shortened) == (True, False)
    assert ring.span_s() >= 10.0


def test_a_gop_above_the_cap_leaves_nothing_that_cannot_be_played() -> None:
    ring = filled(20, RingPolicy(cap_bytes=100_000), gop=250)
    for start in range(20):
        try:
            assert ring.cut(EPOCH + start, EPOCH + start + 1).packets[0].keyframe
        except NotFound:
            continue


def test_what_comes_before_the_first_keyframe_is_not_kept() -> None:
    ring = Ring("gate-1/sub")
    for i in range(1, 60):
        ring.add(packet(i), INFO)
    assert ring.span_s() == pytest.approx(9 / 25)


def test_a_change_of_parameters_gives_the_newer_part_alone() -> None:
    ring = filled(6)
    for i in range(150, 300):
        ring.add(packet(i, generation=1), LATER)
    cut = ring.cut(EPOCH + 4, EPOCH + 8)
    assert cut.info is LATER
    assert {each.generation for each in cut.packets} == {1}
    assert ring.cut(EPOCH + 2, EPOCH + 5).info is INFO


def test_cutting_while_filling_is_safe() -> None:
    ring = Ring("gate-1/sub")
    done = threading.Event()

    def fill() -> None:
        for i in range(20_000):
            ring.add(packet(i, size=10), INFO)
        done.set()

    writer = threading.Thread(target=fill)
    writer.start()
    cuts = 0
    while not done.is_set():
        try:
            cut = ring.cut(EPOCH, EPOCH + 10_000)
        except NotFound:
            continue
        times = [each.media_s for each in cut.packets]
        assert cut.packets[0].keyframe
        assert times == sorted(times)
        cuts += 1
    writer.join()
    assert cuts > 0
