"""The grids a thing counts for: its own, all above it, and the whole site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE_SITE = ""
"""The code under which everything counts, also what no grid contains."""


@dataclass(frozen=True, slots=True)
class Place:
    """A grid and the one above it; above the roots is the whole site, above that nothing."""

    code: str
    parent: str | None


def places(path: Sequence[str]) -> tuple[Place, ...]:
    """For which grids a thing at this path counts, from the whole site down."""
    codes = (WHOLE_SITE, *path)
    above: tuple[str | None, ...] = (None, *codes[:-1])
    return tuple(Place(code, parent) for code, parent in zip(codes, above, strict=True))
