"""What is said and told of holds."""

from __future__ import annotations

from pydantic import Field

from hub.api.schemas import Answer, Body, Moment, When
from hub.privacy.holds.service import Hold, HoldReason


class HoldIn(Body):
    """An incident to be held, until a day or, with `until` null, until somebody ends it."""

    incident_id: str = Field(min_length=1, max_length=64)
    reason: HoldReason
    note: str = Field(min_length=1, max_length=500)
    until: When | None = None


class HoldEndIn(Body):
    """Why a hold ends."""

    note: str = Field(min_length=1, max_length=500)


class HoldOut(Answer):
    """A hold; `in_force`: nothing of the incident is deleted now."""

    id: str
    incident_id: str
    title: str
    reason: HoldReason
    note: str
    until: Moment | None
    entered_at: Moment
    entered_by: str
    ended_at: Moment | None
    ended_by: str | None
    ended_note: str | None
    in_force: bool

    @classmethod
    def of(cls, hold: Hold, now: float) -> HoldOut:
        """A hold as it stands now."""
        body = {name: getattr(hold, name) for name in Hold.__slots__}
        return cls(**body, in_force=hold.in_force(now))
