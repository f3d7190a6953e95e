"""What is wrong with a set of grids as a whole: each fault with its codes and its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hub.grids.codes import SCHEMES
from hub.grids.index import ToDegrees, ToMetres
from hub.grids.tree import Grid, GridKind, GridTree
from hub.kit.datum import LocalPlane
from hub.types.site import LonLat

SLIVER_M = 2.0
"""Borders drawn twice by hand differ by a metre or two: what is nowhere wider than this is none."""


class FaultKind(StrEnum):
    """Kinds of faults. Only those of `EXCUSABLE` can be accepted with a written exception."""

    BAD_CODE = "bad_code"
    DUPLICATE_CODE = "duplicate_code"
    INVALID_RING = "invalid_ring"
    MISSING_PARENT = "missing_parent"
    PARENT_LOOP = "parent_loop"
    OUTSIDE_PARENT = "outside_parent"
    OVERLAP = "overlap"
    GAP = "gap"


EXCUSABLE = frozenset({FaultKind.OUTSIDE_PARENT, FaultKind.OVERLAP, FaultKind.GAP})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the grids concerned, its area (0 where it has none) and where to look.

    `shape` is what a map draws of it, in WGS-84: the ground in question, else the grids' outline.
    """

    kind: FaultKind
    codes: tuple[str, ...]
    text: str
    area_m2: float = 0.0
    at: LonLat | None = None
    shape: BaseGeometry | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """`kind: text`."""
        return f"{self.kind.value}: {self.text}"

    @property
    def excusable(self) -> bool:
        """True when the set can be used in spite of it."""
        return self.kind in EXCUSABLE


def survey(grids: Sequence[Grid], sliver_m: float = SLIVER_M) -> tuple[Fault, ...]:
    """All faults of a set of grids that is to stand alone; () when it is sound.

    Parts nowhere wider than `sliver_m` metres are forgiven.
    """
    faults = [*_codes(grids), *_rings(grids)]
    broken = {fault.codes[0] for fault in faults if fault.kind is FaultKind.INVALID_RING}
    tree = GridTree(grids)
    faults += _parents(tree)
    sound = [grid for grid in tree if grid.code not in broken]
    if sound:
        ground = _Ground(sound, sliver_m)
        faults += [*_outside(tree, ground), *_overlaps(tree, ground), *_gaps(tree, ground)]
    return tuple(faults)


def middle(geometries: Sequence[BaseGeometry]) -> LocalPlane:
    """The plane around the middle of these geometries (WGS-84)."""
    west, south, east, north = shapely.total_bounds(geometries)
    return LocalPlane(LonLat((west + east) / 2, (south + north) / 2))


def wide_parts(geometry: BaseGeometry, sliver_m: float) -> list[shapely.Polygon]:
    """The polygons of a geometry in metres that are wider than a sliver, largest first."""
    polygons = [p for p in shapely.get_parts(geometry).tolist() if p.area > 0]
    wide = [p for p in polygons if not p.buffer(-sliver_m / 2).is_empty]
    return sorted(wide, key=lambda polygon: -polygon.area)


class _Ground:
    """The grids' geometries in metres around their common centre."""

    def __init__(self, grids: Sequence[Grid], sliver_m: float) -> None:
        self.plane = middle([grid.geometry for grid in grids])
        self.sliver_m = sliver_m
        to_metres = ToMetres(self.plane)
        self.metres = {grid.code: shapely.transform(grid.geometry, to_metres) for grid in grids}

    def parts(self, geometry: BaseGeometry) -> list[shapely.Polygon]:
        """The polygons of a geometry that are wider than a sliver, largest first."""
        return wide_parts(geometry, self.sliver_m)

    def fault(
        self, kind: FaultKind, codes: tuple[str, ...], text: str, parts: list[shapely.Polygon]
    ) -> Fault:
        inside = parts[0].representative_point()
        at = self.plane.degrees(inside.x, inside.y)
        area_m2 = sum(part.area for part in parts)
        pieces = "" if len(parts) == 1 else f" in {len(parts)} pieces"
        where = f"at {at.lon:.5f}, {at.lat:.5f}"
        shape = shapely.transform(shapely.MultiPolygon(parts), ToDegrees(self.plane))
        return Fault(kind, codes, f"{text}: {area_m2:,.0f} m²{pieces} {where}", area_m2, at, shape)


def _codes(grids: Sequence[Grid]) -> Iterator[Fault]:
    for code, count in Counter(grid.code for grid in grids).items():
        if count > 1:
            twice = [grid for grid in grids if grid.code == code]
            text = f"{code} is given {count} times"
            yield _about(FaultKind.DUPLICATE_CODE, (code,), text, *twice)
    for grid in grids:
        scheme = SCHEMES.get(grid.scheme)
        if scheme is None:
            text = f"{grid.code}: no scheme {grid.scheme!r}"
            yield _about(FaultKind.BAD_CODE, (grid.code,), text, grid)
            continue
        if (wrong := scheme.fault(grid.code)) is not None:
            yield _about(FaultKind.BAD_CODE, (grid.code,), wrong, grid)
        elif scheme.dedicated(grid.code) and grid.kind is not GridKind.DEDICATED:
            text = f"{grid.code} is a code of dedicated grids, its kind is {grid.kind.value}"
            yield _about(FaultKind.BAD_CODE, (grid.code,), text, grid)


def _about(kind: FaultKind, codes: tuple[str, ...], text: str, *grids: Grid) -> Fault:
    """A fault of grids as such: there is no ground in question, so their outline is drawn."""
    outline = shapely.GeometryCollection([shapely.boundary(grid.geometry) for grid in grids])
    return Fault(kind, codes, text, shape=outline)


def _rings(grids: Sequence[Grid]) -> Iterator[Fault]:
    for grid in grids:
        if not shapely.is_valid(grid.geometry):
            why = shapely.is_valid_reason(grid.geometry)
            text = f"{grid.code} ({grid.name}): {why}"
            yield _about(FaultKind.INVALID_RING, (grid.code,), text, grid)
        elif grid.geometry.area == 0:
            text = f"{grid.code} ({grid.name}) has no area"
            yield _about(FaultKind.INVALID_RING, (grid.code,), text, grid)


def _parents(tree: GridTree) -> Iterator[Fault]:
    for grid in tree:
        top = tree.get(tree.path(grid.code)[0])
        if grid.parent_code is not None and grid.parent_code not in tree:
            text = f"the parent of {grid.code} ({grid.name}), {grid.parent_code}, is not there"
            yield _about(FaultKind.MISSING_PARENT, (grid.code, grid.parent_code), text, grid)
        elif top.parent_code is not None and top.parent_code in tree.path(grid.code):
            text = f"the parents of {grid.code} go round in a circle"
            yield _about(FaultKind.PARENT_LOOP, tree.path(grid.code), text, grid)


def _outside(tree: GridTree, ground: _Ground) -> Iterator[Fault]:
    for code in ground.metres:
        children = [child.code for child in tree.children(code) if child.code in ground.metres]
        # All at once first: in a sound county that is a third of the work.
        together = shapely.union_all([ground.metres[child] for child in children])
        if not ground.parts(shapely.difference(together, ground.metres[code])):
            continue
        for child in children:
            parts = ground.parts(shapely.difference(ground.metres[child], ground.metres[code]))
            if parts:
                text = f"{child} reaches out of its parent {code}"
                yield ground.fault(FaultKind.OUTSIDE_PARENT, (child, code), text, parts)


def _overlaps(tree: GridTree, ground: _Ground) -> Iterator[Fault]:
    """Grids of one kind and tier must not share ground; of several kinds they may."""
    codes = sorted(ground.metres)
    metres = np.array([ground.metres[code] for code in codes], dtype=object)
    one, other = shapely.STRtree(metres).query(metres, predicate="intersects")
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        pair = (codes[i], codes[j])
        if i >= j or not _beside(tree, *pair):
            continue
        parts = ground.parts(shapely.intersection(metres[i], metres[j]))
        if parts:
            text = f"{pair[0]} and {pair[1]} overlap"
            yield ground.fault(FaultKind.OVERLAP, pair, text, parts)


def _beside(tree: GridTree, one: str, other: str) -> bool:
    same_kind = tree.get(one).kind is tree.get(other).kind
    return same_kind and tree.tier(one) == tree.tier(other)


def _gaps(tree: GridTree, ground: _Ground) -> Iterator[Fault]:
    """Ground of a parent that none of its children covers. Dedicated grids need not cover."""
    for code, metres in ground.metres.items():
        kind = tree.get(code).kind
        if kind is GridKind.DEDICATED:
            continue
        children = [
            ground.metres[child.code]
            for child in tree.children(code)
            if child.kind is kind and child.code in ground.metres
        ]
        if not children:
            continue
        parts = ground.parts(shapely.difference(metres, shapely.union_all(children)))
        if parts:
            text = f"part of {code} ({tree.get(code).name}) lies in none of its grids"
            yield ground.fault(FaultKind.GAP, (code,), text, parts)
