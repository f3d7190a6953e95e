"""Owners of cameras and what they have agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from fastapi import Query

from hub.access.actions import Action, Subject
from hub.access.consent import Consent, needs_consent
from hub.access.consents import service as consents
from hub.api.consents.lenders import Lenders, lenders
from hub.api.consents.schemas import ConsentIn, ConsentOut, OwnerOut
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Limit, Page
from hub.kit.errors import NotFound
from hub.types.site import OwnerKind

router = domain("consents")


@router.get("/owners")
def list_owners(
    hub: Hub,
    who: Annotated[Subject, may(Action.CONSENTS_READ)],
    text: Annotated[str, Query(max_length=100)] = "",
    kind: OwnerKind | None = None,
    asked: bool | None = None,
    after: str = "",
    limit: Limit = 100,
) -> Page[OwnerOut]:
    """Who lends cameras, by name, with the consent in force; `asked`: only who needs one, or not.

    `text` is looked for in the name; `after` is the name and kind a page ended with.
    """
    now = hub.clock.now()
    with hub.db.read() as tx:
        seen = lenders(tx, who, Action.CONSENTS_READ)
        found = [
            (owner, of_kind, cameras)
            for owner, of_kind, cameras in _owners(seen)
            if text.casefold() in owner.casefold()
            and kind in (None, of_kind)
            and asked in (None, needs_consent(of_kind))
            and _place(owner, of_kind) > after
        ]
        shown = {owner for owner, _, _ in found[:limit]}
        on_file = {
            owner: [each for each in those if seen.shows(each.terms)]
            for owner, those in consents.standing(tx, now, shown).items()
        }
    items = [_owner_out(*each, on_file.get(each[0], ()), now) for each in found[:limit]]
    more = _place(*found[limit - 1][:2]) if len(found) > limit else None
    return Page(items=items, next=more)


@router.get("/consents")
def list_consents(
    hub: Hub,
    who: Annotated[Subject, may(Action.CONSENTS_READ)],
    owner: Annotated[str | None, Query(max_length=200)] = None,
    camera: Annotated[str | None, Query(max_length=64)] = None,
    in_force: bool | None = None,
    after: str = "",
    limit: Limit = 100,
) -> Page[ConsentOut]:
    """All consents ever given, newest first, those that are over too."""
    now = hub.clock.now()
    with hub.db.read() as tx:
        seen = lenders(tx, who, Action.CONSENTS_READ)
        rows = consents.list_consents(tx, None if owner is None else {owner})
    found = [
        each
        for each in rows
        if seen.shows(each.terms)
        and camera in (None, each.terms.camera)
        and in_force in (None, each.in_force(now))
    ]
    start = next((n for n, each in enumerate(found, start=1) if each.id == after), 0)
    shown = found[start : start + limit]
    more = shown[-1].id if start + limit < len(found) else None
    return Page(items=[ConsentOut.of(each, now) for each in shown], next=more)


@router.post("/consents", status_code=201)
def give_consent(
    body: ConsentIn, hub: Hub, who: Annotated[Subject, may(Action.CONSENTS_WRITE)]
) -> ConsentOut:
    """Put on file what an owner has agreed to; it takes the place of what was agreed before."""
    terms, now = body.terms(), hub.clock.now()
    with hub.write() as tx:
        lenders(tx, who, Action.CONSENTS_WRITE).may_give(terms)
        made = consents.give(
            tx,
            terms,
            agreed_by=body.agreed_by,
            document=body.document,
            starts_at=None if body.starts_at is None else body.starts_at.timestamp(),
            entered_by=who.name,
            now=now,
            ids=hub.ids,
        )
    return ConsentOut.of(made, now)


@router.post("/consents/{consent_id}/end")
def end_consent(
    consent_id: str, hub: Hub, who: Annotated[Subject, may(Action.CONSENTS_WRITE)]
) -> ConsentOut:
    """The owner agrees no more: open pictures close within two seconds; it stays on file."""
    now = hub.clock.now()
    with hub.write() as tx:
        seen = lenders(tx, who, Action.CONSENTS_WRITE)
        terms = consents.get(tx, consent_id).terms
        if not seen.shows(terms):
            raise NotFound(consents.missing(consent_id))
        seen.may_agree(terms)
        ended = consents.end(tx, consent_id, who.name, now)
    return ConsentOut.of(ended, now)


def _place(owner: str, kind: OwnerKind) -> str:
    """Where an owner stands in the list: two kinds of one name are two."""
    return f"{owner}~{kind}"


def _owners(seen: Lenders) -> Iterator[tuple[str, OwnerKind, int]]:
    """Owner, kind, and how many of its cameras are reached, in the order of the list."""
    counted = Counter(
        (owner, lender.kinds[camera])
        for owner, lender in seen.by_owner.items()
        for camera, reached in lender.reached.items()
        if reached
    )
    for (owner, kind), cameras in sorted(counted.items(), key=lambda item: _place(*item[0])):
        yield owner, kind, cameras


def _owner_out(
    owner: str, kind: OwnerKind, cameras: int, on_file: Sequence[Consent], now: float
) -> OwnerOut:
    counting = [each for each in on_file if each.in_force(now)] if needs_consent(kind) else []
    general = [each for each in counting if each.terms.camera is None]
    return OwnerOut(
        owner=owner,
        owner_kind=kind,
        cameras=cameras,
        asked=needs_consent(kind),
        consent=next(_told(general, now), None),
        own=list(_told((each for each in counting if each.terms.camera is not None), now)),
    )


def _told(found: Iterable[Consent], now: float) -> Iterator[ConsentOut]:
    return (ConsentOut.of(each, now) for each in found)
