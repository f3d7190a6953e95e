"""A layout of the wall as it is sent and told."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from hub.api.schemas import Answer, Body


class LayoutIn(Body):
    """A layout to be saved; the body is the page's own and is only kept."""

    name: str = Field(min_length=1, max_length=80)
    shared: bool = False
    body: dict[str, Any]


class LayoutChangeIn(LayoutIn):
    """A layout to be saved anew; `version` is the one that was read."""

    version: int = Field(ge=1)


class LayoutOut(Answer):
    """A layout; `owner` is a name (null: made with a token), `mine` whether it is the caller's."""

    id: str
    name: str
    owner: str | None
    shared: bool
    version: int
    body: dict[str, Any]
    mine: bool
