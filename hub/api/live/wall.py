"""The wall gateway: `/api/v1/live/wall`, one WebSocket for all tiles of an operator.

See docs/design/wall.md for the messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect, WebSocketState

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.api.cameras.states import states_in
from hub.api.deps import Deps, deps_of
from hub.api.guard import Credentials, SocketGuard, domain
from hub.api.live.viewer import PULSE_S, UNASKED_S, Beat, View, Viewer, as_seen
from hub.api.permits import permits
from hub.kit.errors import Forbidden, Refused, Retryable
from hub.kit.supervise import keep
from hub.live.reel import Pieces
from hub.live.reels import Reels
from hub.live.wall import Seat, Sight
from hub.types.media import StreamRole

log = logging.getLogger(__name__)

PROTOCOL = "hub.wall.v1"
WALLS_MAX = 200
CLOSE_S = 1.0

router = domain("live")


Refusal = Forbidden | Retryable


@dataclass(frozen=True, slots=True)
class Round:
    """What was found once for all walls.

    `sights`: how the cameras are, None while nobody can tell. `refused`: who may not look any
    more, or of whom it cannot be told now. `views`: what the others may be shown.
    """

    sights: Mapping[str, Sight] | None
    refused: Mapping[Viewer, Refusal]
    views: Mapping[Viewer, View]


class Walls:
    """All open walls of a process; once a second it asks for their rights and their cameras.

    Asked together in one thread: one by one they would cost more than the video.
    """

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self.beat = Beat(self._gather)
        self._viewers: set[Viewer] = set()
        self._rounds: asyncio.Task[None] | None = None
        self._sights: Mapping[str, Sight] = {}

    @cached_property
    def reels(self) -> Reels:
        """What all walls show; made with the first of them."""
        return Reels(self.open, self._deps.clock)

    @asynccontextmanager
    async def seated(self, viewer: Viewer) -> AsyncIterator[None]:
        """Keep a viewer on the rounds. Raises Refused (`too_many_walls`)."""
        if len(self._viewers) >= WALLS_MAX:
            raise Refused(f"{WALLS_MAX} walls are open here already", code="too_many_walls")
        self._viewers.add(viewer)
        if self._rounds is None:
            self._rounds = asyncio.create_task(keep("walls", self._go_round, self._deps.clock))
        viewer.seat.see(self._sights)
        try:
            yield
        finally:
            self._viewers.discard(viewer)
            if not self._viewers and self._rounds is not None:
                self._rounds.cancel()
                self._rounds = None

    def open(self, camera: str, role: StreamRole) -> Pieces:
        """The way to the relay."""
        return self._deps.relay.fragments(camera, role).open()

    def _gather(self) -> None:
        """Before each tick: what has come of all streams."""
        self._deps.relay.read()
        self.reels.advance()

    async def _go_round(self) -> float:
        viewers = list(self._viewers)
        found = await run_in_threadpool(self._ask, viewers)
        if found.sights is not None:
            self._sights = found.sights
        now = self._deps.clock.monotonic()
        for viewer in viewers:
            _attend(viewer, found.refused.get(viewer), now)
            if viewer in found.views:
                viewer.show(found.views[viewer], self._sights)
            viewer.seat.see(self._sights)
            viewer.seat.pulse()
            viewer.stir()
        return PULSE_S

    def _ask(self, viewers: Sequence[Viewer]) -> Round:
        answers: dict[Credentials, Subject | Refusal] = {}
        for viewer in viewers:  # one answer for all windows of one login
            if viewer.asker.shown not in answers:
                answers[viewer.asker.shown] = _admitted(viewer)
        admitted: dict[Viewer, Subject] = {}
        refused: dict[Viewer, Refusal] = {}
        for viewer in viewers:
            answer = answers[viewer.asker.shown]
            if isinstance(answer, Subject):
                admitted[viewer] = answer
            else:
                refused[viewer] = answer
        views: Mapping[Viewer, View] = {}
        try:
            views = self._views(admitted)
        except Retryable as error:
            refused |= dict.fromkeys(admitted, error)
        return Round(self._look_around(), refused, views)

    def _views(self, admitted: Mapping[Viewer, Subject]) -> Mapping[Viewer, View]:
        """What each may be shown; what opens with this stands in the register already."""
        tiles = {viewer: viewer.tiles for viewer in admitted if viewer.tiles}
        if not tiles:
            return {}
        deps = self._deps
        cameras = {tile.camera for wanted in tiles.values() for tile in wanted}
        with deps.db.read() as tx:
            found = permits(deps, tx, cameras, admitted.values())
        answers = {who: found.of(who, Action.LIVE_WATCH) for who in set(admitted.values())}
        views = {}
        for viewer, wanted in tiles.items():
            answer = answers[admitted[viewer]]
            views[viewer] = View(wanted, {tile.camera: answer(tile.camera) for tile in wanted})
        new = {v: looks for v, view in views.items() if (looks := view.looks - v.noted)}
        if new:
            with deps.db.write() as tx:
                for viewer, looks in new.items():
                    who = admitted[viewer]
                    now = deps.clock.now()
                    access.note_looks(tx, who, Action.LIVE_WATCH, as_seen(looks), now)
        return views

    def _look_around(self) -> Mapping[str, Sight] | None:
        try:
            bodies = self._deps.heartbeats.all()
        except Retryable:
            return None
        return {
            camera: Sight(said.state, said.last_picture_at, said.last_error or "")
            for camera, said in states_in(bodies).items()
        }


def _admitted(viewer: Viewer) -> Subject | Refusal:
    try:
        return viewer.asker.admit()
    except (Forbidden, Retryable) as error:
        return error


def _attend(viewer: Viewer, refused: Refusal | None, now: float) -> None:
    """Show out who may not look any more, and who does not take what is sent."""
    if refused is None:
        viewer.admitted_at = now
    elif isinstance(refused, Forbidden) or now - viewer.admitted_at > UNASKED_S:
        viewer.end(refused)
    if viewer.is_stuck():
        viewer.end(TimeoutError())


@router.websocket("/live/wall")
async def wall_socket(
    socket: WebSocket,
    guard: Annotated[SocketGuard, Depends(SocketGuard(Action.LIVE_WATCH))],
) -> None:
    """All tiles of one operator: by the session's cookie, or `hub.wall.v1, bearer.<token>`."""
    deps = deps_of(socket)
    walls: Walls = socket.app.state.walls
    await socket.accept(PROTOCOL if PROTOCOL in socket.scope["subprotocols"] else None)
    try:
        asker = guard.asker(socket)
        await run_in_threadpool(asker.admit)
        viewer = Viewer(socket, Seat(walls.reels, deps.clock), asker, walls.beat)
        async with walls.seated(viewer):
            await viewer.run()
    except WebSocketDisconnect:
        return
    except TimeoutError:
        await _close(socket, 4408, "too slow: nothing was taken in time")
    except Forbidden as error:
        await _close(socket, 4401 if error.code == "unauthenticated" else 4403, str(error))
    except Refused as error:
        code = 1013 if error.code == "too_many_walls" else 4400
        await _close(socket, code, f"{error.code}: {error}")
    except Retryable:
        await _close(socket, 1013, "try again later")


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Say goodbye, but do not wait for a browser that takes nothing."""
    if socket.application_state is WebSocketState.DISCONNECTED:
        return
    try:
        async with asyncio.timeout(CLOSE_S):
            await socket.close(code, reason[:120])
    except (TimeoutError, WebSocketDisconnect):
        log.info("a wall was cut off: %s", reason)
