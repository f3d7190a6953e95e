"""The picture people see and the clip browsers play, opened again by independent means."""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from hub.alerts.evidence import BoxLabel, NoClip, Outline, clip, fonts, picture
from hub.types.media import U8, Codec, Packet, StreamInfo, StreamRole
from hub.types.scene import Box

GREY = np.full((360, 640, 3), 128, np.uint8)
LEFT_QUARTER = ((0.0, 0.0), (0.25, 0.0), (0.25, 1.0), (0.0, 1.0))


def pixels(jpeg: bytes) -> U8:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def reddish(image: U8) -> int:
    rgb = image.astype(int)
    return int(((rgb[..., 0] > 180) & (rgb[..., 1] < 110) & (rgb[..., 2] < 110)).sum())


# -- picture ----------------------------------------------------------------------------------


def test_a_plain_picture_is_the_frame() -> None:
    image = pixels(picture(GREY))
    assert image.shape == (360, 640, 3)
    assert abs(image.astype(int) - 128).max() <= 2


def test_a_box_is_drawn_where_it_belongs_and_the_frame_is_left_alone() -> None:
    frame = GREY.copy()
    image = pixels(picture(frame, [BoxLabel(Box(0.25, 0.25, 0.5, 0.75))]))
    assert (frame == 128).all()
    rows, columns = np.nonzero(image[..., 0].astype(int) - image[..., 1] > 80)
    assert (columns.min(), rows.min()) == pytest.approx((160, 90), abs=3)
    assert (columns.max(), rows.max()) == pytest.approx((320, 270), abs=3)


def test_the_caption_stands_below_and_covers_nothing() -> None:
    image = pixels(picture(GREY, caption="区域入侵 Zone intrusion · 2026-11-22 15:20:31"))
    assert image.shape[0] > 360
    assert abs(image[:350].astype(int) - 128).max() <= 2
    strip = image[362:]
    assert strip.max() > 200
    assert np.median(strip) < 40


@pytest.mark.skipif(fonts.cjk_font() is None, reason="no font with Chinese characters installed")
def test_chinese_characters_are_drawn_each_in_its_own_shape() -> None:
    """Missing glyphs would all be the same empty box."""

    def shape(character: str) -> bytes:
        image = Image.new("L", (40, 40))
        ImageDraw.Draw(image).text((4, 0), character, 255, fonts.font(28))
        return image.tobytes()

    drawn = [shape(character) for character in "人员区域入侵警戒线"]
    assert len(set(drawn)) == len(drawn)
    assert shape("人") != shape("\uffff")


def test_without_such_a_font_it_says_so_and_shows_ids(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fonts, "_by_fontconfig", lambda: None)
    monkeypatch.setattr(fonts, "_by_path", lambda: None)
    fonts.cjk_font.cache_clear()
    fonts.font.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert fonts.writable("广场东北角", "zone-ne") == "zone-ne"
            assert fonts.writable("gate", "line-1") == "gate"
            labelled = picture(
                GREY, [BoxLabel(Box(0.2, 0.4, 0.4, 0.8), "人员", "person")], caption="入侵"
            )
        assert reddish(pixels(labelled)) > 500
        assert len([r for r in caplog.records if "fonts-noto-cjk" in r.message]) == 1
    finally:
        fonts.cjk_font.cache_clear()
        fonts.font.cache_clear()


@pytest.mark.parametrize(
    "box",
    [Box(0, 0, 0.05, 0.05), Box(0.97, 0, 1, 0.1), Box(0, 0.97, 1, 1), Box(0.5, 0.5, 0.5, 0.5)],
    ids=["top left", "top right", "bottom", "nothing"],
)
def test_labels_stay_inside(box: Box) -> None:
    label = "一个很长很长很长很长很长很长很长很长的标签 with more words after it, and more"
    image = pixels(picture(GREY, [BoxLabel(box, label, "long")]))
    assert image.shape == (360, 640, 3)
    assert reddish(image) > 1500, "the plate of the label"


def test_masks_are_blacked_out_under_everything() -> None:
    image = pixels(picture(GREY, outlines=[Outline(LEFT_QUARTER, "zone")], masks=[LEFT_QUARTER]))
    assert image[100:300, 20:140].mean() < 80
    assert abs(image[100:300, 200:].astype(int) - 128).max() <= 2


# -- clip -------------------------------------------------------------------------------------


def stream(
    codec: Codec, frames: int = 60, gop: int = 20, size: tuple[int, int] = (320, 240), bf: int = 0
) -> tuple[list[Packet], StreamInfo]:
    """A white bar that moves to the right on grey, at 20 frames a second, as Annex B packets."""
    name = {Codec.H264: "libx264", Codec.H265: "libx265"}[codec]
    encoder: Any = av.CodecContext.create(name, "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 20), Fraction(20)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = gop, bf, 1
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"} if bf == 0 else {}
    if codec is Codec.H265:
        encoder.options = {**encoder.options, "x265-params": f"log-level=none:keyint={gop}"}
    packets: list[Any] = []
    for n in range(frames):
        image = np.full((size[1], size[0], 3), 128, np.uint8)
        image[:, n * 4 : n * 4 + 8] = 255
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = n
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    made = [
        Packet(
            "cam",
            StreamRole.MAIN,
            bytes(packet),
            packet.is_keyframe,
            media_s=100.0 + packet.pts / 20,
            dts_s=100.0 + packet.dts / 20,
            captured_at=1.7e9 + packet.pts / 20,
            received_at=1.7e9 + packet.pts / 20,
        )
        for packet in packets
    ]
    return made, StreamInfo(codec, *size, b"")


def opened(mp4: bytes) -> tuple[tuple[str, str, float], list[U8], list[float]]:
    """Codec, its tag and the start time; the pictures; their times."""
    with av.open(io.BytesIO(mp4), "r") as container:
        (video,) = container.streams.video
        assert len(container.streams) == 1, "no audio, nothing else"
        frames = list(container.decode(video))
        codec = video.codec_context
        facts = (codec.name, codec.codec_tag, float(container.start_time or 0))
    images = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]
    return facts, images, [float(frame.time or 0) for frame in frames]


def bar_at(image: U8) -> float:
    columns = np.nonzero(image[:, :, 1].mean(0) > 220)[0]
    return float(columns.mean())


def plays_in_a_browser(mp4: bytes) -> None:
    assert mp4[4:8] == b"ftyp"
    assert mp4.index(b"moov") < mp4.index(b"mdat"), "the index comes first"
    assert b"avc1" in mp4
    assert b"hvc1" not in mp4
    assert b"hev1" not in mp4


def test_h264_is_remuxed_from_the_first_keyframe_and_starts_at_zero() -> None:
    packets, info = stream(Codec.H264)
    mp4 = clip(packets[7:], info)
    plays_in_a_browser(mp4)
    facts, images, times = opened(mp4)
    assert facts == ("h264", "avc1", 0.0)
    assert len(images) == 40
    assert times == pytest.approx([n / 20 for n in range(40)], abs=0.001)
    assert bar_at(images[0]) == pytest.approx(20 * 4 + 4, abs=4)
    payload = packets[25].data.rsplit(b"\x00\x00\x01", 1)[1]
    assert payload in mp4, "the encoded picture itself is untouched"


def test_b_frames_and_parameter_sets_of_the_sdp() -> None:
    packets, info = stream(Codec.H264, bf=2)
    assert any(packet.media_s > packet.dts_s for packet in packets)
    facts, images, times = opened(clip(packets, info))
    assert facts == ("h264", "avc1", 0.0)
    assert times == sorted(times)
    assert len(images) == 60


@pytest.mark.parametrize("masks", [(), (LEFT_QUARTER,)], ids=["plain", "masked"])
def test_h265_becomes_h264(masks: Sequence[Any]) -> None:
    packets, info = stream(Codec.H265)
    mp4 = clip(packets, info, masks)
    plays_in_a_browser(mp4)
    facts, images, times = opened(mp4)
    assert facts == ("h264", "avc1", 0.0)
    assert len(images) == 60
    assert times[-1] == pytest.approx(59 / 20, abs=0.01)
    assert bar_at(images[30]) == pytest.approx(30 * 4 + 4, abs=4)


def test_masks_are_burnt_into_every_frame_of_an_h264_clip() -> None:
    packets, info = stream(Codec.H264)
    facts, images, _ = opened(clip(packets, info, [LEFT_QUARTER]))
    assert facts == ("h264", "avc1", 0.0)
    assert len(images) == 60
    for image in images:
        assert image[:, 4:72].max() < 100, "the bar passes here unseen"
    assert bar_at(images[40]) == pytest.approx(40 * 4 + 4, abs=4)


def test_large_pictures_are_brought_to_a_size_old_machines_play() -> None:
    packets, info = stream(Codec.H265, frames=2, size=(2560, 1440))
    _, images, _ = opened(clip(packets, info))
    assert images[0].shape[:2] == (1080, 1920)


@pytest.mark.parametrize("masked", [False, True])
def test_what_makes_no_clip_says_so(masked: bool) -> None:
    packets, info = stream(Codec.H264)
    masks = [LEFT_QUARTER] if masked else []
    with pytest.raises(NoClip):
        clip([], info, masks)
    with pytest.raises(NoClip):
        clip(packets[1:20], info, masks)
    garbage = Packet("c", StreamRole.MAIN, b"\xff" * 400, True, 0.0, 0.0, 0.0, 0.0)
    with pytest.raises(NoClip):
        clip([garbage], info, masks)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg command installed")
@pytest.mark.parametrize("masked", [False, True])
def test_the_ffmpeg_command_opens_it_without_a_complaint(masked: bool, tmp_path: Path) -> None:
    packets, info = stream(Codec.H264, bf=2)
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(packets, info, [LEFT_QUARTER] if masked else []))
    said = subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", str(path), "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == ""
