"""Tokens and the register of looks."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Query

from hub.access import service, staff
from hub.access.actions import GIVEN_ROLES, Action, Subject
from hub.api.access.schemas import LookOut, LookQuery, TokenIn, TokenMade, TokenOut
from hub.api.deps import Deps
from hub.api.grants.schemas import grant_out, wanted
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page

router = domain("access")


@router.get("/tokens")
def list_tokens(hub: Hub, _who: Annotated[Subject, may(Action.TOKENS_READ)]) -> Page[TokenOut]:
    """All tokens ever given, oldest first, without the tokens themselves."""
    with hub.db.read() as tx:
        found = service.list_tokens(tx)
    return Page(items=[TokenOut(**_told(hub, token)) for token in found])


@router.post("/tokens", status_code=201)
def create_token(
    body: TokenIn, hub: Hub, who: Annotated[Subject, may(Action.TOKENS_CREATE)]
) -> TokenMade:
    """Make a token; its plain text is in this answer and never again."""
    with hub.write() as tx:
        grants = wanted(tx, body.grants, GIVEN_ROLES, hub.departments)
        staff.refuse_more(tx, who, grants, Action.TOKENS_CREATE)
        now = hub.clock.now()
        token, plain = service.issue(tx, body.name, grants, now, hub.ids, by=who.name)
    return TokenMade(**_told(hub, token), token=plain)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(
    token_id: str, hub: Hub, who: Annotated[Subject, may(Action.TOKENS_REVOKE)]
) -> None:
    """End a token at once; the register tells who did."""
    with hub.write() as tx:
        now = hub.clock.now()
        service.revoke(tx, token_id, now)
        told = f"token/{token_id}: revoked"
        service.note_look(tx, who, Action.TOKENS_REVOKE, told, service.LookReason.MAINTENANCE, now)


@router.get("/looks")
def list_looks(
    hub: Hub,
    _who: Annotated[Subject, may(Action.LOOKS_READ)],
    asked: Annotated[LookQuery, Query()],
) -> Page[LookOut]:
    """The register of who looked at what, exported or searched, and why; newest first."""
    with hub.db.read() as tx:
        looks = service.list_looks(tx, asked.after, asked.limit, asked.chosen())
    more = str(looks[-1].seq) if len(looks) == asked.limit else None
    return Page(items=[LookOut.model_validate(look) for look in looks], next=more)


def _told(hub: Deps, token: service.Token) -> dict[str, Any]:
    now, zone = hub.clock.now(), ZoneInfo(hub.site.time_zone)
    return {
        "id": token.id,
        "name": token.name,
        "roles": tuple(sorted(token.roles)),
        "grants": tuple(grant_out(given, now, zone) for given in token.grants),
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
    }
