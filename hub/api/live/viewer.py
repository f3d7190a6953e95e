"""One wall's socket: says what the seat says at each tick, hears what the browser asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from hub.access import service as access
from hub.access.actions import Action
from hub.access.consent import SHOWN, Shown
from hub.access.service import LookReason
from hub.api.guard import Asker
from hub.api.live.direct import way_to
from hub.api.live.schemas import WALL_IN, GotIn, PauseIn, ResumeIn, TileIn, TilesIn
from hub.api.permits import Answer, no_camera, permits
from hub.kit.errors import Forbidden, Refused, Retryable
from hub.kit.into import Into
from hub.live.tile import Wanted
from hub.live.wall import TICK_S, UNWATCHED, Seat, Sight

MESSAGE_CHARS_MAX = 32_768
PULSE_S = 1.0
STUCK_S = 10.0
"""A viewer that takes nothing for so long is cut off; it comes back when it can."""
UNASKED_S = 10.0
"""A right that cannot be asked for (the database is away) is good for so long."""


Looks = set[tuple[str, LookReason]]
"""Cameras, each with why it is looked at."""


@dataclass(frozen=True, slots=True)
class View:
    """What may be shown of the tiles that a browser asked for, by camera."""

    tiles: Sequence[TileIn]
    answers: Mapping[str, Answer]

    @property
    def shown(self) -> list[TileIn]:
        """The tiles whose picture may be seen."""
        return [tile for tile in self.tiles if isinstance(self.answers[tile.camera], Shown)]

    @property
    def looks(self) -> Looks:
        """What is looked at."""
        return {(tile.camera, tile.reason) for tile in self.shown}


class Beat:
    """The tick of all walls of a process: one timer, one wake-up, one round of those who speak."""

    def __init__(self, before: Callable[[], None]) -> None:
        """`before` is called before each tick."""
        self._before = before
        self._speaking: dict[Viewer, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def join(self, viewer: Viewer) -> None:
        """Let it speak at each tick from now on."""
        self._speaking[viewer] = None
        if self._timer is None:
            self._wind()

    def leave(self, viewer: Viewer) -> None:
        """It has nothing to say for now."""
        self._speaking.pop(viewer, None)

    def _wind(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at((loop.time() // TICK_S + 1) * TICK_S, self._strike)

    def _strike(self) -> None:
        self._timer = None
        if not self._speaking:
            return
        self._wind()
        self._before()
        for viewer in list(self._speaking):
            viewer.speak()  # raises nothing: what goes wrong ends that viewer alone


class Viewer:
    """One browser's wall. `asker` asks for its rights; the rounds of `Walls` renew `admitted_at`.

    `blocked_since`: since when the browser has not taken what it was sent (monotonic seconds).
    `tiles` are those it asked for, `noted` what of them stands in the register.
    """

    def __init__(self, socket: WebSocket, seat: Seat, asker: Asker, beat: Beat) -> None:
        self.seat = seat
        self.tiles: Sequence[TileIn] = ()
        self.noted: Looks = set()
        self._beat = beat
        self.asker = asker
        self.admitted_at = asker.deps.clock.monotonic()
        self.blocked_since: float | None = None
        self._socket = socket
        self._way = way_to(socket, seat.got)
        self._clock = asker.deps.clock
        self._shown: Sequence[TileIn] = ()
        self._told: dict[int, Answer] = {}
        self._view: View | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._guarded = Into(self._ended)

    async def run(self) -> None:
        """Until the browser has gone; raises what ends it otherwise (HubError, TimeoutError)."""
        tasks = [asyncio.ensure_future(each) for each in (self._hear(), self._ended)]
        self.stir()
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            self._ended.cancel()
            self._beat.leave(self)
            self.seat.close()
            for each in tasks:
                each.cancel()
            await asyncio.wait(tasks)

    def end(self, error: Forbidden | Retryable | TimeoutError) -> None:
        """It must go, whatever it is doing; nothing more is said to it."""
        self._beat.leave(self)
        if not self._ended.done():
            self._ended.set_exception(error)

    def stir(self) -> None:
        """The seat may have something to say."""
        if not self._ended.done():
            self._beat.join(self)

    def is_stuck(self) -> bool:
        """The browser has taken nothing for too long."""
        since = self.blocked_since
        blocked_s = 0.0 if since is None else self._clock.monotonic() - since
        return max(blocked_s, self.seat.full_s) > STUCK_S

    def speak(self) -> None:
        """Say what the seat has to say at this tick, unless the browser is still busy."""
        if self._ended.done():
            self._beat.leave(self)
            return
        if not self._way.is_open():
            if self.blocked_since is None:
                self.blocked_since = self._clock.monotonic()
            return
        self.blocked_since = None
        with self._guarded:
            messages = self.seat.tick()
            if not messages and self.seat.idle:
                self._beat.leave(self)
            for message in messages:
                self._way.give(message)

    async def _hear(self) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            said = _understood(message.get("text"))
            if isinstance(said, GotIn):
                self.seat.got(said.tick)
            elif isinstance(said, TilesIn):
                await self._turn_to(said)
            elif isinstance(said, PauseIn):
                self.seat.pause()
            elif isinstance(said, ResumeIn):
                self.seat.resume()
            self.stir()

    async def _turn_to(self, said: TilesIn) -> None:
        """First it stands in the register, then it is shown."""
        view = await run_in_threadpool(self._look_up, said.tiles)
        self.tiles, self._told = said.tiles, {}
        self._shown = view.shown
        self.seat.want(_wanted(self._shown), said.codecs)
        self.noted = view.looks
        self._settle(view)

    def has_been_told(self, view: View) -> bool:
        """Whether it stands as it is, and the browser knows; from any thread."""
        settled = self._view
        return settled is not None and settled.tiles is view.tiles and settled == view

    def show(self, view: View, sights: Mapping[str, Sight]) -> None:
        """What may be shown now; tiles that have opened or closed are told."""
        if view.tiles is not self.tiles or self._ended.done():
            return  # the browser has turned to others since this was asked
        shown = view.shown
        opened = [tile for tile in shown if tile.tile in self._told]
        if shown != self._shown:
            self._shown = shown
            self.seat.want(_wanted(shown))
        self.noted = view.looks
        self._view = None
        for tile in opened:
            sight = sights.get(tile.camera, UNWATCHED)
            if self._say(tile, sight.state.value, sight.why, sight.last_picture_at):
                del self._told[tile.tile]
        self._settle(view)

    def _settle(self, view: View) -> None:
        """Say what is not shown, and why; once, and again where the browser was busy."""
        for tile in view.tiles:
            answer = view.answers[tile.camera]
            if isinstance(answer, Shown) or self._told.get(tile.tile, SHOWN) == answer:
                continue
            if answer is None:
                self.seat.refuse(tile.tile, "not_found", no_camera(tile.camera))
                self._told[tile.tile] = answer
            elif self._say(tile, "withheld", answer.why.value):
                self._told[tile.tile] = answer
        hidden = {
            tile.tile: answer
            for tile in view.tiles
            if not isinstance(answer := view.answers[tile.camera], Shown)
        }
        self._view = view if self._told == hidden else None

    def _say(
        self, tile: TileIn, state: str, why: str, last_picture_at: float | None = None
    ) -> bool:
        """A state of one tile, at once; False if the browser takes nothing now."""
        if not self._way.is_open():
            return False
        with self._guarded:
            self._way.give(
                {
                    "op": "state",
                    "tile": tile.tile,
                    "camera": tile.camera,
                    "state": state,
                    "last_picture_at": last_picture_at,
                    "why": why,
                }
            )
        return True

    def _look_up(self, tiles: Sequence[TileIn]) -> View:
        """What may be shown of these tiles; new looks are written into the register."""
        deps, who = self.asker.deps, self.asker.admit()
        cameras = {tile.camera for tile in tiles}
        with deps.db.read() as tx:
            answer = permits(deps, tx, cameras, [who]).of(who, Action.LIVE_WATCH)
        view = View(tiles, {camera: answer(camera) for camera in cameras})
        new = view.looks - self.noted
        if new:
            with deps.db.write() as tx:
                access.note_looks(tx, who, Action.LIVE_WATCH, as_seen(new), deps.clock.now())
        return view


def as_seen(looks: Looks) -> list[tuple[str, LookReason]]:
    """Looks as they stand in the register."""
    return [(f"live/{camera}", reason) for camera, reason in looks]


def _wanted(tiles: Sequence[TileIn]) -> list[Wanted]:
    return [Wanted(tile.tile, tile.camera, tile.role) for tile in tiles]


def _understood(text: str | None) -> TilesIn | PauseIn | ResumeIn | GotIn:
    """What the browser says. Raises Refused (`bad_message`)."""
    if text is None or len(text) > MESSAGE_CHARS_MAX:
        raise Refused(f"a text of at most {MESSAGE_CHARS_MAX} characters", code="bad_message")
    try:
        return WALL_IN.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{where}: {first['msg']}", code="bad_message") from error
