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
from hub.live.wall import TICK_S, Seat, Wanted

MESSAGE_CHARS_MAX = 32_768
PULSE_S = 1.0
STUCK_S = 10.0
"""A viewer that takes nothing for so long is cut off; it comes back when it can."""
UNASKED_S = 10.0
"""A right that cannot be asked for (the database is away) is good for so long."""


class Beat:
    """The tick of all walls of a process: one timer, one wake-up of the process."""

    def __init__(self, before: Callable[[], None]) -> None:
        """`before` is called before each tick."""
        self._before = before
        self._waiting: list[asyncio.Future[None]] = []

    async def next(self) -> None:
        """Wait for the next tick."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_later(TICK_S - loop.time() % TICK_S, self._strike)
        mine = loop.create_future()
        self._waiting.append(mine)
        await mine

    def _strike(self) -> None:
        self._before()
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():  # else its viewer has gone
                each.set_result(None)


class Viewer:
    """One browser's wall. `asker` asks for its rights; the rounds of `Walls` renew `admitted_at`.

    `sending_since`: when the message now under way was handed to the socket (monotonic seconds).
    """

    def __init__(
        self, socket: WebSocket, seat: Seat, asker: Asker, who: Subject, beat: Beat
    ) -> None:
        self.seat = seat
        self._beat = beat
        self.asker = asker
        self.admitted_at = asker.deps.clock.monotonic()
        self.sending_since: float | None = None
        self._socket = socket
        self._send = way_to(socket)
        self._who = who
        self._clock = asker.deps.clock
        self._noted: set[tuple[str, LookReason]] = set()
        self._stirred = asyncio.Event()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Until the browser has gone; raises what ends it otherwise (HubError, TimeoutError)."""
        tasks = [asyncio.ensure_future(each) for each in (self._speak(), self._hear(), self._ended)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            self.seat.close()
            for each in tasks:
                each.cancel()
            await asyncio.wait(tasks)

    def end(self, error: Forbidden | Retryable | TimeoutError) -> None:
        """It must go, whatever it is doing."""
        if not self._ended.done():
            self._ended.set_exception(error)

    def stir(self) -> None:
        """The seat may have something to say."""
        self._stirred.set()

    def is_stuck(self) -> bool:
        """The browser has taken nothing for too long."""
        sending = self.sending_since
        blocked_s = 0.0 if sending is None else self._clock.monotonic() - sending
        return max(blocked_s, self.seat.full_s) > STUCK_S

    async def _speak(self) -> None:
        """One message of all tiles at each tick."""
        while True:
            await self._beat.next()
            if messages := self.seat.tick():
                self.sending_since = self._clock.monotonic()
                for message in messages:
                    await self._send(message)
                self.sending_since = None
            elif self.seat.idle:
                self._stirred.clear()
                await self._stirred.wait()

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
        self._noted = looks
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
            asked = {tile.camera for tile in tiles}
            known = {camera for camera in asked if register.find(tx, camera) is not None}
        if new := sorted(look for look in looks if look[0] in known):
            with deps.db.write() as tx:
                for camera, reason in new:
                    access.note_look(
                        tx,
                        self._who,
                        Action.LIVE_WATCH,
                        f"live/{camera}",
                        reason,
                        deps.clock.now(),
                    )
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
