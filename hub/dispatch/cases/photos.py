"""Photos that are sent before the report that names them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.keys import Deed, once
from hub.kit.errors import Refused

PHOTO = "photo"


def add(tx: Connection, key: str, photo_id: str, by: str, at: float) -> None:
    """Note that somebody sent this picture. Raises Conflict (`key_reused`)."""
    once(tx, Deed(key, photo_id, PHOTO, by, at), lambda: photo_id)


def known(tx: Connection, by: str, photo_ids: Sequence[str]) -> None:
    """Return if this person sent all of these. Raises Refused (`no_such_photo`)."""
    missing = set(photo_ids) - cases.sent_by(tx, PHOTO, by, photo_ids)
    if missing:
        raise Refused(
            f"photos that were not sent: {', '.join(sorted(missing))}", code="no_such_photo"
        )
