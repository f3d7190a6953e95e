"""Every fault of a set of grids is found, named and measured."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from hub.grids.collection import grids_of
from hub.grids.topology import Fault, FaultKind, survey
from hub.grids.tree import GridTree
from hub.kit.datum import distance_m, wgs84_to_gcj02
from hub.types.site import LonLat

from .town import COUNTY, Feature, at, collection, feature, grids, rectangle, town_features

BASE = "990101100201001"


def changed(code: str, **new: Any) -> list[Feature]:
    """The town with one grid's ring or properties replaced."""
    features: list[Feature] = json.loads(json.dumps(town_features()))
    for one in features:
        if one["properties"]["code"] == code:
            if "ring" in new:
                one["geometry"]["coordinates"] = [new.pop("ring")]
            one["properties"].update(new)
    return features


def faults(features: list[Feature]) -> dict[FaultKind, list[Fault]]:
    found: dict[FaultKind, list[Fault]] = {}
    for fault in survey(grids(features)):
        found.setdefault(fault.kind, []).append(fault)
    return found


def test_the_sound_town_has_no_fault() -> None:
    assert survey(grids()) == ()


def test_a_grid_pushed_east_leaves_a_gap_and_overlaps() -> None:
    found = faults(changed(BASE, ring=rectangle(100, 0, 600, 500)))
    assert set(found) == {FaultKind.GAP, FaultKind.OVERLAP}
    (overlap,) = found[FaultKind.OVERLAP]
    assert overlap.codes == (BASE, "990101100201002")
    assert overlap.area_m2 == pytest.approx(100 * 500, rel=0.001)
    (gap,) = found[FaultKind.GAP]
    assert gap.codes == ("990101100201000",)
    assert gap.area_m2 == pytest.approx(100 * 500, rel=0.001)
    assert gap.at is not None
    assert distance_m(gap.at, at(50, 250)) < 250


def test_a_grid_that_reaches_over_its_village() -> None:
    found = faults(changed("990101100201003", ring=rectangle(0, 500, 500, 1040)))
    (outside,) = found[FaultKind.OUTSIDE_PARENT]
    assert outside.codes == ("990101100201003", "990101100201000")
    assert outside.area_m2 == pytest.approx(40 * 500, rel=0.001)
    assert [f.codes for f in found[FaultKind.OVERLAP]] == [("990101100201003", "990101100202001")]


def test_a_metre_of_drawing_is_forgiven_and_three_are_not() -> None:
    assert faults(changed(BASE, ring=rectangle(0, 0, 501, 500))) == {}
    assert FaultKind.OVERLAP in faults(changed(BASE, ring=rectangle(0, 0, 503, 500)))


def test_a_ring_that_crosses_itself_is_named_with_its_place() -> None:
    ring = rectangle(0, 0, 500, 500)
    ring[1], ring[2] = ring[2], ring[1]
    found = faults(changed(BASE, ring=ring))
    (invalid,) = found[FaultKind.INVALID_RING]
    assert invalid.codes == (BASE,)
    assert "Self-intersection" in invalid.text
    assert not invalid.excusable


def test_the_same_code_twice() -> None:
    extra = feature(BASE, rectangle(0, 0, 500, 500))
    (twice,) = faults([*town_features(), extra])[FaultKind.DUPLICATE_CODE]
    assert twice.codes == (BASE,)


def test_parents_that_are_missing_or_in_a_circle() -> None:
    found = faults(changed(BASE, parent="990101100299000"))
    assert found[FaultKind.MISSING_PARENT][0].codes == (BASE, "990101100299000")
    looped = changed(COUNTY, parent=BASE)
    circle = faults(looped)[FaultKind.PARENT_LOOP]
    assert {COUNTY, BASE} <= {code for fault in circle for code in fault.codes}


def test_bad_and_misused_codes() -> None:
    found = faults([*town_features(), feature("9901011002010", rectangle(0, 0, 9, 9))])
    assert "15 digits" in found[FaultKind.BAD_CODE][0].text
    civil = feature("990101100201901", rectangle(0, 0, 90, 90), kind="police")
    assert "dedicated" in faults([*town_features(), civil])[FaultKind.BAD_CODE][0].text


def test_kinds_may_share_ground() -> None:
    school = feature("990101100201901", rectangle(450, 450, 550, 550), kind="dedicated")
    assert faults([*town_features(), school]) == {}


def test_gcj02_is_brought_home() -> None:
    features = town_features()
    for one in features:
        for vertex in one["geometry"]["coordinates"][0]:
            shifted = wgs84_to_gcj02(LonLat(*vertex))
            vertex[:] = [shifted.lon, shifted.lat]
    read = {grid.code: grid for grid in grids_of(collection(features, datum="gcj02"))}
    west, south, *_ = read[COUNTY].geometry.bounds
    assert distance_m(LonLat(west, south), at(0, 0)) < 0.5


def test_without_a_datum_nothing_is_read() -> None:
    with pytest.raises(ValidationError, match="datum"):
        type(collection()).model_validate({"type": "FeatureCollection", "features": []})


def test_the_tree_knows_paths_tiers_and_centres() -> None:
    tree = GridTree(grids())
    assert tree.path(BASE) == (COUNTY, "990101100000000", "990101100201000", BASE)
    assert tree.tier(BASE) == 3
    assert tree.path("nowhere") == ()
    assert tree.centre(BASE) == "county"
    assert tree.centre("JW-1") is None
    assert len(list(tree.under("990101100000000"))) == 11
    assert tree.is_leaf(BASE)
    assert not tree.is_leaf(COUNTY)
