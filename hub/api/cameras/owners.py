"""Whose a camera is: written into the register as consents are, for it decides who is asked."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.consent import needs_consent
from hub.access.rules import covers
from hub.access.service import LookReason
from hub.kit.errors import Forbidden
from hub.store.ground import Standing, source_paths
from hub.types.site import CameraSpec


def change_owner(
    tx: Connection, who: Subject, before: CameraSpec, after: CameraSpec, now: float
) -> None:
    """Return if this camera may change hands so; who did it stands in the register.

    Else whoever may correct a camera could undo what a school has agreed to by calling it a road.
    Raises Forbidden (`owner_is_asked`).
    """
    if (before.owner, before.owner_kind) == (after.owner, after.owner_kind):
        return
    path = source_paths(tx, Standing.CAMERA, [before.id]).get(before.id, ())
    asked = needs_consent(before.owner_kind)
    if asked and not covers(Action.CONSENTS_WRITE, who, path, before.owner):
        raise Forbidden(
            f"{before.owner} is asked about {before.id}: another owner is entered by somebody"
            " who puts consents on file",
            code="owner_is_asked",
        )
    told = f"owner/{before.id}: {before.owner} ({before.owner_kind}) to {after.owner}"
    access.note_look(tx, who, Action.CAMERAS_UPDATE, told, LookReason.MAINTENANCE, now)
