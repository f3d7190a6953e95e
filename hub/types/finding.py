"""What a rule found, how it was judged, and the alert it lives in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hub.types.scene import Box, SourceKind
from hub.types.site import LonLat

Facts = dict[str, str | float | int | bool]
"""The numbers behind a finding ("why this alert"): plain values with units last in their names."""


class Severity(StrEnum):
    """P1 is life and fire; P4 is for the record."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class RuleKind(StrEnum):
    """The rules that exist. `unobserved`, `undelivered`, `vacancy`, `audit` are the centre's own.

    `report` is no rule: it stands for what a person reported.
    """

    ZONE_INTRUSION = "zone_intrusion"
    LINE_CROSSING = "line_crossing"
    CROWD = "crowd"
    CAMERA_OFFLINE = "camera_offline"
    CAMERA_FROZEN = "camera_frozen"
    SENSOR_THRESHOLD = "sensor_threshold"
    PANIC_BUTTON = "panic_button"
    UNOBSERVED = "unobserved"
    UNDELIVERED = "undelivered"
    VACANCY = "vacancy"
    AUDIT = "audit"
    REPORT = "report"


SAFETY_KINDS = frozenset(
    {
        RuleKind.CAMERA_OFFLINE,
        RuleKind.CAMERA_FROZEN,
        RuleKind.SENSOR_THRESHOLD,
        RuleKind.PANIC_BUTTON,
        RuleKind.UNOBSERVED,
        RuleKind.UNDELIVERED,
        RuleKind.VACANCY,
        RuleKind.AUDIT,
        RuleKind.REPORT,
    }
)
"""What may run at a sensitive place: fire, smoke, a fall, a medical case, tampering, health of the
stream, and what people press or report. A new kind is put on one side or the other by a test."""

CRUSH_KINDS = frozenset({RuleKind.CROWD})
"""The same, but only as crush density, never as a gathering: the rule's own numbers decide."""


class Phase(StrEnum):
    """Phase of an episode a finding speaks of."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


class Policy(StrEnum):
    """Whether an alert goes to the queue at once or waits for a person's verdict."""

    AUTO_DISPATCH = "auto_dispatch"
    VERIFY_FIRST = "verify_first"


@dataclass(frozen=True, slots=True)
class Finding:
    """One message about one episode of one rule at one source.

    `place` is the zone's or line's id, "" where the rule has none. `box` and `picture_point`
    are in picture coordinates 0..1. Times are UTC epoch seconds. `evidence_id` names the
    picture and the clip in the media store, None where there is nothing to show.
    """

    episode_id: str
    phase: Phase
    rule_id: str
    rule_kind: RuleKind
    source: str
    source_kind: SourceKind
    place: str
    severity: Severity
    captured_at: float
    raised_at: float
    dwell_s: float = 0.0
    picture_point: tuple[float, float] | None = None
    box: Box | None = None
    evidence_id: str | None = None
    facts: Facts = field(default_factory=dict)
    exercise: bool = False


class Outcome(StrEnum):
    """What became of a finding; the ledger counts exactly one for each."""

    OPENED = "opened"
    MERGED = "merged"
    MUTED = "muted"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why: the same word in the log, the API and the tests."""

    NEW = "new"
    REPEAT = "repeat"
    UPDATE = "update"
    CLOSE = "close"
    REOPENED = "reopened"
    MUTE = "mute"
    INHIBITED_OFFLINE = "inhibited_offline"
    STORM = "storm"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_RULE = "unknown_rule"
    UNREADABLE = "unreadable"
    STRAY = "stray"


class Life(StrEnum):
    """First axis of an alert: what the source says."""

    PENDING = "pending"
    ACTIVE = "active"
    CLEARED = "cleared"


class Ack(StrEnum):
    """Second axis of an alert: what a person said."""

    UNACKED = "unacked"
    ACKED = "acked"


class Verdict(StrEnum):
    """A person's judgement of an alert."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    DUPLICATE = "duplicate"
    TEST = "test"
    SUPPRESSED = "suppressed"


class GridWhy(StrEnum):
    """Which grid was taken and why."""

    GROUND_POINT = "ground_point"
    NOT_CALIBRATED = "not_calibrated"
    LOW_CONFIDENCE = "low_confidence"
    GROUND_POINT_OUTSIDE = "ground_point_outside"
    MOUNT_POINT = "mount_point"
    SENSOR_POSITION = "sensor_position"
    NO_POSITION = "no_position"
    NO_GRID = "no_grid"
    NAMED = "named"
    REPORTED_POSITION = "reported_position"


@dataclass(frozen=True, slots=True)
class GridShare:
    """A further grid that the camera sees, with its share (0..1) of the view polygon."""

    code: str
    kind: str
    share: float


@dataclass(frozen=True, slots=True)
class Binding:
    """The two grids of an alert and which one was taken.

    `grid_path` runs from the root to `grid_code`. `confidence` (0..1) is that of
    `event_grid`. `position` is where it happened as far as known, WGS-84.
    """

    camera_grid: str | None
    event_grid: str | None
    grid_code: str | None
    grid_path: tuple[str, ...]
    why: GridWhy
    confidence: float
    position: LonLat | None
    secondary: tuple[GridShare, ...] = ()

    @property
    def unbound(self) -> bool:
        """True when no grid contains the place; the alert stands on the visible list."""
        return self.grid_code is None


@dataclass(frozen=True, slots=True)
class Alert:
    """One live or past alert: an incident's raw material, updated in place while it lives.

    `merged_into` names the alert that this one is a duplicate of, as a person said.
    """

    id: str
    fingerprint: str
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
    episode_id: str
    binding: Binding
    captured_at: float
    raised_at: float
    updated_at: float
    cleared_at: float | None
    dwell_s: float
    group_wait_s: float
    findings: int
    evidence_id: str | None
    incident_id: str | None
    picture_point: tuple[float, float] | None = None
    box: Box | None = None
    facts: Facts = field(default_factory=dict)
    exercise: bool = False
    version: int = 1
    merged_into: str | None = None
