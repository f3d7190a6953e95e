"""What is said and told about whistles."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.api.incidents.schemas import Id, MoveIn, ReasonIn
from hub.api.schemas import Answer, Body, Limit, Moment, Place
from hub.dispatch.lives import Verb
from hub.types.finding import RuleKind, Severity
from hub.types.whistle import WhistlePart, WhistleState

Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class DepartmentOut(Answer):
    """A department that can be called; grants name it by its id."""

    id: str
    name: str


class WhistleCallIn(MoveIn):
    """Which department is called, to lead or to help; `version` is the incident's."""

    unit: Id
    part: WhistlePart = WhistlePart.LEAD


class RefuseIn(ReasonIn):
    """Why it is not the department's (`GET /incidents/reasons`, `refuse`)."""


class SendBackIn(ReasonIn):
    """What is wrong with the report (`GET /incidents/reasons`, `send_back`)."""


class DoneIn(MoveIn):
    """What was done; the photos come from `POST /whistles/{id}/photos`."""

    note: Words
    photo_ids: tuple[Id, ...] = Field(default=(), max_length=20)


class ReportOut(Answer):
    """One report; photos are at `/evidence/{photo_id}/photo`."""

    at: Moment
    text: str
    photo_ids: tuple[str, ...]


class WhistleOut(Answer):
    """One department called for one incident, with the verbs that are open to whoever asks.

    `severity`, `rule_kind`, `title`, the grid, `position` and `exercise` are its incident's of now.
    A deadline is near from its `…_soon` on, null where it was called before there was that.
    `reason` is a code, `answer`
    the words said with it, or with the acceptance.
    """

    id: str
    incident_id: str
    unit: str
    unit_name: str
    part: WhistlePart
    state: WhistleState
    note: str
    severity: Severity
    rule_kind: RuleKind
    grid_code: str | None
    grid_path: tuple[str, ...]
    grid_names: tuple[str, ...]
    exercise: bool
    title: str
    position: Place | None
    called_at: Moment
    called_by: str
    sign_by: Moment
    contact_by: Moment
    report_by: Moment
    sign_soon: Moment | None
    contact_soon: Moment | None
    report_soon: Moment | None
    updated_at: Moment
    version: int
    signed_at: Moment | None
    signed_by: str | None
    contacted_at: Moment | None
    reported_at: Moment | None
    reported_by: str | None
    ended_at: Moment | None
    reason: str
    answer: str
    reports: tuple[ReportOut, ...]
    verbs: tuple[Verb, ...]


class WhistleQuery(Body):
    """Which whistles are wanted. `open`: not ended. `mine`: those that whoever asks called."""

    state: WhistleState | None = None
    open: bool | None = None
    unit: str | None = None
    incident_id: str | None = None
    mine: bool = False
    after: str | None = None
    limit: Limit = 50
