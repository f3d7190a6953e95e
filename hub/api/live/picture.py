"""The newest picture of a camera, for pages that draw on it and for the desk."""

from __future__ import annotations

from email.utils import formatdate
from typing import Annotated

from fastapi import Response
from starlette.concurrency import run_in_threadpool

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.deps import Deps
from hub.api.guard import Hub, domain, may
from hub.api.permits import allow_picture
from hub.types.media import StreamRole

router = domain("live")


@router.get(
    "/cameras/{camera_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The newest keyframe"}},
)
async def read_picture(
    camera_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.LIVE_PICTURE)],
    role: StreamRole = StreamRole.MAIN,
    reason: LookReason = LookReason.PATROL,
) -> Response:
    """A camera's newest picture (masked where it has masks); the register notes who looked and why.

    `Last-Modified` tells when it was captured: a camera that is offline shows its last one. 403
    with the reason as its code where the owner's consent withholds it.
    """
    await run_in_threadpool(_check, hub, who, camera_id)
    shown = await hub.relay.picture(camera_id, role)
    await run_in_threadpool(_note, hub, who, camera_id, reason)
    headers = {
        "Cache-Control": "no-store",
        "Last-Modified": formatdate(shown.captured_at, usegmt=True),
    }
    return Response(shown.jpeg, media_type="image/jpeg", headers=headers)


def _check(hub: Deps, who: Subject, camera_id: str) -> None:
    with hub.db.read() as tx:
        allow_picture(hub, tx, who, Action.LIVE_PICTURE, camera_id)


def _note(hub: Deps, who: Subject, camera_id: str, reason: LookReason) -> None:
    with hub.db.write() as tx:
        now = hub.clock.now()
        access.note_look(tx, who, Action.LIVE_PICTURE, f"picture/{camera_id}", reason, now)
