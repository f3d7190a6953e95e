"""One route a verb: what people do about an incident, each thing once."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.dispatch.photos import refuse_gone, unlinked
from hub.api.dispatch.schemas import IncidentOut
from hub.api.guard import Hub, domain, may
from hub.api.incidents.routes import handling_of
from hub.api.incidents.schemas import (
    FileIn,
    HandOverIn,
    MergeIn,
    MoveIn,
    PassIn,
    RateIn,
    ReasonIn,
    SettleIn,
    SplitIn,
    TakerOut,
    TriageIn,
)
from hub.api.incidents.words import Asking, Key, move, office, place
from hub.api.reach import Within
from hub.dispatch import service
from hub.dispatch.cases import approvals, errands, joining, photos, reporting, verifying
from hub.dispatch.cases.joining import Part
from hub.dispatch.cases.life import Word
from hub.dispatch.lives import Verb
from hub.types.work import Incident

router = domain("incidents")


@router.post("/incidents/{incident_id}/triage")
def triage_incident(
    incident_id: str,
    body: TriageIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_TRIAGE)],
    within: Within,
) -> IncidentOut:
    """It is taken in; how grave it is may be corrected."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return reporting.triage(tx, incident_id, word, severity=body.severity)

    return move(asking, incident_id, Verb.TRIAGE, body, do)


@router.post("/incidents/{incident_id}/file")
def file_incident(
    incident_id: str,
    body: FileIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_FILE)],
    within: Within,
) -> IncidentOut:
    """It is a matter for somebody: filed, and sent out unless it shall wait for a dispatcher."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return errands.file(tx, incident_id, word, office(hub), hold=body.hold)

    return move(asking, incident_id, Verb.FILE, body, do)


@router.post("/incidents/{incident_id}/settle")
def settle_incident(
    incident_id: str,
    body: SettleIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_REPORT)],
    within: Within,
) -> IncidentOut:
    """Dealt with on the spot: verified by another where the lot falls on it, else closed."""

    def do(tx: Connection, word: Word) -> Incident:
        photos.known(tx, who.name, body.photo_ids, incident_id)
        refuse_gone(hub.media, unlinked(tx, body.photo_ids))
        return reporting.settle(tx, incident_id, handling_of(body), word, hub.dispatch)

    asking = Asking(hub, who, within, key)
    return move(asking, incident_id, Verb.SETTLE, body, do)


@router.post("/incidents/{incident_id}/dispatch")
def dispatch_incident(
    incident_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_DISPATCH)],
    within: Within,
) -> IncidentOut:
    """Send it out now."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return errands.dispatch(tx, incident_id, word, office(hub))

    return move(asking, incident_id, Verb.DISPATCH, body, do)


@router.post("/incidents/{incident_id}/return")
def return_incident(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_RETURN)],
    within: Within,
) -> IncidentOut:
    """Not ours: the errand is given back."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return errands.give_back(tx, incident_id, word)

    return move(asking, incident_id, Verb.RETURN, body, do)


@router.get("/incidents/{incident_id}/hand-over/grids")
def list_takers(
    incident_id: str,
    hub: Hub,
    _who: Annotated[Subject, may(Action.INCIDENTS_HAND_OVER)],
    within: Within,
) -> list[TakerOut]:
    """The grids beside its own, of every kind, and what they lie in: by name, without more.

    Whoever hands over knows the own ground from `/grids`; a case is often of the neighbour's, or of
    the police grid over the same place. None where the incident has no grid.
    """
    with hub.db.read() as tx:
        found = service.incident(tx, incident_id, within=within)
    index = hub.binder().index
    beside = (index.tree.get(code) for code in index.beside(found.grid_code or ""))
    return [
        TakerOut(code=each.code, name=each.name, kind=each.kind, path=index.tree.path(each.code))
        for each in beside
    ]


@router.post("/incidents/{incident_id}/hand-over")
def hand_over_incident(
    incident_id: str,
    body: HandOverIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_HAND_OVER)],
    within: Within,
) -> IncidentOut:
    """To another grid; its clocks run on."""
    to = place(hub, body.grid, body.position)

    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return errands.hand_over(tx, incident_id, to, word, office(hub))

    return move(asking, incident_id, Verb.HAND_OVER, body, do)


@router.post("/incidents/{incident_id}/reassign")
def reassign_incident(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_DISPATCH)],
    within: Within,
) -> IncidentOut:
    """Whoever accepted does not go: those on duty are asked anew; its clocks run on."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return errands.reassign(tx, incident_id, word, office(hub))

    return move(asking, incident_id, Verb.REASSIGN, body, do)


@router.post("/incidents/{incident_id}/split")
def split_incident(
    incident_id: str,
    body: SplitIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_SPLIT)],
    within: Within,
) -> IncidentOut:
    """One matter becomes two; the answer is the new one, on the clocks of the first."""
    part = Part(body.title.strip(), body.description.strip(), body.alert_ids)

    def do(tx: Connection, word: Word) -> Incident:
        return joining.split(tx, incident_id, part, word, office(hub), hold=body.hold)

    asking = Asking(hub, who, within, key)
    return move(asking, incident_id, Verb.SPLIT, body, do)


@router.post("/incidents/{incident_id}/merge")
def merge_incident(
    incident_id: str,
    body: MergeIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_MERGE)],
    within: Within,
) -> IncidentOut:
    """It is one matter with another, and goes into it."""

    def do(tx: Connection, word: Word) -> Incident:
        service.incident(tx, body.into, within=within)
        return joining.merge(tx, incident_id, body.into, word)

    asking = Asking(hub, who, within, key)
    return move(asking, incident_id, Verb.MERGE, body, do)


@router.post("/incidents/{incident_id}/resume")
def resume_incident(
    incident_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_SUSPEND)],
    within: Within,
) -> IncidentOut:
    """It goes on where it was suspended."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return approvals.resume(tx, incident_id, word)

    return move(asking, incident_id, Verb.RESUME, body, do)


@router.post("/incidents/{incident_id}/verify")
def verify_incident(
    incident_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_VERIFY)],
    within: Within,
) -> IncidentOut:
    """Another person than who handled it looks whether it is done."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return verifying.begin(tx, incident_id, word)

    return move(asking, incident_id, Verb.VERIFY, body, do)


@router.post("/incidents/{incident_id}/pass")
def pass_incident(
    incident_id: str,
    body: PassIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_VERIFY)],
    within: Within,
) -> IncidentOut:
    """It is done: closed."""

    def do(tx: Connection, word: Word) -> Incident:
        said = {"disposition": body.disposition, "no_evidence": body.no_evidence}
        return verifying.accept(tx, incident_id, word, **said)

    asking = Asking(hub, who, within, key)
    return move(asking, incident_id, Verb.PASS, body, do)


@router.post("/incidents/{incident_id}/rework")
def rework_incident(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_VERIFY)],
    within: Within,
) -> IncidentOut:
    """It is not done: sent out again, on the old clocks."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return verifying.rework(tx, incident_id, word, office(hub))

    return move(asking, incident_id, Verb.REWORK, body, do)


@router.post("/incidents/{incident_id}/reopen")
def reopen_incident(
    incident_id: str,
    body: ReasonIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_REOPEN)],
    within: Within,
) -> IncidentOut:
    """It is not over after all: sent out again."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return verifying.reopen(tx, incident_id, word, office(hub))

    return move(asking, incident_id, Verb.REOPEN, body, do)


@router.post("/incidents/{incident_id}/archive")
def archive_incident(
    incident_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_ARCHIVE)],
    within: Within,
) -> IncidentOut:
    """To the files."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return verifying.archive(tx, incident_id, word)

    return move(asking, incident_id, Verb.ARCHIVE, body, do)


@router.post("/incidents/{incident_id}/rate")
def rate_incident(
    incident_id: str,
    body: RateIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.INCIDENTS_RATE)],
    within: Within,
) -> IncidentOut:
    """How content whoever it concerned is."""
    asking = Asking(hub, who, within, key)

    def do(tx: Connection, word: Word) -> Incident:
        return verifying.rate(tx, incident_id, body.rating, word)

    return move(asking, incident_id, Verb.RATE, body, do)
