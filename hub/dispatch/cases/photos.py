"""Photos that are sent before the report that names them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.keys import Deed, once
from hub.kit.errors import Refused
from hub.store import media

PHOTO = "photo"


def add(tx: Connection, key: str, photo_id: str, by: str, at: float) -> None:
    """Note that somebody sent this picture. Raises Conflict (`key_reused`)."""
    once(tx, Deed(key, photo_id, PHOTO, by, at), lambda: photo_id)


def known(
    tx: Connection, by: str, photo_ids: Sequence[str], incident_id: str | None = None
) -> None:
    """Return if this person sent all of these, and for no other incident than this.

    Raises Refused (`no_such_photo`).
    """
    mine = (None, f"incident:{incident_id}")
    sent = cases.sent_by(tx, PHOTO, by, photo_ids)
    missing = {
        each for each in photo_ids if each not in sent or media.linked_to(tx, each) not in mine
    }
    if missing:
        raise Refused(
            f"photos that were not sent: {', '.join(sorted(missing))}", code="no_such_photo"
        )
