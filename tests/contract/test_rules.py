"""What every rule promises, whatever it looks for. A new rule adds one line to `CASES`."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from hub.alerts.rule import Rule, RuleBinding, RuleConfig
from hub.alerts.rules import RULES, make, misplaced, parse_rule, permitted
from hub.kit.errors import Misconfigured
from hub.types.finding import RuleKind
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
from hub.types.site import Line, PlaceClass, Zone

CASES: dict[str, dict[str, Any]] = {
    "zone_intrusion": {"dwell_s": 1.0, "gap_s": 0.5},
    "line_crossing": {"cool_down_s": 0.5},
    "crowd": {"count_min": 2, "hold_s": 1.0},
    "camera_offline": {"after_s": 2.0},
    "camera_frozen": {"after_s": 2.0},
    "sensor_threshold": {"quantity": "smoke", "above": 0.5, "hold_s": 2.0},
    "panic_button": {"cool_down_s": 3.0},
}
"""The least that makes a rule of each kind that something happens to."""

ZONE = Zone(id="z", polygon=((0.2, 0.2), (0.8, 0.2), (0.8, 0.9), (0.2, 0.9)))
LINE = Line(id="l", a=(0.5, 0.0), b=(0.5, 1.0))
T0 = 1_700_000_000.0


def config(kind: str, **more: object) -> RuleConfig:
    return parse_rule({"id": "r", "kind": kind, **CASES[kind], **more})


def binding(kind: str) -> RuleBinding:
    rule = config(kind)
    zone = ZONE if rule.needs in ("zone", "zone_optional") else None
    return RuleBinding(rule, zone=zone, line=LINE if rule.needs == "line" else None)


def everything(seed: int, count: int = 400) -> Iterator[Observation]:
    """All kinds of observations in a plausible order, with jumps, repeats and nonsense."""
    rng, at = random.Random(seed), T0
    xs = [rng.random() for _ in range(5)]
    for _ in range(count):
        at += rng.choice([0.0, 0.2, 0.2, 0.2, 1.0, 20.0, -3.0])
        xs = [min(1.0, max(0.0, x + rng.uniform(-0.08, 0.08))) for x in xs]
        kind = rng.choice([ObjectKind.PERSON, ObjectKind.PERSON, ObjectKind.CAR])
        tracks = tuple(
            Track(n, kind, Box(x - 0.02, 0.3, x + 0.02, 0.5), 0.9, T0) for n, x in enumerate(xs)
        )
        value = rng.choice([0.0, 1.0, 0.6, float("nan"), float("inf")])
        quantity = rng.choice(["smoke", "pressed"])
        choices: list[Observation] = [
            TracksSeen("s", at, at, tracks),
            TracksSeen("s", at, at, tracks),
            TracksSeen("s", at, at, (), quiet=True),
            Reading("s", quantity, value, "", at, at, rng.choice(list(Quality))),
            HealthChanged("s", SourceKind.CAMERA, rng.choice(list(HealthState)), at, at - 1),
            Tick("s", at),
        ]
        yield rng.choice(choices)


@pytest.mark.parametrize("kind", CASES)
class TestRule:
    """Any rule."""

    @pytest.fixture
    def rule(self, kind: str) -> Rule:
        return make(binding(kind))

    def test_starts_at_rest(self, rule: Rule) -> None:
        assert rule.start() == rule.start()
        assert rule.start() is not rule.start(), "nobody shares a state"

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_a_step_is_pure_and_its_state_is_json(self, rule: Rule, seed: int) -> None:
        state = rule.start()
        for observation in everything(seed):
            before = copy.deepcopy(state)
            after, signals = rule.step(state, observation)
            assert state == before, "a step never changes the state it is given"
            again = rule.step(json.loads(json.dumps(state)), observation)
            assert (json.loads(json.dumps(after)), signals) == (
                json.loads(json.dumps(again[0])),
                again[1],
            )
            state = after

    @pytest.mark.parametrize("seed", [4, 5, 6])
    def test_signals_make_sense(self, rule: Rule, kind: str, seed: int) -> None:
        state, heard = rule.start(), 0
        for observation in everything(seed):
            state, signals = rule.step(state, observation)
            for signal in signals:
                heard += 1
                assert signal.since <= signal.at
                assert json.dumps(signal.facts)
        assert heard, f"{kind} never signals: this test proves nothing"

    def test_what_it_does_not_read_neither_moves_nor_trips_it(self, rule: Rule) -> None:
        state = rule.start()
        for observation in everything(7):
            if type(observation) in rule.reads:
                state, _ = rule.step(state, observation)
            else:
                assert rule.step(state, observation) == (state, ())

    def test_its_memory_is_bounded(self, rule: Rule) -> None:
        """A thousand different things pass; none of them is remembered for long."""
        state = rule.start()
        for n in range(2000):
            at = T0 + n / 5
            here = Track(n, ObjectKind.PERSON, Box(0.4, 0.3, 0.42, 0.5), 0.9, at)
            state, _ = rule.step(state, TracksSeen("s", at, at, (here,)))
        assert len(json.dumps(state)) < 8000

    def test_its_config_survives_a_round_trip(self, kind: str) -> None:
        rule = config(kind)
        assert parse_rule(json.loads(rule.model_dump_json())) == rule
        assert rule.kind.value == kind

    def test_unknown_keys_are_refused(self, kind: str) -> None:
        with pytest.raises(ValidationError, match="no_such_key"):
            config(kind, no_such_key=1)

    def test_it_says_what_it_needs(self, kind: str) -> None:
        rule = config(kind)
        source_kind = sorted(rule.sources)[0]
        zone, line = rule.needs == "zone", rule.needs == "line"
        assert misplaced(rule, source_kind, zone=zone, line=line) is None
        if rule.needs in ("zone", "line"):
            assert rule.needs in (misplaced(rule, source_kind, zone=False, line=False) or "")
            with pytest.raises(Misconfigured) as caught:
                make(RuleBinding(rule))
            assert caught.value.code == "no_place"
        if rule.needs != "line":
            assert "no line" in (misplaced(rule, source_kind, zone=zone, line=True) or "")
        assert misplaced(rule, SourceKind.HUB, zone=zone, line=line) is not None


def test_every_rule_is_listed_and_tested() -> None:
    assert {rule.config.model_fields["kind"].default.value for rule in RULES} == set(CASES)
    no_rules = {
        RuleKind.UNOBSERVED,
        RuleKind.UNDELIVERED,
        RuleKind.VACANCY,
        RuleKind.AUDIT,
        RuleKind.REPORT,
    }
    assert {kind.value for kind in set(RuleKind) - no_rules} == set(CASES)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="face"):
        parse_rule({"id": "r", "kind": "face_match"})


SENSITIVE: list[tuple[str, dict[str, Any], bool]] = [
    ("zone_intrusion", {}, False),
    ("line_crossing", {}, False),
    ("crowd", {}, False),
    ("crowd", {"count_min": None, "density_min": 0.1}, False),
    ("crowd", {"count_min": None, "density_min": 0.7}, True),
    ("crowd", {"count_min": None, "density_min": 1.0, "zone_area_m2": 50}, False),
    ("crowd", {"count_min": None, "density_min": 4.5, "zone_area_m2": 50}, True),
    ("camera_offline", {}, True),
    ("camera_frozen", {}, True),
    ("sensor_threshold", {}, True),
    ("panic_button", {}, True),
]


@pytest.mark.parametrize(("kind", "values", "allowed"), SENSITIVE)
def test_at_sensitive_places_only_safety_rules_run(
    kind: str, values: dict[str, Any], allowed: bool
) -> None:
    """Places of worship, petition offices, clinics: a crowd there means a crush, no gathering."""
    refusal = permitted(config(kind, **values), PlaceClass.SENSITIVE)
    assert (refusal is None) is allowed
    assert allowed or "sensitive" in str(refusal)


@pytest.mark.parametrize("place", [place for place in PlaceClass if place != "sensitive"])
@pytest.mark.parametrize("kind", CASES)
def test_elsewhere_all_rules_run(kind: str, place: PlaceClass) -> None:
    assert permitted(config(kind), place) is None


@pytest.mark.parametrize(
    ("severity", "wait_s", "expected"),
    [("P1", None, 0), ("P2", None, 10), ("P3", None, 30), ("P4", None, 60), ("P4", 0, 0)],
)
def test_the_group_wait_follows_the_severity_unless_said(
    severity: str, wait_s: float | None, expected: float
) -> None:
    assert config("crowd", severity=severity, group_wait_s=wait_s).wait_s == expected
