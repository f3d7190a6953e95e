"""All streams that the walls of a process show, and what they share of them."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakValueDictionary

from hub.kit.clock import Clock
from hub.live.reel import Pieces, Reel
from hub.live.sheet import Sheet, Shown
from hub.types.media import StreamRole

Open = Callable[[str, StreamRole], Pieces]
"""Begin to read a stream of a camera: from its last keyframe on."""


class Reels:
    """One reel a stream, opened with the first tile that shows it, let go with the last.

    `turn` counts the ticks. A sheet lives as long as a seat holds it.
    """

    def __init__(self, open_: Open, clock: Clock) -> None:
        self.turn = 0
        self._open = open_
        self._clock = clock
        self._sheets: WeakValueDictionary[Shown, Sheet] = WeakValueDictionary()
        self._reels: dict[tuple[str, StreamRole], Reel] = {}

    def join(self, camera: str, role: StreamRole) -> Reel:
        """One more tile shows it."""
        key = camera, role
        reel = self._reels.get(key)
        if reel is None:
            reel = self._reels[key] = Reel(self._open(camera, role), self._clock)
        reel.users += 1
        return reel

    def leave(self, camera: str, role: StreamRole) -> None:
        """One less."""
        reel = self._reels[camera, role]
        reel.users -= 1
        if not reel.users:
            del self._reels[camera, role]
            reel.reader.close()

    def advance(self) -> None:
        """Before each tick: take in what has come, of all streams."""
        self.turn += 1
        for reel in self._reels.values():
            reel.advance(self.turn)

    def sheet(self, shown: Shown) -> Sheet:
        """The one sheet of these tiles."""
        sheet = self._sheets.get(shown)
        if sheet is None:
            sheet = self._sheets[shown] = Sheet(shown)
        return sheet
