"""A year of machine alerts: what the cameras said, and what operators made of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.alerts.rows import alert_row
from hub.app.seed.people import Staff
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    Life,
    Policy,
    Reason,
    RuleKind,
    Severity,
    Verdict,
)
from hub.types.scene import SourceKind
from hub.types.staff import Role

ALERTS = 100_000
HUB = "hub"
LIVE_S = 6 * 3600.0
"""Of what was raised this shortly before the end, some still goes on."""
_VERDICT_S = {Severity.P1: 30.0, Severity.P2: 120.0, Severity.P3: 600.0, Severity.P4: 3600.0}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A camera with where it stands."""

    camera: str
    name: str
    binding: Binding


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    kind: RuleKind
    severity: Severity
    policy: Policy
    weight: float
    confirmed: float
    """Share of its alerts that people find true."""


_V, _A = Policy.VERIFY_FIRST, Policy.AUTO_DISPATCH
_RULES = (
    _Rule("closed-area", RuleKind.ZONE_INTRUSION, Severity.P3, _V, 40, 0.03),
    _Rule("no-through-traffic", RuleKind.LINE_CROSSING, Severity.P3, _V, 30, 0.02),
    _Rule("crowd", RuleKind.CROWD, Severity.P2, _V, 10, 0.08),
    _Rule("camera-offline", RuleKind.CAMERA_OFFLINE, Severity.P4, _V, 12, 0.10),
    _Rule("camera-frozen", RuleKind.CAMERA_FROZEN, Severity.P4, _V, 6, 0.06),
    _Rule("night-intrusion", RuleKind.ZONE_INTRUSION, Severity.P2, _A, 2, 0.30),
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alert with its log; `goes_out_at` is when it asks for an incident, None if never."""

    row: dict[str, Any]
    lines: tuple[Row, ...]
    spot: Spot
    severity: Severity
    goes_out_at: float | None


def alarms(
    spots: Sequence[Spot], staff: Staff, rng: random.Random, since: float, until: float, count: int
) -> Iterator[Alarm]:
    """That many, in the order of their times; few cameras raise most of them."""
    weights = [rng.paretovariate(0.9) for _ in spots]
    places = rng.choices(spots, weights, k=count)
    rules = rng.choices(_RULES, [rule.weight for rule in _RULES], k=count)
    times = sorted(rng.uniform(since, until) for _ in range(count))
    blank = alert_row(_blank(spots[0])) if spots else {}
    for number, (at, spot, rule) in enumerate(zip(times, places, rules, strict=True), start=1):
        yield _alarm(blank, f"sa-{number:06}", at, spot, rule, staff, rng, until)


def _blank(spot: Spot) -> Alert:
    """The shape of all of them."""
    return Alert(
        id="",
        fingerprint="",
        rule_id="",
        rule_kind=RuleKind.CROWD,
        source="",
        source_kind=SourceKind.CAMERA,
        place="",
        severity=Severity.P4,
        policy=_V,
        life=Life.CLEARED,
        ack=Ack.UNACKED,
        verdict=None,
        episode_id="",
        binding=spot.binding,
        captured_at=0.0,
        raised_at=0.0,
        updated_at=0.0,
        cleared_at=None,
        dwell_s=0.0,
        group_wait_s=0.0,
        findings=1,
        evidence_id=None,
        incident_id=None,
    )


def _alarm(
    blank: Row,
    alert_id: str,
    at: float,
    spot: Spot,
    rule: _Rule,
    staff: Staff,
    rng: random.Random,
    until: float,
) -> Alarm:
    binding = spot.binding
    verdict, judged_at = _verdict(rule, at, rng, until)
    cleared_at: float | None = at + rng.expovariate(1 / 90.0)
    if cleared_at is not None and (cleared_at >= until or _goes_on(at, until, rng)):
        cleared_at = None
    row = dict(blank) | {
        "id": alert_id,
        "fingerprint": f"{spot.camera}/{rule.id}",
        "episode_id": f"se-{alert_id}",
        "rule_id": rule.id,
        "rule_kind": rule.kind.value,
        "source": spot.camera,
        "severity": rule.severity.value,
        "policy": rule.policy.value,
        "camera_grid": binding.camera_grid,
        "grid_code": binding.grid_code,
        "grid_path": list(binding.grid_path),
        "grid_why": binding.why.value,
        "lon": None if binding.position is None else binding.position.lon,
        "lat": None if binding.position is None else binding.position.lat,
        "captured_at": at - 2.0,
        "raised_at": at,
        "dwell_s": round(rng.expovariate(1 / 20.0), 1),
        "findings": 1 + int(rng.expovariate(0.5)),
    }
    lines = _told(row, spot, rule, staff, rng, verdict, judged_at, cleared_at)
    return Alarm(row, lines, spot, rule.severity, _out(rule, at, verdict, judged_at))


def _goes_on(at: float, until: float, rng: random.Random) -> bool:
    return until - at < LIVE_S and rng.random() < 0.3


def _verdict(
    rule: _Rule, at: float, rng: random.Random, until: float
) -> tuple[Verdict | None, float]:
    judged_at = at + rng.expovariate(1 / _VERDICT_S[rule.severity])
    if judged_at >= until or rng.random() < 0.1:
        return None, 0.0
    if rng.random() < rule.confirmed:
        return Verdict.CONFIRMED, judged_at
    other = (Verdict.FALSE, Verdict.DUPLICATE, Verdict.SUPPRESSED)
    return rng.choices(other, (0.88, 0.1, 0.02))[0], judged_at


def _out(rule: _Rule, at: float, verdict: Verdict | None, judged_at: float) -> float | None:
    if rule.policy is Policy.AUTO_DISPATCH:
        return at
    return judged_at if verdict is Verdict.CONFIRMED else None


def _told(
    row: dict[str, Any],
    spot: Spot,
    rule: _Rule,
    staff: Staff,
    rng: random.Random,
    verdict: Verdict | None,
    judged_at: float,
    cleared_at: float | None,
) -> tuple[Row, ...]:
    """The log of one alert; the row's last columns follow from it."""
    events = [(row["raised_at"], "open", Reason.NEW.value, HUB)]
    if verdict is not None:
        judge = staff.nearest(Role.OPERATOR, spot.binding.grid_path, rng)
        by = HUB if judge is None else judge.name
        events.append((judged_at, "verdict", verdict.value, by))
    if cleared_at is not None:
        events.append((cleared_at, "clear", Reason.CLOSE.value, HUB))
    state: str | None = None
    lines = []
    for version, (at, what, reason, by) in enumerate(sorted(events), start=1):
        after = _after(rule, what, reason, state)
        lines.append(_line(row["id"], version, at, what, state, after, reason, by))
        state = after
    row |= {"life": state, "version": len(lines), "updated_at": lines[-1]["at"]}
    row |= {"cleared_at": cleared_at, "verdict": None if verdict is None else verdict.value}
    row["ack"] = (Ack.UNACKED if verdict is None else Ack.ACKED).value
    return tuple(lines)


def _after(rule: _Rule, what: str, reason: str, state: str | None) -> str:
    if what == "clear" or state == Life.CLEARED.value:
        return Life.CLEARED.value
    waits = rule.policy is Policy.VERIFY_FIRST and reason != Verdict.CONFIRMED.value
    return (Life.PENDING if waits else Life.ACTIVE).value


def _line(
    alert_id: str,
    version: int,
    at: float,
    what: str,
    before: str | None,
    after: str,
    reason: str,
    by: str,
) -> Row:
    return {
        "entity": "alert",
        "entity_id": alert_id,
        "version": version,
        "at": at,
        "what": what,
        "from_state": before,
        "to_state": after,
        "reason": reason,
        "actor": by,
        "device": None,
    }
