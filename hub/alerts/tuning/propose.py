"""What is proposed for a rule that fires too often at a source. Pure; it changes nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from hub.types.finding import Policy, RuleKind, Verdict

NOISY_PER_HOUR = 100
"""Openings of one rule at one source, or over all its sources, in the worst hour."""
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
    """An alert opened in the time looked at, anew or again (`at`); else as it stands now."""

    alert_id: str
    rule_id: str
    rule_kind: RuleKind
    source: str
    at: float
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
    """A rule at a source, None for all its sources: how often it fired, and what is proposed.

    `alerts`: how often one opened or came back, `per_hour`: in the worst hour, whenever it began.
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
    proposals: tuple[Proposal, ...]


def noisy(fired: Sequence[Fired]) -> list[Noise]:
    """Rules that want tuning at a source, or as a whole, the noisiest first."""
    rules: dict[str, dict[str, list[Fired]]] = {}
    for each in fired:
        rules.setdefault(each.rule_id, {}).setdefault(each.source, []).append(each)
    found: list[Noise] = []
    for sources in rules.values():
        found += [_noise(those, source) for source, those in sources.items()]
        if len(sources) > 1:
            found.append(_noise([each for those in sources.values() for each in those], None))
    wanted = [each for each in found if each.per_hour >= NOISY_PER_HOUR or _often_false(each)]
    return sorted(wanted, key=lambda each: (-each.per_hour, each.rule_id, each.source or ""))


def _often_false(each: Noise) -> bool:
    return each.judged >= JUDGED_MIN and (each.false_share or 0.0) >= FALSE_SHARE


def _noise(those: Sequence[Fired], source: str | None) -> Noise:
    last = max(those, key=lambda each: each.at)
    alerts = {each.alert_id: each for each in those}.values()
    judged = [each for each in alerts if each.verdict in (Verdict.CONFIRMED, Verdict.FALSE)]
    wrong = sum(each.verdict is Verdict.FALSE for each in judged)
    return Noise(
        rule_id=last.rule_id,
        rule_kind=last.rule_kind,
        source=source,
        alerts=len(those),
        per_hour=_worst_hour([each.at for each in those]),
        findings=sum(each.findings for each in alerts),
        judged=len(judged),
        false_share=wrong / len(judged) if judged else None,
        median_dwell_s=median(each.dwell_s for each in those),
        proposals=_proposals(those, last, source),
    )


def _worst_hour(moments: Sequence[float]) -> int:
    """How many there were at most within an hour."""
    ordered = sorted(moments)
    return max(n + 1 - bisect_right(ordered, at - HOUR_S) for n, at in enumerate(ordered))


def _proposals(those: Sequence[Fired], last: Fired, source: str | None) -> tuple[Proposal, ...]:
    found: list[Proposal] = []
    if last.rule_kind in DWELLING:
        dwell_s = median(each.dwell_s for each in those)
        found.append(Proposal(Advice.LONGER_DWELL, round(2 * max(dwell_s, 1.0), 1)))
    values = sorted(each.value for each in those if each.value is not None)
    if values:
        found.append(Proposal(Advice.HIGHER_THRESHOLD, values[int(0.9 * (len(values) - 1))]))
    if last.policy is Policy.AUTO_DISPATCH:
        found.append(Proposal(Advice.VERIFY_FIRST))
    if source is not None:  # a whole rule is changed, not silenced everywhere
        found.append(Proposal(Advice.MUTE, HOUR_S))
    return tuple(found)
