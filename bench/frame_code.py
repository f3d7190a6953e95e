"""A picture that says which one it is: its number as large black and white cells, with a checksum.

The cells fill the whole picture, COLUMNS x ROWS of them, line by line: 16 bits of the number and
16 of its checksum, the highest first, white for one. Who reads looks only at the middle of each
cell, so neither an encoder's ringing nor scaling matters; a cell that is neither black nor white,
as in a picture that is not whole, makes it unreadable rather than another number.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from hub.types.media import U8

COLUMNS, ROWS = 8, 4
NUMBERS = 1 << 16
FPS = 10
FRAMES = 60 * FPS
"""Pictures of the clip: whole groups of them, so that a loop changes nothing in their rhythm."""
GOP = FPS
WIDTH, HEIGHT = 640, 360
BLACK, WHITE = 24, 232
"""Grey levels within what limited range can say, so that ringing is not cut off at one side."""
BLACK_MAX, WHITE_MIN = 90, 165
_CHECK_SEED = 0xFFFF
"""Not zero: an empty picture must not be the number 0 with the checksum 0."""


def bits(number: int) -> tuple[bool, ...]:
    """The cells of a number, True for white. Raises ValueError outside 0..NUMBERS-1."""
    if not 0 <= number < NUMBERS:
        raise ValueError(f"{number} is not within 0..{NUMBERS - 1}")
    word = number << 16 | _check(number)
    return tuple(bool(word >> place & 1) for place in reversed(range(COLUMNS * ROWS)))


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> U8:
    """The picture of a number, BGR, height x width x 3."""
    cells = np.array(bits(number), dtype=bool).reshape(ROWS, COLUMNS)
    lines, columns = np.arange(height) * ROWS // height, np.arange(width) * COLUMNS // width
    grey = np.where(cells[np.ix_(lines, columns)], WHITE, BLACK).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def levels(shown: U8) -> list[int]:
    """Grey level in the middle of each cell (0..255) of a BGR picture of any size."""
    height, width = shown.shape[:2]
    return [
        round(float(shown[_middle(row, ROWS, height), _middle(column, COLUMNS, width)].mean()))
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def number_of(found: Sequence[int]) -> int | None:
    """The number whose cells have these grey levels, None where they are no code."""
    if len(found) != COLUMNS * ROWS or any(BLACK_MAX < level < WHITE_MIN for level in found):
        return None
    word = 0
    for level in found:
        word = word << 1 | (level >= WHITE_MIN)
    number = word >> 16
    return number if word & 0xFFFF == _check(number) else None


def write_clip(path: Path, frames: int = FRAMES) -> None:
    """The numbers 0..frames-1 as H.264 at FPS, as a camera sends: no B-frames, a keyframe each GOP.

    The same bytes each time, so that the simulator finds what it prepared from it before.
    """
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {
            "preset": "veryfast",
            "crf": "18",
            "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:threads=1",
        }
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _check(number: int) -> int:
    """CRC-16 of the two bytes of a number (CCITT, polynomial 0x1021)."""
    return binascii.crc_hqx(number.to_bytes(2, "big"), _CHECK_SEED)


def _middle(cell: int, cells: int, pixels: int) -> slice:
    """The middle third of a cell, at least one pixel."""
    first, last = (3 * cell + 1) * pixels // (3 * cells), (3 * cell + 2) * pixels // (3 * cells)
    return slice(first, max(last, first + 1))
