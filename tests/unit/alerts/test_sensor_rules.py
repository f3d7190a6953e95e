"""Smoke, temperature, water, and somebody at the panic button."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from hub.alerts.rule import RuleBinding
from hub.types.finding import Finding
from hub.types.scene import Observation, Quality
from tests.unit.alerts.scenes import T0, bound, engine, reading, rule, story, tick

NAN, INF = math.nan, math.inf


def run(binding: RuleBinding, observations: Sequence[Observation]) -> list[Finding]:
    machine = engine(binding, source="s1", beats=False)
    return [finding for observation in observations for finding in machine.step(observation)]


def smoke(**values: object) -> RuleBinding:
    return bound("sensor_threshold", **{"quantity": "smoke", "above": 50.0, **values})


STORIES: list[tuple[str, dict[str, object], list[Observation], list[tuple[str, float]]]] = [
    ("normal", {}, [reading(0, 10), reading(5, 50)], []),
    ("beyond", {}, [reading(0, 10), reading(5, 51)], [("opened", 5.0)]),
    ("back", {}, [reading(0, 51), reading(5, 50)], [("opened", 0.0), ("closed", 5.0)]),
    (
        "hysteresis: back by too little",
        {"hysteresis": 5.0},
        [reading(0, 51), reading(5, 46), reading(9, 45)],
        [("opened", 0.0), ("closed", 9.0)],
    ),
    ("hysteresis is for the way back only", {"hysteresis": 5.0}, [reading(0, 46)], []),
    (
        "held long enough",
        {"hold_s": 10.0},
        [reading(0, 60), reading(5, 60), reading(10, 60)],
        [("opened", 10.0)],
    ),
    ("a spike", {"hold_s": 10.0}, [reading(0, 60), reading(5, 10), reading(12, 60)], []),
    (
        "held, told by the time that passes",
        {"hold_s": 10.0},
        [reading(0, 60), tick(9, "s1"), tick(10, "s1")],
        [("opened", 10.0)],
    ),
    ("not a number never trips", {}, [reading(0, NAN, quality=Quality.BAD)], []),
    ("infinite never trips", {}, [reading(0, INF)], []),
    ("bad quality never trips", {}, [reading(0, 99, quality=Quality.BAD)], []),
    ("uncertain does", {}, [reading(0, 99, quality=Quality.UNCERTAIN)], [("opened", 0.0)]),
    (
        "not a number and bad quality never clear",
        {},
        [reading(0, 99), reading(5, NAN), reading(9, 10, quality=Quality.BAD), tick(99, "s1")],
        [("opened", 0.0)],
    ),
    (
        "not a number does not break the hold",
        {"hold_s": 10.0},
        [reading(0, 60), reading(5, NAN), reading(10, 60)],
        [("opened", 10.0)],
    ),
    ("another quantity", {}, [reading(0, 99, "heat")], []),
    (
        "another quantity ends nothing",
        {},
        [reading(0, 99), reading(5, 1, "heat")],
        [("opened", 0.0)],
    ),
    ("below", {"above": None, "below": 5.0}, [reading(0, 5), reading(1, 4.9)], [("opened", 1.0)]),
    (
        "outside a band",
        {"below": 5.0, "hysteresis": 1.0},
        [reading(0, 4), reading(1, 5.9), reading(2, 6), reading(3, 51)],
        [("opened", 0.0), ("closed", 2.0), ("opened", 3.0)],
    ),
]


@pytest.mark.parametrize(
    ("name", "values", "observations", "expected"), STORIES, ids=[s[0] for s in STORIES]
)
def test_threshold(
    name: str,
    values: dict[str, object],
    observations: list[Observation],
    expected: list[tuple[str, float]],
) -> None:
    assert story(run(smoke(**values), observations)) == expected


def test_a_sensor_whose_clock_is_an_hour_slow_does_not_trip_early() -> None:
    slow: list[Observation] = [reading(0, 60, clock_error_s=-3600)]
    slow += [tick(t, "s1") for t in range(1, 12)]
    findings = run(smoke(hold_s=10.0), slow)
    assert story(findings) == [("opened", 10.0)]
    assert findings[0].captured_at == T0 - 3600, "what the sensor said of the time stays as it is"
    assert findings[0].dwell_s == 10.0


def test_the_numbers_behind_it_are_told() -> None:
    facts = run(smoke(), [reading(0, 75)])[0].facts
    assert facts == {"quantity": "smoke", "value": 75, "unit": "ppm", "above": 50.0}


@pytest.mark.parametrize(
    "values",
    [
        {"above": None},
        {"above": NAN},
        {"above": 10.0, "below": 9.0, "hysteresis": 1.0},
        {"hysteresis": -1.0},
    ],
    ids=["no bound", "not a number", "no room between", "negative hysteresis"],
)
def test_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("sensor_threshold", **{"quantity": "smoke", "above": 50.0, **values})


def press(at: float, value: float = 1.0) -> Observation:
    return reading(at, value, "pressed")


PRESSES: list[tuple[str, list[Observation], list[tuple[str, float]]]] = [
    ("at once", [press(0)], [("opened", 0.0)]),
    ("released is not pressed", [press(0, 0.0)], []),
    ("not a number is not pressed", [press(0, NAN)], []),
    ("another quantity", [reading(0, 1, "battery")], []),
    (
        "it bounces, and is over a minute later",
        [press(0), press(0.1), press(5), tick(59, "s1"), tick(60, "s1")],
        [("opened", 0.0), ("closed", 60.0)],
    ),
    (
        "pressed again after the cool-down: the same episode goes on",
        [press(0), press(30), tick(60, "s1"), tick(89, "s1"), tick(90, "s1")],
        [("opened", 0.0), ("closed", 90.0)],
    ),
    (
        "pressed again after it was over",
        [press(0), tick(60, "s1"), press(100)],
        [("opened", 0.0), ("closed", 60.0), ("opened", 100.0)],
    ),
]


@pytest.mark.parametrize(("name", "told", "expected"), PRESSES, ids=[p[0] for p in PRESSES])
def test_panic_button(
    name: str, told: list[Observation], expected: list[tuple[str, float]]
) -> None:
    assert story(run(bound("panic_button"), told)) == expected


def test_after_it_is_over_nothing_is_remembered() -> None:
    machine = engine(bound("panic_button"), source="s1")
    machine.step(press(0))
    pressed = machine.dump()
    machine.step(tick(61, "s1"))
    assert pressed
    assert machine.idle
    assert machine.dump() == {}
