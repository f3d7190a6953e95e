"""Which frame of which segment a camera shows at each count of its clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.ingest.simulate.rendition import Rendition


class Variant(StrEnum):
    """Ways in which a segment is prepared."""

    PLAIN = "plain"
    FROZEN = "frozen"
    LONG_GOP = "long_gop"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Shown:
    """Frame `frame` of segment `segment` in a variant."""

    variant: Variant
    segment: int
    frame: int


Look = Callable[[int, Variant], Rendition]
"""The rendition of a segment in a variant."""


def position(lengths: Sequence[int | None], count: int) -> tuple[int, int]:
    """The segment of a moment and the frames since it began; a playlist that ends begins anew."""
    if None not in lengths:
        count %= sum(length for length in lengths if length is not None)
    for segment, length in enumerate(lengths):
        if length is None or count < length:
            return segment, count
        count -= length
    raise ValueError("a playlist has at least one segment")


class Playhead:
    """Steps through a playlist; a change of variant goes back to the last keyframe before.

    `lengths` are the segments' in frames (None: for ever). The two streams of a camera have
    their keyframes at the same frames, so one playhead serves both.
    """

    def __init__(self, lengths: Sequence[int | None], look: Look) -> None:
        self._lengths, self._look = lengths, look
        self._variant = Variant.PLAIN
        self._shift = 0
        self._hung: tuple[int, int, int, int] | None = None

    def at(self, count: int, variant: Variant) -> Shown:
        """What is shown at `count`, counted from the timetable's start."""
        if variant is not self._variant:
            self._change(count, variant)
        if self._hung is not None:
            segment, begin, size, since = self._hung
            return Shown(variant, segment, begin + (count - since) % size)
        segment, offset = position(self._lengths, max(0, count - self._shift))
        return Shown(variant, segment, offset % len(self._look(segment, variant)))

    def _change(self, count: int, variant: Variant) -> None:
        self._variant = variant
        segment, offset = position(self._lengths, max(0, count - self._shift))
        rendition = self._look(segment, variant)
        frame = offset % len(rendition)
        group = rendition.group_of(frame)
        begin = rendition.keyframes[group]
        if variant is Variant.FROZEN:
            ends = (*rendition.keyframes[1:], len(rendition))
            self._hung = (segment, begin, ends[group] - begin, count)
        else:
            self._hung = None
            self._shift += frame - begin
