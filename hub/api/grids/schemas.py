"""What is told about grids and their versions."""

from __future__ import annotations

from typing import Any

from hub.access.actions import Role
from hub.api.schemas import Answer, Moment, Place
from hub.grids.change import ChangeKind
from hub.grids.topology import FaultKind
from hub.grids.tree import GridKind
from hub.grids.versions.version import VersionState
from hub.types.scene import SourceKind

GeoJson = dict[str, Any]
"""A geometry in WGS-84."""


class GridOut(Answer):
    """One grid of a moment; `geometry` only where it was asked for.

    `valid_to` is None for one that is not known to end; `version` is the one it began with (0: of
    before they were numbered).
    """

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
    valid_to: Moment | None
    version: int
    geometry: GeoJson | None = None


class HereOut(Answer):
    """The most detailed grid of each kind at a point, with its path from the root."""

    position: Place
    grids: dict[GridKind, str]
    paths: dict[GridKind, tuple[str, ...]]


class GridFaultOut(Answer):
    """One fault of the topology; `excusable` ones can be accepted with a written exception.

    `geometry` is what to draw of it: the ground in question, else the outline of its grids.
    """

    kind: FaultKind
    codes: tuple[str, ...]
    text: str
    area_m2: float
    at: Place | None
    excusable: bool
    geometry: GeoJson | None = None


class GridImportOut(Answer):
    """What an import found and did; nothing was written unless `accepted`, nor in a dry run.

    `version` is the number it was written under. `planned`: its moment is still to come, and
    nothing is bound anew before. `grants_stranded`: so many grants stand on grids that end.
    """

    accepted: bool
    dry_run: bool
    faults: tuple[GridFaultOut, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    exception: str
    version: int | None
    planned: bool
    cameras_bound: int
    cameras_unbound: int
    grants_stranded: int


class GridChangeOut(Answer):
    """What becomes of one grid; what was before is None for a new one, after for one that ends.

    Areas are m², `moved` is the share of both grounds together that only one of them has.
    `heirs` take over ground of it, `origins` are those it was cut out of or made of.
    """

    code: str
    kinds: tuple[ChangeKind, ...]
    grid_kind: GridKind
    name_before: str | None
    name: str | None
    parent_before: str | None
    parent: str | None
    centre_before: str | None
    centre: str | None
    area_before_m2: float | None
    area_after_m2: float | None
    moved: float
    heirs: tuple[str, ...]
    origins: tuple[str, ...]
    geometry_before: GeoJson | None
    geometry: GeoJson | None


class GridMoveOut(Answer):
    """One camera or sensor that would stand in another grid of that kind; None: in none."""

    source_kind: SourceKind
    id: str
    name: str
    kind: GridKind
    before: str | None
    after: str | None


class GrantStakeOut(Answer):
    """A grant on a grid that would end: it would reach nothing any more."""

    id: str
    holder: str
    account: str | None
    token_id: str | None
    role: Role
    grid: str
    heirs: tuple[str, ...]


class PostStakeOut(Answer):
    """A post on a grid that would end."""

    id: str
    grid: str
    role: Role
    title: str
    wanted: int


class GridStakesOut(Answer):
    """What stands on grids that would end. Open incidents stay, sent by the path of their time."""

    grants: tuple[GrantStakeOut, ...]
    people: int
    posts: tuple[PostStakeOut, ...]
    turns: int
    mutes: int
    incidents: int
    centres_lost: tuple[str, ...]


class GridPreviewOut(Answer):
    """What an import on these terms would do; nothing was written.

    `seen` is to be named at the import, so that what was looked at is what happens. `sound`: there
    is no fault that nothing excuses; only then `moves` are told. `files` manage grids that only
    the file may change. `not_before` is the moment of the newest version.
    """

    seen: str
    sound: bool
    faults: tuple[GridFaultOut, ...]
    files: tuple[str, ...]
    changes: tuple[GridChangeOut, ...]
    added: int
    changed: int
    retired: int
    unchanged: int
    moves: tuple[GridMoveOut, ...]
    stakes: GridStakesOut
    newest: int | None
    not_before: Moment | None


class GridVersionOut(Answer):
    """One version of the whole set: who redrew it, when and why, and from when on it counts."""

    no: int
    state: VersionState
    at: Moment
    by: str
    why: str
    exception: str
    valid_from: Moment
    managed_by: str
    origin: str | None
    added: int
    changed: int
    retired: int
    settled_at: Moment | None
    withdrawn_at: Moment | None
    withdrawn_by: str | None


class GridVersionDetail(GridVersionOut):
    """One version with what it changed, or will change."""

    changes: tuple[GridChangeOut, ...]
