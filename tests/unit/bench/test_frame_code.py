"""The code on the bench's pictures, through real H.264 and scaling, and back to the send log."""

from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from bench.browser_sent import SendLine, send_line
from bench.frame_code import (
    FPS,
    FRAMES,
    GOP,
    HEIGHT,
    NUMBERS,
    WIDTH,
    bits,
    levels,
    number_of,
    picture,
    write_clip,
)
from hub.ingest.simulate.encoder import Encoder
from hub.types.media import U8, Codec

TILE = (213, 120)
CLIP = FRAMES // 20
CANVAS = (64, 32)


def decoded(packets: list[bytes]) -> list[U8]:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frames = [frame for unit in packets for frame in decoder.decode(av.Packet(unit))]
    frames.extend(decoder.decode(None))
    return [np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8) for frame in frames]


def test_every_number_is_read_back_and_none_twice() -> None:
    shown = [tuple(255 * white for white in bits(number)) for number in range(NUMBERS)]
    assert [number_of(each) for each in shown] == list(range(NUMBERS))
    assert len(set(shown)) == NUMBERS


@pytest.mark.parametrize("number", [-1, NUMBERS])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        bits(number)


def test_a_cell_that_is_wrong_or_grey_makes_it_unreadable() -> None:
    right = levels(picture(417))
    assert number_of(right) == 417
    for cell in range(len(right)):
        turned, grey = list(right), list(right)
        turned[cell] = 255 - turned[cell]
        grey[cell] = 128
        assert number_of(turned) is None
        assert number_of(grey) is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_without_a_code_is_no_number(level: int) -> None:
    assert number_of(levels(np.full((HEIGHT, WIDTH, 3), level, np.uint8))) is None


def test_half_of_one_picture_and_half_of_the_next_is_no_number() -> None:
    torn = picture(255)
    torn[: HEIGHT // 2] = picture(256)[: HEIGHT // 2]
    assert number_of(levels(torn)) is None


@pytest.mark.parametrize("kbps", [100, 540])
def test_the_code_survives_a_cameras_encoder_and_a_tile(kbps: int) -> None:
    numbers = range(250, 262)  # among them a carry through the low byte
    encoder = Encoder(Codec.H264, WIDTH, HEIGHT, fps=FPS, gop=GOP, kbps=kbps)
    for number in numbers:
        encoder.add(picture(number))
    shown = decoded(list(encoder.finish().units))
    assert [number_of(levels(each)) for each in shown] == list(numbers)
    for size in (TILE, CANVAS):
        for way in (cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_CUBIC):
            small = [np.asarray(cv2.resize(s, size, interpolation=way), np.uint8) for s in shown]
            assert [number_of(levels(each)) for each in small] == list(numbers)


def test_the_clip_is_what_a_camera_sends_and_the_same_each_time(tmp_path: Path) -> None:
    one, other = tmp_path / "one.mp4", tmp_path / "other.mp4"
    write_clip(one, CLIP)
    write_clip(other, CLIP)
    assert one.read_bytes() == other.read_bytes()
    with av.open(str(one)) as container:
        frames = list(container.decode(video=0))
    shown = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]
    assert [number_of(levels(each)) for each in shown] == list(range(CLIP))
    assert [n for n, frame in enumerate(frames) if frame.key_frame] == list(range(0, CLIP, GOP))
    kinds = {av.video.frame.PictureType(frame.pict_type).name for frame in frames}
    assert kinds == {"I", "P"}
    assert [frame.time for frame in frames] == pytest.approx([n / FPS for n in range(CLIP)])


def log(first: int, counts: range, beat_s: float, late_s: float = 0.02) -> list[str]:
    """A camera's lines as the simulator writes them; `first`: the count of number 0."""
    begin = {"event": "begin", "at": beat_s + (first - 0.99) / FPS}
    frames = [
        {
            "camera": "c",
            "stream": "main",
            "n": n,
            "media_s": n / FPS,
            "sent_at": beat_s + n / FPS + late_s * (1 + n % 3),
            "keyframe": (n - first) % GOP == 0,
        }
        for n in counts
    ]
    return [json.dumps(each) + "\n" for each in (begin, *frames, frames[0] | {"camera": "d"})]


@pytest.mark.parametrize("first", [1, 7, 310])
@pytest.mark.parametrize("late_s", [0.0, 0.1])
def test_a_number_finds_its_sending_in_every_loop(first: int, late_s: float) -> None:
    line = send_line(log(first, range(first + 15, first + 2 * FRAMES), 1000.0, late_s), "c")
    assert line.first == first
    for count in (first + 20, first + FRAMES + 20, first + FRAMES, first + 2 * FRAMES - 1):
        at = line.sent[count]
        assert line.sent_at((count - first) % FRAMES, at + 0.7) == at
    assert line.sent_at(3, line.sent[first + 20]) is None  # nobody listened when 3 was sent


def test_a_picture_is_never_seen_before_it_is_sent() -> None:
    line = SendLine(first=1, sent={5: 100.0, 5 + FRAMES: 160.0})
    assert line.sent_at(4, 159.9) == 100.0
    assert line.sent_at(4, 160.0) == 160.0
    assert line.sent_at(4, 99.9) is None
    assert [line.within(100.0, until) for until in (99.9, 100.0, 160.0)] == [0, 1, 2]


def test_a_log_that_does_not_tell_is_refused() -> None:
    lines = log(1, range(20, 60), 1000.0)
    for wrong in (lines[1:], lines[:1], [*lines, lines[1].replace("false", "true")]):
        with pytest.raises(ValueError, match="does not tell"):
            send_line(wrong, "c")
    assert send_line([*lines, '{"camera":"c","n":60,"sen'], "c").sent.keys() == set(range(20, 60))
