"""A consumer's word on `receipts:<centre>`, read and judged before it may act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hub.kit.clock import from_iso
from hub.kit.errors import Permanent
from hub.types.staff import Role
from hub.types.work import Receipt, TaskAction

_PhotoId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _Wire(BaseModel):
    """The fields of an entry, all text. `at` is ISO 8601, `photo_ids` divided by commas.

    The limits, and no NUL, because PostgreSQL refuses NUL in text and one entry that cannot be
    written must not stop those after it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str = Field(min_length=1, max_length=64)
    action: TaskAction
    by: str = Field(min_length=1, max_length=200)
    key: str = Field(min_length=1, max_length=200)
    at: float | None = None
    note: str = Field(default="", max_length=4000)
    photo_ids: tuple[_PhotoId, ...] = Field(default=(), max_length=100)

    @field_validator("task_id", "by", "key", "note")
    @classmethod
    def _no_nul(cls, text: str) -> str:
        if "\x00" in text:
            raise ValueError("a NUL character")
        return text

    @field_validator("at", mode="before")
    @classmethod
    def _moment(cls, text: object) -> object:
        return from_iso(text) if isinstance(text, str) else text

    @field_validator("photo_ids", mode="before")
    @classmethod
    def _list(cls, text: object) -> object:
        return (
            [each.strip() for each in text.split(",") if each.strip()]
            if isinstance(text, str)
            else text
        )


Fields = Mapping[bytes, bytes]


def parse(fields: Fields, now: float) -> Receipt:
    """A receipt from the fields of a stream entry.

    Its time is the consumer's own, but never later than `now`: a phone's clock may run ahead.
    Raises Permanent (`unreadable_receipt`) naming what is wrong.
    """
    try:
        wire = _Wire.model_validate(
            {name.decode(): value.decode() for name, value in fields.items()}
        )
    except ValidationError as error:
        wrong = "; ".join(f"{_where(each['loc'])}: {each['msg']}" for each in error.errors())
        raise Permanent(wrong, code="unreadable_receipt") from error
    except UnicodeDecodeError as error:
        raise Permanent(f"not UTF-8: {error}", code="unreadable_receipt") from error
    return Receipt(
        task_id=wire.task_id,
        action=wire.action,
        at=now if wire.at is None else min(wire.at, now),
        by=wire.by,
        key=wire.key,
        note=wire.note,
        photo_ids=wire.photo_ids,
        # Whoever went there, it is the centre's program that tells us.
        roles=frozenset({Role.CENTRE}),
    )


def _where(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc)) or "entry"
