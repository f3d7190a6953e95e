"""What is proposed for a rule that fires too often at a source. Pure; it changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from hub.types.finding import Policy, RuleKind, Verdict

NOISY_PER_HOUR = 100
"""Alerts of one rule at one source in its worst hour."""
FALSE_SHARE, JUDGED_MIN = 0.5, 10
"""Or so large a share judged false, of so many judged at least."""
HOUR_S = 3600.0
DWELLING = frozenset({RuleKind.ZONE_INTRUSION, RuleKind.CROWD})


class Advice(StrEnum):
    """What could be changed. `value` of a proposal: seconds for the first, else 0."""

    LONGER_DWELL = "longer_dwell"
    HIGHER_THRESHOLD = "higher_threshold"
    VERIFY_FIRST = "verify_first"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Fired:
    """One alert of the time looked at."""

    rule_id: str
    rule_kind: RuleKind
    source: str
    raised_at: float
    dwell_s: float
    findings: int
    policy: Policy
    verdict: Verdict | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change, with its number where it has one (seconds, or the unit of the rule's value)."""

    advice: Advice
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """A rule at a source: `per_hour` alerts in its worst hour, and what is proposed."""

    rule_id: str
    rule_kind: RuleKind
    source: str
    alerts: int
    per_hour: int
    findings: int
    judged: int
    false_share: float | None
    median_dwell_s: float
    proposals: tuple[Proposal, ...]


def noisy(fired: Sequence[Fired]) -> list[Noise]:
    """The pairs of rule and source that want tuning, the noisiest first."""
    pairs: dict[tuple[str, str], list[Fired]] = {}
    for each in fired:
        pairs.setdefault((each.rule_id, each.source), []).append(each)
    found = [_noise(those) for those in pairs.values()]
    wanted = [each for each in found if each.per_hour >= NOISY_PER_HOUR or _often_false(each)]
    return sorted(wanted, key=lambda each: (-each.per_hour, each.rule_id, each.source))


def _often_false(each: Noise) -> bool:
    return each.judged >= JUDGED_MIN and (each.false_share or 0.0) >= FALSE_SHARE


def _noise(those: Sequence[Fired]) -> Noise:
    last = max(those, key=lambda each: each.raised_at)
    judged = [each for each in those if each.verdict in (Verdict.CONFIRMED, Verdict.FALSE)]
    wrong = sum(each.verdict is Verdict.FALSE for each in judged)
    hours = Counter(each.raised_at // HOUR_S for each in those)
    return Noise(
        rule_id=last.rule_id,
        rule_kind=last.rule_kind,
        source=last.source,
        alerts=len(those),
        per_hour=max(hours.values()),
        findings=sum(each.findings for each in those),
        judged=len(judged),
        false_share=wrong / len(judged) if judged else None,
        median_dwell_s=median(each.dwell_s for each in those),
        proposals=_proposals(those, last),
    )


def _proposals(those: Sequence[Fired], last: Fired) -> tuple[Proposal, ...]:
    found: list[Proposal] = []
    if last.rule_kind in DWELLING:
        dwell_s = median(each.dwell_s for each in those)
        found.append(Proposal(Advice.LONGER_DWELL, round(2 * max(dwell_s, 1.0), 1)))
    values = sorted(each.value for each in those if each.value is not None)
    if values:
        found.append(Proposal(Advice.HIGHER_THRESHOLD, values[int(0.9 * (len(values) - 1))]))
    if last.policy is Policy.AUTO_DISPATCH:
        found.append(Proposal(Advice.VERIFY_FIRST))
    found.append(Proposal(Advice.MUTE, HOUR_S))
    return tuple(found)
