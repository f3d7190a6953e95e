"""What a collection makes of the newest drawing: grid by grid, before anything is judged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.grids.repository import StoredGrid
from hub.grids.tree import Grid, GridTree

FILE, API = "file", "api"


class Missing(StrEnum):
    """What becomes of grids of the API that a collection leaves out."""

    STAY = "stay"
    END = "end"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a collection is brought in.

    `valid_from` (UTC epoch seconds) None: at once. `why` is told in the list of versions. With
    `missing` END the grids of the API that the collection leaves out end, of the kinds that it
    names, and only `under` that grid (itself not) where one is named. `seen` is the word of the
    preview that was looked at, None: none was.
    """

    valid_from: float | None = None
    why: str = ""
    missing: Missing = Missing.STAY
    under: str | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Redraw:
    """The newest drawing and the one to be.

    `conflicts` are codes of a file that were made through the API: the API's grids stay.
    `files` manage grids that the API would change, which it may not.
    """

    before: tuple[StoredGrid, ...]
    kept: tuple[Grid, ...]
    incoming: tuple[Grid, ...]
    added: tuple[Grid, ...]
    changed: tuple[tuple[StoredGrid, Grid], ...]
    gone: tuple[StoredGrid, ...]
    conflicts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """True when any grid would be another than before."""
        return bool(self.added or self.changed or self.gone)

    @property
    def after(self) -> tuple[Grid, ...]:
        """The drawing to be; a code may stand in it twice, which is a fault."""
        return (*self.kept, *self.incoming)

    @property
    def coming(self) -> list[Grid]:
        """The grids whose rows begin."""
        return [*self.added, *(grid for _, grid in self.changed)]

    @property
    def ending(self) -> list[str]:
        """The ids of the rows that end."""
        return [stored.id for stored in (*self.gone, *(old for old, _ in self.changed))]


@dataclass(frozen=True, slots=True)
class Source:
    """Who brings the collection: `file` (and which) or `api`."""

    managed_by: str
    origin: str | None


def plan(
    current: Sequence[StoredGrid], incoming: Iterable[Grid], source: Source, terms: Terms
) -> Redraw:
    """What this collection makes of the newest drawing. Raises NotFound (`under` is not there)."""
    present = {stored.grid.code: stored for stored in current}
    given, conflicts = list(incoming), tuple[str, ...]()
    if source.managed_by == FILE:
        api = {code for code, stored in present.items() if stored.managed_by == API}
        conflicts = tuple(grid.code for grid in given if grid.code in api)
        given = [grid for grid in given if grid.code not in api]
    codes = {grid.code for grid in given}
    if source.managed_by == FILE:
        gone = [s for s in current if (s.managed_by, s.origin) == (FILE, source.origin)]
    else:
        gone = _left_out(current, given, terms)
    gone = [stored for stored in gone if stored.grid.code not in codes]
    ending = codes | {stored.grid.code for stored in gone}
    files = () if source.managed_by == FILE else _files(present, codes)
    return Redraw(
        before=tuple(current),
        kept=tuple(s.grid for s in current if s.grid.code not in ending),
        incoming=tuple(given),
        added=tuple(grid for grid in given if grid.code not in present),
        changed=tuple(_changed(present, given, source)),
        gone=tuple(gone),
        conflicts=conflicts,
        files=files,
    )


def _left_out(
    current: Sequence[StoredGrid], given: Iterable[Grid], terms: Terms
) -> list[StoredGrid]:
    if terms.missing is Missing.STAY:
        return []
    kinds = {grid.kind for grid in given}
    found = [s for s in current if s.managed_by == API and s.grid.kind in kinds]
    if terms.under is None:
        return found
    below = {grid.code for grid in GridTree(s.grid for s in current).under(terms.under)}
    return [s for s in found if s.grid.code in below - {terms.under}]


def _files(present: Mapping[str, StoredGrid], codes: Iterable[str]) -> tuple[str, ...]:
    touched = [present[code] for code in sorted(codes) if code in present]
    return tuple(dict.fromkeys(s.origin or "" for s in touched if s.managed_by == FILE))


def _changed(
    present: Mapping[str, StoredGrid], given: Iterable[Grid], source: Source
) -> Iterable[tuple[StoredGrid, Grid]]:
    for grid in given:
        stored = present.get(grid.code)
        if stored is None:
            continue
        moved = (stored.managed_by, stored.origin) != (source.managed_by, source.origin)
        if moved or not _same(stored.grid, grid):
            yield stored, grid


def _same(old: Grid, new: Grid) -> bool:
    described = (old.name, old.kind, old.scheme, old.parent_code, old.centre)
    return described == (new.name, new.kind, new.scheme, new.parent_code, new.centre) and (
        old.geometry.equals_exact(new.geometry, 1e-9)
    )
