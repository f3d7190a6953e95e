"""Grids as a map draws them: one GeoJSON collection, as small as it can be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from hub.api.grids.sight import Sight
from hub.grids.tree import Grid, GridTree

GEOJSON = "application/geo+json"
TOLERANCE_DEG = 5e-6
"""Half a metre: less than a pixel at every zoom that base maps have."""
DIGITS = 6


def shapes_of(tree: GridTree, sight: Sight) -> bytes:
    """Each grid with its code, name, kind, tier (0 at the root) and parent, larger ones first.

    One that is only known by name has no polygons.
    """
    ordered = sorted(tree, key=lambda grid: (tree.tier(grid.code), grid.code))
    known = [grid for grid in ordered if sight.knows(grid.code)]
    features = [_feature(grid, tree.tier(grid.code), sight.sees(grid.code)) for grid in known]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _feature(grid: Grid, tier: int, whole: bool) -> dict[str, Any]:
    polygons = list(_polygons(grid.geometry)) if whole else []
    return {
        "type": "Feature",
        "properties": {
            "code": grid.code,
            "name": grid.name,
            "kind": grid.kind,
            "tier": tier,
            "parent": grid.parent_code,
        },
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _polygons(geometry: BaseGeometry) -> Iterator[list[list[list[float]]]]:
    simple = shapely.simplify(geometry, TOLERANCE_DEG)
    for part in shapely.get_parts(simple):
        rings = (part.exterior, *part.interiors)
        yield [[[round(x, DIGITS), round(y, DIGITS)] for x, y in ring.coords] for ring in rings]
