"""One wall's socket: says what the seat says at each tick, hears what the browser asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.guard import Asker
from hub.api.live.direct import way_to
from hub.api.live.schemas import WALL_IN, GotIn, PauseIn, ResumeIn, TileIn, TilesIn
from hub.ingest import service as sources
from hub.kit.errors import Forbidden, Refused, Retryable
from hub.kit.into import Into
from hub.live.tile import Wanted
from hub.live.wall import TICK_S, Seat

MESSAGE_CHARS_MAX = 32_768
PULSE_S = 1.0
STUCK_S = 10.0
"""A viewer that takes nothing for so long is cut off; it comes back when it can."""
UNASKED_S = 10.0
"""A right that cannot be asked for (the database is away) is good for so long."""


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
    """

    def __init__(
        self, socket: WebSocket, seat: Seat, asker: Asker, who: Subject, beat: Beat
    ) -> None:
        self.seat = seat
        self._beat = beat
        self.asker = asker
        self.admitted_at = asker.deps.clock.monotonic()
        self.blocked_since: float | None = None
        self._socket = socket
        self._way = way_to(socket, seat.got)
        self._who = who
        self._clock = asker.deps.clock
        self._noted: set[tuple[str, LookReason]] = set()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

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
        with Into(self._ended):
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
        looks = {(tile.camera, tile.reason) for tile in said.tiles}
        known = await run_in_threadpool(self._note, said.tiles, looks - self._noted)
        self._noted = {look for look in looks if look[0] in known}
        self.seat.want(
            [Wanted(t.tile, t.camera, t.role) for t in said.tiles if t.camera in known], said.codecs
        )
        for tile in said.tiles:
            if tile.camera not in known:
                self.seat.refuse(tile.tile, "not_found", f"there is no camera {tile.camera}")

    def _note(self, tiles: Sequence[TileIn], looks: set[tuple[str, LookReason]]) -> set[str]:
        """Write the new looks into the register; returns which cameras exist."""
        deps = self.asker.deps
        register = sources.cameras()
        with deps.db.read() as tx:
            known = register.known(tx, {tile.camera for tile in tiles})
        new = [(f"live/{camera}", reason) for camera, reason in looks if camera in known]
        if new:
            with deps.db.write() as tx:
                now = deps.clock.now()
                access.note_looks(tx, self._who, Action.LIVE_WATCH, new, now)
        return known


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
