"""What is told about incidents and tasks."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from hub.api.schemas import Answer, Body, Limit, Moment, When
from hub.types.finding import RuleKind, Severity
from hub.types.work import IncidentState, TaskState


class DueOut(Answer):
    """Deadlines."""

    accept_by: Moment
    on_scene_by: Moment | None
    handle_by: Moment


class IncidentOut(Answer):
    """One matter, made of one or more alerts."""

    id: str
    state: IncidentState
    rule_kind: RuleKind
    severity: Severity
    grid_code: str | None
    grid_path: tuple[str, ...]
    opened_at: Moment
    updated_at: Moment
    alert_ids: tuple[str, ...]
    due: DueOut
    exercise: bool
    version: int


class TaskOut(Answer):
    """One errand for one centre, and what was done about it.

    `message` is the body of its queue entry; photos are at `/evidence/{photo_id}/photo`.
    """

    id: str
    incident_id: str
    centre: str
    grid_code: str | None
    state: TaskState
    created_at: Moment
    accepted_at: Moment | None
    on_scene_at: Moment | None
    done_at: Moment | None
    assignee: str | None
    note: str
    photo_ids: tuple[str, ...]
    message: dict[str, Any]


class ActionIn(Body):
    """What a grid worker says; `at` is the phone's time where it was said without a network."""

    note: str = Field(default="", max_length=4000)
    at: When | None = None


class IncidentQuery(Body):
    """What incidents are wanted; `grid` means that grid and all below it."""

    state: IncidentState | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    grid: str | None = None
    unbound: bool | None = None
    after: str | None = None
    limit: Limit = 50


class TaskQuery(Body):
    """What tasks are wanted."""

    state: TaskState | None = None
    centre: str | None = None
    incident_id: str | None = None
    after: str | None = None
    limit: Limit = 50
