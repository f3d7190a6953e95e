"""What is told about grids."""

from __future__ import annotations

from typing import Any

from hub.api.schemas import Answer, Moment, Place
from hub.grids.topology import FaultKind
from hub.grids.tree import GridKind


class GridOut(Answer):
    """One grid valid now; `geometry` is GeoJSON in WGS-84, only where it was asked for."""

    code: str
    name: str
    kind: GridKind
    scheme: str
    parent_code: str | None
    path: tuple[str, ...]
    centre: str | None
    managed_by: str
    origin: str | None
    valid_from: Moment
    geometry: dict[str, Any] | None = None


class HereOut(Answer):
    """The most detailed grid of each kind at a point, with its path from the root."""

    position: Place
    grids: dict[GridKind, str]
    paths: dict[GridKind, tuple[str, ...]]


class FaultOut(Answer):
    """One fault of the topology; `excusable` ones can be accepted with a written exception."""

    kind: FaultKind
    codes: tuple[str, ...]
    text: str
    area_m2: float
    at: Place | None
    excusable: bool


class GridImportOut(Answer):
    """What an import found and did; nothing was written unless `accepted`, nor in a dry run."""

    accepted: bool
    dry_run: bool
    faults: tuple[FaultOut, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    exception: str
    cameras_bound: int
    cameras_unbound: int
