"""Which centre serves a place, who there is told, and why: decided purely, on values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection

from hub.dispatch.config import CentreConfig, DispatchConfig
from hub.dispatch.taxonomy import EventClass
from hub.types.duty import OnDuty
from hub.types.staff import Role


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


def nobody(
    _tx: Connection, _path: Sequence[str], _role: Role, _at: float, _unit: str | None = None
) -> Sequence[OnDuty]:
    """The roster of a house without one."""
    return ()


class WhyCode(StrEnum):
    """What a line of the explanation speaks of; its parameters are in `Why`."""

    CENTRE = "centre"
    CLASS = "class"
    ON_DUTY = "on_duty"
    NOBODY_ON_DUTY = "nobody_on_duty"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, to be put into words by whoever shows it."""

    code: WhyCode
    params: Mapping[str, str | None] = field(default_factory=dict)

    def told(self) -> dict[str, object]:
        """As it stands in the task."""
        return {"code": self.code.value, **self.params}


@dataclass(frozen=True, slots=True)
class Facts:
    """What of an incident decides where it goes and who hears of it."""

    grid_path: tuple[str, ...]
    of: EventClass


@dataclass(frozen=True, slots=True)
class Routing:
    """The centre, who on duty is told, which departments are proposed, and why all of that."""

    route: Route
    told: tuple[OnDuty, ...]
    departments: tuple[str, ...]
    why: tuple[Why, ...]


def route(
    facts: Facts,
    centre_by_grid: Mapping[str, str],
    on_duty: Sequence[OnDuty],
    config: DispatchConfig,
) -> Routing:
    """Where an incident goes and why; `on_duty` are the workers there, nearest first."""
    found = plan(facts.grid_path, centre_by_grid, config)
    grid = facts.grid_path[-1] if facts.grid_path else None
    lines = [
        Why(
            WhyCode.CENTRE,
            {"centre": found.centre.id, "name": found.centre.name, "why": found.why.value,
             "grid": found.named_by or grid},
        ),
        Why(
            WhyCode.CLASS,
            {"class": facts.of.code, "name": facts.of.name, "name_en": facts.of.name_en},
        ),
        *(_because(each, len(on_duty) == 1) for each in on_duty),
    ]  # fmt: skip
    if not on_duty:
        lines.append(Why(WhyCode.NOBODY_ON_DUTY, {"grid": grid}))
    how = facts.of.whistle.value
    lines += [Why(WhyCode.DEPARTMENT, {"unit": u, "how": how}) for u in facts.of.departments]
    return Routing(found, tuple(on_duty), facts.of.departments, tuple(lines))


def _because(each: OnDuty, alone: bool) -> Why:
    """`alone`: nobody else is on duty for it."""
    said = {"account": each.account, "name": each.name, "role": each.role.value}
    more = {"grid": each.grid, "why": each.why, "alone": "yes" if alone else "no"}
    return Why(WhyCode.ON_DUTY, {**said, **more})
