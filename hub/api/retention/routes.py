"""What is kept how long, and the proof of what was deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hub.access.actions import Action, Subject
from hub.api.guard import Hub, domain, may
from hub.api.retention.schemas import DeletionOut, RetentionClassOut, RetentionOut
from hub.api.schemas import Limit
from hub.privacy.retention import service
from hub.privacy.retention.classes import DAY_S, Class, classes, unlinked

router = domain("retention")


@router.get("/retention")
def read_retention(
    hub: Hub,
    _who: Annotated[Subject, may(Action.RETENTION_READ)],
    kind: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 50,
) -> RetentionOut:
    """Each class: kept since when, how many deleted, when last; with the newest of the ledger.

    `kind`: the ledger of one class.
    """
    now = hub.clock.now()
    all_ = (unlinked(hub.retention), *classes(hub.retention))
    with hub.db.read() as tx:
        standings = service.standings(tx, all_)
        rows = service.deletions(tx, kind, limit)
    told = [_class(of, each, now) for of, each in zip(all_, standings, strict=True)]
    return RetentionOut(
        classes=tuple(told), deletions=tuple(DeletionOut.model_validate(row) for row in rows)
    )


def _class(of: Class, standing: service.Standing, now: float) -> RetentionClassOut:
    return RetentionClassOut(
        name=of.name,
        days=of.days,
        kept_since=now - of.days * DAY_S,
        files=of.files,
        erased=of.verb == "erase",
        deleted=standing.deleted,
        deleted_at=standing.deleted_at,
    )
