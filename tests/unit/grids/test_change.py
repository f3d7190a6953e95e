"""What became of what, on made-up tessellations: one village of 1 km, cut in several ways."""

from __future__ import annotations

from typing import Any

import pytest

from hub.grids.change import Change, ChangeKind, compare
from hub.grids.tree import Grid

from .town import Feature, feature, grids, rectangle

Box = tuple[float, float, float, float]
WEST, EAST = (0, 0, 500, 1000), (500, 0, 1000, 1000)


def village(*boxes: tuple[str, Box], **properties: Any) -> list[Grid]:
    """A village "V" and base grids of these boxes in it, in metres."""
    given: list[Feature] = [feature("V0000000", rectangle(0, 0, 1000, 1000), scheme="plain")]
    given += [
        feature(code, rectangle(*box), scheme="plain", parent="V0000000", **properties)
        for code, box in boxes
    ]
    return grids(given)


def changes(before: list[Grid], after: list[Grid]) -> dict[str, Change]:
    return {change.code: change for change in compare(before, after)}


def kinds(change: Change) -> set[str]:
    return {kind.value for kind in change.kinds}


def test_the_same_drawing_changes_nothing() -> None:
    assert compare(village(("a", WEST)), village(("a", WEST))) == ()
    assert compare([], []) == ()


def test_a_first_drawing_is_all_new() -> None:
    found = changes([], village(("a", WEST), ("b", EAST)))
    assert {code: kinds(change) for code, change in found.items()} == {
        "V0000000": {"added"},
        "a": {"added"},
        "b": {"added"},
    }
    assert found["a"].area_before_m2 is None
    assert found["a"].area_after_m2 == pytest.approx(500_000, rel=0.001)


def test_a_moved_border_reshapes_both_sides_by_how_much() -> None:
    before = village(("a", WEST), ("b", EAST))
    after = village(("a", (0, 0, 400, 1000)), ("b", (400, 0, 1000, 1000)))
    found = changes(before, after)
    assert {code: kinds(change) for code, change in found.items()} == {
        "a": {"reshaped"},
        "b": {"reshaped"},
    }
    assert found["a"].area_after_m2 == pytest.approx(400_000, rel=0.001)
    assert found["a"].moved == pytest.approx(0.2, abs=0.001)
    assert found["b"].moved == pytest.approx(1 / 6, abs=0.001)


def test_a_border_that_moves_less_than_a_sliver_is_no_change() -> None:
    before = village(("a", WEST), ("b", EAST))
    after = village(("a", (0, 0, 501.5, 1000)), ("b", (501.5, 0, 1000, 1000)))
    assert compare(before, after) == ()
    assert {change.code for change in compare(before, after, 1.0)} == {"a", "b"}


def test_what_is_called_placed_or_served_otherwise() -> None:
    before = village(("a", WEST), ("b", EAST))
    after = village(("a", WEST), ("b", EAST), centre="town")
    found = changes(before, after)
    assert kinds(found["a"]) == {"served"}
    one = grids([feature("a", rectangle(*WEST), scheme="plain", parent=None)])
    assert kinds(changes(before, one)["a"]) == {"reparented"}
    renamed = grids(
        [{**feature("a", rectangle(*WEST), scheme="plain", parent="V0000000", kind="police")}]
    )
    assert kinds(changes(before, renamed)["a"]) == {"retyped"}
    named = feature("a", rectangle(*WEST), scheme="plain", parent="V0000000")
    named["properties"]["name"] = "另一名"
    assert kinds(changes(before, grids([named]))["a"]) == {"renamed"}


def test_one_that_ends_is_split_into_several() -> None:
    before = village(("a", WEST), ("b", EAST))
    after = village(("a1", (0, 0, 500, 500)), ("a2", (0, 500, 500, 1000)), ("b", EAST))
    found = changes(before, after)
    assert kinds(found["a"]) == {"retired", "split"}
    assert found["a"].heirs == ("a1", "a2")
    assert kinds(found["a1"]) == {"added"}
    assert found["a1"].origins == ("a",)
    assert "b" not in found


def test_one_that_stays_is_split_when_another_is_cut_out_of_it() -> None:
    before = village(("a", WEST), ("b", EAST))
    after = village(("a", (0, 0, 500, 600)), ("a2", (0, 600, 500, 1000)), ("b", EAST))
    found = changes(before, after)
    assert kinds(found["a"]) == {"split", "reshaped"}
    assert found["a"].heirs == ("a", "a2")
    assert found["a2"].origins == ("a",)


def test_several_that_end_are_merged_into_a_new_one() -> None:
    before = village(("a", WEST), ("b", EAST))
    found = changes(before, village(("ab", (0, 0, 1000, 1000))))
    assert kinds(found["ab"]) == {"added", "merged"}
    assert found["ab"].origins == ("a", "b")
    assert kinds(found["a"]) == {"retired"}
    assert found["a"].heirs == found["b"].heirs == ("ab",)


def test_one_that_ends_is_merged_into_its_neighbour() -> None:
    before = village(("a", WEST), ("b", EAST))
    found = changes(before, village(("a", (0, 0, 1000, 1000))))
    assert kinds(found["a"]) == {"merged", "reshaped"}
    assert found["a"].origins == ("a", "b")
    assert found["b"].heirs == ("a",)


def test_one_that_only_gets_another_code_is_recoded() -> None:
    before = village(("a", WEST), ("b", EAST))
    found = changes(before, village(("c", WEST), ("b", EAST)))
    assert kinds(found["a"]) == {"retired", "recoded"}
    assert kinds(found["c"]) == {"added", "recoded"}
    assert (found["a"].heirs, found["c"].origins) == (("c",), ("a",))


def test_one_that_is_shared_out_names_all_its_heirs_the_largest_first() -> None:
    before = village(("a", (0, 0, 300, 1000)), ("b", (300, 0, 500, 1000)), ("c", EAST))
    after = village(("a", (0, 0, 350, 1000)), ("c", (350, 0, 1000, 1000)))
    found = changes(before, after)
    assert found["b"].heirs == ("c", "a")
    assert ChangeKind.MERGED in found["c"].kinds
    assert found["c"].origins == ("c", "b")


def test_grids_of_another_kind_over_the_same_ground_are_no_heirs() -> None:
    before = village(("a", WEST))
    police = grids(
        [feature("P", rectangle(*WEST), kind="police", scheme="plain", parent="V0000000")]
    )
    found = changes(before, [before[0], *police])
    assert found["a"].heirs == ()
    assert kinds(found["P"]) == {"added"}


def test_a_broken_ring_is_compared_by_what_it_encloses() -> None:
    bow = feature("a", rectangle(0, 0, 500, 1000), scheme="plain", parent="V0000000")
    ring = bow["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    found = changes(village(("a", WEST)), [village()[0], *grids([bow])])
    assert "reshaped" in kinds(found["a"])
