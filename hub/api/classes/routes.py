"""The classes of events, and of which one an incident is."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.classes.schemas import ClassifyIn, MajorClassOut
from hub.api.dispatch.schemas import IncidentOut
from hub.api.guard import Hub, domain, may
from hub.api.incidents.words import Asking, Key, move, office
from hub.api.reach import Within
from hub.api.schemas import Page
from hub.dispatch.cases import reporting
from hub.dispatch.cases.life import Word
from hub.dispatch.lives import Verb
from hub.types.work import Incident

router = domain("classes")


@router.get("/classes")
def list_classes(
    hub: Hub, _who: Annotated[Subject, may(Action.CLASSES_READ)]
) -> Page[MajorClassOut]:
    """All classes by code; what is of no other is of the last."""
    return Page(items=[MajorClassOut.model_validate(each) for each in hub.dispatch.classes.majors])


@router.post("/incidents/{incident_id}/classify")
def classify_incident(
    incident_id: str,
    body: ClassifyIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_TRIAGE)],
    within: Within,
) -> IncidentOut:
    """It is of another class; where it goes and its running clocks stay as they are."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return reporting.classify(tx, incident_id, body.class_code, word, office(hub))

    return move(asking, incident_id, Verb.CLASSIFY, body, do)
