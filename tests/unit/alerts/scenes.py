"""Small worlds for the rules: tracks on a picture, readings, health, all on a clock of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.alerts.engine import RuleEngine
from hub.alerts.rule import RuleBinding, RuleConfig
from hub.alerts.rules import parse_rule
from hub.kit.ids import counted_ids
from hub.types.finding import Finding, Phase
from hub.types.scene import (
    Box,
    HealthChanged,
    HealthState,
    ObjectKind,
    Observation,
    Quality,
    Reading,
    SourceKind,
    Tick,
    Track,
    TracksSeen,
)
from hub.types.site import Line, Zone

T0 = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC, a Tuesday; 06:13:20 on Wednesday in Shanghai."""

LEFT_HALF = Zone(id="left", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
DOWN = Line(id="gate", a=(0.5, 0.2), b=(0.5, 0.8))
"""Runs down the middle: the left of the picture is on its right-hand side."""


def track(
    number: int, x: float, y: float = 0.5, kind: ObjectKind = ObjectKind.PERSON, size: float = 0.1
) -> Track:
    """A thing whose foot point is (x, y)."""
    return Track(number, kind, Box(x - size / 4, y - size, x + size / 4, y), 0.9, T0)


def seen(at: float, *tracks: Track, quiet: bool = False) -> TracksSeen:
    """One analysed frame, `at` seconds after T0."""
    return TracksSeen("cam", T0 + at, T0 + at + 0.1, tracks, quiet)


def tick(at: float, source: str = "cam") -> Tick:
    return Tick(source, T0 + at)


def reading(
    at: float,
    value: float,
    quantity: str = "smoke",
    quality: Quality = Quality.GOOD,
    clock_error_s: float = 0.0,
) -> Reading:
    """A sensor speaks; its own clock may be wrong."""
    return Reading("s1", quantity, value, "ppm", T0 + at + clock_error_s, T0 + at, quality)


def health(at: float, state: HealthState, last_picture: float | None = None) -> HealthChanged:
    last = None if last_picture is None else T0 + last_picture
    return HealthChanged("cam", SourceKind.CAMERA, state, T0 + at, last)


def rule(kind: str, **values: object) -> RuleConfig:
    """A rule as an administrator writes it, id r1 unless said otherwise."""
    return parse_rule({"id": "r1", "kind": kind, **values})


def bound(kind: str, **values: object) -> RuleBinding:
    """The same, applied to the left half or to the line, as its kind wants."""
    made = rule(kind, **values)
    zone = LEFT_HALF if made.needs in ("zone", "zone_optional") else None
    return RuleBinding(made, zone=zone, line=DOWN if made.needs == "line" else None)


def engine(*bindings: RuleBinding, source: str = "cam", beats: bool = True) -> RuleEngine:
    kind = SourceKind.CAMERA if source == "cam" else SourceKind.SENSOR
    return RuleEngine(source, kind, bindings, counted_ids("id"), beats=beats)


def run(
    bindings: RuleBinding | Sequence[RuleBinding], observations: Iterable[Observation]
) -> list[Finding]:
    """All findings, in order."""
    listed = [bindings] if isinstance(bindings, RuleBinding) else bindings
    machine = engine(*listed)
    return [finding for observation in observations for finding in machine.step(observation)]


def story(findings: Iterable[Finding]) -> list[tuple[str, float]]:
    """Phase and time since T0, without the updates."""
    return [
        (finding.phase.value, round(finding.raised_at - T0, 3))
        for finding in findings
        if finding.phase is not Phase.UPDATED
    ]


def frames(until: float, fps: float = 5.0, start: float = 0.0) -> list[float]:
    """Times of frames."""
    return [round(start + i / fps, 3) for i in range(int((until - start) * fps) + 1)]
