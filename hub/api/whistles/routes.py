"""Departments are called, answer and report; whoever called accepts, sends back or withdraws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import File, Query, UploadFile
from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.rules import covers
from hub.api.deps import Deps
from hub.api.dispatch.photos import MAX_BYTES, keep, refuse_gone, unlinked
from hub.api.dispatch.schemas import PhotoOut
from hub.api.guard import Hub, domain, may
from hub.api.incidents.schemas import MoveIn
from hub.api.incidents.words import Key, said_with
from hub.api.reach import Units, Within
from hub.api.schemas import Page
from hub.api.whistles.schemas import (
    DepartmentOut,
    DoneIn,
    RefuseIn,
    SendBackIn,
    WhistleCallIn,
    WhistleOut,
    WhistleQuery,
)
from hub.dispatch import service as dispatch
from hub.dispatch.cases import photos
from hub.dispatch.cases.keys import Deed, once
from hub.dispatch.cases.life import Word
from hub.dispatch.lives import Verb, Who
from hub.dispatch.whistles import service
from hub.dispatch.whistles.repository import WhistleFilter
from hub.dispatch.whistles.service import Call
from hub.types.staff import Jurisdiction
from hub.types.whistle import Whistle

router = domain("whistles")
_whistle = TypeAdapter(Whistle)

ACTION_OF = {
    Verb.SIGN: Action.WHISTLES_ANSWER,
    Verb.CONTACT: Action.WHISTLES_ANSWER,
    Verb.REFUSE: Action.WHISTLES_ANSWER,
    Verb.REPORT: Action.WHISTLES_ANSWER,
    Verb.ACCEPT: Action.WHISTLES_CALL,
    Verb.SEND_BACK: Action.WHISTLES_CALL,
    Verb.WITHDRAW: Action.WHISTLES_CALL,
}
"""By which right a verb is said."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """One request about a whistle: of whom, on which ground and for which units, its key."""

    hub: Deps
    who: Subject
    within: Jurisdiction
    units: Units
    key: str


@router.get("/departments")
def list_departments(
    hub: Hub, _who: Annotated[Subject, may(Action.WHISTLES_READ)]
) -> Page[DepartmentOut]:
    """The departments that can be called, in the order of the configuration."""
    listed = hub.dispatch.departments
    return Page(items=[DepartmentOut.model_validate(each) for each in listed])


@router.get("/whistles")
def list_whistles(
    hub: Hub,
    wanted: Annotated[WhistleQuery, Query()],
    who: Annotated[Subject, may(Action.WHISTLES_READ)],
    within: Within,
    units: Units,
) -> Page[WhistleOut]:
    """Whistles of one's ground and of one's departments, newest first."""
    chosen = WhistleFilter(
        **wanted.model_dump(exclude={"mine", "after", "limit"}),
        called_by=who.name if wanted.mine else None,
        within=within,
        units=units,
    )
    with hub.db.read() as tx:
        found = service.whistles(tx, chosen, after=wanted.after, limit=wanted.limit)
    return Page(items=_told(hub, who, found.items), next=found.next)


@router.get("/whistles/{whistle_id}")
def read_whistle(
    whistle_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_READ)],
    within: Within,
    units: Units,
) -> WhistleOut:
    """One whistle."""
    with hub.db.read() as tx:
        found = service.whistle(tx, whistle_id, within=within, units=units)
    return _told(hub, who, [found])[0]


@router.post("/incidents/{incident_id}/whistles", status_code=201)
def call_department(
    incident_id: str,
    body: WhistleCallIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_CALL)],
    within: Within,
) -> WhistleOut:
    """Call a department for an incident; its clock runs from now."""

    def do(tx: Connection) -> Whistle:
        path = dispatch.incident(tx, incident_id, within=within).grid_path
        word = _word(hub, who, _roles(who, path, body.unit), body)
        call = Call(body.unit, body.part, word.note)
        return service.call(tx, incident_id, call, word, hub.dispatch, hub.ids)

    asking = _Asking(hub, who, within, {}, key)
    return _once(asking, incident_id, Verb.CALL, body, do)


@router.post("/whistles/{whistle_id}/sign")
def sign_whistle(
    whistle_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_ANSWER)],
    within: Within,
    units: Units,
) -> WhistleOut:
    """We have it."""
    asking = _Asking(hub, who, within, units, key)
    return _move(asking, whistle_id, Verb.SIGN, body, service.sign)


@router.post("/whistles/{whistle_id}/contact")
def contact_about_whistle(
    whistle_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_ANSWER)],
    within: Within,
    units: Units,
) -> WhistleOut:
    """We have spoken with who is there, and are on it."""
    asking = _Asking(hub, who, within, units, key)
    return _move(asking, whistle_id, Verb.CONTACT, body, service.contact)


@router.post("/whistles/{whistle_id}/refuse")
def refuse_whistle(
    whistle_id: str,
    body: RefuseIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_ANSWER)],
    within: Within,
    units: Units,
) -> WhistleOut:
    """Not ours, and why."""
    asking = _Asking(hub, who, within, units, key)
    return _move(asking, whistle_id, Verb.REFUSE, body, service.refuse)


@router.post("/whistles/{whistle_id}/report")
def report_on_whistle(
    whistle_id: str,
    body: DoneIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_ANSWER)],
    within: Within,
    units: Units,
) -> WhistleOut:
    """What was done, with photos that were sent before."""

    def do(tx: Connection, id_: str, word: Word) -> Whistle:
        waiting = unlinked(tx, body.photo_ids)
        made = service.report(tx, id_, word, body.photo_ids)
        refuse_gone(hub.media, waiting)
        return made

    asking = _Asking(hub, who, within, units, key)
    return _move(asking, whistle_id, Verb.REPORT, body, do)


@router.post(
    "/whistles/{whistle_id}/photos",
    max_body_size=MAX_BYTES + (1 << 20),
    form_limits={"max_files": 1, "max_fields": 1},
    status_code=201,
)
def send_whistle_photo(
    whistle_id: str,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_ANSWER)],
    within: Within,
    units: Units,
    photo: Annotated[UploadFile, File()],
) -> PhotoOut:
    """One photo in JPEG, PNG or WebP for a report that follows; forgotten after a day without."""
    with hub.db.read() as tx:
        service.whistle(tx, whistle_id, within=within, units=units)
    photo_id = hashlib.sha256(f"{whistle_id}\0{who.name}\0{key}".encode()).hexdigest()[:32]
    keep(hub.media, {photo_id: photo})
    with hub.write() as tx:
        photos.add(tx, key, photo_id, who.name, hub.clock.now())
    return PhotoOut(photo_id=photo_id)


@router.post("/whistles/{whistle_id}/accept")
def accept_whistle(
    whistle_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_CALL)],
    within: Within,
) -> WhistleOut:
    """The report is good: it has ended."""
    asking = _Asking(hub, who, within, {}, key)
    return _move(asking, whistle_id, Verb.ACCEPT, body, service.accept)


@router.post("/whistles/{whistle_id}/send-back")
def send_whistle_back(
    whistle_id: str,
    body: SendBackIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_CALL)],
    within: Within,
) -> WhistleOut:
    """The report is not good yet; the clock runs on."""
    asking = _Asking(hub, who, within, {}, key)
    return _move(asking, whistle_id, Verb.SEND_BACK, body, service.send_back)


@router.post("/whistles/{whistle_id}/withdraw")
def withdraw_whistle(
    whistle_id: str,
    body: MoveIn,
    key: Key,
    hub: Hub,
    who: Annotated[Subject, may(Action.WHISTLES_CALL)],
    within: Within,
) -> WhistleOut:
    """Nobody has to come any more; by whoever called, or a shift leader."""
    asking = _Asking(hub, who, within, {}, key)
    return _move(asking, whistle_id, Verb.WITHDRAW, body, service.withdraw)


def _move(
    asking: _Asking,
    whistle_id: str,
    verb: Verb,
    body: MoveIn,
    do: Callable[[Connection, str, Word], Whistle],
) -> WhistleOut:
    """Make one move, once. Raises what `do` raises, and Conflict (`key_reused`)."""

    def first(tx: Connection) -> Whistle:
        before = service.whistle(tx, whistle_id, within=asking.within, units=asking.units)
        roles = _roles(asking.who, before.grid_path, before.unit)
        return do(tx, whistle_id, _word(asking.hub, asking.who, roles, body))

    return _once(asking, whistle_id, verb, body, first)


def _once(
    asking: _Asking, subject: str, verb: Verb, body: MoveIn, do: Callable[[Connection], Whistle]
) -> WhistleOut:
    hub, who = asking.hub, asking.who
    deed = Deed(asking.key, subject, verb.value, who.name, hub.clock.now(), said_with(body))
    with hub.write() as tx:
        answer = once(tx, deed, lambda: _whistle.dump_json(do(tx)).decode())
    return _told(hub, who, [_whistle.validate_json(answer)])[0]


def _word(hub: Deps, who: Subject, roles: frozenset[Who], body: MoveIn) -> Word:
    reason = getattr(body, "reason", "")
    return Word(who.name, roles, hub.clock.now(), reason, body.note.strip(), body.version)


def _roles(who: Subject, path: Iterable[str], unit: str) -> frozenset[Who]:
    """In which roles somebody acts on a whistle: for a department only for the one called."""
    codes = tuple(path)
    return frozenset(
        g.role for g in who.grants if (g.grid is None or g.grid in codes) and g.unit in (None, unit)
    )


def _told(hub: Deps, who: Subject, whistles: Iterable[Whistle]) -> list[WhistleOut]:
    tree = hub.binder().tree
    names = {each.id: each.name for each in hub.dispatch.departments}
    whistles, told = list(whistles), []
    with hub.db.read() as tx:
        reporters = service.reporters(tx, [each.id for each in whistles])
    for each in whistles:
        fields = {name: getattr(each, name) for name in Whistle.__slots__}
        roles, own = _roles(who, each.grid_path, each.unit), reporters.get(each.id, ())
        verbs = service.open_to(each, who.name, roles, own)
        fields["verbs"] = tuple(
            verb
            for verb in verbs
            if verb in ACTION_OF and covers(ACTION_OF[verb], who, each.grid_path, each.unit)
        )
        fields["unit_name"] = names.get(each.unit, each.unit)
        fields["grid_names"] = tuple(tree.get(c).name for c in each.grid_path if c in tree)
        told.append(WhistleOut.model_validate(fields, from_attributes=True))
    return told
