"""The watermark: who exported it, when and under which number, on every picture and every frame."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from hub.kit.errors import Permanent
from hub.types.media import U8

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Fonts = Callable[[int], Font]
"""The font of a size in pixels; one that has no Chinese is given no Chinese to write."""

QUALITY = 92
ROWS = 4
"""So often the words stand on the picture, one below the other."""
STRENGTH = 0.35
TICKS = 90_000
TIME_BASE = Fraction(1, TICKS)


class Unreadable(Permanent):
    """A picture or a clip that cannot be opened."""

    code = "unreadable_evidence"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Burns `words` into pictures."""

    words: str
    fonts: Fonts

    def picture(self, jpeg: bytes) -> bytes:
        """The JPEG with the words on it. Raises Unreadable."""
        try:
            with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
                rgb = np.asarray(opened.convert("RGB"))
        except (UnidentifiedImageError, OSError) as error:
            raise Unreadable("this picture is broken") from error
        out = io.BytesIO()
        Image.fromarray(self.on(rgb)).save(out, "JPEG", quality=QUALITY, subsampling=0)
        return out.getvalue()

    def on(self, image: U8) -> U8:
        """The words on a picture (height, width, 3)."""
        light, dark = _overlay(self.words, self.fonts, image.shape[1], image.shape[0])
        wide = image.astype(np.uint16)
        # A light and a dark copy of the words: one of them shows on any ground.
        wide += (255 - wide) * light // 255
        wide -= wide * dark // 255
        return wide.astype(np.uint8)

    def clip(self, mp4: bytes) -> bytes:
        """The MP4 encoded anew as H.264 with the words on every frame. Raises Unreadable."""
        out = io.BytesIO()
        try:
            with (
                av.open(io.BytesIO(mp4), "r", format="mp4") as source,
                av.open(out, "w", format="mp4") as made,
            ):
                self._encode(source, made)
        except (FFmpegError, IndexError) as error:
            raise Unreadable("this clip is broken") from error
        return out.getvalue()

    def _encode(self, source: InputContainer, made: OutputContainer) -> None:
        video = source.streams.video[0]
        video.thread_count = 1
        track: VideoStream | None = None
        for frame in source.decode(video):
            if track is None:
                track = _track(made, frame, video)
            image = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            # yuv420p wants even sides.
            even = image[: track.height, : track.width]
            marked = VideoFrame.from_ndarray(np.ascontiguousarray(self.on(even)), format="rgb24")
            marked.pts, marked.time_base = round((frame.time or 0.0) * TICKS), TIME_BASE
            made.mux(track.encode(marked))
        if track is None:
            raise Unreadable("this clip has no picture")
        made.mux(track.encode(None))


def _track(made: OutputContainer, frame: VideoFrame, video: VideoStream) -> VideoStream:
    options = {"preset": "veryfast", "crf": "21", "bf": "0"}
    track = made.add_stream("libx264", rate=video.average_rate or Fraction(25), options=options)
    track.width, track.height = frame.width // 2 * 2, frame.height // 2 * 2
    track.pix_fmt = "yuv420p"
    track.time_base = track.codec_context.time_base = TIME_BASE
    track.thread_count = 1
    return track


@lru_cache(maxsize=4)
def _overlay(
    words: str, fonts: Fonts, width: int, height: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """How much of white and of black comes onto each pixel: (height, width, 1), 0..255 each."""
    size_px = max(12, min(height // 24, int(width * 1.6 / max(1, len(words)))))
    canvas = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(canvas)
    for row in range(ROWS):
        y = height * (row + 0.5) / ROWS
        draw.text((size_px / 2, y), words, 255, fonts(size_px), anchor="lm")
    written = np.asarray(canvas).astype(np.float32) * STRENGTH
    shadow = np.roll(written, (max(1, size_px // 12),) * 2, axis=(0, 1))
    light = written.astype(np.uint16)[:, :, None]
    dark = np.where(written > 0, 0.0, shadow).astype(np.uint16)[:, :, None]
    return light, dark
