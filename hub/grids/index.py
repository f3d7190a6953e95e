"""From a point or a view polygon to grids, in memory (shapely's STRtree)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hub.grids.tree import GridKind, GridTree
from hub.kit.datum import LocalPlane
from hub.types.finding import GridShare
from hub.types.site import LonLat

MIN_SHARE = 0.01
"""A grid that fills less of a view than this is not worth telling anybody about."""

BESIDE_DEG = 0.0005
"""Some 50 m: neighbours that were drawn with a gap between them are neighbours."""


class GridIndex:
    """Answers by place. Where grids touch, the deeper one wins, then the smaller code."""

    def __init__(self, tree: GridTree) -> None:
        self.tree = tree
        # Best first, so that the first hit of a query is the answer.
        self._grids = sorted(tree, key=lambda grid: (-tree.tier(grid.code), grid.code))
        self._geometries = np.array([grid.geometry for grid in self._grids], dtype=object)
        self._strtree = shapely.STRtree(self._geometries)

    def locate(self, at: LonLat) -> dict[GridKind, str]:
        """The most detailed grid of each kind that contains the position."""
        return self.locate_many([at])[0]

    def locate_many(self, positions: Sequence[LonLat]) -> list[dict[GridKind, str]]:
        """`locate` for many positions in one pass."""
        points = shapely.points([(at.lon, at.lat) for at in positions])
        numbers, hits = self._strtree.query(points, predicate="intersects")
        found: list[dict[GridKind, str]] = [{} for _ in positions]
        for number, hit in sorted(zip(numbers.tolist(), hits.tolist(), strict=True)):
            grid = self._grids[hit]
            found[number].setdefault(grid.kind, grid.code)
        return found

    def shares(self, view: BaseGeometry) -> tuple[GridShare, ...]:
        """Each leaf grid a polygon or line covers with its share of it, largest first."""
        whole = _size(view)
        parts: dict[str, float] = defaultdict(float)
        for hit in self._strtree.query(view, predicate="intersects").tolist():
            grid = self._grids[hit]
            if self.tree.is_leaf(grid.code):
                parts[grid.code] = _size(shapely.intersection(grid.geometry, view)) / whole
        ordered = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
        return tuple(
            GridShare(code, self.tree.get(code).kind.value, min(1.0, share))
            for code, share in ordered
            if share >= MIN_SHARE
        )

    def beside(self, code: str) -> tuple[str, ...]:
        """What lies at a grid: at each step of its path the grids of that kind and tier that touch
        it, those of other kinds over the grid itself, and all that these lie in.

        In the order of the codes; the grid is not among them. () for an unknown code.
        """
        path = self.tree.path(code)
        found: set[str] = set()
        for step in path:
            here = self.tree.get(step)
            hits = self._strtree.query(here.geometry, predicate="dwithin", distance=BESIDE_DEG)
            for grid in (self._grids[hit] for hit in hits.tolist()):
                alike = grid.kind is here.kind and self.tree.tier(grid.code) == self.tree.tier(step)
                if alike or (step == code and grid.kind is not here.kind):
                    found.add(grid.code)
        return tuple(sorted((found | self.tree.above(found) | set(path)) - {code}))

    def to_edge_m(self, code: str, at: LonLat) -> float:
        """Metres from a position inside a grid to the grid's nearest edge."""
        plane = LocalPlane(at)
        edge = shapely.transform(self.tree.get(code).geometry.boundary, ToMetres(plane))
        return float(shapely.distance(edge, shapely.Point(0, 0)))


def _size(geometry: BaseGeometry) -> float:
    return geometry.area or geometry.length


class ToMetres:
    """Vertices [N, 2] in degrees to metres around a plane's origin, for `shapely.transform`."""

    def __init__(self, plane: LocalPlane) -> None:
        self._origin = np.array([plane.origin.lon, plane.origin.lat])
        self._scale = np.array([plane.m_per_deg_lon, plane.m_per_deg_lat])

    def __call__(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres east and north, [N, 2]."""
        metres: NDArray[np.float64] = (vertices - self._origin) * self._scale
        return metres


class ToDegrees:
    """The inverse of `ToMetres`."""

    def __init__(self, plane: LocalPlane) -> None:
        self._origin = np.array([plane.origin.lon, plane.origin.lat])
        self._scale = np.array([plane.m_per_deg_lon, plane.m_per_deg_lat])

    def __call__(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitudes and latitudes, [N, 2]."""
        degrees: NDArray[np.float64] = vertices / self._scale + self._origin
        return degrees
