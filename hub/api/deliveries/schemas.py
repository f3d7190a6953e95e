"""What is told and said about notices and their deliveries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hub.api.incidents.schemas import Id
from hub.api.schemas import Answer, Body, Limit, Moment
from hub.dispatch.notifier import ErrorClass
from hub.types.finding import Severity

State = Literal["waiting", "sending", "sent", "delivered", "dead", "dropped"]
Minute = Annotated[int, Field(ge=0, lt=1440)]
NoticeKey = Annotated[str, Field(min_length=1, max_length=300)]


class DeliveryOut(Answer):
    """One notice on its way to one person, or to a group (`person` None), on one channel.

    `sent`: a gateway has it; `delivered`: its person has read it, or a system has it. `error` is
    the class of the last failure, or why it was dropped. `retried_by`: who last had the dead letter
    tried again by hand.
    """

    id: str
    notice_key: str
    about: str
    kind: str
    severity: Severity
    grid_path: tuple[str, ...]
    exercise: bool
    person: str | None
    channel: str
    why: str
    state: State
    tries: int
    created_at: Moment
    next_try_at: Moment
    sent_at: Moment | None
    acked_at: Moment | None
    dead_at: Moment | None
    error: str | None
    retried_by: str | None
    retried_at: Moment | None


class TryOut(Answer):
    """One try; `error_class` None: it went through."""

    at: Moment
    error_class: ErrorClass | None
    status: int | None
    words: str


class DeliveryQuery(Body):
    """Which deliveries are wanted."""

    state: State | None = None
    channel: str | None = None
    incident_id: Id | None = None
    after: str | None = None
    limit: Limit = 50


class NoticeOut(Answer):
    """Something one was told. `class_code` and `grid_name` are None where there is none.

    `why` one was told it: `shift`, `post`, `parent`, `holder` (nobody was on duty), `self`.
    """

    key: str
    about: str
    kind: str
    severity: Severity
    grid_code: str | None
    grid_name: str | None
    class_code: str | None
    at: Moment
    exercise: bool
    why: str
    acked_at: Moment | None


class NoticesOut(Answer):
    """A page of one's notices; `unread` counts all that are not acknowledged."""

    items: list[NoticeOut]
    next: str | None
    unread: int


class NoticeQuery(Body):
    """Which of one's notices are wanted."""

    open: bool = False
    after: str | None = None
    limit: Limit = 50


class NoticesReadIn(Body):
    """Which notices one has read."""

    keys: tuple[NoticeKey, ...] = Field(min_length=1, max_length=200)


class UnreadOut(Answer):
    """How many are left."""

    unread: int


class ChannelsOut(Answer):
    """Where one is reached, and when one is left in peace (minutes since midnight)."""

    phone: str | None
    robot_id: str | None
    mention: bool
    quiet_from: int | None
    quiet_to: int | None


class ChannelsIn(Body):
    """The same, said anew; what is left out is forgotten. Quiet hours: both or neither."""

    phone: Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")] | None = None
    robot_id: Annotated[str, Field(pattern=r"^[\w.@-]{1,64}$")] | None = None
    mention: bool = False
    quiet_from: Minute | None = None
    quiet_to: Minute | None = None

    @model_validator(mode="after")
    def _both(self) -> ChannelsIn:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet hours have a beginning and an end")
        return self


class WayOut(Answer):
    """Why an errand went where it did: codes with parameters, to be put into words."""

    task_id: str
    at: Moment
    why: tuple[dict[str, str | None], ...]


class TellingOut(Answer):
    """Why an incident is where it is, and who was told."""

    ways: tuple[WayOut, ...]
    told: tuple[DeliveryOut, ...]
