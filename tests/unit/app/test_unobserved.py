"""Since when nobody watches a camera, and how that is told a grid at a time."""

from __future__ import annotations

from hub.app.unobserved import GRACE_S, Gap, Watch, by_grid


def test_a_camera_counts_as_unobserved_after_the_grace() -> None:
    watch = Watch()
    assert watch.look(["a", "b"], ["a"], 100.0) == {}
    assert watch.look(["a", "b"], [], 100.0 + GRACE_S - 0.1) == {}
    assert watch.look(["a", "b"], [], 100.0 + GRACE_S) == {"b": 100.0}
    assert set(watch.look(["a", "b"], [], 100.0 + 2 * GRACE_S)) == {"a", "b"}


def test_one_look_at_it_begins_the_count_anew() -> None:
    watch = Watch()
    watch.look(["a"], [], 100.0)
    watch.look(["a"], ["a"], 110.0)
    assert watch.look(["a"], [], 111.0) == {}
    assert watch.look(["a"], [], 111.0 + GRACE_S) == {"a": 111.0}


def test_a_camera_taken_out_of_the_register_is_missed_by_nobody() -> None:
    watch = Watch()
    watch.look(["a"], [], 100.0)
    assert watch.look([], [], 200.0) == {}
    assert watch.look(["a"], [], 201.0) == {}, "and is new when it comes back"


def test_one_gap_a_grid_and_one_for_those_without() -> None:
    missing = {"c": 3.0, "a": 5.0, "b": 4.0, "d": 6.0}
    gaps = by_grid(missing, {"a": "g1", "b": "g1", "c": None, "d": "g2"})
    assert gaps == [Gap(None, ("c",), 3.0), Gap("g1", ("a", "b"), 4.0), Gap("g2", ("d",), 6.0)]
