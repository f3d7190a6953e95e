"""Which alerts of a list are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.types.finding import Ack, Life, RuleKind, Severity, Verdict
from hub.types.staff import EVERYWHERE, Jurisdiction


class AlertOrder(StrEnum):
    """Newest first, or by severity and clock: of equals the one that has waited longest."""

    NEWEST = "newest"
    URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """None leaves a condition out. `grid` means that grid and all below it.

    `raised_from` and `raised_before` are UTC epoch seconds. `judged` asks whether there is a
    verdict at all, `live` whether it has not been cleared. `within` is the ground of whoever asks:
    nothing beyond it is on the list.
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
    raised_from: float | None = None
    raised_before: float | None = None
    within: Jurisdiction = EVERYWHERE
