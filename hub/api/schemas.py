"""Shapes that several domains share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.json_schema import WithJsonSchema

from hub.kit.clock import iso

T = TypeVar("T")

Moment = Annotated[
    float,
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""UTC epoch seconds inside, ISO 8601 with milliseconds and `Z` outside."""

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _of_our_time(when: datetime) -> datetime:
    """What lies beyond is a slip of the finger, or made to break what shows it."""
    if not _FIRST <= when < _LAST:
        raise ValueError("a time lies between the years 2000 and 2200")
    return when


When = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""A time given by a caller: ISO 8601 with an offset, of the years 2000 to 2199."""

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
