"""Small clips made on the spot: a noisy street, a thing that walks through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from hub.types.site import CameraSpec, Ring

U8 = NDArray[np.uint8]


def camera(**more: object) -> CameraSpec:
    fields: dict[str, object] = {
        "id": "gate-1",
        "name": "East gate",
        "owner_kind": "school",
        "owner": "No. 1 school",
        "place_class": "school_gate",
        "main": {"url": "rtsp://10.0.0.7/main"},
    }
    return CameraSpec.model_validate(fields | more)


def street(seed: int, width: int = 640, height: int = 360) -> U8:
    """A background with structure: soft patches and edges."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 190, (-(-height // 40), -(-width // 40))).astype(np.uint8)
    return np.ascontiguousarray(np.kron(coarse, np.ones((40, 40), np.uint8))[:height, :width])


def noisy(picture: U8, sigma: float, rng: np.random.Generator) -> U8:
    noise = rng.normal(0.0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def with_thing(picture: U8, x: int, height_px: int) -> U8:
    """A thing half as wide as high, clearly darker or brighter than what is behind it."""
    out = picture.copy()
    top = picture.shape[0] // 2
    part = out[top : top + height_px, x : x + height_px // 2]
    part[:] = np.where(part > 120, part - 60, part + 60)
    return out


def encode(
    path: Path,
    pictures: Iterator[U8] | list[U8],
    *,
    codec: str = "libx264",
    fps: int = 10,
    gop: int = 10,
    bframes: int = 0,
    format_name: str | None = None,
) -> Path:
    """Write gray pictures as a clip; the extension, or `format_name`, picks the container."""
    options = {"preset": "ultrafast", "bf": str(bframes), "g": str(gop), "sc_threshold": "0"}
    if codec == "libx265":
        options = {
            "preset": "ultrafast",
            "x265-params": f"keyint={gop}:min-keyint={gop}:bframes={bframes}:scenecut=0"
            ":pools=1:frame-threads=1:log-level=none",
        }
    with av.open(str(path), "w", format=format_name) as out:
        stream: VideoStream | None = None
        for index, gray in enumerate(pictures):
            if stream is None:
                stream = cast("VideoStream", out.add_stream(codec, rate=fps, options=options))
                stream.height, stream.width = gray.shape
                stream.pix_fmt = "yuv420p"
                stream.codec_context.thread_count = 1
            frame = av.VideoFrame.from_ndarray(_yuv(gray), format="yuv420p")
            frame.pts = index
            for packet in stream.encode(frame):
                out.mux(packet)
        if stream is not None:
            for packet in stream.encode():
                out.mux(packet)
    return path


def _yuv(gray: U8) -> U8:
    height, width = gray.shape
    out = np.full((height * 3 // 2, width), 128, np.uint8)
    out[:height] = gray
    return out


def walk(count: int, size: tuple[int, int] = (320, 180), height_px: int = 40) -> list[U8]:
    """A thing walking from left to right over a noisy street."""
    width, height = size
    scene, rng = street(3, width, height), np.random.default_rng(5)
    step = (width - height_px) / count
    return [noisy(with_thing(scene, int(i * step), height_px), 2.0, rng) for i in range(count)]


def square(x1: float, y1: float, x2: float, y2: float) -> Ring:
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
