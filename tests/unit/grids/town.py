"""A county made of squares, 2 km wide: 2 towns, 4 villages, 16 base grids of 500 m, 4 police grids.

Everything is said in metres east and north of the south-west corner.
"""

from __future__ import annotations

from typing import Any

from hub.grids.collection import GridCollection, grids_of
from hub.grids.tree import Grid
from hub.kit.datum import LocalPlane
from hub.types.site import CameraSpec, Datum, LonLat, OwnerKind, PlaceClass, Position, Stream, View

CORNER = LonLat(116.40, 36.20)
PLANE = LocalPlane(CORNER)
COUNTY = "990101000000000"
Feature = dict[str, Any]


def rectangle(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A closed ring of longitudes and latitudes from metres."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[at.lon, at.lat] for at in (PLANE.degrees(x, y) for x, y in corners)]


def feature(code: str, ring: list[list[float]], **properties: Any) -> Feature:
    """One grid of the county."""
    return {
        "type": "Feature",
        "properties": {"code": code, "name": f"格{code[6:]}", **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def town_features() -> list[Feature]:
    """All 23 civil and 4 police grids, sound."""
    features = [feature(COUNTY, rectangle(0, 0, 2000, 2000), centre="county")]
    for town in (0, 1):
        west = 1000 * town
        code = f"990101{100 + town:03}000000"
        features.append(feature(code, rectangle(west, 0, west + 1000, 2000)))
        for village in (0, 1):
            south = 1000 * village
            code = f"990101{100 + town:03}{201 + village:03}000"
            features.append(feature(code, rectangle(west, south, west + 1000, south + 1000)))
            for grid in range(4):
                x, y = west + 500 * (grid % 2), south + 500 * (grid // 2)
                code = f"990101{100 + town:03}{201 + village:03}{grid + 1:03}"
                features.append(feature(code, rectangle(x, y, x + 500, y + 500)))
    for number, (x, y) in enumerate([(0, 0), (1250, 0), (0, 900), (1250, 900)], 1):
        x2, y2 = (1250 if x == 0 else 2000), (900 if y == 0 else 2000)
        ring = rectangle(x, y, x2, y2)
        features.append(feature(f"JW-{number}", ring, kind="police", scheme="plain"))
    return features


def collection(features: list[Feature] | None = None, datum: str = "wgs84") -> GridCollection:
    """A collection as it would be read from a file."""
    chosen = town_features() if features is None else features
    return GridCollection.model_validate(
        {"type": "FeatureCollection", "datum": datum, "features": chosen}
    )


def grids(features: list[Feature] | None = None) -> list[Grid]:
    """The grids of a collection."""
    return list(grids_of(collection(features)))


def at(east: float, north: float) -> LonLat:
    """A place from metres."""
    return PLANE.degrees(east, north)


def camera(
    east: float | None = None, north: float = 0.0, *, view: View | None = None, **given: Any
) -> CameraSpec:
    """A camera at a place; nowhere without one."""
    position = None
    if east is not None:
        where = at(east, north)
        position = Position(lon=where.lon, lat=where.lat, datum=Datum.WGS84)
    return CameraSpec(
        **{
            "id": "cam-1",
            "name": "一号",
            "owner_kind": OwnerKind.PUBLIC,
            "owner": "县",
            "place_class": PlaceClass.SQUARE,
            "main": Stream(url="rtsp://10.0.0.1/1"),
            "position": position,
            "view": view or View(),
            **given,
        }
    )
