"""Photos of a department: sent one by one, and named by the report that follows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.photos import PHOTO
from hub.kit.errors import Refused
from hub.store import media


def keep(tx: Connection, whistle_id: str, by: str, photo_ids: Sequence[str], at: float) -> None:
    """Link photos to a whistle, so that they stay.

    Raises Refused (`no_such_photo`) for one that this person did not send (`cases.photos.add`),
    or that belongs to something else.
    """
    if not photo_ids:
        return
    own = f"whistle:{whistle_id}"
    sent = cases.sent_by(tx, PHOTO, by, photo_ids)
    missing = {
        each
        for each in photo_ids
        if each not in sent or media.linked_to(tx, each) not in (None, own)
    }
    if missing:
        raise Refused(
            f"photos that were not sent: {', '.join(sorted(missing))}", code="no_such_photo"
        )
    media.link(tx, [(each, own) for each in photo_ids], at)
