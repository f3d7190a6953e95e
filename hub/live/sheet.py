"""One message for all walls that show the same: operators stand before shared layouts."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub.live.reel import Reel

VERSION = 1
HEAD = struct.Struct(">BBHI")
"""version · 0 · entries · tick"""
ENTRIES_MAX = 20_000
"""Of one message (its field holds 65,535); what is beyond waits for the next tick."""

Shown = tuple[tuple[int, Reel], ...]
"""Tiles by their number, each with the reel it shows."""
Marks = tuple[tuple[int, int], ...]
"""Of each tile: the version of its reel and the place on it up to which it was sent."""


class Bundle:
    """A binary message, joined once however many are sent it."""

    def __init__(self, tick: int, entries: int, parts: list[bytes]) -> None:
        """`parts`: the entries, as they follow the head."""
        self.tick = tick
        self.parts: Final = [HEAD.pack(VERSION, 0, entries, tick & 0xFFFFFFFF), *parts]
        self._framed: bytes | None = None

    def framed(self, frame: Callable[[int], bytes]) -> bytes:
        """The whole behind the transport's head for its size: one kind of transport a process."""
        if self._framed is None:
            self._framed = b"".join([frame(sum(map(len, self.parts))), *self.parts])
        return self._framed


@dataclass(frozen=True, slots=True)
class Page:
    """What came at one turn. `plain`: who had everything before has everything with `bundle`."""

    turn: int
    plain: bool
    bundle: Bundle | None
    marks: Marks


class Sheet:
    """Tiles whose viewers are in step: each had all there was at the turn before."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._page = Page(-1, plain=False, bundle=None, marks=())

    def page(self, turn: int) -> Page:
        """The page of this turn, made for the first who asks; there is none of earlier ones."""
        if self._page.turn != turn:
            self._page = self._written(turn)
        return self._page

    def _written(self, turn: int) -> Page:
        fresh = [(number, reel) for number, reel in self._shown if reel.version == turn]
        marks = tuple([(reel.version, reel.end) for _, reel in self._shown])
        entries = sum([reel.end - reel.fresh_from for _, reel in fresh])
        if entries > ENTRIES_MAX or not all(reel.plain for _, reel in fresh):
            return Page(turn, plain=False, bundle=None, marks=marks)
        parts = [reel.packed(number) for number, reel in fresh]
        bundle = Bundle(turn, entries, parts) if entries else None
        return Page(turn, plain=True, bundle=bundle, marks=marks)
