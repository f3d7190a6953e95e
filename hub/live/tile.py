"""One tile of a wall: which stream it shows, how far it was sent, what was said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.live.items import Fault, Init
from hub.live.reel import ENTRY, KIND_INIT, Reel, entry
from hub.live.reels import Reels
from hub.live.sheet import Bundle
from hub.types.media import Codec, StreamRole
from hub.types.scene import HealthState

Json = dict[str, Any]
Message = Json | Bundle
"""An object to be sent as JSON, or a binary message."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tile of the viewer's own numbering, and what shall be seen in it."""

    tile: int
    camera: str
    role: StreamRole


class Tile:
    """One tile: its place on a reel, which of the camera's streams it is, what was said of it.

    `place`, `version`: the next picture to take, and of the reel when it last took any; while the
    seat is in step they stand in its marks.
    """

    def __init__(
        self,
        wanted: Wanted,
        reels: Reels,
        codecs: frozenset[str],
        say: Callable[[Message], None],
        over: Callable[[str], None],
    ) -> None:
        """`say` tells the browser of it; `over` that a fault of the camera is."""
        self.wanted = wanted
        self.number = wanted.tile
        self.reel: Reel | None = None
        self.version = -1
        self._keeps_up = False
        self._reels = reels
        self._codecs = codecs
        self._say = say
        self._over = over
        self._role = wanted.role
        self.place = 0
        self._init: Init | None = None
        self._fault: Fault | None = None
        self._gap = False
        self._waits_for_keyframe = False
        self._missed = 0
        self._lost_before = 0

    @property
    def is_settled(self) -> bool:
        """It has all there is, and whatever plainly comes next is its own."""
        reel = self.reel
        if reel is None or reel.version != self.version:
            return False
        # Behind a fault nothing comes plainly: what ends it is no plain picture.
        return self._keeps_up or reel.fault is not None

    @property
    def dropped(self) -> int:
        """Frames this tile lost, and those its stream lost meanwhile."""
        lost = 0 if self.reel is None else self.reel.reader.dropped - self._lost_before
        return self._missed + lost

    def open(self) -> None:
        """Begin at the last keyframe."""
        if self.reel is None:
            self.reel = self._reels.join(self.wanted.camera, self._role)
            self._lost_before = self.reel.reader.dropped
            self.version = -1

    def close(self) -> None:
        """Read nothing; what follows after another `open` is behind a gap."""
        if self.reel is not None:
            self._missed = self.dropped
            self.reel = None
            self._reels.leave(self.wanted.camera, self._role)
            self._init, self._gap = None, True

    def take(self, reel: Reel, parts: list[bytes]) -> int:
        """Append what is new on the reel; returns the number of entries."""
        self.version = reel.version
        entries = self._take_up(reel, parts)
        is_plain = not (self._gap or self._fault or self._waits_for_keyframe)
        self._keeps_up = is_plain and self.reel is reel and self._init is reel.init
        return entries

    def _take_up(self, reel: Reel, parts: list[bytes]) -> int:
        """After something out of the ordinary: a beginning, a fault, a time of falling behind."""
        if reel.fault is not None:
            self.place = reel.end
            self._gap = True
            if reel.fault != self._fault:
                self._trouble(reel.fault)
            return 0
        entries = 0
        if reel.init is not None and reel.init is not self._init:
            if not self._begin(reel, reel.init, parts):
                return 0
            entries = 1
        elif reel.is_behind(self.place):
            self._skip(reel)
        if self._waits_for_keyframe:
            if reel.keyframe is None or reel.keyframe < self.place:
                self._missed += reel.end - self.place
                self.place = reel.end
                return entries
            self._missed += reel.keyframe - self.place
            self.place, self._waits_for_keyframe = reel.keyframe, False
        return entries + self._append(reel, parts)

    def _begin(self, reel: Reel, init: Init, parts: list[bytes]) -> bool:
        codec = Codec.H264 if init.codec.startswith("avc") else Codec.H265
        if codec not in self._codecs:
            self._trouble(Fault("unsupported", f"the browser does not play {init.codec}"))
            return False
        self._say(
            {
                "op": "tile",
                "tile": self.wanted.tile,
                "camera": self.wanted.camera,
                "role": self._role.value,
                "codec": init.codec,
                "width": init.width,
                "height": init.height,
                "generation": init.generation,
            }
        )
        parts.append(ENTRY.pack(self.wanted.tile, KIND_INIT, 0, len(init.data), 0.0, 0.0))
        parts.append(init.data)
        if self._init is not None:
            self._missed += max(0, reel.first - self.place)
        self._init = init
        self.place = reel.end if reel.keyframe is None else reel.keyframe
        self._waits_for_keyframe = reel.keyframe is None
        return True

    def _skip(self, reel: Reel) -> None:
        """Too much waits: go on at the newest keyframe that was not sent, else at the next."""
        self._gap = True
        self._waits_for_keyframe = True
        if reel.keyframe is None or reel.keyframe < self.place:
            self._missed += reel.end - self.place
            self.place = reel.end

    def _append(self, reel: Reel, parts: list[bytes]) -> int:
        pictures = reel.since(self.place)
        for picture in pictures:
            parts.append(entry(self.wanted.tile, picture, gap=picture.gap or self._gap))
            self._gap = False
        if pictures and self._fault is not None:
            self._fault = None
            self._over(self.wanted.camera)
        self.place = reel.end
        return len(pictures)

    def _trouble(self, fault: Fault) -> None:
        """Turn to the sub-stream where that may help, else say what is wrong."""
        unsupported = fault.code == "unsupported"
        if unsupported and self._role is StreamRole.MAIN:
            self.close()
            self._gap = False
            self._role = StreamRole.SUB
            self.open()
            return
        self._fault = fault
        self._say(
            {
                "op": "state",
                "tile": self.wanted.tile,
                "camera": self.wanted.camera,
                "state": _STATE_OF_FAULT.get(fault.code, HealthState.OFFLINE.value),
                "last_picture_at": None,
                "why": fault.detail or fault.code,
            }
        )
        if unsupported:
            self.close()


_STATE_OF_FAULT = {
    "unsupported": "unsupported",
    "masked_busy": "withheld",
    "worker_gone": HealthState.CONNECTING.value,
}
"""What a viewer is told; of anything else the camera is away."""
