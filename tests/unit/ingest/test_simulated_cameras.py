"""Faults, playlists, slow clients and passwords of simulated cameras, without a socket."""

from __future__ import annotations

import random
from base64 import b64encode
from pathlib import Path

import pytest

from hub.ingest.simulate import auth
from hub.ingest.simulate.devices import value_at
from hub.ingest.simulate.faults import FaultBook, spoilt
from hub.ingest.simulate.playlist import Playhead, Variant, position
from hub.ingest.simulate.receiver import LiveFrame, Receiver
from hub.ingest.simulate.rendition import Rendition, load, save
from hub.ingest.simulate.rtsp import parse_request
from hub.ingest.simulate.scenario import Fault, FaultKind, load_scenario
from hub.ingest.simulate.sendlog import SendLog
from hub.kit.clock import SimClock
from hub.kit.errors import Misconfigured
from hub.types.media import Codec


def rendition(frames: int, gop: int) -> Rendition:
    keyframes = tuple(range(0, frames, gop))
    units = tuple(b"\x00\x00\x01\x65" + bytes([n]) for n in range(frames))
    return Rendition(Codec.H264, 64, 64, 25, keyframes, units)


class PaperWire:
    """Keeps what is sent; `stuck` bytes wait for a client that does not read."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.reports = 0
        self.stuck = 0
        self.aborted = False

    def send(self, packets: list[bytes]) -> None:
        self.packets += packets

    def report(self, packet: bytes) -> None:
        self.reports += 1

    def waiting_bytes(self) -> int:
        return self.stuck

    def abort(self) -> None:
        self.aborted = True


def frame(n: int, *, keyframe: bool, size: int = 10) -> LiveFrame:
    return LiveFrame([b"x" * size], n * 3600, keyframe, 0.0)


# --- faults


def test_faults_begin_and_end_on_their_timetable() -> None:
    book = FaultBook([Fault(kind=FaultKind.FREEZE, at_s=20, for_s=15)])
    assert book.advance(19.9) == []
    (began,) = book.advance(20.01)
    assert (began.fault.kind, began.began, began.at_s) == (FaultKind.FREEZE, True, 20.0)
    assert book.active(FaultKind.FREEZE) is not None
    (ended,) = book.advance(35.0)
    assert (ended.began, ended.at_s) == (False, 35.0)
    assert book.kinds() == []


def test_orders_count_from_now_and_can_be_taken_back() -> None:
    book = FaultBook()
    book.order(Fault(kind=FaultKind.STALL, at_s=2), 100.0)
    book.order(Fault(kind=FaultKind.VANISH, at_s=50), 100.0)
    book.advance(102.0)
    assert book.kinds() == ["stall"]
    book.clear()
    assert [change.began for change in book.advance(103.0)] == [False]
    assert book.advance(1000.0) == [], "what waited is forgotten too"


def test_clock_jumps_add_up_and_go_back() -> None:
    book = FaultBook(
        [
            Fault(kind=FaultKind.CLOCK_JUMP, jump_s=3600),
            Fault(kind=FaultKind.CLOCK_JUMP, jump_s=-7, at_s=5, for_s=5),
        ]
    )
    book.advance(1.0)
    assert book.jump_s() == 3600
    book.advance(5.0)
    assert book.jump_s() == 3593
    book.advance(10.0)
    assert book.jump_s() == 3600


def test_garbage_spoils_its_share_in_all_three_ways() -> None:
    clean = [bytes(range(200))] * 1000
    dirty = spoilt(clean, 0.3, random.Random(1))
    changed = [part for part in dirty if part != clean[0]]
    assert 250 < len(changed) < 350
    assert b"" in changed
    assert any(0 < len(part) < 200 for part in changed)
    assert any(len(part) == 200 for part in changed)


# --- playlists


def test_a_playlist_runs_on_with_its_last_segment() -> None:
    assert [position([3, None], n) for n in (0, 2, 3, 99)] == [(0, 0), (0, 2), (1, 0), (1, 96)]


def test_a_playlist_that_ends_begins_anew() -> None:
    assert [position([3, 2], n) for n in (4, 5, 8)] == [(1, 1), (0, 0), (1, 0)]


def test_a_clip_loops_within_its_segment() -> None:
    playhead = Playhead([None], lambda _segment, _variant: rendition(4, 2))
    assert [playhead.at(n, Variant.PLAIN).frame for n in range(6)] == [0, 1, 2, 3, 0, 1]


def test_a_frozen_camera_repeats_one_group_and_then_goes_on_at_a_keyframe() -> None:
    playhead = Playhead([None], lambda _segment, _variant: rendition(20, 5))
    assert playhead.at(7, Variant.PLAIN).frame == 7
    frozen = [playhead.at(n, Variant.FROZEN) for n in range(8, 20)]
    assert [shown.frame for shown in frozen] == [5, 6, 7, 8, 9, 5, 6, 7, 8, 9, 5, 6]
    assert {shown.variant for shown in frozen} == {Variant.FROZEN}
    assert [playhead.at(n, Variant.PLAIN).frame for n in (20, 21)] == [0, 1]


def test_every_change_of_rendition_begins_with_a_keyframe() -> None:
    looks = {Variant.PLAIN: rendition(30, 5), Variant.LONG_GOP: rendition(30, 15)}
    playhead = Playhead([None], lambda _segment, variant: looks[variant])
    variant, changes = Variant.PLAIN, 0
    rng = random.Random(3)
    for n in range(300):
        before, variant = variant, rng.choice([variant] * 9 + list(looks))
        shown = playhead.at(n, variant)
        if variant is not before:
            changes += 1
            assert looks[variant].is_keyframe(shown.frame)
    assert changes > 5


# --- slow clients


def test_a_client_starts_at_a_keyframe_and_gets_a_report() -> None:
    wire = PaperWire()
    receiver = Receiver(wire, random.Random(0), SimClock().monotonic)
    sent = [receiver.offer(frame(n, keyframe=n == 2), None) for n in range(4)]
    assert sent == [False, False, True, True]
    assert (len(wire.packets), wire.reports, receiver.dropped) == (2, 1, 0)


def test_a_slow_client_loses_frames_to_the_next_keyframe_and_no_sequence_number() -> None:
    wire = PaperWire()
    receiver = Receiver(wire, random.Random(0), SimClock().monotonic)
    receiver.offer(frame(0, keyframe=True), None)
    wire.stuck = 10_000_000
    receiver.offer(frame(1, keyframe=False), None)
    wire.stuck = 0
    receiver.offer(frame(2, keyframe=False), None)
    assert receiver.offer(frame(3, keyframe=True), None)
    assert receiver.dropped == 2
    numbers = [int.from_bytes(packet[2:4], "big") for packet in wire.packets]
    assert (numbers[1] - numbers[0]) % 65536 == 1


def test_a_client_that_takes_nothing_is_cut_off_after_a_while() -> None:
    wire, clock = PaperWire(), SimClock()
    receiver = Receiver(wire, random.Random(0), clock.monotonic)
    wire.stuck = 10_000_000
    for n in range(20):
        receiver.offer(frame(n, keyframe=True), None)
        clock.advance(2.0)
        assert wire.aborted == (n * 2 > 30)
        if wire.aborted:
            return
    pytest.fail("still there")


def test_a_slow_link_pays_out_at_its_rate_and_stays_bounded() -> None:
    wire, clock = PaperWire(), SimClock()
    receiver = Receiver(wire, random.Random(0), clock.monotonic)
    for n in range(1000):  # 40 s at 25 fps of 2 Mbit/s through 100 kbit/s
        receiver.pay_out(100.0)
        receiver.offer(frame(n, keyframe=n % 50 == 0, size=1000), 100.0)
        clock.advance(0.04)
    out = sum(map(len, wire.packets))
    assert 0.9 * 500_000 < out <= 1.05 * 500_000
    assert receiver.dropped > 100


# --- passwords


def test_digest_takes_the_right_password_alone() -> None:
    right = auth.digest_response("viewer", "secret", "DESCRIBE", "rtsp://h/c/main", "n0")
    header = (
        f'Digest username="viewer", realm="{auth.REALM}", nonce="n0", '
        f'uri="rtsp://h/c/main", response="{right}"'
    )

    def may(header: str, password: str = "secret", method: str = "DESCRIBE", n: str = "n0") -> bool:
        return auth.allowed(
            "digest", header, method=method, nonce=n, username="viewer", password=password
        )

    assert may(header)
    assert not may(header, password="other")
    assert not may(header, method="PLAY")
    assert not may(header, n="n1"), "a nonce of another connection"
    assert not may(header.replace(right, ""))
    assert not may("Basic " + b64encode(b"viewer:secret").decode())


def test_the_digest_is_the_one_of_the_rfc() -> None:
    """The example of RFC 2069, 2.4, with the response of its erratum 749."""
    nonce, realm = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "testrealm@host.com"
    got = auth.digest_response("Mufasa", "CircleOfLife", "GET", "/dir/index.html", nonce, realm)
    assert got == "1949323746fe6a43ef61f9606e7febea"


def test_basic_takes_the_right_password_alone() -> None:
    def may(header: str | None) -> bool:
        return auth.allowed(
            "basic", header, method="PLAY", nonce="", username="viewer", password="密码"
        )

    assert may("Basic " + b64encode("viewer:密码".encode()).decode())
    assert not may("Basic " + b64encode(b"viewer:no").decode())
    assert not may("Basic ???")
    assert not may(None)


# --- the rest


def test_a_request_is_read_and_a_wrong_one_refused() -> None:
    request = parse_request(b"PLAY rtsp://h/c/main RTSP/1.0\r\nCSeq: 4\r\nSession: 1;x\r\n\r\n")
    assert (request.method, request.headers["cseq"]) == ("PLAY", "4")
    for wrong in (b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"PLAY\r\n\r\n"):
        with pytest.raises(ValueError, match=r".+"):
            parse_request(wrong)


def test_a_course_is_straight_between_its_corners() -> None:
    course = [(0.0, 12.0), (24.0, 14.0), (25.0, 95.0)]
    assert [value_at(course, s) for s in (-1, 0, 12, 24.5, 99)] == [12, 12, 13, 54.5, 95]


def test_a_rendition_comes_back_from_its_file_and_half_a_file_does_not(tmp_path: Path) -> None:
    made = rendition(7, 3)
    save(made, tmp_path / "deep" / "a.frames")
    assert load(tmp_path / "deep" / "a.frames") == made
    assert load(tmp_path / "none") is None
    whole = (tmp_path / "deep" / "a.frames").read_bytes()
    (tmp_path / "half").write_bytes(whole[:-1])
    assert load(tmp_path / "half") is None


def test_the_send_log_appears_when_something_is_said_and_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    log = SendLog(path, bytes_max=2000)
    assert not path.exists()
    for n in range(100):
        log.frame("cam", "main", n, n / 25, n * 3600, 1.0 + n, n % 50 == 0)
    log.close()
    assert path.stat().st_size <= 2200
    assert path.with_name("sent.jsonl.1").stat().st_size <= 2200


def test_the_demo_scenario_is_what_the_demo_promises() -> None:
    scenario = load_scenario(Path("configs/profiles/demo/simulation.yaml"))
    cameras = {camera.id: camera for camera in scenario.cameras}
    assert len(cameras) == 8
    assert [c.id for c in cameras.values() if c.codec is Codec.H265] == ["cam-market-01"]
    assert [c.id for c in cameras.values() if c.auth == "digest"] == ["cam-school-01"]
    faults = {(c.id, f.kind, f.at_s, f.for_s) for c in cameras.values() for f in c.faults}
    assert faults == {
        ("cam-road-01", FaultKind.FREEZE, 20.0, 15.0),
        ("cam-village-01", FaultKind.VANISH, 30.0, 20.0),
    }
    course = scenario.sensors[0].course
    assert value_at(course, 24.0) < 80 < value_at(course, 25.0)
    assert scenario.buttons[0].at_s == (40.0,)
    assert all(s.empty for c in scenario.emptied().cameras for s in c.playlist)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cameras: [{id: a, playlist: [{clip: x}]}]", "clips"),
        ("{clips: {}, cameras: [{id: a, playlist: [{clip: x}]}]}", "no clip 'x'"),
        ("{clips: {x: {source: 'pypi:a==1'}}}", "sha256"),
        ("{clips: {x: {source: 'file:/x', crop: [0.5, 0, 0.6, 1]}}}", "crop"),
        ("{clips: {}, cameraz: []}", "cameraz"),
        ("{clips: [", "line"),
    ],
)
def test_a_wrong_scenario_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=said) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)
