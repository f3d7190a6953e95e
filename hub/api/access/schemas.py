"""What is told about tokens and looks."""

from __future__ import annotations

from pydantic import Field

from hub.access.actions import Action, Role
from hub.access.service import LookReason
from hub.api.schemas import Answer, Body, Moment


class TokenIn(Body):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=120)
    role: Role


class TokenOut(Answer):
    """A token as listed."""

    id: str
    name: str
    role: Role
    created_at: Moment
    revoked_at: Moment | None


class TokenMade(TokenOut):
    """A new token; `token` is shown this once and stored nowhere."""

    token: str


class LookOut(Answer):
    """Who was shown what, when and why."""

    seq: int
    at: Moment
    actor: str
    action: Action
    subject: str
    reason: LookReason
