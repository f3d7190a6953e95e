"""The last pictures of a stream, taken in and packed once for all who show it.

A viewer keeps nothing but its place on the reel: what twenty walls show is queued, measured and
given its heads once, and whoever falls behind is found by where its place is. Walls that show the
same share a sheet (`live/sheet.py`), and with it the whole message.
"""

from __future__ import annotations

import struct
from collections import deque
from itertools import islice
from typing import Protocol

from hub.kit.clock import Clock
from hub.live.items import Fault, Fragment, Init, Piece

BEHIND_S = 1.5
BEHIND_BYTES = 2 << 20
KEPT_BYTES_MAX = 16 << 20
"""Of a longer group of pictures the beginning is let go; who comes then waits for the next one."""

KIND_INIT, KIND_FRAGMENT = 1, 2
KEYFRAME, GAP = 1, 2
ENTRY = struct.Struct(">HBBIdd")
"""tile · kind · flags · length · captured_at (UTC seconds) · media_s; then the bytes"""


class Pieces(Protocol):
    """What is wanted of a reader of fragments (`live.relay.FragmentReader`)."""

    dropped: int

    def take(self) -> list[Piece]:
        """All that waits, maybe nothing."""
        ...

    def close(self) -> None:
        """Nothing more is wanted."""
        ...


def entry(tile: int, picture: Fragment, *, gap: bool) -> bytes:
    """One picture of a tile as it stands in a message."""
    flags = (KEYFRAME if picture.keyframe else 0) | (GAP if gap else 0)
    size = len(picture.data)
    head = ENTRY.pack(tile, KIND_FRAGMENT, flags, size, picture.captured_at, picture.media_s)
    return head + picture.data


class Reel:
    """Pictures by number, from at least the last keyframe on.

    `version` is the turn at which something last came, `end` the number of the next picture.
    `fresh_from`: the pictures from there on came at that turn; with `plain`, nothing else came
    (no new initialisation segment, no fault, no end of one).
    """

    def __init__(self, reader: Pieces, clock: Clock) -> None:
        self.reader = reader
        self.users = 0
        self.version = 0
        self.end = 0
        self.fresh_from = 0
        self.plain = True
        self.init: Init | None = None
        self.fault: Fault | None = None
        self.keyframe: int | None = None
        self._clock = clock
        self._kept: deque[tuple[float, Fragment]] = deque()
        self._bytes = 0
        self._packed: dict[int, bytes] = {}

    def advance(self, turn: int) -> None:
        """Take in what has come."""
        pieces = self.reader.take()
        if not pieces:
            return
        now = self._clock.monotonic()
        self.version = turn
        self.fresh_from, self.plain = self.end, True
        self._packed.clear()
        for piece in pieces:
            if isinstance(piece, Fragment):
                self._keep(now, piece)
            elif isinstance(piece, Init):
                self._begin(piece)
            else:
                self.fault, self.plain = piece, False
        self._forget(now)

    def _keep(self, now: float, picture: Fragment) -> None:
        if picture.keyframe:
            self.keyframe = self.end
        if self.fault is not None:
            self.fault, self.plain = None, False
        self._kept.append((now, picture))
        self._bytes += len(picture.data)
        self.end += 1

    def _begin(self, init: Init) -> None:
        self.init, self.fault, self.plain = init, None, False
        self._kept.clear()
        self._bytes, self.keyframe = 0, None

    def _forget(self, now: float) -> None:
        kept = self._kept
        while kept:
            is_old = now - kept[0][0] > BEHIND_S
            is_before = self.keyframe is None or self.first < self.keyframe
            if not (is_old and is_before) and self._bytes <= KEPT_BYTES_MAX:
                return
            if self.first == self.keyframe:
                self.keyframe = None
            self._bytes -= len(kept.popleft()[1].data)

    @property
    def first(self) -> int:
        """The number of the oldest picture there still is."""
        return self.end - len(self._kept)

    def packed(self, tile: int) -> bytes:
        """The fresh pictures as entries of a tile: joined once for all who number it so."""
        found = self._packed.get(tile)
        if found is None:
            fresh = self.since(self.fresh_from)
            found = b"".join([entry(tile, picture, gap=picture.gap) for picture in fresh])
            self._packed[tile] = found
        return found

    def since(self, place: int) -> list[Fragment]:
        """The pictures from that number on, as far as there are."""
        kept = self._kept
        return [picture for _, picture in islice(kept, max(0, place - self.first), None)]

    def is_behind(self, place: int) -> bool:
        """Whether who stands there has waited, or would be sent, too much."""
        if place < self.first:
            return True
        waiting = list(islice(self._kept, place - self.first, None))
        if not waiting:
            return False
        if sum(len(picture.data) for _, picture in waiting) > BEHIND_BYTES:
            return True
        return self._clock.monotonic() - waiting[0][0] > BEHIND_S
