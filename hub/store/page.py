"""Lists by pages, newest first: where a page ends, and how the next one is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

from hub.kit.errors import Refused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page: its time (UTC epoch seconds) and id."""

    at: float
    id: str

    def text(self) -> str:
        """As handed to callers; the float is exact."""
        return f"{self.at!r}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises Refused (`bad_cursor`)."""
        at, _, key = text.partition("~")
        try:
            moment = float(at)
        except ValueError:
            moment = math.nan
        if not math.isfinite(moment):
            raise Refused(f"{text!r} is no cursor of ours", code="bad_cursor")
        return cls(moment, key)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some entries, newest first, and the cursor of the next page (None at the end)."""

    items: tuple[T, ...]
    next: str | None


def page(
    ask: Callable[[Cursor | None, int], Sequence[T]],
    place: Callable[[T], Cursor],
    after: str | None,
    limit: int,
) -> Page[T]:
    """At most `limit` entries after the cursor; one more is asked for, to know whether it goes on.

    `ask(after, limit)` reads entries, `place` says where one stands. Raises Refused (`bad_cursor`).
    """
    found = ask(None if after is None else Cursor.parse(after), limit + 1)
    shown = tuple(found[:limit])
    return Page(shown, place(shown[-1]).text() if len(found) > limit else None)


def newest_first(
    query: Select[Any],
    at: ColumnElement[float],
    key: ColumnElement[str],
    after: Cursor | None,
    limit: int,
) -> Select[Any]:
    """The query in the order of pages, from after the cursor."""
    if after is not None:
        query = query.where(or_(at < after.at, and_(at == after.at, key < after.id)))
    return query.order_by(at.desc(), key.desc()).limit(limit)
