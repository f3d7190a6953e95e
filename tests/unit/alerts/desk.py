"""Findings, bindings and alerts for the tests of the centre's side."""

from __future__ import annotations

from collections.abc import Callable

from hub.alerts.admission import Admission, Incoming
from hub.alerts.dedup import fingerprint_of
from hub.alerts.lifecycle import life_of
from hub.alerts.rule import RuleConfig
from hub.kit.errors import NotFound
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    Finding,
    GridShare,
    GridWhy,
    Phase,
    Policy,
    RuleKind,
    Severity,
)
from hub.types.scene import Box, Point, SourceKind
from hub.types.site import LonLat
from tests.unit.alerts.scenes import T0, rule

Tell = Callable[..., Admission]
"""Admits one finding, as the fixture `tell` does."""

OPENED, UPDATED, CLOSED = Phase.OPENED, Phase.UPDATED, Phase.CLOSED

GRID = "370682100201003"
BOUND = Binding(
    camera_grid=GRID,
    event_grid=None,
    grid_code=GRID,
    grid_path=("370682000000000", "370682100000000", GRID),
    why=GridWhy.NOT_CALIBRATED,
    confidence=0.4,
    position=LonLat(120.7, 36.9),
    secondary=(GridShare("370682100201004", "civil", 0.25),),
)
NOWHERE = Binding(None, None, None, (), GridWhy.NO_GRID, 0.0, None)

ZONE_RULE = rule("zone_intrusion", id="zone", group_wait_s=0, repeat_within_s=60)
OFFLINE_RULE = rule("camera_offline", id="off")
RULES = {
    "zone": ZONE_RULE,
    "off": OFFLINE_RULE,
    "verify": rule("zone_intrusion", id="verify", policy="verify_first", repeat_within_s=60),
}


def bind(finding: Finding) -> Binding:
    """Sources named `stray…` are not registered, those named `far…` stand outside all grids."""
    if finding.source.startswith("stray"):
        raise NotFound("not registered")
    return NOWHERE if finding.source.startswith("far") else BOUND


def finding(
    phase: Phase,
    at: float,
    episode: str = "e1",
    *,
    rule_id: str = "zone",
    source: str = "cam",
    place: str = "left",
    point: Point | None = (0.3, 0.5),
) -> Finding:
    """Raised `at` seconds after T0, two seconds after its condition began."""
    known = RULES.get(rule_id, ZONE_RULE)
    return Finding(
        episode_id=episode,
        phase=phase,
        rule_id=rule_id,
        rule_kind=known.kind,
        source=source,
        source_kind=SourceKind.CAMERA,
        place=place if known.kind is RuleKind.ZONE_INTRUSION else "",
        severity=known.severity,
        captured_at=T0 + at - 2.0,
        raised_at=T0 + at,
        dwell_s=2.0,
        picture_point=point,
        box=None if point is None else Box(0.25, 0.2, 0.35, 0.5),
        evidence_id=f"ev-{episode}",
        facts={"count": 1},
    )


def incoming(seq: int, told: Finding, producer: str = "w1.aaaa") -> Incoming:
    known: RuleConfig | None = RULES.get(told.rule_id)
    return Incoming(f"{producer}:{seq}", told, known)


def alert(told: Finding | None = None, policy: Policy = Policy.AUTO_DISPATCH) -> Alert:
    """An alert as opened by a finding."""
    told = told or finding(OPENED, 0)
    return Alert(
        id="a1",
        fingerprint=fingerprint_of(told),
        rule_id=told.rule_id,
        rule_kind=told.rule_kind,
        source=told.source,
        source_kind=told.source_kind,
        place=told.place,
        severity=Severity.P3,
        policy=policy,
        life=life_of(policy, None),
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=told.episode_id,
        binding=BOUND,
        captured_at=told.captured_at,
        raised_at=told.raised_at,
        updated_at=told.raised_at,
        cleared_at=None,
        dwell_s=told.dwell_s,
        group_wait_s=30.0,
        findings=1,
        evidence_id=told.evidence_id,
        incident_id=None,
        picture_point=told.picture_point,
    )
