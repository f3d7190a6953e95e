"""What is told about rules that fire too often."""

from __future__ import annotations

from hub.alerts.tuning.propose import Advice
from hub.api.schemas import Answer
from hub.types.finding import RuleKind


class ProposalOut(Answer):
    """What could be changed. `value`: seconds of a dwell or a mute, or the new threshold."""

    advice: Advice
    value: float | None


class NoiseOut(Answer):
    """A rule at a source in the last day, null for all its sources.

    `alerts`: how often one opened or came back; `per_hour`: the same within its worst hour.

    `false_share` is of those judged, null when none was.
    """

    rule_id: str
    rule_kind: RuleKind
    source: str | None
    alerts: int
    per_hour: int
    findings: int
    judged: int
    false_share: float | None
    median_dwell_s: float
    proposals: tuple[ProposalOut, ...]
