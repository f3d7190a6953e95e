"""What is told about models."""

from __future__ import annotations

from hub.api.schemas import Answer
from hub.types.scene import ModelTask, ObjectKind


class ModelOut(Answer):
    """One card of the catalogue and whether its file is here and verified."""

    id: str
    title: str
    task: ModelTask
    licence: str
    source: str
    kinds: tuple[ObjectKind, ...]
    state: str
    detail: str
