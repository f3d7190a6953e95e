"""The newest seals of the logs, for whoever keeps them elsewhere."""

from __future__ import annotations

from typing import Annotated

from hub.access.actions import Action, Subject
from hub.api.audit.schemas import HeadOut
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page
from hub.store.audit import seals

router = domain("audit")


@router.get("/audit/heads")
def list_heads(hub: Hub, _who: Annotated[Subject, may(Action.AUDIT_READ)]) -> Page[HeadOut]:
    """How far each log is sealed, and with what hash."""
    with hub.db.read() as tx:
        return Page(items=[HeadOut.model_validate(each) for each in seals.standings(tx)])
