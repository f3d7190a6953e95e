"""What the muxer makes is what others read: the same packets at the same times."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import av
import pytest

from hub.kit.errors import Permanent
from hub.live import h264, h265
from hub.live.fmp4 import TIMESCALE, Muxer
from hub.live.nal import units, with_lengths
from hub.types.media import Codec, StreamInfo
from tests.unit.live.streams import Recorded, recorded

KINDS = [
    pytest.param(Codec.H264, {}, id="h264"),
    pytest.param(Codec.H264, {"bframes": 2}, id="h264 with B-frames"),
    pytest.param(Codec.H264, {"profile": "high", "size": (322, 182)}, id="h264 high, cropped"),
    pytest.param(Codec.H265, {}, id="h265"),
    pytest.param(Codec.H265, {"bframes": 3}, id="h265 with B-frames"),
]


def muxed(stream: Recorded) -> bytes:
    muxer = Muxer(stream.info)
    return muxer.init().data + b"".join(muxer.fragment(p).data for p in stream.packets)


def kept(codec: Codec, data: bytes) -> bytes:
    """What must come out as the sample: everything but parameter sets and delimiters."""
    drop = h264.NOT_IN_SAMPLES if codec is Codec.H264 else h265.NOT_IN_SAMPLES
    return with_lengths([unit for unit in units(data) if kind_of(codec, unit) not in drop])


def kind_of(codec: Codec, unit: bytes) -> int:
    return unit[0] & 31 if codec is Codec.H264 else unit[0] >> 1 & 63


@pytest.mark.parametrize(("codec", "more"), KINDS)
def test_a_player_reads_back_every_packet_at_its_time(
    codec: Codec, more: dict[str, object]
) -> None:
    stream = recorded(codec, **more)  # type: ignore[arg-type]
    with av.open(BytesIO(muxed(stream)), "r", format="mp4") as back:
        video = back.streams.video[0]
        assert video.codec_context.name == codec.value
        assert (video.width, video.height) == (stream.info.width, stream.info.height)
        read = [p for p in back.demux(video) if p.size]
    assert len(read) == len(stream.packets)
    for got, sent in zip(read, stream.packets, strict=True):
        assert bytes(got) == kept(codec, sent.data)
        assert got.pts == round(sent.media_s * TIMESCALE)
        assert got.dts == round(sent.dts_s * TIMESCALE)
        assert got.is_keyframe == sent.keyframe


@pytest.mark.parametrize(("codec", "more"), KINDS)
def test_every_picture_is_decoded(codec: Codec, more: dict[str, object]) -> None:
    stream = recorded(codec, **more)  # type: ignore[arg-type]
    with av.open(BytesIO(muxed(stream)), "r", format="mp4") as back:
        times = [frame.pts for frame in back.decode(video=0)]
    assert times == sorted(round(packet.media_s * TIMESCALE) for packet in stream.packets)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="wants ffprobe")
@pytest.mark.parametrize(("codec", "more"), KINDS)
def test_ffprobe_agrees(codec: Codec, more: dict[str, object], tmp_path: Path) -> None:
    stream = recorded(codec, **more)  # type: ignore[arg-type]
    (tmp_path / "a.mp4").write_bytes(muxed(stream))
    asked = ["ffprobe", "-v", "error", "-show_packets", "-show_streams", "-of", "json"]
    done = subprocess.run(
        [*asked, str(tmp_path / "a.mp4")], capture_output=True, check=True, text=True
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert said["streams"][0]["codec_tag_string"] == ("avc1" if codec is Codec.H264 else "hvc1")
    times = [(int(p["pts"]), int(p["dts"])) for p in said["packets"]]
    assert times == [
        (round(p.media_s * TIMESCALE), round(p.dts_s * TIMESCALE)) for p in stream.packets
    ]


@pytest.mark.parametrize(
    ("codec", "profile", "says"),
    [
        (Codec.H264, "baseline", "avc1.42c00b"),
        (Codec.H264, "main", "avc1.4d400b"),
        (Codec.H264, "high", "avc1.64000b"),
        (Codec.H265, "main", "hvc1.1.6.L60.90"),
    ],
)
def test_the_codec_string_comes_from_the_stream(codec: Codec, profile: str, says: str) -> None:
    assert Muxer(recorded(codec, frames=2, profile=profile).info).init().codec == says


def test_how_many_pictures_may_be_waited_for_is_read_of_the_stream() -> None:
    def read(codec: Codec, **more: object) -> int | None:
        extradata = recorded(codec, frames=6, **more).info.extradata  # type: ignore[arg-type]
        if codec is Codec.H264:
            return h264.sets_of(extradata).sps.reorder_frames
        return h265.sets_of(extradata).sps.reorder_frames

    assert read(Codec.H264, profile="baseline") == 0
    assert read(Codec.H264) == 0
    assert read(Codec.H264, bframes=2) in (1, 2)
    assert read(Codec.H265) == 0
    assert read(Codec.H265, bframes=2) in (1, 2)


def test_a_size_that_nobody_could_tell_is_read_of_the_stream() -> None:
    for codec in Codec:
        stream = recorded(codec, frames=2, size=(322, 182))
        init = Muxer(replace(stream.info, width=0, height=0, generation=7)).init()
        assert (init.width, init.height, init.generation) == (322, 182, 7)


def test_a_picture_lasts_as_long_as_the_longest_gap_lately_but_not_for_ever() -> None:
    stream = recorded(frames=2)
    muxer = Muxer(stream.info)
    lasts = []
    at_s = 0.0
    for gap_s in (0.0, *[0.04] * 60, 0.3, *[0.04] * 40, 60.0):
        at_s += gap_s
        packet = stream.packets[1]._replace(dts_s=at_s, media_s=at_s)
        lasts.append(struct.unpack_from(">I", muxer.fragment(packet).data, 88)[0] / TIMESCALE)
    assert lasts[0] == 1.0  # nobody knows yet how slow the camera is
    assert lasts[60:63] == pytest.approx([0.1, 0.3, 0.285], abs=0.001)  # it may come again soon
    assert lasts[62:101] == sorted(lasts[62:101], reverse=True)
    assert lasts[101] == pytest.approx(0.1)
    assert lasts[102] == 1.0


@pytest.mark.parametrize("codec", list(Codec))
def test_broken_parameter_sets_are_refused_by_name(codec: Codec) -> None:
    good = recorded(codec, frames=2).info
    begin = good.extradata.index(b"\x00\x00\x01")
    for extradata in (b"", b"\x00\x00\x00\x01", good.extradata[: begin + 9], b"rubbish"):
        with pytest.raises(Permanent) as refused:
            Muxer(StreamInfo(codec, 320, 180, extradata))
        assert refused.value.code == "unsupported"
