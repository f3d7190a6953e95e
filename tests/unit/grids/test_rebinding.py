"""Who would stand in another grid after a redraw, by position alone."""

from __future__ import annotations

from hub.grids.index import GridIndex
from hub.grids.rebinding import Move, rebinding
from hub.grids.tree import GridKind, GridTree
from hub.types.scene import SourceKind
from hub.types.site import Datum, OwnerKind, Position, SensorSpec

from .town import at, camera, feature, grids, rectangle, town_features

WEST, EAST = "990101100201001", "990101100201002"


def index(border: float) -> GridIndex:
    """The town with the border of its first two base grids so many metres from the west."""
    features = [f for f in town_features() if f["properties"]["code"] not in (WEST, EAST)]
    features += [feature(WEST, rectangle(0, 0, border, 500))]
    features += [feature(EAST, rectangle(border, 0, 1000, 500))]
    return GridIndex(GridTree(grids(features)))


def sensor(east: float, north: float) -> SensorSpec:
    where = at(east, north)
    return SensorSpec(
        id="smoke",
        name="烟感",
        owner_kind=OwnerKind.PUBLIC,
        owner="县",
        position=Position(lon=where.lon, lat=where.lat, datum=Datum.WGS84),
    )


def test_only_those_between_the_borders_move() -> None:
    sources = [camera(450, 250), camera(250, 250, id="stays"), camera(None, id="nowhere")]
    assert rebinding([*sources, sensor(420, 10)], index(500), index(400)) == (
        Move(SourceKind.CAMERA, "cam-1", "一号", GridKind.CIVIL, WEST, EAST),
        Move(SourceKind.SENSOR, "smoke", "烟感", GridKind.CIVIL, WEST, EAST),
    )
    assert rebinding(sources, index(500), index(500)) == ()
    assert rebinding([], index(500), index(400)) == ()


def test_one_that_is_left_outside_every_grid_is_unbound_in_each_kind() -> None:
    nothing = GridIndex(GridTree([]))
    found = rebinding([camera(250, 250)], index(500), nothing)
    assert [(move.kind.value, move.before, move.after) for move in found] == [
        ("civil", WEST, None),
        ("police", "JW-1", None),
    ]
