"""What one person asks for and another decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Query
from pydantic import TypeAdapter

from hub.access.actions import Action, Subject
from hub.api.guard import Hub, domain, may
from hub.api.incidents.schemas import ApprovalOut, ApprovalQuery, DecideIn, ExtendIn, ReasonIn
from hub.api.incidents.words import Asking, Key, said_with, word
from hub.api.reach import Within
from hub.api.schemas import Page
from hub.dispatch import service
from hub.dispatch.cases import approvals
from hub.dispatch.cases.approvals import Asked
from hub.dispatch.cases.keys import Deed, once
from hub.dispatch.lives import Verb

router = domain("incidents")
_asked = TypeAdapter(Asked)


@router.post("/incidents/{incident_id}/suspend", status_code=202)
def ask_to_suspend(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_SUSPEND)],
    within: Within,
) -> ApprovalOut:
    """It cannot go on for now; another person decides."""
    return _ask(Asking(hub, who, within, key), incident_id, Verb.SUSPEND, body)


@router.post("/incidents/{incident_id}/extend", status_code=202)
def ask_to_extend(
    incident_id: str,
    body: ExtendIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_EXTEND)],
    within: Within,
) -> ApprovalOut:
    """It needs more time; another person decides."""
    asking = Asking(hub, who, within, key)
    return _ask(asking, incident_id, Verb.EXTEND, body, body.until.timestamp())


@router.post("/incidents/{incident_id}/void", status_code=202)
def ask_to_void(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_VOID)],
    within: Within,
) -> ApprovalOut:
    """It is none; another person decides."""
    return _ask(Asking(hub, who, within, key), incident_id, Verb.VOID, body)


def _ask(
    asking: Asking, incident_id: str, verb: Verb, body: ReasonIn, until: float | None = None
) -> ApprovalOut:
    hub, who = asking.hub, asking.who
    with hub.write() as tx:

        def first() -> str:
            path = service.incident(tx, incident_id, within=asking.within).grid_path
            said = word(asking, path, body)
            made = approvals.ask(tx, incident_id, verb, said, hub.ids, until=until)
            return _asked.dump_json(made).decode()

        now = hub.clock.now()
        deed = Deed(asking.key, incident_id, verb.value, who.name, now, said_with(body))
        answer = once(tx, deed, first)
    return ApprovalOut.model_validate(_asked.validate_json(answer))


@router.get("/approvals")
def list_approvals(
    hub: Hub,
    wanted: Annotated[ApprovalQuery, Query()],
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
) -> Page[ApprovalOut]:
    """What was asked for, newest first; by itself what waits for a decision."""
    with hub.db.read() as tx:
        found = approvals.listed(tx, **wanted.model_dump(), within=within)
    return Page(items=[ApprovalOut.model_validate(each) for each in found.items], next=found.next)


@router.post("/approvals/{approval_id}")
def decide_approval(
    approval_id: str,
    body: DecideIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_DECIDE)],
    within: Within,
) -> ApprovalOut:
    """Yes or no; a yes is carried out at once. Nobody decides what they asked for themselves."""
    asking = Asking(hub, who, within, key)
    with hub.write() as tx:

        def first() -> str:
            before = approvals.asked(tx, approval_id, within=within)
            path = service.incident(tx, before.incident_id).grid_path
            said = replace(word(asking, path), note=body.note.strip(), version=body.version)
            made = approvals.decide(tx, approval_id, body.granted, said)
            return _asked.dump_json(made).decode()

        verb = "grant" if body.granted else "deny"
        deed = Deed(key, approval_id, verb, who.name, hub.clock.now(), said_with(body))
        answer = once(tx, deed, first)
    return ApprovalOut.model_validate(_asked.validate_json(answer))
