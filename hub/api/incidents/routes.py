"""Reports come in; one incident, its timeline, its reporter's contact, and the board."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import File, Query, UploadFile
from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.rules import roles_at
from hub.access.service import LookReason
from hub.api.deps import Deps
from hub.api.dispatch.photos import MAX_BYTES, keep, refuse_gone, unlinked
from hub.api.dispatch.schemas import IncidentOut, PhotoOut
from hub.api.guard import Hub, domain, may
from hub.api.incidents.schemas import (
    ApprovalOut,
    BoardOut,
    BoardQuery,
    CardOut,
    ColumnOut,
    ContactOut,
    EntryOut,
    HandlingIn,
    IncidentDetailOut,
    ReportIn,
    TimelineOut,
)
from hub.api.incidents.words import (
    Asking,
    Key,
    offered,
    office,
    place,
    said_with,
    word,
)
from hub.api.reach import Units, Within, ground
from hub.api.schemas import Page
from hub.api.supervisions.schemas import ClockOut
from hub.dispatch import service
from hub.dispatch.cases import approvals, contacts, photos, reporting, timeline
from hub.dispatch.cases.board import Column, board
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.detail import detail
from hub.dispatch.cases.keys import Deed, once
from hub.dispatch.cases.reporting import Draft, Handling
from hub.dispatch.lives import Verb
from hub.dispatch.reasons import REASONS
from hub.dispatch.timers import service as clocks
from hub.dispatch.timers.service import Clock
from hub.kit.errors import Forbidden, Refused
from hub.types.finding import Binding
from hub.types.work import Incident

router = domain("incidents")
_incident = TypeAdapter(Incident)


@router.post("/incidents", status_code=201)
def report_incident(
    body: ReportIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_REPORT)],
    within: Within,
) -> IncidentOut:
    """Something was seen, or told at the counter: it enters the life of incidents."""
    binding = place(hub, body.grid, body.position)
    asking = Asking(hub, who, within, key)
    # One may report what lies beyond one's own ground; in which roles, one's own ground says.
    own = ground(Action.INCIDENTS_REPORT, who)
    said = word(asking, [*own.roots, *binding.grid_path])
    draft = _draft(hub, body, binding)
    with hub.write() as tx:

        def first() -> str:
            photos.known(tx, who.name, _photos(draft))
            refuse_gone(hub.media, unlinked(tx, _photos(draft)))
            made = reporting.report(tx, draft, said, office(hub))
            return _incident.dump_json(made).decode()

        deed = Deed(key, "report", Verb.REPORT.value, who.name, said.at, said_with(body))
        answer = once(tx, deed, first)
    return IncidentOut.model_validate(_incident.validate_json(answer))


def _draft(hub: Deps, body: ReportIn, binding: Binding) -> Draft:
    said, classes = body.contact, hub.dispatch.classes
    if body.class_code is not None and classes.find(body.class_code) is None:
        raise Refused(f"there is no class {body.class_code!r}", code="no_such_class")
    of = classes.of_report(body.origin, body.class_code)
    return Draft(
        origin=body.origin,
        title=body.title.strip(),
        description=body.description.strip(),
        severity=body.severity or of.severity,
        class_code=of.code,
        binding=binding,
        contact=None if said is None else Contact(said.name.strip(), said.phone.strip()),
        photo_ids=body.photo_ids,
        exercise=body.exercise,
        handled=None if body.handled is None else handling_of(body.handled),
    )


def handling_of(body: HandlingIn) -> Handling:
    """What was done on the spot."""
    return Handling(body.disposition, body.no_evidence, body.photo_ids)


def _photos(draft: Draft) -> tuple[str, ...]:
    done = draft.handled.photo_ids if draft.handled is not None else ()
    return (*draft.photo_ids, *done)


@router.post(
    "/incidents/photos",
    max_body_size=MAX_BYTES + (1 << 20),
    form_limits={"max_files": 1, "max_fields": 1},
    status_code=201,
)
def send_report_photo(
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_REPORT)],
    photo: Annotated[UploadFile, File()],
) -> PhotoOut:
    """One photo in JPEG, PNG or WebP for a report that follows; forgotten after a day without."""
    photo_id = hashlib.sha256(f"{who.name}\0{key}".encode()).hexdigest()[:32]
    keep(hub.media, {photo_id: photo})
    with hub.write() as tx:
        photos.add(tx, key, photo_id, who.name, hub.clock.now())
    return PhotoOut(photo_id=photo_id)


@router.get("/incidents/board")
def read_board(
    hub: Hub,
    wanted: Annotated[BoardQuery, Query()],
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
) -> BoardOut:
    """The dispatch board: columns of the life, each with its count and its most urgent."""
    with hub.db.read() as tx:
        told = board(tx, grid=wanted.grid, within=within, first=wanted.first)
        shown = [card.id for column in told.columns for card in column.first]
        running = clocks.clocks_of(tx, shown, hub.clock.now())
    columns = [_column(each, running) for each in told.columns]
    return BoardOut(columns=tuple(columns), asked=told.asked, unbound=told.unbound)


def _column(column: Column, running: Mapping[str, Sequence[Clock]]) -> ColumnOut:
    return ColumnOut(
        id=column.id,
        states=column.states,
        count=sum(column.counts.values()),
        counts=dict(column.counts),
        first=tuple(_card(each, running[each.id]) for each in column.first),
    )


def _card(incident: Incident, running: Sequence[Clock]) -> CardOut:
    told = [ClockOut.model_validate(each) for each in running]
    return CardOut.model_validate(incident).model_copy(update={"clocks": tuple(told)})


@router.get("/incidents/reasons")
def list_reasons(
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
) -> dict[Verb, list[str]]:
    """The closed lists of reasons, by verb."""
    return {verb: list(codes) for verb, codes in REASONS.items()}


@router.get("/incidents/{incident_id}")
def read_incident(
    incident_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
    units: Units,
) -> IncidentDetailOut:
    """One incident in full, with the verbs that are open to whoever asks."""
    with hub.db.read() as tx:
        found = service.incident(tx, incident_id, within=within, units=units)
        return _told(tx, who, found, hub.clock.now())


def _told(tx: Connection, who: Subject, incident: Incident, now: float) -> IncidentDetailOut:
    path = incident.grid_path
    found = detail(tx, incident.id, by=who.name, roles=roles_at(who, path))
    asked = approvals.listed(tx, incident_id=incident.id, limit=100).items
    mine = IncidentOut.model_validate(found.incident).model_dump()
    more = {name: getattr(found, name) for name in found.__slots__ if name != "incident"}
    more["verbs"] = offered(who, path, found.verbs)
    told = tuple(ApprovalOut.model_validate(each) for each in asked)
    running = clocks.clocks_of(tx, [incident.id], now)[incident.id]
    more["clocks"] = [ClockOut.model_validate(each) for each in running]
    return IncidentDetailOut.model_validate({**mine, **more, "asked": told})


@router.get("/incidents/{incident_id}/timeline")
def read_incident_timeline(
    incident_id: str,
    hub: Hub,
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
    units: Units,
) -> TimelineOut:
    """Everything that happened to it, its alerts, its errands and its whistles, oldest first."""
    with hub.db.read() as tx:
        service.incident(tx, incident_id, within=within, units=units)
        told = timeline.told(tx, incident_id)
    lines = [EntryOut.model_validate(entry) for entry in told.entries]
    return TimelineOut(items=lines, cut=told.cut)


@router.get("/incidents/{incident_id}/contact")
def read_contact(
    incident_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.CONTACTS_READ)],
    within: Within,
    reason: LookReason = LookReason.CASE,
) -> Page[ContactOut]:
    """Who reported it and may be called back; the register notes who looked and why.

    Once it is closed only who may rate it reads that (`own_work`).
    """
    with hub.db.write() as tx:
        case = service.incident(tx, incident_id, within=within)
        found = contacts.of(tx, incident_id)
        if not detail(tx, case.id, by=who.name, roles=roles_at(who, case.grid_path)).contact:
            raise Forbidden("it is over: only who may rate it calls back", code="own_work")
        seen = f"contact/{incident_id}"
        access.note_look(tx, who, Action.CONTACTS_READ, seen, reason, hub.clock.now())
    return Page(items=[ContactOut.model_validate(each) for each in found])
