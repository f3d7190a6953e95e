"""Since when nobody watches a camera, and how that is told a grid at a time."""

from __future__ import annotations

import pytest

from hub.app.unobserved import GRACE_S, Gap, Watch, by_grid
from hub.kit.clock import SimClock


def test_a_camera_counts_as_unobserved_after_the_grace(clock: SimClock) -> None:
    watch, began = Watch(clock), clock.now()
    assert not watch.look(["a", "b"], ["a"]).overdue
    clock.advance(GRACE_S - 0.5)
    seen = watch.look(["a", "b"], [])
    assert seen.missing == {"a", "b"}
    assert not seen.overdue
    clock.advance(0.5)
    assert watch.look(["a", "b"], []).overdue == {"b": began}
    clock.advance(GRACE_S)
    assert set(watch.look(["a", "b"], []).overdue) == {"a", "b"}


def test_one_look_at_it_begins_the_count_anew(clock: SimClock) -> None:
    watch = Watch(clock)
    watch.look(["a"], [])
    clock.advance(10)
    assert not watch.look(["a"], ["a"]).missing
    again = clock.now()
    assert not watch.look(["a"], []).overdue
    clock.advance(GRACE_S)
    assert watch.look(["a"], []).overdue == {"a": again}


def test_a_camera_taken_out_of_the_register_is_missed_by_nobody(clock: SimClock) -> None:
    watch = Watch(clock)
    watch.look(["a"], [])
    clock.advance(100)
    assert not watch.look([], []).missing
    assert not watch.look(["a"], []).overdue, "and is new when it comes back"


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_the_grace_runs_by_no_clock_that_can_be_set(clock: SimClock, jump_s: float) -> None:
    watch = Watch(clock)
    watch.look(["a"], [])
    clock.set_wall(clock.now() + jump_s)
    assert not watch.look(["a"], []).overdue
    clock.advance(GRACE_S)
    assert watch.look(["a"], []).overdue == {"a": clock.now() - GRACE_S}
    clock.set_wall(clock.now() + jump_s)
    assert watch.look(["a"], []).overdue, "what is overdue stays so"


def test_one_gap_a_grid_and_one_for_those_without() -> None:
    missing = {"c": 3.0, "a": 5.0, "b": 4.0, "d": 6.0}
    gaps = by_grid(missing, {"a": "g1", "b": "g1", "c": None, "d": "g2"})
    assert gaps == [Gap(None, ("c",), 3.0), Gap("g1", ("a", "b"), 4.0), Gap("g2", ("d",), 6.0)]
