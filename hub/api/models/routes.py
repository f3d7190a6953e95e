"""Models: the catalog and whether each is ready."""

from __future__ import annotations

from typing import Annotated

from hub.access.actions import Action, Subject
from hub.api.guard import Hub, domain, may
from hub.api.models.schemas import ModelOut
from hub.api.schemas import Page

router = domain("models")


@router.get("/models")
def list_models(hub: Hub, _who: Annotated[Subject, may(Action.MODELS_READ)]) -> Page[ModelOut]:
    """All cards of the catalog with their states."""
    return Page(items=[ModelOut.model_validate(model) for model in hub.models()])
