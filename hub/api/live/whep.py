"""One camera enlarged through WebRTC, by WHEP: an offer is answered, a session ends by DELETE.

Whatever does not fit is refused by name, and the browser takes the wall's socket instead.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.consent import Withheld
from hub.access.service import LookReason
from hub.api.bodies import Raw, described
from hub.api.deps import Deps
from hub.api.guard import Asked, Asker, Hub, domain, may
from hub.api.live.viewer import PULSE_S, UNASKED_S
from hub.api.permits import allow_picture, no_camera, permits, withheld
from hub.kit.errors import Forbidden, HubError, NotFound, Refused, Retryable
from hub.kit.supervise import keep
from hub.live.offer import OFFER_BYTES_MAX, understood
from hub.live.webrtc import CLOSE_S, Session
from hub.types.media import StreamRole

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/sdp"
VIEWINGS_MAX = 8
"""Each costs up to a twentieth of a core, in the process that feeds the walls (performance.md)."""

router = domain("live")


class Viewing:
    """One camera enlarged for one caller. The rounds of `Viewings` renew `admitted_at`."""

    def __init__(self, camera: str, asker: Asker, who: Subject) -> None:
        deps = asker.deps
        self.id = secrets.token_urlsafe(16)
        self.camera = camera
        self.asker = asker
        self.who = who
        self.admitted_at = deps.clock.monotonic()
        self.session = Session(lambda: deps.relay.watch(camera, StreamRole.MAIN), deps.clock)


class Viewings:
    """All cameras enlarged in a process; once a second it asks for their viewers' rights."""

    def __init__(self, deps: Callable[[], Deps]) -> None:
        """`deps` gives those of now."""
        self._current = deps
        self._open: dict[str, Viewing] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rounds: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def _deps(self) -> Deps:
        return self._current()

    def open(self, camera: str, asker: Asker, who: Subject) -> Viewing:
        """A new one, on the rounds from now on. Raises Retryable (`too_many_viewers`)."""
        if len(self._open) >= VIEWINGS_MAX:
            text = f"{VIEWINGS_MAX} cameras are enlarged here already"
            raise Retryable(text, code="too_many_viewers")
        viewing = Viewing(camera, asker, who)
        self._open[viewing.id] = viewing
        self._running[viewing.id] = asyncio.create_task(self._run(viewing))
        if self._rounds is None:
            self._rounds = asyncio.create_task(keep("whep", self._go_round, self._deps.clock))
        return viewing

    async def end(self, camera: str, session_id: str, who: Subject) -> None:
        """By its viewer's wish. Raises NotFound for one that is over, or somebody else's."""
        viewing = self._open.get(session_id)
        if viewing is None or (viewing.camera, viewing.who.name) != (camera, who.name):
            raise NotFound(f"there is no session {session_id} here")
        viewing.session.end()
        await asyncio.wait([self._running[session_id]], timeout=CLOSE_S)

    async def close(self) -> None:
        """End all."""
        for viewing in self._open.values():
            viewing.session.end()
        if running := list(self._running.values()):
            await asyncio.wait(running, timeout=CLOSE_S)

    async def _run(self, viewing: Viewing) -> None:
        try:
            await viewing.session.run()
        finally:
            if (why := viewing.session.why) is not None:
                log.info("camera %s is enlarged no more: %s", viewing.camera, why)
            del self._open[viewing.id], self._running[viewing.id]
            if not self._open and self._rounds is not None:
                self._rounds.cancel()
                self._rounds = None

    async def _go_round(self) -> float:
        viewings = list(self._open.values())
        refused = await run_in_threadpool(_refusals, self._deps, viewings)
        now = self._deps.clock.monotonic()
        for viewing in viewings:
            error = refused.get(viewing.id)
            if error is None:
                viewing.admitted_at = now
            elif not isinstance(error, Retryable) or now - viewing.admitted_at > UNASKED_S:
                viewing.session.end()
        return PULSE_S


def _refusals(hub: Deps, viewings: Sequence[Viewing]) -> Mapping[str, HubError]:
    """Who may not look any more, and of whom it cannot be told now."""
    refused: dict[str, HubError] = {}
    admitted: dict[str, Subject] = {}
    for viewing in viewings:
        try:
            admitted[viewing.id] = viewing.asker.admit()
        except (Forbidden, Retryable) as error:
            refused[viewing.id] = error
    left = [viewing for viewing in viewings if viewing.id in admitted]
    if not left:
        return refused
    try:
        with hub.db.read() as tx:
            found = permits(hub, tx, {each.camera for each in left}, admitted.values())
    except Retryable as error:
        return refused | dict.fromkeys(admitted, error)
    for viewing in left:
        answer = found.of(admitted[viewing.id], Action.LIVE_WATCH)(viewing.camera)
        if answer is None:
            refused[viewing.id] = NotFound(no_camera(viewing.camera))
        elif isinstance(answer, Withheld):
            refused[viewing.id] = withheld(answer)
    return refused


@router.post(
    "/live/{camera_id}/whep",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "content": {MEDIA_TYPE: {}},
            "description": "The SDP answer; `Location` is to be deleted at the end",
        }
    },
    max_body_size=OFFER_BYTES_MAX,
    openapi_extra=described(MEDIA_TYPE),
)
async def open_viewing(
    camera_id: str,
    body: Raw,
    request: Request,
    hub: Hub,
    asked: Asked,
    who: Annotated[Subject, may(Action.LIVE_WATCH)],
    reason: LookReason = LookReason.PATROL,
) -> Response:
    """Enlarge a camera (H.264 as it is sent, masked where it has masks): an SDP offer is answered.

    409 `needs_socket` means that the wall's socket shows it. 403 with the reason as its code where
    the owner's consent withholds it.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Refused(f"the body is to be {MEDIA_TYPE}", code="wrong_media_type")
    offer = understood(body)
    await run_in_threadpool(_check, hub, who, camera_id)
    viewings: Viewings = request.app.state.viewings
    viewing = viewings.open(camera_id, asked, who)
    try:
        answer = await viewing.session.answer(offer)
        # Nothing can be sent before the browser has the answer: first it stands in the register.
        await run_in_threadpool(_note, hub, who, camera_id, reason)
    except HubError:
        viewing.session.end()
        raise
    headers = {"Location": f"{request.url.path}/{viewing.id}", "Cache-Control": "no-store"}
    return Response(answer, 201, headers, MEDIA_TYPE)


@router.delete("/live/{camera_id}/whep/{session_id}", status_code=204)
async def end_viewing(
    camera_id: str,
    session_id: str,
    request: Request,
    who: Annotated[Subject, may(Action.LIVE_WATCH)],
) -> None:
    """The viewer has seen enough."""
    viewings: Viewings = request.app.state.viewings
    await viewings.end(camera_id, session_id, who)


def _check(hub: Deps, who: Subject, camera_id: str) -> None:
    with hub.db.read() as tx:
        allow_picture(hub, tx, who, Action.LIVE_WATCH, camera_id)


def _note(hub: Deps, who: Subject, camera_id: str, reason: LookReason) -> None:
    with hub.db.write() as tx:
        now = hub.clock.now()
        access.note_look(tx, who, Action.LIVE_WATCH, f"live/{camera_id}", reason, now)
