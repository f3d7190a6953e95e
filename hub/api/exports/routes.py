"""Evidence export by two people: ask, decide, fetch."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.evidence.ranges import answer
from hub.api.exports.schemas import DecisionIn, ExportIn, ExportOut
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within
from hub.api.schemas import Limit, Page
from hub.kit.errors import Refused
from hub.privacy.exports import service
from hub.privacy.exports.service import ExportState
from hub.store.media import MediaKind

router = domain("exports")


@router.get("/exports")
def list_exports(
    hub: Hub,
    who: Annotated[Subject, may(Action.EXPORTS_READ)],
    within: Within,
    state: ExportState | None = None,
    incident_id: Annotated[str | None, Query(max_length=64)] = None,
    after: str | None = None,
    limit: Limit = 50,
) -> Page[ExportOut]:
    """Exports, newest first."""
    with hub.db.read() as tx:
        found = service.listed(
            tx, state=state, incident_id=incident_id, within=within, after=after, limit=limit
        )
    return Page(items=[ExportOut.of(each, who.name) for each in found.items], next=found.next)


@router.post("/exports", status_code=201)
def ask_export(
    body: ExportIn, hub: Hub, who: Annotated[Subject, may(Action.EXPORTS_ASK)], within: Within
) -> ExportOut:
    """Ask for evidence of one incident to be handed out; another person decides."""
    now = hub.clock.now()
    with hub.write() as tx:
        made = service.ask(tx, body.question(), who.name, now, hub.ids, within=within)
        seen = f"export/{made.number}/asked"
        access.note_look(tx, who, Action.EXPORTS_ASK, seen, LookReason.CASE, now)
    return ExportOut.of(made, who.name)


@router.get("/exports/{export_id}")
def read_export(
    export_id: str, hub: Hub, who: Annotated[Subject, may(Action.EXPORTS_READ)], within: Within
) -> ExportOut:
    """One export."""
    with hub.db.read() as tx:
        return ExportOut.of(service.get(tx, export_id, within=within), who.name)


@router.post("/exports/{export_id}/decision")
def decide_export(
    export_id: str,
    body: DecisionIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.EXPORTS_DECIDE)],
    within: Within,
) -> ExportOut:
    """Say yes or no; never to what one asked for oneself."""
    note, now = body.note.strip(), hub.clock.now()
    if not body.granted and not note:
        raise Refused("a no wants a reason", code="reason_needed")
    with hub.write() as tx:
        made = service.decide(tx, export_id, body.granted, note, who.name, now, within=within)
        seen = f"export/{made.number}/{made.state}"
        access.note_look(tx, who, Action.EXPORTS_DECIDE, seen, LookReason.CASE, now)
    return ExportOut.of(made, who.name)


@router.post(
    "/exports/{export_id}/fetch",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The file"}},
)
def fetch_export(
    export_id: str, hub: Hub, who: Annotated[Subject, may(Action.EXPORTS_FETCH)], within: Within
) -> StreamingResponse:
    """The file, for who asked, some times and for a while; each time stands in the register."""
    now = hub.clock.now()
    with hub.write() as tx:
        made = service.fetch(tx, export_id, who.name, now, within=within)
        file = hub.media.open(made.id, MediaKind.EXPORT)
        seen = [(f"export/{made.number}", LookReason.CASE)]
        access.note_looks(tx, who, Action.EXPORTS_FETCH, seen, now, same_s=0.0)
    shown = answer(file, "application/zip", None)
    shown.headers["Content-Disposition"] = f'attachment; filename="{made.number}.zip"'
    return shown
