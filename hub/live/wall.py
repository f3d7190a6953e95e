"""One operator's wall: what is sent to whom at a tick. No sockets, no threads, no waiting.

A tile is a place on its stream's reel. At each tick it takes what came since, unless the viewer is
paused or has too many ticks under way; a tile that waited too long goes on at a keyframe.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.kit.clock import Clock
from hub.live.items import Fault, Init
from hub.live.reel import ENTRY, KIND_INIT, Reel, Reels, entry
from hub.types.media import Codec, StreamRole
from hub.types.scene import HealthState

TICK_S = 0.1
"""As long as a picture of a camera with 10 fps: more messages would cost more and show no more."""
WINDOW_TICKS = 20
"""Messages under way that the viewer has not confirmed; with more nothing is sent."""
TILES_MAX = 64
ENTRIES_MAX = 20_000
"""Of one message (its field holds 65,535); what is beyond waits for the next tick."""

VERSION = 1
HEAD = struct.Struct(">BBHI")
"""version · 0 · entries · tick"""

Json = dict[str, Any]
Message = Json | list[bytes]
"""An object to be sent as JSON, or the parts of a binary message: who writes joins them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tile of the viewer's own numbering, and what shall be seen in it."""

    tile: int
    camera: str
    role: StreamRole


@dataclass(frozen=True, slots=True)
class Sight:
    """How a camera's picture is, as the hub judges it; `why` as its worker said. UTC seconds."""

    state: HealthState
    last_picture_at: float | None = None
    why: str = ""


UNWATCHED = Sight(HealthState.OFFLINE, why="not_watched")


class Seat:
    """The tiles of one viewer. Use it on one thread.

    `tick` gives what to send now, in order: JSON objects and at most one binary message.
    """

    def __init__(self, reels: Reels, clock: Clock) -> None:
        self._reels = reels
        self._clock = clock
        self._codecs: frozenset[str] = frozenset({Codec.H264})
        self._tiles: dict[int, _Tile] = {}
        self._sights: Mapping[str, Sight] = {}
        self._told: dict[str, Sight] = {}
        self._said: list[Message] = []
        self._paused = False
        self._sent = 0
        self._got = 0
        self._full_since: float | None = None

    @property
    def idle(self) -> bool:
        """Nothing can come at the next tick."""
        return not self._said and (self._paused or not self._tiles)

    @property
    def full_s(self) -> float:
        """Seconds since the viewer, with all its ticks under way, has confirmed none."""
        return 0.0 if self._full_since is None else self._clock.monotonic() - self._full_since

    def want(self, wanted: Sequence[Wanted], codecs: Collection[str] | None = None) -> None:
        """All tiles from now on; those that stay as they were are not disturbed."""
        if codecs is not None:
            self._codecs = frozenset(codecs)
        tiles: dict[int, _Tile] = {}
        for each in wanted:
            old = self._tiles.pop(each.tile, None)
            if old is not None and old.wanted != each:
                old.close()
                old = None
            tiles[each.tile] = old or self._opened(each)
        for gone in self._tiles.values():
            gone.close()
        self._tiles = tiles
        cameras = {each.camera for each in wanted}
        self._told = {camera: told for camera, told in self._told.items() if camera in cameras}
        self.see(self._sights)

    def _opened(self, wanted: Wanted) -> _Tile:
        tile = _Tile(wanted, self._reels, self._codecs, self._said.append, self._see_again)
        if not self._paused:
            tile.open()
        return tile

    def see(self, sights: Mapping[str, Sight]) -> None:
        """How the cameras are now; what has changed is told with the next tick."""
        self._sights = sights
        for camera in {tile.wanted.camera for tile in self._tiles.values()}:
            sight = sights.get(camera, UNWATCHED)
            told = self._told.get(camera)
            if told is None or (told.state, told.why) != (sight.state, sight.why):
                self._told[camera] = sight
                self._said.append(
                    {
                        "op": "state",
                        "camera": camera,
                        "state": sight.state.value,
                        "last_picture_at": sight.last_picture_at,
                        "why": sight.why,
                    }
                )

    def _see_again(self, camera: str) -> None:
        self._told.pop(camera, None)
        self.see(self._sights)

    def refuse(self, tile: int, code: str, detail: str) -> None:
        """Say that a tile is not shown, and why."""
        self._said.append({"op": "refused", "tile": tile, "code": code, "detail": detail})

    def pause(self) -> None:
        """Take nothing until `resume`."""
        if not self._paused:
            self._paused = True
            for tile in self._tiles.values():
                tile.close()

    def resume(self) -> None:
        """Begin again, at the last keyframe."""
        if self._paused:
            self._paused = False
            for tile in self._tiles.values():
                tile.open()

    def got(self, tick: int) -> None:
        """The viewer has everything up to this tick."""
        if self._got < tick <= self._sent:
            self._got = tick
            self._full_since = None

    def pulse(self) -> None:
        """Say the hub's clock, and the frames dropped so far by tile."""
        dropped = {str(n): tile.dropped for n, tile in self._tiles.items() if tile.dropped}
        self._said.append({"op": "pulse", "now": self._clock.now(), "dropped": dropped})

    def tick(self) -> list[Message]:
        """What is to be sent now, maybe nothing."""
        parts = [b""]
        entries = 0
        if self._has_room():
            for tile in self._tiles.values():
                reel = tile.reel
                if reel is None or reel.version == tile.version:
                    continue
                if tile.keeps_up and reel.plain and reel.version == tile.version + 1:
                    # Almost always so: all who number the tile alike are given the same bytes.
                    tile.version, tile.place = reel.version, reel.end
                    parts.append(reel.packed(tile.number))
                    entries += reel.end - reel.fresh_from
                else:
                    entries += tile.take(reel, parts)
                if entries > ENTRIES_MAX:
                    break
        said = self._said.copy()
        self._said.clear()
        if entries:
            self._sent += 1
            parts[0] = HEAD.pack(VERSION, 0, entries, self._sent)
            said.append(parts)
        return said

    def _has_room(self) -> bool:
        if self._paused:
            return False
        if self._sent - self._got < WINDOW_TICKS:
            return True
        if self._full_since is None:
            self._full_since = self._clock.monotonic()
        return False

    def close(self) -> None:
        """Let go of all streams."""
        for tile in self._tiles.values():
            tile.close()
        self._tiles = {}


class _Tile:
    """One tile: its place on a reel, which of the camera's streams it is, what was said of it.

    `place`, `version`: the next picture to take, and of the reel when it last took any. `keeps_up`:
    it took everything then, and there is nothing to be said of it: what is fresh is its own.
    """

    def __init__(
        self,
        wanted: Wanted,
        reels: Reels,
        codecs: frozenset[str],
        say: Callable[[Message], None],
        over: Callable[[str], None],
    ) -> None:
        self.wanted = wanted
        self.number = wanted.tile
        self.reel: Reel | None = None
        self.version = -1
        self.keeps_up = False
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
        self.keeps_up = is_plain and self.reel is reel and self._init is reel.init
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
