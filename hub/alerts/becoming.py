"""What an alert is when a finding opens it, and after one that joins it. Pure."""

from __future__ import annotations

from dataclasses import replace

from hub.alerts import lifecycle
from hub.alerts.dedup import Decision, Effect, fingerprint_of
from hub.alerts.rule import RuleConfig
from hub.types.finding import Ack, Alert, Binding, Finding, Outcome


def opened(
    finding: Finding, rule: RuleConfig, binding: Binding, now: float, alert_id: str
) -> Alert:
    """The alert that a finding opens."""
    return Alert(
        id=alert_id,
        fingerprint=fingerprint_of(finding),
        rule_id=finding.rule_id,
        rule_kind=finding.rule_kind,
        source=finding.source,
        source_kind=finding.source_kind,
        place=finding.place,
        severity=finding.severity,
        policy=rule.policy_in_force,
        life=lifecycle.life_of(rule.policy_in_force, None),
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=finding.episode_id,
        binding=binding,
        captured_at=finding.captured_at,
        raised_at=finding.raised_at,
        updated_at=now,
        cleared_at=None,
        dwell_s=finding.dwell_s,
        group_wait_s=rule.wait_s,
        findings=1,
        evidence_id=finding.evidence_id,
        incident_id=None,
        picture_point=finding.picture_point,
        box=finding.box,
        facts=finding.facts,
        exercise=finding.exercise,
    )


def moved(finding: Finding, decision: Decision, alert: Alert | None, now: float) -> Alert | None:
    """The alert after a finding that joins it. Its beginning stays that of the first finding."""
    if alert is None or decision.outcome is not Outcome.MERGED:
        return None
    if decision.effect is Effect.CLEAR:
        alert = lifecycle.clear(alert, finding.raised_at)
    elif decision.effect is Effect.REOPEN:
        alert = lifecycle.reopen(alert)
    if decision.effect in (Effect.REFRESH, Effect.REOPEN):
        alert = replace(
            alert,
            severity=min(alert.severity, finding.severity),
            picture_point=finding.picture_point or alert.picture_point,
            box=finding.box or alert.box,
            facts=finding.facts,
            evidence_id=alert.evidence_id or finding.evidence_id,
        )
    return replace(
        alert,
        episode_id=finding.episode_id if decision.adopt else alert.episode_id,
        findings=alert.findings + 1,
        updated_at=max(now, alert.updated_at),
        version=alert.version + 1,
    )
