"""Pictures and clips of alerts, photos of tasks; who is shown one is written down."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import Header
from fastapi.responses import StreamingResponse

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.evidence.ranges import answer
from hub.api.evidence.small import small
from hub.api.evidence.whose import is_for
from hub.api.guard import Hub, domain, may
from hub.api.reach import Units, Within
from hub.kit.errors import Refused
from hub.store.media import MediaKind, missing

router = domain("evidence")


class Size(StrEnum):
    """How large a picture is wanted."""

    FULL = "full"
    SMALL = "small"


class Part(StrEnum):
    """What can lie under an evidence id."""

    PICTURE = "picture"
    CLIP = "clip"
    PHOTO = "photo"


_FORMS = {
    Part.PICTURE: (MediaKind.PICTURE, "image/jpeg"),
    Part.CLIP: (MediaKind.CLIP, "video/mp4"),
    Part.PHOTO: (MediaKind.PHOTO, "image/jpeg"),
}


@router.get(
    "/evidence/{evidence_id}/{part}",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"image/jpeg": {}, "video/mp4": {}}, "description": "The whole"},
        206: {"description": "The part asked for by Range"},
    },
)
def read_evidence(
    evidence_id: str,
    part: Part,
    hub: Hub,
    who: Annotated[Subject, may(Action.EVIDENCE_LOOK)],
    within: Within,
    units: Units,
    reason: LookReason = LookReason.ALERT,
    size: Size = Size.FULL,
    wanted: Annotated[str | None, Header(alias="Range")] = None,
) -> StreamingResponse:
    """A picture, a clip or a photo, whole or by range; the register notes who looked and why.

    `size=small` is a JPEG of at most 640 pixels across, for a slow network; a clip has none.
    """
    kind, media_type = _FORMS[part]
    if size is Size.SMALL and part is Part.CLIP:
        raise Refused("there is no small clip", code="no_small_clip")
    with hub.db.read() as tx:
        if not is_for(tx, evidence_id, within, units):
            raise missing(evidence_id, kind)
    file = hub.media.open(evidence_id, kind)
    shown = answer(small(file) if size is Size.SMALL else file, media_type, wanted)
    with hub.db.write() as tx:
        access.note_look(
            tx, who, Action.EVIDENCE_LOOK, f"{part}/{evidence_id}", reason, hub.clock.now()
        )
    return shown
