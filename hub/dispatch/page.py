"""Which incidents and tasks of a list are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.dispatch.whistles.repository import Units
from hub.types.finding import RuleKind, Severity
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import IncidentState, TaskState


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """None leaves a condition out. `grid` means that grid and all below it.

    `open` asks whether it has not come to its end yet.
    `within` is the ground of whoever asks: nothing beyond it is on the list but what `units`, the
    departments they act for, were called for.
    """

    state: IncidentState | None = None
    open: bool | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    grid: str | None = None
    unbound: bool | None = None
    within: Jurisdiction = EVERYWHERE
    units: Units = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """None leaves a condition out. `grid` means that grid and all below it.

    `open` asks whether there is still something to do, `assignee` who said that they go there.
    `within` is the ground of whoever asks: nothing beyond it is on the list.
    """

    state: TaskState | None = None
    open: bool | None = None
    centre: str | None = None
    incident_id: str | None = None
    grid: str | None = None
    assignee: str | None = None
    within: Jurisdiction = EVERYWHERE
