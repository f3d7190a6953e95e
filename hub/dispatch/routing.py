"""Which centre serves a place: decided purely, from the grid's path and the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.dispatch.config import CentreConfig, DispatchConfig


class RouteWhy(StrEnum):
    """Why this centre."""

    OWN_GRID = "own_grid"
    PARENT_GRID = "parent_grid"
    NO_CENTRE_NAMED = "no_centre_named"
    UNBOUND = "unbound"


@dataclass(frozen=True, slots=True)
class Route:
    """The centre, why, and the grid that named it (None where none did).

    `unknown` lists grids that name a centre which is not configured; they were passed over.
    """

    centre: CentreConfig
    why: RouteWhy
    named_by: str | None = None
    unknown: tuple[str, ...] = ()


def plan(
    grid_path: Sequence[str], centre_by_grid: Mapping[str, str], config: DispatchConfig
) -> Route:
    """Walk up from the grid (the last of `grid_path`) to the first that names a known centre."""
    if not grid_path:
        return Route(config.fallback, RouteWhy.UNBOUND)
    unknown: list[str] = []
    for code in reversed(grid_path):
        named = centre_by_grid.get(code)
        if named is None:
            continue
        centre = config.centre(named)
        if centre is not None:
            why = RouteWhy.OWN_GRID if code == grid_path[-1] else RouteWhy.PARENT_GRID
            return Route(centre, why, code, tuple(unknown))
        unknown.append(code)
    return Route(config.fallback, RouteWhy.NO_CENTRE_NAMED, None, tuple(unknown))
