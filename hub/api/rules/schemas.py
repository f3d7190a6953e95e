"""What callers send about rules and what they are told."""

from __future__ import annotations

from pydantic import Field

from hub.alerts.rules import RuleSpec, parse_rule
from hub.api.schemas import Answer, Body, Moment
from hub.store.managed import Entry
from hub.types.finding import Facts, Phase, Severity
from hub.types.scene import Box
from hub.types.site import Identifier, Line, Zone


class RuleOut(Answer):
    """A rule as registered."""

    rule: RuleSpec
    managed_by: str
    origin: str | None
    enabled: bool
    version: int
    updated_at: Moment

    @classmethod
    def of(cls, entry: Entry) -> RuleOut:
        """An entry as told."""
        return cls(
            rule=parse_rule(entry.spec),
            managed_by=entry.managed_by,
            origin=entry.origin,
            enabled=entry.enabled,
            version=entry.version,
            updated_at=entry.updated_at,
        )


class TrialIn(Body):
    """A draft rule, and where to try it; the zone or line may be a draft too."""

    rule: RuleSpec
    camera: Identifier
    zone: Zone | None = None
    line: Line | None = None
    minutes: float = Field(default=5.0, gt=0, le=5)


class TrialFinding(Answer):
    """What the draft would have found. `box` is in picture coordinates 0..1."""

    episode_id: str
    phase: Phase
    severity: Severity
    captured_at: Moment
    raised_at: Moment
    dwell_s: float
    box: Box | None
    facts: Facts


class TrialOut(Answer):
    """The trial: on what it ran and what it found. Nothing of it is stored."""

    camera: str
    frames: int
    from_at: Moment | None
    to_at: Moment | None
    findings: tuple[TrialFinding, ...]
