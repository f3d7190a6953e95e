"""Somebody stands in the left half of the picture; the clock is a list of numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hub.alerts.rule import RuleBinding
from hub.types.finding import Phase
from hub.types.scene import ObjectKind, TracksSeen
from tests.unit.alerts.scenes import T0, bound, frames, run, seen, story, track

IN, OUT = 0.2, 0.8


def zone(**values: object) -> RuleBinding:
    return bound("zone_intrusion", **{"dwell_s": 2.0, "clear_after_s": 3.0, **values})


def walk(places: dict[float, float | None], until: float) -> list[TracksSeen]:
    """Track 1 is at x from each time on; None: not seen."""
    shown = []
    for at in frames(until):
        x = next((x for begin, x in sorted(places.items(), reverse=True) if begin <= at), None)
        shown.append(seen(at, *([] if x is None else [track(1, x)])))
    return shown


STORIES: list[tuple[str, dict[float, float | None], list[tuple[str, float]]]] = [
    ("nobody", {}, []),
    ("passes outside", {0: OUT}, []),
    ("stays long enough, then leaves", {1: IN, 6: OUT}, [("opened", 3.0), ("closed", 8.8)]),
    ("leaves before the dwell time is over", {1: IN, 2.6: OUT}, []),
    ("is missed for a moment while dwelling", {1: IN, 2: None, 2.8: IN}, [("opened", 3.0)]),
    ("is gone too long: the dwell starts anew", {1: IN, 2: None, 4: IN}, [("opened", 6.0)]),
    (
        "steps out for less than clear_after_s: one episode",
        {0: IN, 4: OUT, 4.8: IN},
        [("opened", 2.0)],
    ),
    (
        "leaves, is cleared, comes back: two episodes",
        {0: IN, 4: OUT, 8: IN},
        [("opened", 2.0), ("closed", 6.8), ("opened", 10.0)],
    ),
]


@pytest.mark.parametrize(("name", "places", "expected"), STORIES, ids=[s[0] for s in STORIES])
def test_stories(
    name: str, places: dict[float, float | None], expected: list[tuple[str, float]]
) -> None:
    assert story(run(zone(), walk(places, 12))) == expected


def test_captured_at_is_when_it_began_and_dwell_s_how_long_it_had_held() -> None:
    opened = run(zone(), walk({1: IN}, 5))[0]
    assert opened.captured_at == T0 + 1
    assert opened.captured_at + opened.dwell_s == T0 + 3.0
    assert opened.place == "left"
    assert opened.picture_point == pytest.approx((IN, 0.5))
    assert opened.facts["kind"] == "person"
    assert opened.evidence_id is not None


def test_only_the_kinds_named_count() -> None:
    dog = [seen(at, track(1, IN, kind=ObjectKind.ANIMAL)) for at in frames(10)]
    assert run(zone(), dog) == []
    assert story(run(zone(kinds=["animal"]), dog)) == [("opened", 2.0)]


def test_a_person_standing_still_behind_a_shut_gate_keeps_dwelling() -> None:
    shown = [seen(0, track(1, IN)), *(seen(at, quiet=True) for at in frames(30, start=0.2))]
    findings = run(zone(dwell_s=20.0), shown)
    assert story(findings) == [("opened", 20.0)]


def test_a_shut_gate_does_not_bring_back_who_had_left() -> None:
    shown = [
        seen(0, track(1, IN)),
        seen(0.2, track(1, OUT)),
        *(seen(at, quiet=True) for at in frames(30, start=0.4)),
    ]
    assert run(zone(), shown) == []


def test_dwell_survives_a_new_track_number_in_the_same_spot() -> None:
    shown = [seen(at, track(1 if at < 1.5 else 2, IN)) for at in frames(4)]
    assert story(run(zone(), shown)) == [("opened", 2.0)]


def test_people_who_only_pass_one_after_another_do_not_add_up() -> None:
    """Each is in the zone for one second, in different spots; somebody is there all the time."""
    shown = [seen(at, track(int(at), IN, 0.2 + 0.3 * (int(at) % 3))) for at in frames(20)]
    assert run(zone(), shown) == []


def test_slow_analysis_counts_too() -> None:
    """At one frame in four seconds a gap of 4 s is no absence."""
    shown = [seen(at, track(1, IN)) for at in (0, 4, 8)]
    assert story(run(zone(dwell_s=5.0), shown)) == [("opened", 8.0)]


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_jump_of_the_clock_is_no_dwelling(jump_s: float) -> None:
    shown = [seen(0, track(1, IN)), seen(jump_s, track(1, IN)), seen(jump_s + 1, track(1, IN))]
    assert run(zone(), shown) == []


@pytest.mark.parametrize(
    ("ranges", "on"),
    [
        ([], True),
        ([{"start": "06:00", "end": "07:00"}], True),
        ([{"start": "07:00", "end": "08:00"}], False),
        ([{"weekdays": [3], "start": "06:00", "end": "07:00"}], True),
        ([{"weekdays": [2], "start": "06:00", "end": "07:00"}], False),
        ([{"weekdays": [2], "start": "22:00", "end": "06:30"}], True),
        ([{"weekdays": [3], "start": "22:00", "end": "06:30"}], False),
        ([{"weekdays": [3]}], True),
        ([{"weekdays": [2]}], False),
    ],
)
def test_schedule_in_local_time(ranges: list[dict[str, object]], on: bool) -> None:
    """T0 is Wednesday 06:13 in Shanghai, though still Tuesday in UTC."""
    findings = run(zone(schedule={"ranges": ranges}), walk({0: IN}, 5))
    assert bool(findings) is on


def test_who_was_there_before_the_schedule_began_dwells_from_its_beginning() -> None:
    """T0 + 400 s is 06:20."""
    shown = [seen(at, track(1, IN)) for at in frames(410, fps=1)]
    opened = run(zone(schedule={"ranges": [{"start": "06:20", "end": "07:00"}]}), shown)[0]
    assert opened.captured_at == T0 + 400


def test_an_hour_of_loitering_is_updated_every_ten_seconds() -> None:
    shown = [seen(at, track(1, IN)) for at in frames(3600, fps=1)]
    findings = run(zone(), shown)
    updates = [f for f in findings if f.phase is Phase.UPDATED]
    assert len(updates) == 359
    gaps = {b.raised_at - a.raised_at for a, b in pairwise(findings)}
    assert gaps == {10.0}
    assert {f.dwell_s for f in findings} == {2.0}
    assert updates[-1].facts["dwell_s"] == 3592.0
