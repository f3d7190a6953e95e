"""Shapes that several domains share."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.json_schema import WithJsonSchema

from hub.kit.clock import iso

T = TypeVar("T")

Moment = Annotated[
    float,
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""UTC epoch seconds inside, ISO 8601 with milliseconds and `Z` outside."""

When = AwareDatetime
"""A time given by a caller: ISO 8601 with an offset."""

Limit = Annotated[int, Field(ge=1, le=500)]


class Body(BaseModel):
    """Base of what callers send: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Base of what the hub answers; read from values and rows alike."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Answer, Generic[T]):
    """Some of a list; `next` is the cursor to ask for more with, None at the end."""

    items: list[T]
    next: str | None = None


class Place(Answer):
    """A position in WGS-84 degrees."""

    lon: float
    lat: float
