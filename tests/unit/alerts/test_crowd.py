"""How many, or how dense, for how long."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.alerts.rule import RuleBinding
from hub.types.scene import Box, ObjectKind, Track, TracksSeen
from tests.unit.alerts.scenes import LEFT_HALF, T0, bound, frames, rule, run, seen, story, track


def people(count: int, x: float = 0.25) -> list[Track]:
    return [track(n, x, 0.1 + 0.8 * n / 20) for n in range(count)]


def crowd(counts: dict[float, int], until: float) -> list[TracksSeen]:
    """From each time on so many people stand in the left half."""
    shown = []
    for at in frames(until):
        count = next(n for begin, n in sorted(counts.items(), reverse=True) if begin <= at)
        shown.append(seen(at, *people(count)))
    return shown


STORIES: list[tuple[str, dict[float, int], list[tuple[str, float]]]] = [
    ("too few", {0: 4}, []),
    ("enough, and long enough", {0: 4, 1: 5}, [("opened", 4.0)]),
    ("not long enough", {0: 0, 1: 5, 3.4: 2}, []),
    ("a short dip does not break the hold", {0: 0, 1: 5, 2: 3, 2.6: 5}, [("opened", 4.0)]),
    ("a long dip does", {0: 0, 1: 5, 2: 3, 4: 5}, [("opened", 7.0)]),
    ("goes home", {0: 0, 1: 6, 6: 0}, [("opened", 4.0), ("closed", 8.8)]),
]


@pytest.mark.parametrize(("name", "counts", "expected"), STORIES, ids=[s[0] for s in STORIES])
def test_count(name: str, counts: dict[float, int], expected: list[tuple[str, float]]) -> None:
    binding = bound("crowd", count_min=5, hold_s=3.0, clear_after_s=3.0)
    assert story(run(binding, crowd(counts, 12))) == expected


def test_who_stands_outside_or_is_of_another_kind_does_not_count() -> None:
    shown = [
        seen(at, *people(4), *people(10, x=0.8), track(90, 0.2, kind=ObjectKind.CAR))
        for at in frames(5)
    ]
    assert run(bound("crowd", count_min=5, hold_s=0.0), shown) == []
    whole = RuleBinding(rule("crowd", count_min=5, hold_s=0.0))
    assert story(run(whole, shown)) == [("opened", 0.0)], "without a zone: the whole picture"


def test_people_per_square_metre() -> None:
    shown = [seen(at, *people(8)) for at in frames(1)]
    dense = {"density_min": 4.0, "hold_s": 0.0}
    assert run(bound("crowd", zone_area_m2=2.1, **dense), shown) == []
    opened = run(bound("crowd", zone_area_m2=2.0, **dense), shown)[0]
    assert opened.facts["density_per_m2"] == 4.0
    assert opened.facts["count"] == 8


@pytest.mark.parametrize(("share", "fires"), [(0.49, True), (0.51, False)])
def test_share_of_the_zone_that_is_covered(share: float, fires: bool) -> None:
    """Two boxes that overlap cover the lower half of the left half; overlap counts once."""
    tracks = [
        Track(1, ObjectKind.PERSON, Box(0.0, 0.5, 0.3, 0.99), 0.9, T0),
        Track(2, ObjectKind.PERSON, Box(0.2, 0.5, 0.5, 0.99), 0.9, T0),
    ]
    binding = bound("crowd", density_min=share, hold_s=0.0)
    assert binding.zone is LEFT_HALF
    assert bool(run(binding, [seen(0, *tracks)])) is fires


def test_a_crowd_that_stands_still_behind_a_shut_gate_holds() -> None:
    shown = [seen(0, *people(6)), *(seen(at, quiet=True) for at in frames(9, start=0.2))]
    assert story(run(bound("crowd", count_min=5, hold_s=5.0), shown)) == [("opened", 5.0)]


def test_where_it_is_and_since_when() -> None:
    opened = run(bound("crowd", count_min=5, hold_s=3.0), crowd({0: 0, 1: 5}, 5))[0]
    assert (opened.captured_at, opened.dwell_s) == (T0 + 1, 3.0)
    assert opened.box is not None
    assert (opened.box.x1, opened.box.x2) == pytest.approx((0.225, 0.275))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"count_min": 5, "density_min": 0.5},
        {"density_min": 4.0},
        {"count_min": 0},
    ],
    ids=["no measure", "two measures", "a share above 1", "nobody"],
)
def test_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule("crowd", **values)
