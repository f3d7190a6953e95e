"""Tokens and the register of looks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hub.access import service
from hub.access.actions import Action, Subject
from hub.api.access.schemas import LookOut, TokenIn, TokenMade, TokenOut
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Limit, Page

router = domain("access")


@router.get("/tokens")
def list_tokens(hub: Hub, _who: Annotated[Subject, may(Action.TOKENS_READ)]) -> Page[TokenOut]:
    """All tokens ever given, oldest first, without the tokens themselves."""
    with hub.db.read() as tx:
        return Page(items=[TokenOut.model_validate(token) for token in service.list_tokens(tx)])


@router.post("/tokens", status_code=201)
def create_token(
    body: TokenIn, hub: Hub, _who: Annotated[Subject, may(Action.TOKENS_CREATE)]
) -> TokenMade:
    """Make a token; its plain text is in this answer and never again."""
    with hub.write() as tx:
        token, plain = service.issue(tx, body.name, body.role, hub.clock.now(), hub.ids)
    return TokenMade(**TokenOut.model_validate(token).model_dump(), token=plain)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(
    token_id: str, hub: Hub, _who: Annotated[Subject, may(Action.TOKENS_REVOKE)]
) -> None:
    """End a token at once."""
    with hub.write() as tx:
        service.revoke(tx, token_id, hub.clock.now())


@router.get("/looks")
def list_looks(
    hub: Hub,
    _who: Annotated[Subject, may(Action.LOOKS_READ)],
    after: Annotated[int | None, Query(ge=1)] = None,
    limit: Limit = 100,
) -> Page[LookOut]:
    """The register of who looked at what, newest first."""
    with hub.db.read() as tx:
        looks = service.list_looks(tx, after, limit)
    more = str(looks[-1].seq) if len(looks) == limit else None
    return Page(items=[LookOut.model_validate(look) for look in looks], next=more)
