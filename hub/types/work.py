"""What people get to do: incidents, tasks, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.types.finding import RuleKind, Severity
from hub.types.staff import Role


class IncidentState(StrEnum):
    """Life of an incident; what may follow stands in `dispatch/incident.py`."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    FILED = "filed"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ON_WAY = "on_way"
    ON_SCENE = "on_scene"
    SUSPENDED = "suspended"
    HANDLED = "handled"
    VERIFYING = "verifying"
    REWORK = "rework"
    CLOSED = "closed"
    ARCHIVED = "archived"
    EVALUATED = "evaluated"
    VOID = "void"
    MERGED = "merged"


class Origin(StrEnum):
    """Who or what an incident began with; `hub` is the hub's own alarm."""

    CAMERA = "camera"
    SENSOR = "sensor"
    HUB = "hub"
    WORKER = "worker"
    COUNTER = "counter"
    PATROL = "patrol"
    DEPARTMENT = "department"
    OTHER = "other"


class TaskState(StrEnum):
    """Life of a task: queued in the outbox, delivered to the centre, then what the worker says."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ON_WAY = "on_way"
    ON_SCENE = "on_scene"
    DONE = "done"
    VOID = "void"


class TaskAction(StrEnum):
    """What a grid worker says about a task; each with an idempotency key of its own."""

    ACCEPT = "accept"
    TAKE_OVER = "take_over"
    ON_WAY = "on_way"
    ON_SCENE = "on_scene"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Due:
    """Deadlines, UTC epoch seconds."""

    accept_by: float
    on_scene_by: float | None
    handle_by: float


@dataclass(frozen=True, slots=True)
class Incident:
    """One matter: alerts of one grid and rule kind, or what a person reported.

    `alert_ids` is empty for what was reported, its `rule_kind` is `report` and `title` says what.
    `parent_id` is the matter it was split from, `merged_into` the one it went into. `class_code`
    is a minor class of `dispatch.yaml`, "" for one from before there were classes. `raised_to` is
    the grid above that is asked now, because nobody accepted in time.
    """

    id: str
    state: IncidentState
    rule_kind: RuleKind
    severity: Severity
    grid_code: str | None
    grid_path: tuple[str, ...]
    opened_at: float
    updated_at: float
    alert_ids: tuple[str, ...]
    due: Due
    exercise: bool = False
    version: int = 1
    origin: Origin = Origin.CAMERA
    title: str = ""
    self_handled: bool = False
    parent_id: str | None = None
    merged_into: str | None = None
    closed_at: float | None = None
    rating: int | None = None
    raised_to: str | None = None
    class_code: str = ""


@dataclass(frozen=True, slots=True)
class DispatchTask:
    """One errand for one centre; `message` is the documented JSON body of the queue entry.

    `why` is why it went there, each a code with its parameters. The other last fields are what was
    done about it so far; times are UTC epoch seconds.
    """

    id: str
    incident_id: str
    centre: str
    grid_code: str | None
    state: TaskState
    created_at: float
    message: dict[str, object]
    accepted_at: float | None = None
    on_way_at: float | None = None
    on_scene_at: float | None = None
    done_at: float | None = None
    assignee: str | None = None
    note: str = ""
    photo_ids: tuple[str, ...] = ()
    why: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A consumer's word about a task, from `receipts:<centre>` or the API.

    `roles` are those in which it is said there; in none, nothing is.
    """

    task_id: str
    action: TaskAction
    at: float
    by: str
    key: str
    note: str = ""
    photo_ids: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class TaskPhoto:
    """A photo of the place, sent on its own; `key` is its idempotency key."""

    task_id: str
    photo_id: str
    by: str
    key: str
