"""Pictures of a clip at a steady rate, and its empty background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from hub.ingest.simulate.scenario import Clip, Rectangle
from hub.types.media import U8

_NOISE_SIGMA = 2.0
"""Grey levels: about what a street camera shows on a grey day."""


def pictures(path: Path, clip: Clip, fps: int) -> Iterator[U8]:
    """The whole BGR pictures of `clip`, `fps` a second at the clip's own speed.

    Where the clip's rate differs, each moment shows the newest picture of that moment.
    Raises ValueError if the clip holds no picture in its span.
    """
    shown: U8 | None = None
    count = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            at = (frame.time or 0.0) - clip.start_s
            if clip.seconds is not None and at >= clip.seconds:
                break
            if at < 0:
                continue
            while shown is not None and count / fps < at - 1e-6:
                yield shown
                count += 1
            shown = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    if shown is None:
        raise ValueError(f"{path}: no picture between {clip.start_s} s and {clip.seconds} s")
    yield shown


def cropped(picture: U8, crop: Rectangle) -> U8:
    """The part of a picture within `crop`."""
    height, width = picture.shape[:2]
    x, y, w, h = crop
    left, top = round(x * width), round(y * height)
    return picture[top : top + round(h * height), left : left + round(w * width)]


def scaled(picture: U8, width: int, height: int) -> U8:
    """The picture in another size: averaged at half the size and below, else interpolated."""
    if picture.shape[1] == width and picture.shape[0] == height:
        return picture
    way = cv2.INTER_AREA if picture.shape[1] >= 2 * width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), dtype=np.uint8)


def background(samples: Sequence[U8], clip: Clip) -> U8:
    """The median of `samples` per pixel and colour, `clip.blank` painted over from its edges."""
    middle = len(samples) // 2
    empty: U8 = np.partition(np.stack(samples), middle, axis=0)[middle]
    if not clip.blank:
        return empty
    height, width = empty.shape[:2]
    mask = np.zeros((height, width), dtype=np.uint8)
    for rectangle in clip.blank:
        left, top, right, bottom = _placed(rectangle, clip.crop, width, height)
        mask[top:bottom, left:right] = 255
    return np.asarray(cv2.inpaint(empty, mask, 5, cv2.INPAINT_TELEA), dtype=np.uint8)


def _placed(
    rectangle: Rectangle, crop: Rectangle, width: int, height: int
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels of a rectangle of the uncropped picture, cut to fit."""
    x, y, w, h = rectangle
    crop_x, crop_y, crop_w, crop_h = crop
    edges = (
        (x - crop_x) / crop_w * width,
        (y - crop_y) / crop_h * height,
        (x + w - crop_x) / crop_w * width,
        (y + h - crop_y) / crop_h * height,
    )
    left, top, right, bottom = (max(0, round(edge)) for edge in edges)
    return left, top, min(right, width), min(bottom, height)


def with_noise(still: U8, count: int, seed: int = 0) -> Iterator[U8]:
    """A still picture `count` times, each with grey sensor noise of its own."""
    cv2.setRNGSeed(seed)
    noise = np.empty(still.shape[:2], dtype=np.int16)
    mean, sigma = np.zeros(1), np.full(1, _NOISE_SIGMA)
    for _ in range(count):
        cv2.randn(noise, mean, sigma)
        noisy = cv2.add(still, cv2.merge([noise, noise, noise]), dtype=cv2.CV_8U)
        yield np.asarray(noisy, dtype=np.uint8)
