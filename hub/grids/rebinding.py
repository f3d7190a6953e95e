"""Which cameras and sensors a redraw moves from grid to grid: pure, by their positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.grids.index import GridIndex
from hub.grids.tree import GridKind
from hub.kit.datum import position_wgs84
from hub.types.scene import SourceKind
from hub.types.site import CameraSpec, SensorSpec


@dataclass(frozen=True, slots=True)
class Move:
    """One source that would stand in another grid of a kind; None: in none of that kind."""

    source_kind: SourceKind
    id: str
    name: str
    kind: GridKind
    before: str | None
    after: str | None


def rebinding(
    sources: Sequence[CameraSpec | SensorSpec], before: GridIndex, after: GridIndex
) -> tuple[Move, ...]:
    """Who moves, in the order given, civil first; a source without a position stands nowhere.

    A grid that keeps its code keeps what stands in it, however it is called or drawn.
    """
    placed = [(each, each.position) for each in sources if each.position is not None]
    places = [position_wgs84(position) for _, position in placed]
    if not places:
        return ()
    pairs = zip(before.locate_many(places), after.locate_many(places), strict=True)
    found = []
    for (source, _), (old, new) in zip(placed, pairs, strict=True):
        camera = isinstance(source, CameraSpec)
        source_kind = SourceKind.CAMERA if camera else SourceKind.SENSOR
        found += [
            Move(source_kind, source.id, source.name, kind, old.get(kind), new.get(kind))
            for kind in GridKind
            if old.get(kind) != new.get(kind)
        ]
    return tuple(found)
