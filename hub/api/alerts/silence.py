"""Which ground a mute silences: nobody silences what lies beyond their own."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.alerts.mute import MuteDraft
from hub.api.reach import refuse_outside
from hub.grids.tree import GridTree
from hub.store.ground import Standing, source_paths
from hub.types.staff import Jurisdiction

Path = tuple[str, ...]


def silenced(tx: Connection, draft: MuteDraft, tree: GridTree, within: Jurisdiction) -> Path | None:
    """The ground of a mute that whoever asks may make: of its source, else of its grid.

    None for one of the whole site. Raises Forbidden (`outside_jurisdiction`) for one that reaches
    beyond `within`, or of which nobody can tell how far it reaches.
    """
    grounds: list[Path] = []
    if draft.source is not None:
        grounds.append(_of_source(tx, draft.source))
    if draft.grid_prefix is not None:
        codes = [grid.code for grid in tree if grid.code.startswith(draft.grid_prefix)]
        for code in codes:
            refuse_outside(within, tree.path(code))
        grounds.append(_shared([tree.path(code) for code in codes]))
    for path in grounds or [()]:
        refuse_outside(within, path)
    return grounds[0] if grounds else None


def _of_source(tx: Connection, source: str) -> Path:
    """Where a camera or a sensor stands; () where it stands in no grid, or is none."""
    for kind in Standing:
        path = source_paths(tx, kind, [source])[source]
        if path:
            return path
    return ()


def _shared(paths: list[Path]) -> Path:
    """The way that all these paths have in common, from the root."""
    common = paths[0] if paths else ()
    for path in paths:
        common = tuple(a for a, b in zip(common, path, strict=False) if a == b)
    return common
