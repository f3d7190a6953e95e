"""What a redraw changes, grid by grid, and what became of what: pure, in metres of one plane."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hub.grids.index import ToMetres
from hub.grids.topology import SLIVER_M, middle, wide_parts
from hub.grids.tree import Grid, GridTree

MOSTLY = 0.5
"""From this share on a grid lies mostly in another."""
SOME = 0.05
"""A retired grid's heirs took over at least this share of its ground."""


class ChangeKind(StrEnum):
    """What can happen to one grid; several may at once."""

    ADDED = "added"
    RETIRED = "retired"
    SPLIT = "split"
    MERGED = "merged"
    RECODED = "recoded"
    RENAMED = "renamed"
    RESHAPED = "reshaped"
    REPARENTED = "reparented"
    RETYPED = "retyped"
    SERVED = "served"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one grid; `before` None: it is new, `after` None: it ends.

    Areas are m². `moved` is the share of the old and the new ground together that only one of
    them has (0 when the shape stays). `heirs` are the grids that take over ground of it, its own
    code among them when it was split and stays; `origins` those it was cut out of, or made of.
    """

    code: str
    kinds: tuple[ChangeKind, ...]
    before: Grid | None
    after: Grid | None
    area_before_m2: float | None
    area_after_m2: float | None
    moved: float
    heirs: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def compare(
    before: Iterable[Grid], after: Iterable[Grid], sliver_m: float = SLIVER_M
) -> tuple[Change, ...]:
    """All changes from one drawing to another, by code.

    A border that moved nowhere by more than `sliver_m` metres changes no shape. Broken rings are
    taken for what they enclose.
    """
    old, new = GridTree(before), GridTree(after)
    touched = sorted({grid.code for grid in (*old, *new) if not _same(grid.code, old, new)})
    if not touched:
        return ()
    ground = _Both(old, new, touched, sliver_m)
    kin = _kin(ground)
    made = (_change(code, ground, kin) for code in touched)
    return tuple(change for change in made if change.kinds)


def _same(code: str, old: GridTree, new: GridTree) -> bool:
    if code not in old or code not in new:
        return False
    one, other = old.get(code), new.get(code)
    return not _described(one, other) and one.geometry.equals_exact(other.geometry, 1e-9)


def _described(one: Grid, other: Grid) -> list[ChangeKind]:
    """What differs of the two besides their ground."""
    differs = {
        ChangeKind.RENAMED: one.name != other.name,
        ChangeKind.REPARENTED: one.parent_code != other.parent_code,
        ChangeKind.RETYPED: (one.kind, one.scheme) != (other.kind, other.scheme),
        ChangeKind.SERVED: one.centre != other.centre,
    }
    return [kind for kind, is_so in differs.items() if is_so]


class _Both:
    """The touched grids of both drawings, in metres around their common middle."""

    def __init__(
        self, old: GridTree, new: GridTree, touched: Sequence[str], sliver_m: float
    ) -> None:
        self.old, self.new, self.sliver_m = old, new, sliver_m
        given = [tree.get(code).geometry for tree in (old, new) for code in touched if code in tree]
        to_metres = ToMetres(middle(given))
        self.old_m = _metres(old, touched, to_metres)
        self.new_m = _metres(new, touched, to_metres)
        both = self.old_m.keys() & self.new_m.keys()
        self.reshaped = {code for code in both if self._differs(code)}

    def _differs(self, code: str) -> bool:
        one, other = self.old_m[code], self.new_m[code]
        if one.equals_exact(other, 1e-6):
            return False
        return bool(wide_parts(shapely.symmetric_difference(one, other), self.sliver_m))

    def moved(self, code: str) -> float:
        """The share of both grounds together that only one of them has."""
        if code not in self.reshaped:
            return 0.0
        one, other = self.old_m[code], self.new_m[code]
        whole = shapely.union(one, other).area
        return float(shapely.symmetric_difference(one, other).area / whole) if whole else 0.0


def _metres(tree: GridTree, touched: Sequence[str], to_metres: ToMetres) -> dict[str, BaseGeometry]:
    there = [code for code in touched if code in tree]
    return {
        code: shapely.make_valid(shapely.transform(tree.get(code).geometry, to_metres))
        for code in there
    }


@dataclass(frozen=True, slots=True)
class _Kin:
    """Who took over from whom. `heirs` and `parts` by old code, `made_of` by new code."""

    heirs: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    made_of: Mapping[str, tuple[str, ...]]
    twins: Mapping[str, str]


def _kin(ground: _Both) -> _Kin:
    """Overlaps of what ends or shrinks with what begins or grows, of one kind and tier."""
    given = {code for code in ground.old_m if code not in ground.new_m or code in ground.reshaped}
    taken = {code for code in ground.new_m if code not in ground.old_m or code in ground.reshaped}
    shares = _shares(ground, sorted(given), sorted(taken))
    heirs: dict[str, list[tuple[float, str]]] = defaultdict(list)
    parts: dict[str, list[str]] = defaultdict(list)
    made_of: dict[str, list[str]] = defaultdict(list)
    for (old, new), (of_old, of_new) in shares.items():
        ends, begins = old not in ground.new_m, new not in ground.old_m
        if ends and of_old >= SOME:
            heirs[old].append((-of_old, new))
        if begins and of_new >= MOSTLY:
            parts[old].append(new)
        if ends and of_old >= MOSTLY:
            made_of[new].append(old)
    split = {old: tuple(new) for old, new in parts.items() if _several(old, new, ground.new_m)}
    merged = {new: tuple(old) for new, old in made_of.items() if _several(new, old, ground.old_m)}
    twins = {
        new[0]: old
        for old, new in parts.items()
        if old not in ground.new_m and len(new) == 1 and made_of.get(new[0]) == [old]
    }
    ordered = {old: tuple(code for _, code in sorted(found)) for old, found in heirs.items()}
    return _Kin(ordered, split, merged, twins)


def _several(code: str, others: Sequence[str], stays: Mapping[str, BaseGeometry]) -> bool:
    """Whether these, and the grid itself where it stays, are more than one."""
    return len(others) + (code in stays) > 1


def _shares(
    ground: _Both, given: Sequence[str], taken: Sequence[str]
) -> dict[tuple[str, str], tuple[float, float]]:
    """By old and new code: which share of the old one, and of the new one, both have."""
    if not given or not taken:
        return {}
    old_m = np.array([ground.old_m[code] for code in given], dtype=object)
    new_m = np.array([ground.new_m[code] for code in taken], dtype=object)
    pairs = shapely.STRtree(new_m).query(old_m, predicate="intersects")
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for i, j in sorted(zip(*pairs.tolist(), strict=True)):
        old, new = given[i], taken[j]
        if old == new or not _beside(ground, old, new):
            continue
        common = shapely.intersection(old_m[i], new_m[j])
        if wide_parts(common, ground.sliver_m):
            found[old, new] = (common.area / old_m[i].area, common.area / new_m[j].area)
    return found


def _beside(ground: _Both, old: str, new: str) -> bool:
    same_kind = ground.old.get(old).kind is ground.new.get(new).kind
    return same_kind and ground.old.tier(old) == ground.new.tier(new)


def _change(code: str, ground: _Both, kin: _Kin) -> Change:
    before = ground.old.get(code) if code in ground.old else None
    after = ground.new.get(code) if code in ground.new else None
    heirs = kin.heirs.get(code, ())
    if code in kin.parts:
        stays = (code,) if after is not None else ()
        heirs = tuple(dict.fromkeys((*stays, *kin.parts[code], *heirs)))
    stays = (code,) if before is not None else ()
    origins = (*stays, *kin.made_of[code]) if code in kin.made_of else _cut_from(code, kin)
    return Change(
        code=code,
        kinds=tuple(_kinds(code, before, after, ground, kin)),
        before=before,
        after=after,
        area_before_m2=ground.old_m[code].area if before is not None else None,
        area_after_m2=ground.new_m[code].area if after is not None else None,
        moved=ground.moved(code),
        heirs=heirs,
        origins=origins,
    )


def _cut_from(code: str, kin: _Kin) -> tuple[str, ...]:
    if code in kin.twins:
        return (kin.twins[code],)
    return tuple(old for old, parts in kin.parts.items() if code in parts)


def _kinds(
    code: str, before: Grid | None, after: Grid | None, ground: _Both, kin: _Kin
) -> list[ChangeKind]:
    found = []
    if before is None:
        found.append(ChangeKind.ADDED)
    if after is None:
        found.append(ChangeKind.RETIRED)
    if code in kin.parts:
        found.append(ChangeKind.SPLIT)
    if code in kin.made_of:
        found.append(ChangeKind.MERGED)
    if code in kin.twins or code in kin.twins.values():
        found.append(ChangeKind.RECODED)
    if before is not None and after is not None:
        found += _described(before, after)
    if code in ground.reshaped:
        found.append(ChangeKind.RESHAPED)
    return found
