"""Clips through the lanes of one stream."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from hub.ingest.gate import Gate
from hub.ingest.health import Progress
from hub.ingest.lane import Counts, FrameLane, PacketLane
from hub.ingest.ring import Ring
from hub.ingest.source import Header, Unit
from hub.ingest.sources.file import open_clip
from hub.types.media import Codec, Frame, Packet, StreamInfo, StreamRole
from tests.unit.ingest.clips import encode, street, walk

EPOCH = 1_700_000_000.0


class Lanes:
    """Both lanes of a camera and all that came out of them."""

    def __init__(self, analysis_fps: float = 5.0) -> None:
        self.counts = Counts()
        self.ring = Ring("gate-1/sub")
        self.progress = Progress(0.0)
        self.packets: list[tuple[Packet, StreamInfo]] = []
        self.frames: list[Frame] = []
        self.packet_lane = PacketLane(
            "gate-1",
            StreamRole.SUB,
            ring=self.ring,
            counts=self.counts,
            on_packet=lambda packet, info: self.packets.append((packet, info)),
        )
        self.frame_lane = FrameLane(
            "gate-1",
            analysis_fps,
            late_s=1.0,
            gate=Gate(),
            counts=self.counts,
            progress=self.progress,
            on_frame=self.frames.append,
        )
        self.at = 0.0

    def play(self, path: Path, *, forget_sets: bool = False, skip: Iterable[int] = ()) -> None:
        source = open_clip(path)
        header = source.header
        if forget_sets:
            header = Header(header.codec, header.width, header.height, b"", header.fps)
        self.packet_lane.begin(header)
        self.frame_lane.begin(source.decoder(()))
        for index, unit in enumerate(source.units()):
            self.at += 0.1
            if index not in set(skip):
                self.push(unit)
        source.close()

    def push(self, unit: Unit) -> None:
        packet = self.packet_lane.take(unit, EPOCH + self.at, self.at)
        if packet is not None:
            self.frame_lane.take(unit, packet, self.at)


CONTAINERS = pytest.mark.parametrize(
    ("codec", "name"), [("libx264", "a.mp4"), ("libx264", "a.ts"), ("libx265", "a.mp4")]
)


@CONTAINERS
def test_every_container_gives_annex_b_with_parameter_sets(
    tmp_path: Path, codec: str, name: str
) -> None:
    lanes = Lanes()
    lanes.play(encode(tmp_path / name, walk(30), codec=codec))
    packets = [packet for packet, _ in lanes.packets]
    infos = {info for _, info in lanes.packets}
    assert len(packets) == 30
    assert [packet.keyframe for packet in packets] == [i % 10 == 0 for i in range(30)]
    assert all(packet.data.startswith((b"\0\0\0\1", b"\0\0\1")) for packet in packets)
    (info,) = infos
    assert info.codec is (Codec.H264 if codec == "libx264" else Codec.H265)
    assert (info.width, info.height, info.generation) == (320, 180, 0)
    assert info.extradata.startswith(b"\0\0\0\1")
    assert lanes.ring.cut(EPOCH, EPOCH + 9).packets == tuple(packets)


def test_frames_come_at_the_analysis_rate_with_the_gate_told(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=5.0)
    lanes.play(encode(tmp_path / "a.mp4", walk(60)))
    assert lanes.counts.frames_decoded == 59  # the last waits for the next wanted one
    assert len(lanes.frames) == 30
    gaps = [b.media_s - a.media_s for a, b in zip(lanes.frames, lanes.frames[1:], strict=False)]
    assert gaps == pytest.approx([0.2] * 29)
    assert [frame.seq for frame in lanes.frames] == list(range(1, 31))
    assert sum(frame.gate_open for frame in lanes.frames) == lanes.counts.gate_open > 20


def test_an_uneven_ratio_of_rates_gives_the_asked_rate_on_average(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=4.0)
    lanes.play(encode(tmp_path / "a.mp4", [street(3, 320, 180)] * 100))
    assert len(lanes.frames) == pytest.approx(40, abs=1)


def test_without_sets_in_the_header_the_first_keyframe_tells(tmp_path: Path) -> None:
    lanes = Lanes()
    lanes.play(encode(tmp_path / "a.ts", walk(20)), forget_sets=True, skip=range(3))
    # Joined in the middle of a GOP: nothing before the next keyframe.
    assert len(lanes.packets) == 10
    assert lanes.packets[0][0].keyframe
    assert lanes.packets[0][1].width == 320
    assert len(lanes.frames) == 5


def test_a_change_of_resolution_is_a_new_generation(tmp_path: Path) -> None:
    lanes = Lanes()
    small = open_clip(encode(tmp_path / "a.ts", walk(10)))
    large = open_clip(encode(tmp_path / "b.ts", walk(10, (640, 360))))
    lanes.packet_lane.begin(small.header)
    for source in (small, large):
        for unit in source.units():
            lanes.at += 0.1
            lanes.packet_lane.take(unit, EPOCH + lanes.at, lanes.at)
    sizes = [(info.width, info.height, info.generation) for _, info in lanes.packets]
    assert sizes == [(320, 180, 0)] * 10 + [(640, 360, 1)] * 10
    assert [packet.generation for packet, _ in lanes.packets] == [0] * 10 + [1] * 10
    small.close()
    large.close()


def test_the_decoder_follows_a_change_of_resolution(tmp_path: Path) -> None:
    first = encode(tmp_path / "a.ts", walk(10)).read_bytes()
    second = encode(tmp_path / "b.ts", walk(10, (640, 360))).read_bytes()
    joined = tmp_path / "c.ts"
    joined.write_bytes(first + second)
    lanes = Lanes()
    lanes.play(joined)
    sizes = [(frame.picture.width, frame.picture.height) for frame in lanes.frames]
    assert sizes[0] == (320, 180)
    assert sizes[-1] == (640, 360)


def test_the_same_stream_after_a_reconnect_is_no_new_generation(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", walk(10))
    lanes = Lanes()
    lanes.play(clip)
    lanes.play(clip)
    assert {info.generation for _, info in lanes.packets} == {0}
    times = [packet.dts_s for packet, _ in lanes.packets]
    assert all(a < b for a, b in itertools.pairwise(times))


def test_empty_truncated_and_garbage_packets_are_counted_and_skipped(tmp_path: Path) -> None:
    source = open_clip(encode(tmp_path / "a.ts", walk(30)))
    lanes = Lanes()
    lanes.packet_lane.begin(source.header)
    lanes.frame_lane.begin(source.decoder(()))
    units = list(source.units())
    units[5:5] = [
        Unit(b"", False, 0.5, 0.5),
        Unit(b"not video at all", False, 0.5, 0.5),
        units[4]._replace(corrupt=True),
    ]
    for unit in units:
        lanes.at += 0.1
        lanes.push(unit)
    assert lanes.counts.dropped == 3
    assert len(lanes.packets) == 30
    assert lanes.counts.frames_decoded == 29
    source.close()


def test_reordered_pictures_come_in_the_order_they_are_shown(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=10.0)
    lanes.play(encode(tmp_path / "a.mp4", walk(30), bframes=2))
    shown = [frame.media_s for frame in lanes.frames]
    assert shown == sorted(shown)
    assert len(shown) >= 26
    assert all(frame.captured_at <= frame.received_at for frame in lanes.frames)


def test_keyframes_alone_are_decoded_where_they_come_often_enough(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=1.0)
    lanes.play(encode(tmp_path / "a.mp4", walk(80), gop=10))
    # The first GOP is decoded whole: the rhythm is not known before the second keyframe, and
    # that one comes too soon after the picture at 0.9 s, a tenth early.
    assert lanes.counts.frames_decoded == 10 + 6
    assert len(lanes.frames) == 8
    assert lanes.progress.picture_at == pytest.approx(lanes.at)


def test_a_gop_of_ten_seconds_is_decoded_whole(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=5.0)
    lanes.play(encode(tmp_path / "a.mp4", walk(150), gop=100))
    assert lanes.counts.frames_decoded == 149
    assert len(lanes.frames) == 75


def test_pictures_between_two_wanted_ones_wait_and_the_wanted_one_does_not(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=2.5)
    decoded = []
    source = open_clip(encode(tmp_path / "a.mp4", walk(40), gop=40))
    lanes.packet_lane.begin(source.header)
    lanes.frame_lane.begin(source.decoder(()))
    for unit in source.units():
        lanes.at += 0.1
        lanes.push(unit)
        decoded.append(lanes.counts.frames_decoded)
    source.close()
    assert decoded[:13] == [1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9, 9, 13]
    # Each was handed on when its own packet came, with that packet's times.
    assert [round(frame.media_s, 3) for frame in lanes.frames] == pytest.approx(
        [0.4 * n for n in range(10)]
    )


def test_slow_analysis_does_not_hold_packets_back_for_long(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=0.2)
    lanes.play(encode(tmp_path / "a.mp4", walk(99), gop=200))
    assert len(lanes.frames) == 3  # at 0, 5 and 9.5 s, a tenth early
    assert lanes.counts.frames_decoded >= 99 - 6
    assert lanes.at - (lanes.progress.picture_at or 0.0) <= 0.6


def test_pictures_seconds_apart_are_never_held_back(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=0.2)
    source = open_clip(encode(tmp_path / "a.mp4", walk(8), gop=40))
    lanes.packet_lane.begin(source.header)
    lanes.frame_lane.begin(source.decoder(()))
    for number, unit in enumerate(source.units(), start=1):
        lanes.at += 2.0
        lanes.push(unit._replace(pts_s=2.0 * number, dts_s=2.0 * number))
        assert lanes.counts.frames_decoded == number
    source.close()


def test_what_waits_when_the_host_falls_behind_is_late_with_the_rest(tmp_path: Path) -> None:
    lanes = Lanes(analysis_fps=2.5)
    source = open_clip(encode(tmp_path / "a.mp4", walk(8), gop=40))
    lanes.packet_lane.begin(source.header)
    lanes.frame_lane.begin(source.decoder(()))
    for index, unit in enumerate(source.units()):
        lanes.at += 0.1 if index < 7 else 2.0
        lanes.push(unit)
    source.close()
    assert lanes.counts.frames_decoded == 5
    assert lanes.counts.late == 3


def test_a_repeated_picture_counts_as_the_same_and_a_noisy_one_does_not(tmp_path: Path) -> None:
    frozen, quiet = Lanes(), Lanes()
    frozen.play(encode(tmp_path / "a.mp4", [street(3, 320, 180)] * 60, gop=10))
    quiet.play(encode(tmp_path / "b.mp4", walk(60, height_px=2), gop=10))
    assert frozen.progress.same_keyframes >= 2
    assert quiet.progress.same_keyframes <= 1


def test_a_host_that_lags_behind_passes_over_to_what_happens_now(tmp_path: Path) -> None:
    path = encode(tmp_path / "walk.mp4", walk(80), gop=20)
    source = open_clip(path)
    lanes = Lanes(analysis_fps=10.0)
    lanes.packet_lane.begin(source.header)
    lanes.frame_lane.begin(source.decoder(()))
    decoded = []
    for index, unit in enumerate(source.units()):
        due_at = 0.1 * (index + 1)
        # It stands still for 4 s, then takes up at once all that has come meanwhile.
        lanes.at = max(due_at, 7.0) if index >= 30 else due_at
        lanes.push(unit)
        decoded.append(lanes.counts.frames_decoded)
    source.close()
    assert decoded[29] == decoded[39] == 30
    # The keyframe in between shows how it went on; from the one less than a second late, all.
    assert [decoded[40], decoded[59], decoded[60]] == [31, 31, 32]
    assert decoded[79] == 51
    assert lanes.counts.late == 10 + 19
