"""Grids as a map draws them: one GeoJSON collection, as small as it can be seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from hub.api.grids.sight import Sight
from hub.grids.tree import Grid, GridTree

GEOJSON = "application/geo+json"
TOLERANCE_DEG = 5e-6
"""Half a metre: less than a pixel at every zoom that base maps have."""
DIGITS = 6
_POLYGON = '{"type":"Polygon","coordinates":'
_MULTIPOLYGON = '{"type":"MultiPolygon","coordinates":'
_NOWHERE = f"{_MULTIPOLYGON}[]}}"


def shapes_of(tree: GridTree, sight: Sight) -> bytes:
    """Each grid with its code, name, kind, tier (0 at the root) and parent, larger ones first.

    One that is only known by name has no polygons.
    """
    ordered = sorted(tree, key=lambda grid: (tree.tier(grid.code), grid.code))
    known = [grid for grid in ordered if sight.knows(grid.code)]
    grounds = _drawn([grid for grid in known if sight.sees(grid.code)])
    features = ",".join(
        _feature(grid, tree.tier(grid.code), grounds.get(grid.code, _NOWHERE)) for grid in known
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()


def _feature(grid: Grid, tier: int, ground: str) -> str:
    properties = {
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "tier": tier,
        "parent": grid.parent_code,
    }
    said = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","properties":{said},"geometry":{ground}}}'


def rounded(geometry: Any) -> Any:
    """The same, one or an array, with no more digits than a map can show."""
    return shapely.transform(geometry, lambda vertices: np.round(vertices, DIGITS))


def _drawn(grids: Sequence[Grid]) -> dict[str, str]:
    """Each as the JSON of a MultiPolygon, by code; all at once, for a county has thousands."""
    simple = rounded(shapely.simplify([grid.geometry for grid in grids], TOLERANCE_DEG))
    parts, of = shapely.get_parts(simple, return_index=True)
    polygons: list[list[str]] = [[] for _ in grids]
    for number, text in zip(of, shapely.to_geojson(parts), strict=True):
        polygons[number].append(text.removeprefix(_POLYGON).removesuffix("}"))
    return {
        grid.code: f"{_MULTIPOLYGON}[{','.join(each)}]}}"
        for grid, each in zip(grids, polygons, strict=True)
    }
