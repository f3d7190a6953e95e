"""What is told about clocks and supervisions, and how one is answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.api.schemas import Answer, Body, Limit, Moment
from hub.dispatch.supervisions.service import SupervisionState
from hub.dispatch.timers.rows import Level, Step, Subject
from hub.types.finding import Severity


class ReachedOut(Answer):
    """When a clock comes to a level."""

    level: Level
    at: Moment


class ClockOut(Answer):
    """How a step stands. `due_at`: its allowance is used up, which is red.

    `level` is the gravest that is reached now, null while there is time; `levels` are all of them,
    so that a page counts on by itself. `fraction` of the allowance is used up (1 is red), in work
    time where the severity works by the calendar. `held`: it stands still for now.
    """

    step: Step
    started_at: Moment
    due_at: Moment
    level: Level | None
    fraction: float
    held: bool
    levels: tuple[ReachedOut, ...]


class SupervisionOut(Answer):
    """Somebody has to say why a step of a case is so late: those above, or the department `unit`.

    `title` is the report's, or the kind of the rule. `due_at` is when the level was reached.
    `mine`: whoever asks may answer it.
    """

    id: str
    subject: Subject
    subject_id: str
    step: Step
    level: Level
    severity: Severity
    grid_code: str | None
    grid_path: tuple[str, ...]
    title: str
    exercise: bool
    due_at: Moment
    opened_at: Moment
    state: SupervisionState
    answered_by: str | None
    answered_at: Moment | None
    answer: str
    ended_at: Moment | None
    version: int
    unit: str | None = None
    mine: bool = False


class SupervisionQuery(Body):
    """By itself those that wait for an answer."""

    state: SupervisionState | None = SupervisionState.OPEN
    subject_id: str | None = None
    after: str | None = None
    limit: Limit = 50


class AnswerIn(Body):
    """What is said about the delay; `version` is the one that was looked at."""

    note: Annotated[
        str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
    ]
    version: Annotated[int, Field(ge=1)] | None = None
