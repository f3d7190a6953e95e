"""Alerts as rows of the table and as values, and what the change feed says of them."""

from __future__ import annotations

from typing import Any

from hub.alerts.mute import Mute, MuteDraft
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    GridShare,
    GridWhy,
    Life,
    Policy,
    RuleKind,
    Severity,
    Verdict,
)
from hub.types.scene import Box, SourceKind
from hub.types.site import LonLat


def alert_row(alert: Alert) -> dict[str, Any]:
    """The columns of an alert: plain JSON values; also the body of its entries in the feed."""
    binding, box = alert.binding, alert.box
    position = binding.position
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "episode_id": alert.episode_id,
        "rule_id": alert.rule_id,
        "rule_kind": alert.rule_kind.value,
        "source": alert.source,
        "source_kind": alert.source_kind.value,
        "place": alert.place,
        "severity": alert.severity.value,
        "policy": alert.policy.value,
        "life": alert.life.value,
        "ack": alert.ack.value,
        "verdict": None if alert.verdict is None else alert.verdict.value,
        "camera_grid": binding.camera_grid,
        "event_grid": binding.event_grid,
        "grid_code": binding.grid_code,
        "grid_path": list(binding.grid_path),
        "grid_why": binding.why.value,
        "grid_confidence": binding.confidence,
        "secondary": [[share.code, share.kind, share.share] for share in binding.secondary],
        "lon": None if position is None else position.lon,
        "lat": None if position is None else position.lat,
        "picture_point": None if alert.picture_point is None else list(alert.picture_point),
        "box": None if box is None else [box.x1, box.y1, box.x2, box.y2],
        "captured_at": alert.captured_at,
        "raised_at": alert.raised_at,
        "updated_at": alert.updated_at,
        "cleared_at": alert.cleared_at,
        "dwell_s": alert.dwell_s,
        "group_wait_s": alert.group_wait_s,
        "findings": alert.findings,
        "evidence_id": alert.evidence_id,
        "incident_id": alert.incident_id,
        "facts": dict(alert.facts),
        "exercise": alert.exercise,
        "version": alert.version,
        "merged_into": alert.merged_into,
    }


def to_alert(row: Any) -> Alert:
    """A row of the table `alerts` as a value."""
    return Alert(
        id=row.id,
        fingerprint=row.fingerprint,
        rule_id=row.rule_id,
        rule_kind=RuleKind(row.rule_kind),
        source=row.source,
        source_kind=SourceKind(row.source_kind),
        place=row.place,
        severity=Severity(row.severity),
        policy=Policy(row.policy),
        life=Life(row.life),
        ack=Ack(row.ack),
        verdict=None if row.verdict is None else Verdict(row.verdict),
        episode_id=row.episode_id,
        binding=_binding(row),
        captured_at=row.captured_at,
        raised_at=row.raised_at,
        updated_at=row.updated_at,
        cleared_at=row.cleared_at,
        dwell_s=row.dwell_s,
        group_wait_s=row.group_wait_s,
        findings=row.findings,
        evidence_id=row.evidence_id,
        incident_id=row.incident_id,
        picture_point=None if row.picture_point is None else tuple(row.picture_point),
        box=None if row.box is None else Box(*row.box),
        facts=row.facts,
        exercise=row.exercise,
        version=row.version,
        merged_into=row.merged_into,
    )


def _binding(row: Any) -> Binding:
    return Binding(
        camera_grid=row.camera_grid,
        event_grid=row.event_grid,
        grid_code=row.grid_code,
        grid_path=tuple(row.grid_path),
        why=GridWhy(row.grid_why),
        confidence=row.grid_confidence,
        position=None if row.lon is None else LonLat(row.lon, row.lat),
        secondary=tuple(GridShare(*share) for share in row.secondary),
    )


def mute_row(mute: Mute) -> dict[str, Any]:
    """The columns of a mute."""
    draft = mute.draft
    return {
        "id": mute.id,
        "source": draft.source,
        "rule_id": draft.rule_id,
        "grid_prefix": draft.grid_prefix,
        "reason": draft.reason,
        "owner": draft.owner,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "ended_at": mute.ended_at,
        "created_at": mute.created_at,
        "grid_path": None if mute.grid_path is None else list(mute.grid_path),
    }


def to_mute(row: Any) -> Mute:
    """A row of the table `mutes` as a value."""
    draft = MuteDraft(
        reason=row.reason,
        owner=row.owner,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        source=row.source,
        rule_id=row.rule_id,
        grid_prefix=row.grid_prefix,
    )
    path = None if row.grid_path is None else tuple(row.grid_path)
    return Mute(row.id, draft, row.created_at, row.ended_at, path)
