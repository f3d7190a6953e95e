"""The index against brute force, on a county's scale."""

from __future__ import annotations

import time

import numpy as np
import shapely

from hub.grids.index import GridIndex
from hub.grids.tree import Grid, GridKind, GridTree
from hub.types.site import LonLat

from .town import PLANE, grids

CAMERAS, ROOTS, TOWNS, VILLAGES = 4900, 1, 18, 799


def county() -> list[Grid]:
    """1,817 grids as a real county has them: 1 + 18 + 799 + 996 base + 3 dedicated ones.

    The ground is 40 × 40 km: towns are columns, villages bands of them, base grids halves of
    the first 498 villages; two neighbouring villages share an edge that is crooked.
    """
    found = [_grid("c", None, GridKind.CIVIL, 0, 0, 40_000, 40_000)]
    width = 40_000 / TOWNS
    bands = [VILLAGES // TOWNS + (town < VILLAGES % TOWNS) for town in range(TOWNS)]
    for town, count in enumerate(bands):
        west = town * width
        found.append(_grid(f"c.{town}", "c", GridKind.CIVIL, west, 0, west + width, 40_000))
        for v in range(count):
            south, north = 40_000 * v / count, 40_000 * (v + 1) / count
            code = f"c.{town}.{v}"
            found.append(_grid(code, f"c.{town}", GridKind.CIVIL, west, south, west + width, north))
    villages = [grid for grid in found if grid.code.count(".") == 2]
    for village in villages[:498]:
        west, south, east, north = village.geometry.bounds
        half = (west + east) / 2
        for name, box in (("1", (west, south, half, north)), ("2", (half, south, east, north))):
            code = f"{village.code}.{name}"
            found.append(Grid(code, code, GridKind.CIVIL, "plain", village.code, shapely.box(*box)))
    for number in range(3):
        x = 9_000.0 * number
        found.append(_grid(f"d{number}", "c", GridKind.DEDICATED, x, x, x + 12_000, x + 700))
    return found


def _grid(
    code: str,
    parent: str | None,
    kind: GridKind,
    west: float,
    south: float,
    east: float,
    north: float,
) -> Grid:
    one, other = PLANE.degrees(west, south), PLANE.degrees(east, north)
    box = shapely.box(one.lon, one.lat, other.lon, other.lat)
    return Grid(code, code, kind, "plain", parent, box)


def test_4900_cameras_in_1817_grids_as_by_brute_force() -> None:
    tree = GridTree(county())
    assert len(tree) == 1817
    rng = np.random.default_rng(7)
    metres = rng.uniform(-500, 40_500, (CAMERAS, 2))
    # Some stand exactly on corners that several grids share.
    metres[:100] = np.round(metres[:100] / (40_000 / TOWNS)) * (40_000 / TOWNS)
    places = [PLANE.degrees(*pair) for pair in metres.tolist()]
    began = time.perf_counter()
    found = GridIndex(tree).locate_many(places)
    took_s = time.perf_counter() - began
    assert found == _by_hand(tree, places)
    assert took_s < 10
    bound = sum(GridKind.CIVIL in one for one in found)
    assert 0.9 * CAMERAS < bound < CAMERAS


def _by_hand(tree: GridTree, places: list[LonLat]) -> list[dict[GridKind, str]]:
    """Every camera against every grid, without an index."""
    points = shapely.points([(place.lon, place.lat) for place in places])
    best: list[dict[GridKind, tuple[int, str]]] = [{} for _ in places]
    for grid in tree:
        rank = (-tree.tier(grid.code), grid.code)
        for number in np.flatnonzero(shapely.intersects(grid.geometry, points)).tolist():
            known = best[number].get(grid.kind)
            if known is None or rank < known:
                best[number][grid.kind] = rank
    return [{kind: rank[1] for kind, rank in one.items()} for one in best]


def test_a_hole_in_the_base_grids_belongs_to_the_village() -> None:
    tree = GridTree(grid for grid in grids() if grid.code != "990101100201001")
    place = PLANE.degrees(250, 250)
    assert GridIndex(tree).locate(place)[GridKind.CIVIL] == "990101100201000"


def test_metres_to_the_edge() -> None:
    index = GridIndex(GridTree(grids()))
    near = PLANE.degrees(40, 250)
    assert abs(index.to_edge_m("990101100201001", near) - 40) < 0.1


def test_what_lies_beside_a_grid_are_its_neighbours_of_each_tier_and_the_police_over_it() -> None:
    index = GridIndex(GridTree(grids()))
    here = "990101100201001"
    beside = index.beside(here)
    assert here not in beside
    assert {"990101000000000", "990101100000000", "990101100201000"} <= set(beside), "those above"
    found = [index.tree.get(code) for code in beside]
    own = index.tree.get(here)
    for grid in found:
        away = grid.geometry.distance(own.geometry)
        top = index.tree.path(grid.code)[0]
        assert away < 0.0005 or index.tree.tier(grid.code) < index.tree.tier(here), top
    assert {"990101100201002", "990101101000000"} <= set(beside), "the next one, and the next town"
    assert GridKind.POLICE in {grid.kind for grid in found}
    assert len(beside) < len(index.tree) - 1, "not all there are"
    assert index.beside("nowhere") == ()


def test_the_neighbours_of_a_county_are_few_and_found_at_once() -> None:
    index = GridIndex(GridTree(county()))
    leaves = [grid.code for grid in index.tree if index.tree.is_leaf(grid.code)]
    assert max(len(index.beside(code)) for code in leaves[::50]) < 40
