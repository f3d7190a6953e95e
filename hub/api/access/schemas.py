"""What is told about tokens and looks."""

from __future__ import annotations

from pydantic import Field

from hub.access.actions import Action, Role
from hub.access.service import LookFilter, LookReason
from hub.api.grants.schemas import GRANTS_MAX, GrantIn, GrantOut
from hub.api.schemas import Answer, Body, Limit, Moment, When


class TokenIn(Body):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=120)
    grants: list[GrantIn] = Field(min_length=1, max_length=GRANTS_MAX)


class TokenOut(Answer):
    """A token as listed."""

    id: str
    name: str
    roles: tuple[Role, ...]
    grants: tuple[GrantOut, ...]
    created_at: Moment
    revoked_at: Moment | None


class TokenMade(TokenOut):
    """A new token; `token` is shown this once and stored nowhere."""

    token: str


class LookQuery(Body):
    """Which lines of the register are wanted.

    `subject` is part of theirs, such as a camera's id; `to` is not part of the time. `after` is the
    cursor of the page before.
    """

    actor: str | None = Field(default=None, max_length=200)
    action: Action | None = None
    subject: str = Field(default="", max_length=200)
    since: When | None = Field(default=None, alias="from")
    until: When | None = Field(default=None, alias="to")
    after: int | None = Field(default=None, ge=1)
    limit: Limit = 100

    def chosen(self) -> LookFilter:
        """As the room wants it, times in epoch seconds."""
        return LookFilter(
            self.actor,
            self.action,
            self.subject,
            None if self.since is None else self.since.timestamp(),
            None if self.until is None else self.until.timestamp(),
        )


class LookOut(Answer):
    """Who was shown what, when and why.

    `about`: the login of the account that `subject` names by its id, as long as it is not erased.
    """

    seq: int
    at: Moment
    actor: str
    action: Action
    subject: str
    reason: LookReason
    about: str | None
