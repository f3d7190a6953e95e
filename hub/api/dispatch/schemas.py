"""What is told about incidents and tasks."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from hub.access.service import LookReason
from hub.api.schemas import Answer, Body, Limit, Moment, Place, When
from hub.types.finding import RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.work import IncidentState, Origin, TaskState


class DueOut(Answer):
    """Deadlines."""

    accept_by: Moment
    on_scene_by: Moment | None
    handle_by: Moment


class IncidentOut(Answer):
    """One matter, made of alerts or reported by a person (`rule_kind` is `report` then).

    `title` is what the report is called; `parent_id` is the matter it was split from,
    `merged_into` the one it went into; `rating` is 1 to 5; `raised_to` the grid above that is asked
    now, because nobody accepted in time.
    """

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
    origin: Origin = Origin.CAMERA
    title: str = ""
    self_handled: bool = False
    parent_id: str | None = None
    merged_into: str | None = None
    closed_at: Moment | None = None
    rating: int | None = None
    class_code: str = ""
    raised_to: str | None = None


class SourceOut(Answer):
    """Who spoke: a camera, a sensor, a worker or the hub itself, and whose it is."""

    id: str
    kind: SourceKind
    name: str
    owner: str


class TaskBrief(Answer):
    """What a grid worker must know to go there, of the most severe alert of the matter.

    `place` is the name of the zone or line. `position` is the ground point of what was seen where
    it is known or a sensor's own (`exact`), else where the camera stands. `grid_names` run from
    the root to the task's own grid, without those that exist no more. `alerts` counts the alerts
    of the matter.
    """

    severity: Severity
    exercise: bool
    rule_kind: RuleKind
    rule_name: str
    source: SourceOut
    place: str | None
    position: Place | None
    exact: bool
    grid_path: tuple[str, ...]
    grid_names: tuple[str, ...]
    evidence_ids: tuple[str, ...]
    captured_at: Moment
    due: DueOut
    facts: dict[str, str | float | int | bool | None]
    alerts: int


class TaskOut(Answer):
    """One errand for one centre, and what was done about it.

    `why` it went here are codes with parameters. `message` is the body of its queue entry, `brief`
    what people need of it; photos are at `/evidence/{photo_id}/photo`.
    """

    id: str
    incident_id: str
    centre: str
    grid_code: str | None
    state: TaskState
    created_at: Moment
    accepted_at: Moment | None
    on_way_at: Moment | None
    on_scene_at: Moment | None
    done_at: Moment | None
    assignee: str | None
    note: str
    photo_ids: tuple[str, ...]
    why: tuple[dict[str, str | None], ...] = ()
    message: dict[str, Any]
    brief: TaskBrief


class PhotoOut(Answer):
    """A photo that was taken in."""

    photo_id: str


class ActionIn(Body):
    """What a grid worker says; `at` is the phone's time where it was said without a network."""

    note: str = Field(default="", max_length=4000)
    at: When | None = None


class IncidentQuery(Body):
    """What incidents are wanted; `grid` means that grid and all below it.

    `open`: it has not come to its end yet.
    """

    state: IncidentState | None = None
    open: bool | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    grid: str | None = None
    unbound: bool | None = None
    reason: LookReason = LookReason.CASE
    after: str | None = None
    limit: Limit = 50


class TaskQuery(Body):
    """What tasks are wanted; `grid` means that grid and all below it.

    `open`: there is still something to do. `mine`: whoever asks said that they go there.
    `message=false` leaves the bodies of the queue entries out: far less to send to a phone.
    """

    state: TaskState | None = None
    open: bool | None = None
    centre: str | None = None
    incident_id: str | None = None
    grid: str | None = None
    mine: bool = False
    message: bool = True
    after: str | None = None
    limit: Limit = 50
