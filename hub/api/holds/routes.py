"""Incident hold 保全: the list, placing one, ending one by another entry."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hub.access.actions import Action, Subject
from hub.api.guard import Hub, domain, may
from hub.api.holds.schemas import HoldEndIn, HoldIn, HoldOut
from hub.api.reach import Within
from hub.api.schemas import Limit, Page
from hub.privacy.holds import service
from hub.privacy.holds.service import Word

router = domain("holds")


@router.get("/holds")
def list_holds(
    hub: Hub,
    _who: Annotated[Subject, may(Action.HOLDS_READ)],
    within: Within,
    incident_id: Annotated[str | None, Query(max_length=64)] = None,
    in_force: bool | None = None,
    after: str | None = None,
    limit: Limit = 50,
) -> Page[HoldOut]:
    """Holds, newest first, those that are over too."""
    now = hub.clock.now()
    with hub.db.read() as tx:
        found = service.listed(
            tx,
            now,
            incident_id=incident_id,
            standing=in_force,
            within=within,
            after=after,
            limit=limit,
        )
    return Page(items=[HoldOut.of(each, now) for each in found.items], next=found.next)


@router.post("/holds", status_code=201)
def place_hold(
    body: HoldIn, hub: Hub, who: Annotated[Subject, may(Action.HOLDS_WRITE)], within: Within
) -> HoldOut:
    """Hold an incident: from the answer on nothing of it is deleted."""
    now = hub.clock.now()
    until = None if body.until is None else body.until.timestamp()
    word = Word(who.name, now, body.note.strip())
    with hub.write() as tx:
        made = service.place(tx, body.incident_id, body.reason, until, word, hub.ids, within=within)
    return HoldOut.of(made, now)


@router.post("/holds/{hold_id}/end")
def end_hold(
    hold_id: str,
    body: HoldEndIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.HOLDS_WRITE)],
    within: Within,
) -> HoldOut:
    """End a hold; it stays on file, with who ended it and why."""
    word = Word(who.name, hub.clock.now(), body.note.strip())
    with hub.write() as tx:
        made = service.end(tx, hold_id, word, hub.ids, within=within)
    return HoldOut.of(made, word.at)
