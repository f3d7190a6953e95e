"""Supervisions: which there are, and the answers to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import TypeAdapter

from hub.access.actions import Action, Subject
from hub.access.rules import jurisdiction
from hub.access.rules import units as units_of
from hub.api.guard import Hub, domain, may
from hub.api.incidents.words import Key, said_with
from hub.api.reach import Units, Within
from hub.api.schemas import Page
from hub.api.supervisions.schemas import AnswerIn, SupervisionOut, SupervisionQuery
from hub.dispatch.cases.keys import Deed, once
from hub.dispatch.supervisions import service
from hub.dispatch.supervisions.service import Supervision, SupervisionState

router = domain("supervisions")
_supervision = TypeAdapter(Supervision)


@router.get("/supervisions")
def list_supervisions(
    hub: Hub,
    wanted: Annotated[SupervisionQuery, Query()],
    who: Annotated[Subject, may(Action.SUPERVISIONS_READ)],
    within: Within,
    units: Units,
) -> Page[SupervisionOut]:
    """What is so late that somebody answers for it, newest first."""
    states = list(SupervisionState) if wanted.state is None else [wanted.state]
    with hub.db.read() as tx:
        found = service.listed(
            tx,
            states=states,
            subject_id=wanted.subject_id,
            within=within,
            units=units,
            after=wanted.after,
            limit=wanted.limit,
        )
    return Page(items=[_out(each, who) for each in found.items], next=found.next)


@router.post("/supervisions/{supervision_id}/answer")
def answer_supervision(
    supervision_id: str,
    body: AnswerIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.SUPERVISIONS_ANSWER)],
    within: Within,
    units: Units,
) -> SupervisionOut:
    """Why it is late, and what is done about it."""
    now = hub.clock.now()
    with hub.write() as tx:

        def first() -> str:
            said = service.answer(
                tx,
                supervision_id,
                body.note,
                by=who.name,
                now=now,
                version=body.version,
                within=within,
                units=units,
            )
            return _supervision.dump_json(said).decode()

        deed = Deed(key, supervision_id, "answer", who.name, now, said_with(body))
        answered = once(tx, deed, first)
    return _out(_supervision.validate_json(answered), who)


def _out(one: Supervision, who: Subject) -> SupervisionOut:
    is_open = one.state is SupervisionState.OPEN
    action = Action.SUPERVISIONS_ANSWER
    mine = is_open and service.answers(one, jurisdiction(action, who), units_of(action, who))
    return SupervisionOut.model_validate(one).model_copy(update={"mine": mine})
