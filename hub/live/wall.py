"""One operator's wall: what is sent to whom at a tick. No sockets, no threads, no waiting.

A tile is a place on its stream's reel. At each tick it takes what came since, unless the viewer is
paused or has too many ticks under way; a tile that waited too long goes on at a keyframe. A seat
whose tiles all have everything is in step: it takes the page of its sheet, until one has not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from hub.kit.clock import Clock
from hub.live.reels import Reels
from hub.live.sheet import ENTRIES_MAX, Bundle, Marks, Sheet
from hub.live.tile import Message, Tile, Wanted
from hub.types.media import Codec
from hub.types.scene import HealthState

TICK_S = 0.1
"""As long as a picture of a camera with 10 fps: more messages would cost more and show no more."""
WINDOW_TICKS = 30
"""Messages under way that the viewer has not confirmed; with more nothing is sent. It confirms each
twentieth, since to hear of it costs as much as a pulse."""
TILES_MAX = 64


@dataclass(frozen=True, slots=True)
class Sight:
    """How a camera's picture is, as the hub judges it; `why` as its worker said. UTC seconds."""

    state: HealthState
    last_picture_at: float | None = None
    why: str = ""

    @property
    def said(self) -> tuple[HealthState, str]:
        """What is told anew where it is another than before."""
        return self.state, self.why


UNWATCHED = Sight(HealthState.OFFLINE, why="not_watched")


class Seat:
    """The tiles of one viewer. Use it on one thread.

    `tick` gives what to send now, in order: JSON objects and at most one binary message.
    """

    def __init__(self, reels: Reels, clock: Clock) -> None:
        self._reels = reels
        self._clock = clock
        self._codecs: frozenset[str] = frozenset({Codec.H264})
        self._tiles: dict[int, Tile] = {}
        self._sights: Mapping[str, Sight] = {}
        self._told: dict[str, Sight] = {}
        self._said: list[Message] = []
        self._paused = False
        self._under_way: deque[int] = deque()
        self._full_since: float | None = None
        self._sheet: Sheet | None = None
        self._turn = -1
        self._marks: Marks = ()

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
        self._fall_out()
        if codecs is not None:
            self._codecs = frozenset(codecs)
        tiles: dict[int, Tile] = {}
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

    def _opened(self, wanted: Wanted) -> Tile:
        tile = Tile(wanted, self._reels, self._codecs, self._said.append, self._see_again)
        if not self._paused:
            tile.open()
        return tile

    def see(self, sights: Mapping[str, Sight], changed: Set[str] | None = None) -> None:
        """How the cameras are now; what has changed is told with the next tick.

        `changed`: those that were otherwise when it last saw; None: it may be any.
        """
        self._sights = sights
        if changed is not None and not changed:
            return
        cameras = {tile.wanted.camera for tile in self._tiles.values()}
        for camera in cameras if changed is None else cameras & changed:
            sight = sights.get(camera, UNWATCHED)
            told = self._told.get(camera)
            if told is None or told.said != sight.said:
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
            self._fall_out()
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
        under_way = self._under_way
        if under_way and under_way[0] <= tick <= under_way[-1]:
            while under_way and under_way[0] <= tick:
                under_way.popleft()
            self._full_since = None

    def pulse(self) -> None:
        """Say the hub's clock, and the frames dropped so far by tile."""
        dropped = {str(n): tile.dropped for n, tile in self._tiles.items() if tile.dropped}
        self._said.append({"op": "pulse", "now": self._clock.now(), "dropped": dropped})

    def tick(self) -> list[Message]:
        """What is to be sent now, maybe nothing."""
        bundle = self._bundle(self._reels.turn) if self._has_room() else None
        if not self._said:
            if bundle is None:
                return []
            self._under_way.append(bundle.tick)
            return [bundle]
        said = self._said.copy()
        self._said.clear()
        if bundle is not None:
            self._under_way.append(bundle.tick)
            said.append(bundle)
        return said

    def _has_room(self) -> bool:
        if self._paused:
            return False
        if len(self._under_way) < WINDOW_TICKS:
            return True
        if self._full_since is None:
            self._full_since = self._clock.monotonic()
        return False

    def _bundle(self, turn: int) -> Bundle | None:
        if self._sheet is not None and self._turn == turn - 1:
            # Almost always so: all who show the same are given the same bytes.
            page = self._sheet.page(turn)
            if page.plain:
                self._turn, self._marks = turn, page.marks
                return page.bundle
        if self._turn == turn:
            return None
        self._fall_out()
        bundle = self._each_tile(turn)
        self._fall_in(turn)
        return bundle

    def _each_tile(self, turn: int) -> Bundle | None:
        """After something out of the ordinary at one of them."""
        parts: list[bytes] = []
        entries = 0
        for tile in self._tiles.values():
            reel = tile.reel
            if reel is not None and reel.version != tile.version:
                entries += tile.take(reel, parts)
            if entries > ENTRIES_MAX:
                break
        return Bundle(turn, entries, parts) if entries else None

    def _fall_in(self, turn: int) -> None:
        """From now on with all who show the same, if every tile has all there is."""
        self._turn = turn
        tiles = [tile for tile in self._tiles.values() if tile.reel is not None]
        if all(tile.is_settled for tile in tiles):
            self._sheet = self._reels.sheet(tuple([(t.number, t.reel) for t in tiles if t.reel]))
            self._marks = tuple([(tile.version, tile.place) for tile in tiles])

    def _fall_out(self) -> None:
        """Each tile for itself again, from where it was."""
        if self._sheet is None:
            return
        self._sheet = None
        tiles = [tile for tile in self._tiles.values() if tile.reel is not None]
        for tile, (version, place) in zip(tiles, self._marks, strict=True):
            tile.version, tile.place = version, place

    def close(self) -> None:
        """Let go of all streams."""
        for tile in self._tiles.values():
            tile.close()
        self._tiles = {}
