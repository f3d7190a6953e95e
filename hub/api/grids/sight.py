"""Which grids somebody sees: those of the own ground whole, those it lies in by name."""

from __future__ import annotations

from dataclasses import dataclass

from hub.grids.tree import GridTree
from hub.types.staff import Jurisdiction


@dataclass(frozen=True, slots=True)
class Sight:
    """What a ground lets one see of a tree of grids."""

    within: Jurisdiction
    tree: GridTree
    above: frozenset[str]

    @classmethod
    def of(cls, within: Jurisdiction, tree: GridTree) -> Sight:
        """The sight of somebody with that ground."""
        return cls(within, tree, tree.above(within.roots))

    def sees(self, code: str) -> bool:
        """Whether the grid lies in the ground."""
        return self.within.covers(self.tree.path(code))

    def knows(self, code: str) -> bool:
        """Whether the grid lies in the ground, or the ground in it."""
        return self.sees(code) or code in self.above
