"""What a camera sends and what is cut out of it: packets, frames, parameter sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


class Codec(StrEnum):
    """Video codecs the hub carries. Audio is dropped at demux everywhere."""

    H264 = "h264"
    H265 = "hevc"


class StreamRole(StrEnum):
    """Which of a camera's two streams: the large one, or the small one that is analysed."""

    MAIN = "main"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """Parameters of one encoded stream; a change of any field is a new `generation`.

    `extradata` holds the parameter sets as Annex B (start codes), from the SDP or, where
    that has none, from the first keyframe.
    """

    codec: Codec
    width: int
    height: int
    extradata: bytes
    generation: int = 0


class Packet(NamedTuple):
    """One encoded picture (access unit, Annex B) of one stream of one camera.

    `media_s` and `dts_s` are seconds on the stream's own repaired, strictly increasing
    time line. `captured_at` and `received_at` are UTC epoch seconds on the hub's clock;
    `captured_at` comes from the minimum-delay envelope and `reanchored` marks the first
    packet after the envelope was set anew.
    """

    source: str
    role: StreamRole
    data: bytes
    keyframe: bool
    media_s: float
    dts_s: float
    captured_at: float
    received_at: float
    reanchored: bool = False
    generation: int = 0


class Picture(Protocol):
    """A decoded picture that hands out only what is asked for.

    Arrays are read-only by agreement, and views into them live no longer than the picture.
    """

    @property
    def width(self) -> int:
        """Pixels."""
        ...

    @property
    def height(self) -> int:
        """Pixels."""
        ...

    def luma(self) -> U8:
        """The Y plane, shape (height, width), without a copy where the decoder allows."""
        ...

    def bgr(self, width: int, height: int) -> U8:
        """Colour, shape (height, width, 3), scaled in one step straight to that size."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture of a camera with its two clocks (UTC epoch seconds).

    `seq` counts the frames handed on for this camera; `media_s` is the time on the
    stream's own line, which replay selects by. `gate_open` is true when the gate saw a
    change worth a model run.
    """

    source: str
    seq: int
    captured_at: float
    received_at: float
    media_s: float
    picture: Picture
    keyframe: bool = False
    gate_open: bool = True
