"""The evidence picture: boxes, zones and names drawn on what the camera saw."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from hub.alerts.evidence.fonts import font, writable
from hub.kit.masks import burn
from hub.types.media import U8
from hub.types.scene import Box, Point

ALARM = (226, 48, 36)
ZONE = (255, 196, 0)
INK = (255, 255, 255)
PLATE = (16, 20, 26)
QUALITY = 88
MANY = 6
"""From more boxes than this their plates are small and let the picture through."""
PLATE_MIN_PX = 9
CAPTION_MIN_PX = 12
"""A long caption is written smaller down to this, then cut."""


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """A box to draw and its name; `plain` stands in where the font has no Chinese."""

    box: Box
    label: str = ""
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """A zone or, with two points, a line in picture coordinates 0..1, with its name."""

    points: tuple[Point, ...]
    label: str = ""
    plain: str = ""


def picture(
    bgr: U8,
    boxes: Sequence[BoxLabel] = (),
    outlines: Sequence[Outline] = (),
    *,
    caption: str = "",
    plain_caption: str = "",
    masks: Sequence[Sequence[Point]] = (),
) -> bytes:
    """Draw on a copy of `bgr` (shape (height, width, 3)) and return a JPEG.

    Polygons in `masks` are blacked out first; boxes and names come on top.

    The caption stands on a strip below the picture, so that it covers nothing.
    """
    image = Image.fromarray(np.ascontiguousarray(burn(bgr, masks)[:, :, ::-1]))
    size_px = max(12, round(image.height / 26))
    image = _with_caption(image, writable(caption, plain_caption), size_px)
    height = bgr.shape[0]
    draw = ImageDraw.Draw(image, "RGBA")
    within = (image.width, height)
    for outline in outlines:
        _draw_outline(draw, outline, within, size_px)
    style = _box_style(len(boxes), size_px)
    for boxed in boxes:
        _draw_box(draw, boxed, within, style)
    for boxed in boxes:
        _draw_box_name(draw, boxed, within, style)
    # Last, so that a crowd does not hide the name of the place.
    for outline in outlines:
        _draw_outline_name(draw, outline, within, size_px)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()


def _with_caption(image: Image.Image, caption: str, size_px: int) -> Image.Image:
    if not caption:
        return image
    strip = round(size_px * 1.7)
    canvas = Image.new("RGB", (image.width, image.height + strip), PLATE)
    canvas.paste(image, (0, 0))
    draw, room_px = ImageDraw.Draw(canvas), image.width - size_px
    wanted_px = round(size_px * room_px / max(1.0, draw.textlength(caption, font(size_px))))
    text_px = max(CAPTION_MIN_PX, min(size_px, wanted_px))
    written = _shortened(draw, caption, room_px, text_px)
    middle = (size_px / 2, image.height + strip / 2)
    draw.text(middle, written, INK, font(text_px), anchor="lm")
    return canvas


def _shortened(draw: ImageDraw.ImageDraw, text: str, width_px: float, size_px: int) -> str:
    """Cut at the end until it fits."""
    if draw.textlength(text, font(size_px)) <= width_px:
        return text
    while text and draw.textlength(text + "…", font(size_px)) > width_px:
        text = text[:-1]
    return text + "…"


@dataclass(frozen=True, slots=True)
class _BoxStyle:
    """How thick the boxes are, and how large and dense (0..255) their plates."""

    line_px: int
    size_px: int
    alpha: int


def _box_style(boxes: int, size_px: int) -> _BoxStyle:
    if boxes <= MANY:
        return _BoxStyle(max(2, size_px // 7), size_px, 235)
    return _BoxStyle(max(1, size_px // 10), max(PLATE_MIN_PX, round(size_px * 0.6)), 150)


def _placed(outline: Outline, within: tuple[int, int]) -> list[tuple[float, float]]:
    return [(x * within[0], y * within[1]) for x, y in outline.points]


def _draw_outline(
    draw: ImageDraw.ImageDraw, outline: Outline, within: tuple[int, int], size_px: int
) -> None:
    points = _placed(outline, within)
    closed = [*points, points[0]] if len(points) > 2 else points
    if len(points) > 2:
        draw.polygon(points, fill=(*ZONE, 36))
    draw.line(closed, fill=(*ZONE, 255), width=max(2, size_px // 8), joint="curve")


def _draw_outline_name(
    draw: ImageDraw.ImageDraw, outline: Outline, within: tuple[int, int], size_px: int
) -> None:
    label = writable(outline.label, outline.plain)
    if label:
        top = min(_placed(outline, within), key=lambda point: point[1])
        _plate(draw, label, top, within, size_px, (*ZONE, 235), PLATE)


def _draw_box(
    draw: ImageDraw.ImageDraw, boxed: BoxLabel, within: tuple[int, int], style: _BoxStyle
) -> None:
    box, (width, height) = boxed.box, within
    corners = (box.x1 * width, box.y1 * height, box.x2 * width, box.y2 * height)
    draw.rectangle(corners, outline=ALARM, width=style.line_px)


def _draw_box_name(
    draw: ImageDraw.ImageDraw, boxed: BoxLabel, within: tuple[int, int], style: _BoxStyle
) -> None:
    label = writable(boxed.label, boxed.plain)
    if label:
        corner = (boxed.box.x1 * within[0], boxed.box.y1 * within[1])
        _plate(draw, label, corner, within, style.size_px, (*ALARM, style.alpha), INK)


def _plate(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[float, float],
    within: tuple[int, int],
    size_px: int,
    colour: tuple[int, int, int, int],
    ink: tuple[int, int, int],
) -> None:
    """A filled plate with text, above `at` where there is room, always inside the picture."""
    pad = size_px / 4
    text = _shortened(draw, text, within[0] - 2 * pad, size_px)
    plate_w = draw.textlength(text, font(size_px)) + 2 * pad
    plate_h = size_px * 1.35
    left = min(max(0.0, at[0]), within[0] - plate_w)
    top = at[1] - plate_h if at[1] >= plate_h else max(0.0, at[1])
    top = min(top, within[1] - plate_h)
    draw.rectangle((left, top, left + plate_w, top + plate_h), fill=colour)
    draw.text((left + pad, top + plate_h / 2), text, ink, font(size_px), anchor="lm")
