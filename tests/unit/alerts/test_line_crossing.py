"""Foot points walk over a line that runs down the middle (its right side is the picture's left)."""

from __future__ import annotations

import pytest

from hub.alerts.rules import make
from hub.types.finding import Finding
from hub.types.scene import ObjectKind, Point, TracksSeen
from tests.unit.alerts.scenes import T0, bound, run, seen, track

A, B = "a_to_b", "b_to_a"
"""a_to_b is from the line's left (the right of the picture) to its right."""


def path(*points: Point, number: int = 1, step_s: float = 0.2) -> list[TracksSeen]:
    return [seen(i * step_s, track(number, x, y)) for i, (x, y) in enumerate(points)]


def directions(findings: list[Finding]) -> list[object]:
    return [f.facts["direction"] for f in findings if f.phase.value == "opened"]


PATHS: list[tuple[str, list[Point], list[str]]] = [
    ("stays on one side", [(0.3, 0.5), (0.4, 0.5), (0.45, 0.5)], []),
    ("left to right of the picture", [(0.4, 0.5), (0.6, 0.5)], [B]),
    ("right to left of the picture", [(0.6, 0.5), (0.4, 0.5)], [A]),
    ("in small steps", [(0.4 + 0.005 * i, 0.5) for i in range(40)], [B]),
    ("stops exactly on the line, then goes on", [(0.4, 0.5), (0.5, 0.5), (0.6, 0.5)], [B]),
    ("stops exactly on the line, then turns back", [(0.4, 0.5), (0.5, 0.5), (0.4, 0.5)], []),
    ("only touches the margin", [(0.4, 0.5), (0.505, 0.5), (0.4, 0.5)], []),
    ("jitters on the line", [(0.4, 0.5), *[(0.495, 0.5), (0.505, 0.5)] * 20], []),
    (
        "jitters on the line, then passes",
        [(0.4, 0.5), *[(0.495, 0.5), (0.505, 0.5)] * 20, (0.6, 0.5)],
        [B],
    ),
    (
        "jitters on the line, then turns back",
        [(0.4, 0.5), *[(0.505, 0.5), (0.495, 0.5)] * 20, (0.4, 0.5)],
        [],
    ),
    ("passes above the end of the line", [(0.4, 0.1), (0.6, 0.1)], []),
    ("walks round the end", [(0.4, 0.5), (0.4, 0.1), (0.6, 0.1), (0.6, 0.5)], []),
    (
        "walks round the end, then back through",
        [(0.4, 0.5), (0.4, 0.1), (0.6, 0.1), (0.6, 0.5), (0.4, 0.5)],
        [A],
    ),
    (
        "touches the line, comes back along it and passes above its end",
        [(0.4, 0.5), (0.505, 0.5), (0.495, 0.5), (0.495, 0.1), (0.505, 0.1), (0.6, 0.1)],
        [],
    ),
    ("first seen in the margin", [(0.503, 0.5), (0.6, 0.5)], []),
    ("moves along the line", [(0.45, 0.1 * i) for i in range(10)], []),
]


@pytest.mark.parametrize(("name", "points", "expected"), PATHS, ids=[p[0] for p in PATHS])
def test_paths(name: str, points: list[Point], expected: list[str]) -> None:
    assert directions(run(bound("line_crossing"), path(*points))) == expected


@pytest.mark.parametrize(
    ("direction", "fires"), [(A, False), (B, True), ("both", True)], ids=[A, B, "both"]
)
def test_only_the_direction_asked_for(direction: str, fires: bool) -> None:
    walked = path((0.4, 0.5), (0.6, 0.5))
    assert bool(run(bound("line_crossing", direction=direction), walked)) is fires


def test_only_the_kinds_asked_for() -> None:
    cars = [seen(i * 0.2, track(1, x, kind=ObjectKind.CAR)) for i, x in enumerate((0.4, 0.6))]
    assert run(bound("line_crossing"), cars) == []
    assert directions(run(bound("line_crossing", kinds=["car"]), cars)) == [B]


def test_the_moment_of_crossing_is_told() -> None:
    opened = run(bound("line_crossing"), path((0.4, 0.5), (0.45, 0.5), (0.6, 0.5)))[0]
    assert (opened.captured_at, opened.dwell_s) == (T0 + 0.4, 0.0)
    assert opened.place == "gate"
    assert opened.picture_point == pytest.approx((0.6, 0.5))


def test_a_group_within_the_cool_down_is_one_signal_and_is_counted() -> None:
    """Five cross within a second, a sixth three seconds later."""
    walked = [
        seen(i * 0.2, *(track(n, 0.4 if i <= n else 0.6, 0.3 + 0.08 * n) for n in range(5)))
        for i in range(8)
    ]
    walked += [seen(3.0, track(9, 0.4)), seen(3.2, track(9, 0.6))]
    walked += [seen(at, track(9, 0.6)) for at in (5, 8, 10.3)]
    findings = run(bound("line_crossing", cool_down_s=2.0, clear_after_s=30.0), walked)
    assert [f.phase.value for f in findings] == ["opened", "updated"]
    assert findings[0].facts["crossings"] == 1
    assert findings[1].facts["crossings"] == 5, "four in the cool-down and the sixth"


def test_cool_down_is_per_direction() -> None:
    walked = path((0.4, 0.5), (0.6, 0.5), (0.4, 0.5), (0.6, 0.5))
    crossing = make(bound("line_crossing", cool_down_s=5.0))
    state, told = crossing.start(), []
    for frame in walked:
        state, signals = crossing.step(state, frame)
        told += [signal.facts["direction"] for signal in signals]
    assert told == [B, A], "the third crossing falls into the cool-down of the first"


def test_a_track_lost_for_long_does_not_cross_by_reappearing() -> None:
    walked = [seen(0, track(1, 0.4)), *(seen(t) for t in range(1, 6)), seen(6, track(1, 0.6))]
    assert run(bound("line_crossing"), walked) == []


def test_a_shut_gate_keeps_the_path() -> None:
    walked = [
        seen(0, track(1, 0.4)),
        *(seen(t / 5, quiet=True) for t in range(1, 100)),
        seen(20.0, track(1, 0.6)),
    ]
    assert directions(run(bound("line_crossing"), walked)) == [B]


def test_an_episode_closes_when_nobody_crosses_any_more() -> None:
    walked = [*path((0.4, 0.5), (0.6, 0.5)), *(seen(t) for t in range(1, 12))]
    findings = run(bound("line_crossing", clear_after_s=5.0), walked)
    assert [(f.phase.value, f.raised_at - T0) for f in findings] == [
        ("opened", pytest.approx(0.2)),
        ("closed", 6.0),
    ]
