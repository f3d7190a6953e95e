"""The tree of grids: any depth, several kinds over the same ground, the path of parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from hub.kit.errors import NotFound


class GridKind(StrEnum):
    """The tessellations that may cover the same ground. `civil` is the one alerts are bound to."""

    CIVIL = "civil"
    POLICE = "police"
    DEDICATED = "dedicated"


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One grid of one tessellation; geometry in WGS-84 degrees (polygon or multipolygon)."""

    code: str
    name: str
    kind: GridKind
    scheme: str
    parent_code: str | None
    geometry: BaseGeometry
    centre: str | None = None


class GridTree:
    """Grids by code with their parents. Codes are unique; a parent may be of another kind."""

    def __init__(self, grids: Iterable[Grid]) -> None:
        self._by_code = {grid.code: grid for grid in grids}
        self._children: dict[str, list[str]] = {}
        for grid in self._by_code.values():
            if grid.parent_code is not None:
                self._children.setdefault(grid.parent_code, []).append(grid.code)
        self._paths = {code: self._climb(code) for code in self._by_code}

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Grid]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Grid:
        """The grid with this code. Raises NotFound."""
        if code not in self._by_code:
            raise NotFound(f"there is no grid {code}")
        return self._by_code[code]

    def path(self, code: str) -> tuple[str, ...]:
        """Codes from the root to this grid, itself included; () for an unknown code."""
        return self._paths.get(code, ())

    def tier(self, code: str) -> int:
        """Depth in the tree: 0 for a root."""
        return len(self._paths[code]) - 1

    def children(self, code: str) -> tuple[Grid, ...]:
        """Grids whose parent this is, in the order they were given."""
        return tuple(self._by_code[child] for child in self._children.get(code, ()))

    def is_leaf(self, code: str) -> bool:
        """True when no grid of the same kind lies below."""
        kind = self._by_code[code].kind
        return all(child.kind is not kind for child in self.children(code))

    def under(self, code: str) -> Iterator[Grid]:
        """The grid and all below it."""
        yield self.get(code)
        for child in self._children.get(code, ()):
            yield from self.under(child)

    def above(self, codes: Iterable[str]) -> frozenset[str]:
        """All that these grids lie in, without themselves."""
        return frozenset(step for code in codes for step in self.path(code)[:-1])

    def centre(self, code: str) -> str | None:
        """The dispatch centre that serves this grid: its own, else its nearest ancestor's."""
        for step in reversed(self.path(code)):
            if (centre := self._by_code[step].centre) is not None:
                return centre
        return None

    def _climb(self, code: str) -> tuple[str, ...]:
        """The path to the root; it ends early at a missing parent or where a loop closes."""
        path: list[str] = []
        here: str | None = code
        while here is not None and here in self._by_code and here not in path:
            path.append(here)
            here = self._by_code[here].parent_code
        return tuple(reversed(path))
