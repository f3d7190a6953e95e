"""The wall gateway: `/api/v1/live/wall`, one WebSocket for all tiles of an operator.

See docs/design/wall.md for the messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends, WebSocket
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect, WebSocketState

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.api import guard, permits
from hub.api.cameras.states import states_in
from hub.api.deps import Deps, deps_of
from hub.api.guard import Asker, Credentials, SocketGuard, closed_with, domain, host_of
from hub.api.live.schemas import TileIn
from hub.api.live.viewer import PULSE_S, UNASKED_S, Beat, View, Viewer, as_seen
from hub.api.permits import Answer
from hub.kit.errors import Forbidden, Refused, Retryable
from hub.kit.supervise import keep
from hub.live.reel import Pieces
from hub.live.reels import Reels
from hub.live.wall import UNWATCHED, Seat, Sight
from hub.store.db import Stamp
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
    more, or of whom it cannot be told now. `views`: what of the others' tiles may be shown, where
    that is something else than before.
    """

    sights: Mapping[str, Sight] | None
    refused: Mapping[Viewer, Refusal]
    views: Mapping[Viewer, View]


@dataclass(frozen=True, slots=True)
class OnFile:
    """What the database had of logins and cameras at its `stamp`: good until that is another."""

    stamp: Stamp
    logins: Mapping[Credentials, guard.OnFile | Forbidden]
    cameras: Set[str]
    terms: permits.OnFile

    def covers(self, logins: Set[Credentials], cameras: Set[str]) -> bool:
        """Whether it tells of all of these."""
        return self.logins.keys() >= logins and self.cameras >= cameras


class Walls:
    """All open walls of a process; once a second it asks for their rights and their cameras.

    Asked together in one thread: one by one they would cost more than the video.
    """

    def __init__(self, deps: Callable[[], Deps]) -> None:
        """`deps` gives those of now."""
        self._current = deps
        self.beat = Beat(self._gather)
        self._viewers: set[Viewer] = set()
        self._rounds: asyncio.Task[None] | None = None
        self._sights: Mapping[str, Sight] = {}
        self._on_file: OnFile | None = None

    @property
    def _deps(self) -> Deps:
        return self._current()

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
        changed: Set[str] = frozenset()
        if found.sights is not None:
            changed = _changed(self._sights, found.sights)
            self._sights = found.sights
        now = self._deps.clock.monotonic()
        for viewer in viewers:
            _attend(viewer, found.refused.get(viewer), now)
            if viewer in found.views:
                viewer.show(found.views[viewer], self._sights)
            viewer.seat.see(self._sights, changed)
            viewer.seat.pulse()
            viewer.stir()
        return PULSE_S

    def _ask(self, viewers: Sequence[Viewer]) -> Round:
        tiles = {viewer: viewer.tiles for viewer in viewers}
        sights = self._look_around()
        try:
            filed = self._read(tiles)
            admitted, refused = _admitted(filed, viewers)
            views = self._views(filed, {viewer: tiles[viewer] for viewer in admitted}, admitted)
        except Retryable as error:
            return Round(sights, dict.fromkeys(viewers, error), {})
        return Round(sights, refused, views)

    def _read(self, tiles: Mapping[Viewer, Sequence[TileIn]]) -> OnFile:
        """What the database has of all of them, read again only when it has changed."""
        db = self._deps.db
        stamp = db.stamp()
        logins = {viewer.asker.shown for viewer in tiles}
        cameras = {tile.camera for wanted in tiles.values() for tile in wanted}
        known = self._on_file
        if known is None or known.stamp != stamp or not known.covers(logins, cameras):
            with db.read() as tx:
                on_file = {shown: _login(tx, shown) for shown in logins}
                somewhere = any(_asks_for_ground(login) for login in on_file.values())
                terms = permits.on_file(self._deps, tx, cameras, paths=somewhere)
            known = OnFile(stamp, on_file, cameras, terms)
            self._on_file = known
        return known

    def _views(
        self,
        filed: OnFile,
        tiles: Mapping[Viewer, Sequence[TileIn]],
        admitted: Mapping[Viewer, Subject],
    ) -> Mapping[Viewer, View]:
        """What each may be shown now; what opens with this stands in the register already."""
        deps = self._deps
        found = filed.terms.at(deps.clock.now())
        answers: dict[Subject, Mapping[str, Answer]] = {}
        for who in set(admitted.values()):
            answer = found.of(who, Action.LIVE_WATCH)
            answers[who] = {camera: answer(camera) for camera in filed.cameras}
        views = {
            viewer: view
            for viewer, wanted in tiles.items()
            if not viewer.has_been_told(view := View(wanted, answers[admitted[viewer]]))
        }
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


def _changed(before: Mapping[str, Sight], now: Mapping[str, Sight]) -> Set[str]:
    """The cameras of which there is something else to say."""
    return {
        camera
        for camera in before.keys() | now.keys()
        if before.get(camera, UNWATCHED).said != now.get(camera, UNWATCHED).said
    }


def _login(tx: Connection, shown: Credentials) -> guard.OnFile | Forbidden:
    try:
        return guard.on_file(tx, shown)
    except Forbidden as error:
        return error


def _asks_for_ground(login: guard.OnFile | Forbidden) -> bool:
    """Whether by any of its grants, in force or not, not everything is its ground."""
    held = () if login is None or isinstance(login, Forbidden) else login.held
    return any(given.grant.grid is not None for given in held)


def _admitted(
    filed: OnFile, viewers: Sequence[Viewer]
) -> tuple[dict[Viewer, Subject], dict[Viewer, Refusal]]:
    """Who may look, and who may not, by one answer for all windows of one login."""
    answers: dict[Credentials, Subject | Forbidden] = {}
    admitted: dict[Viewer, Subject] = {}
    refused: dict[Viewer, Refusal] = {}
    for viewer in viewers:
        shown = viewer.asker.shown
        if shown not in answers:
            answers[shown] = _admit(viewer.asker, filed.logins[shown])
        answer = answers[shown]
        if isinstance(answer, Subject):
            admitted[viewer] = answer
        else:
            refused[viewer] = answer
    return admitted, refused


def _admit(asker: Asker, login: guard.OnFile | Forbidden) -> Subject | Forbidden:
    if isinstance(login, Forbidden):
        return login
    try:
        return asker.admit_by(login)
    except Forbidden as error:
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
        await run_in_threadpool(asker.admit_free, host_of(socket))
        viewer = Viewer(socket, Seat(walls.reels, deps.clock), asker, walls.beat)
        async with walls.seated(viewer):
            await viewer.run()
    except WebSocketDisconnect:
        return
    except TimeoutError:
        await _close(socket, 4408, "too slow: nothing was taken in time")
    except Forbidden as error:
        await _close(socket, closed_with(error), str(error))
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
