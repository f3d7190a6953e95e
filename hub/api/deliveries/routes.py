"""My notices, the deliveries of all, and where I want to be reached."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hub.access.actions import Action, Subject
from hub.api.deliveries.schemas import (
    ChannelsIn,
    ChannelsOut,
    DeliveryOut,
    DeliveryQuery,
    NoticeOut,
    NoticeQuery,
    NoticesOut,
    NoticesReadIn,
    TellingOut,
    TryOut,
    UnreadOut,
    WayOut,
)
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within
from hub.api.schemas import Page
from hub.dispatch import service as dispatch
from hub.dispatch.notices import service as notices
from hub.dispatch.notices.reading import repository as reading
from hub.dispatch.notices.reading.repository import DeliveryFilter
from hub.dispatch.notices.repository import Found
from hub.dispatch.notices.service import Channels
from hub.dispatch.page import TaskFilter
from hub.kit.errors import Forbidden

router = domain("deliveries")
TOLD_MAX = 200


@router.get("/deliveries")
def list_deliveries(
    hub: Hub,
    wanted: Annotated[DeliveryQuery, Query()],
    _who: Annotated[Subject, may(Action.DELIVERIES_READ)],
    within: Within,
) -> Page[DeliveryOut]:
    """Who was told what on which channel, newest first; `state=dead` are the dead letters."""
    about = None if wanted.incident_id is None else f"incident/{wanted.incident_id}"
    chosen = DeliveryFilter(wanted.state, wanted.channel, about, within)
    with hub.db.read() as tx:
        found = notices.deliveries(tx, chosen, after=wanted.after, limit=wanted.limit)
    return Page(items=[DeliveryOut.model_validate(e) for e in found.items], next=found.next)


@router.get("/deliveries/{delivery_id}/tries")
def list_tries(
    delivery_id: str,
    hub: Hub,
    _who: Annotated[Subject, may(Action.DELIVERIES_READ)],
    within: Within,
) -> Page[TryOut]:
    """Each try of one delivery, oldest first."""
    with hub.db.read() as tx:
        found = notices.tries(tx, delivery_id, within)
    return Page(items=[TryOut.model_validate(each) for each in found])


@router.post("/deliveries/{delivery_id}/retry")
def retry_delivery(
    delivery_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.DELIVERIES_RETRY)],
    within: Within,
) -> DeliveryOut:
    """Try a dead letter again; the log keeps who wanted it.

    409 `delivery_is_<state>` for one that is not dead.
    """
    with hub.write() as tx:
        found = notices.retry(tx, delivery_id, hub.clock.now(), who.name, within)
        return DeliveryOut.model_validate(found)


@router.get("/incidents/{incident_id}/telling")
def read_telling(
    incident_id: str,
    hub: Hub,
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
) -> TellingOut:
    """Why an incident went where it did, and who was told of it."""
    with hub.db.read() as tx:
        dispatch.incident(tx, incident_id, within=within)
        errands = dispatch.tasks(tx, TaskFilter(incident_id=incident_id), limit=50).items
        chosen = DeliveryFilter(about=f"incident/{incident_id}", within=within)
        told = notices.deliveries(tx, chosen, limit=TOLD_MAX).items
    return TellingOut(
        ways=tuple(
            WayOut.model_validate({"task_id": e.id, "at": e.created_at, "why": e.why})
            for e in errands
        ),
        told=tuple(DeliveryOut.model_validate(each) for each in told),
    )


# -- one's own ---------------------------------------------------------------------------------


@router.get("/notices")
def list_notices(
    hub: Hub,
    wanted: Annotated[NoticeQuery, Query()],
    who: Annotated[Subject, may(Action.SELF_CHANNELS)],
) -> NoticesOut:
    """What I was told, newest first; nothing for a token, which is nobody on duty."""
    if who.account is None:
        return NoticesOut(items=[], next=None, unread=0)
    with hub.db.read() as tx:
        found = notices.mine(
            tx, who.account, open_only=wanted.open, after=wanted.after, limit=wanted.limit
        )
        unread = reading.count_unread(tx, who.account)
        codes = [row.grid_path[-1] for row in found.items if row.grid_path]
        names = reading.grid_names(tx, codes)
    return NoticesOut(
        items=[_notice(row, names) for row in found.items], next=found.next, unread=unread
    )


def _notice(row: Found, names: dict[str, str]) -> NoticeOut:
    code = row.grid_path[-1] if row.grid_path else None
    told = {"grid_code": code, "grid_name": names.get(code or ""), "class_code": row.class_code}
    more = ("key", "about", "kind", "severity", "at", "exercise", "why", "acked_at")
    return NoticeOut.model_validate({**told, **{name: getattr(row, name) for name in more}})


@router.post("/notices/acknowledge")
def acknowledge_notices(
    body: NoticesReadIn, hub: Hub, who: Annotated[Subject, may(Action.SELF_CHANNELS)]
) -> UnreadOut:
    """I have read these; keys that are not mine change nothing."""
    account = _account(who)
    with hub.write() as tx:
        unread = notices.acknowledge(tx, account, body.keys, hub.clock.now())
    return UnreadOut(unread=unread)


@router.get("/me/channels")
def read_channels(hub: Hub, who: Annotated[Subject, may(Action.SELF_CHANNELS)]) -> ChannelsOut:
    """Where I am reached; nobody else may ask."""
    account = _account(who)
    with hub.db.read() as tx:
        return ChannelsOut.model_validate(notices.channels_of(tx, account))


@router.put("/me/channels")
def write_channels(
    body: ChannelsIn, hub: Hub, who: Annotated[Subject, may(Action.SELF_CHANNELS)]
) -> ChannelsOut:
    """Where I want to be reached, and when not."""
    account = _account(who)
    with hub.write() as tx:
        notices.set_channels(tx, account, Channels(**body.model_dump()), hub.clock.now())
        return ChannelsOut.model_validate(notices.channels_of(tx, account))


def _account(who: Subject) -> str:
    if who.account is None:
        raise Forbidden("a token is reached nowhere: this is for people", code="no_account")
    return who.account
