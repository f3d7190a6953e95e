"""What is told about alerts and mutes, and what people say about them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import Field

from hub.access.service import LookReason
from hub.alerts.evidence import marks
from hub.alerts.mute import Mute
from hub.alerts.page import AlertFilter, AlertOrder
from hub.api.dispatch.schemas import IncidentOut
from hub.api.schemas import Answer, Body, Limit, Moment, Place, When
from hub.types.finding import (
    Ack,
    Facts,
    GridWhy,
    Life,
    Policy,
    RuleKind,
    Severity,
    Verdict,
)
from hub.types.scene import SourceKind
from hub.types.site import OwnerKind, PlaceClass
from hub.types.staff import Jurisdiction
from hub.types.work import TaskState


class ShareOut(Answer):
    """A further grid that the camera sees, with its share of the view."""

    code: str
    kind: str
    share: float


class BindingOut(Answer):
    """The grids of an alert, which one was taken, and why."""

    camera_grid: str | None
    event_grid: str | None
    grid_code: str | None
    grid_path: tuple[str, ...]
    why: GridWhy
    confidence: float
    position: Place | None
    secondary: tuple[ShareOut, ...]
    unbound: bool


class BoxOut(Answer):
    """A rectangle in picture coordinates 0..1."""

    x1: float
    y1: float
    x2: float
    y2: float


class AlertOut(Answer):
    """One alert."""

    id: str
    rule_id: str
    rule_kind: RuleKind
    source: str
    source_kind: SourceKind
    place: str
    severity: Severity
    policy: Policy
    life: Life
    ack: Ack
    verdict: Verdict | None
    binding: BindingOut
    captured_at: Moment
    raised_at: Moment
    updated_at: Moment
    cleared_at: Moment | None
    dwell_s: float
    group_wait_s: float
    findings: int
    evidence_id: str | None
    incident_id: str | None
    picture_point: tuple[float, float] | None
    box: BoxOut | None
    facts: Facts
    exercise: bool
    version: int
    merged_into: str | None


class AcknowledgeIn(Body):
    """Somebody takes note; with `version` only if the alert is still at that version."""

    note: str = Field(default="", max_length=500)
    version: int | None = None


class VerdictIn(Body):
    """A person's judgement; with `version` only if the alert is still at that version."""

    verdict: Verdict
    note: str = Field(default="", max_length=500)
    version: int | None = None


class MergeIn(Body):
    """This alert and `into` are one matter; with `version` only if it is still at that version."""

    into: str
    note: str = Field(default="", max_length=500)
    version: int | None = None


class UnmergeIn(Body):
    """They are two after all; with `version` only if the alert is still at that version."""

    note: str = Field(default="", max_length=500)
    version: int | None = None


class MuteIn(Body):
    """Silence for a source, a rule, a grid with all below it, or what they have in common."""

    source: str | None = None
    rule_id: str | None = None
    grid_prefix: str | None = None
    reason: str = Field(min_length=3, max_length=500)
    starts_at: When | None = None
    ends_at: When


class MuteOut(Answer):
    """A mute: who answers for it, why, and until when."""

    id: str
    source: str | None
    rule_id: str | None
    grid_prefix: str | None
    reason: str
    owner: str
    starts_at: Moment
    ends_at: Moment
    ended_at: Moment | None
    created_at: Moment

    @classmethod
    def of(cls, mute: Mute) -> MuteOut:
        """A mute as told."""
        return cls(
            id=mute.id,
            created_at=mute.created_at,
            ended_at=mute.ended_at,
            **asdict(mute.draft),
        )


class MoveOut(Answer):
    """One line of an alert's log."""

    version: int
    at: Moment
    what: str
    from_state: str | None
    to_state: str | None
    reason: str
    actor: str


class StoryRuleOut(Answer):
    """The rule behind an alert as it stands now; `settings` are its thresholds and times."""

    id: str
    name: str
    settings: dict[str, Any]


class PlaceOut(Answer):
    """The zone (a polygon) or the line (two points) of an alert, in picture coordinates 0..1."""

    id: str
    name: str
    points: list[tuple[float, float]]


class SpeakerOut(Answer):
    """The camera or sensor that an alert comes from."""

    id: str
    name: str
    owner: str
    owner_kind: OwnerKind
    place_class: PlaceClass
    place: PlaceOut | None


class GridNameOut(Answer):
    """A grid by its name; of one that is no longer valid, the last it had."""

    code: str
    name: str
    kind: str


class NamesOut(Answer):
    """What a list of alerts leaves out of its rows.

    What people call its sources, rules and grids, and how many seconds after `raised_at` an alert
    of a severity is to be judged: of work, for the severities of `by_work`, whose `spans` of some
    weeks are given, each from and to.
    """

    sources: dict[str, str]
    rules: dict[str, str]
    grids: dict[str, str]
    verdict_s: dict[Severity, float]
    by_work: tuple[Severity, ...]
    spans: tuple[tuple[Moment, Moment], ...]


class DeadlinesOut(Answer):
    """By when somebody should have judged, accepted, been there, and dealt with it."""

    verdict_by: Moment
    accept_by: Moment | None
    on_scene_by: Moment | None
    handle_by: Moment | None


class TaskStateOut(Answer):
    """An errand of the alert's incident and how far it has come."""

    id: str
    centre: str
    state: TaskState
    created_at: Moment
    accepted_at: Moment | None
    on_way_at: Moment | None
    on_scene_at: Moment | None
    done_at: Moment | None
    assignee: str | None
    note: str
    photo_ids: tuple[str, ...]


class MarkOut(Answer):
    """A moment of a clip: the condition `began`, the alert was `raised` (with the box)."""

    at: Moment
    what: marks.Moment
    box: BoxOut | None


class ClipOut(Answer):
    """A clip that exists; times are unknown (None) for one from before they were written down."""

    size_bytes: int
    starts_at: Moment | None
    ends_at: Moment | None
    marks: list[MarkOut]


class EvidenceOut(Answer):
    """What there is to see, at `/evidence/{id}/picture` and `/evidence/{id}/clip`."""

    id: str
    picture: bool
    clip: ClipOut | None


class StoryOut(Answer):
    """Everything the desk shows of one alert.

    `earlier` and `later` are the neighbouring alerts of the same source, `duplicates` the alerts
    that were merged into this one.
    """

    alert: AlertOut
    rule: StoryRuleOut | None
    speaker: SpeakerOut | None
    grids: list[GridNameOut]
    deadlines: DeadlinesOut
    incident: IncidentOut | None
    tasks: list[TaskStateOut]
    log: list[MoveOut]
    evidence: EvidenceOut | None
    duplicates: list[AlertOut]
    earlier: str | None
    later: str | None


OF_THE_LIST = {"order", "reason", "after", "limit", "raised_from", "raised_before"}
"""What of a query is no part of the filter, or is written otherwise there."""


class AlertQuery(Body):
    """What alerts are wanted; `grid` means that grid and all below it, `live` not yet cleared.

    `order`: newest first, or by urgency: the most severe first, of equals the one raised first.
    """

    life: Life | None = None
    live: bool | None = None
    ack: Ack | None = None
    verdict: Verdict | None = None
    judged: bool | None = None
    severity: Severity | None = None
    rule_kind: RuleKind | None = None
    rule_id: str | None = None
    source: str | None = None
    grid: str | None = None
    unbound: bool | None = None
    incident_id: str | None = None
    merged_into: str | None = None
    exercise: bool | None = None
    raised_from: When | None = None
    raised_before: When | None = None
    order: AlertOrder = AlertOrder.NEWEST
    reason: LookReason = LookReason.CASE
    after: str | None = None
    limit: Limit = 50

    def chosen(self, within: Jurisdiction) -> AlertFilter:
        """As the room wants it for whoever asks, times in epoch seconds."""
        plain = self.model_dump(exclude=OF_THE_LIST)
        return AlertFilter(
            **plain,
            within=within,
            raised_from=self.raised_from.timestamp() if self.raised_from else None,
            raised_before=self.raised_before.timestamp() if self.raised_before else None,
        )
