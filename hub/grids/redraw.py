"""Redrawing the grids: looked at first, then brought in as one numbered version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.grids import repository
from hub.grids.change import Change, compare
from hub.grids.collection import GridCollection, grids_of
from hub.grids.plan import API, FILE, Redraw, Source, Terms, plan
from hub.grids.repository import LogEntry, StoredGrid
from hub.grids.topology import SLIVER_M, Fault, survey
from hub.grids.tree import Grid, GridTree
from hub.grids.versions import repository as versions
from hub.grids.versions.service import settle
from hub.grids.versions.version import Version
from hub.kit.errors import Conflict
from hub.kit.ids import Ids


@dataclass(frozen=True, slots=True)
class Report:
    """What an import found and did. Nothing was written unless `accepted`.

    `conflicts` are codes of a file that were made through the API: the API's grids stay.
    `version` is the number it was written under, None where nothing was written; `planned` that
    its moment is still to come.
    """

    accepted: bool
    faults: tuple[Fault, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    unchanged: int = 0
    exception: str = ""
    conflicts: tuple[str, ...] = ()
    version: int | None = None
    planned: bool = False

    @property
    def wrote(self) -> bool:
        """True when any grid is now another than before."""
        return bool(self.added or self.changed or self.retired)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import on these terms would do; nothing is written.

    `seen` is the word to name at the import, so that what was looked at is what happens.
    `newest` is the version it is drawn upon, None before the first.
    """

    redraw: Redraw
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]
    seen: str
    newest: Version | None

    @property
    def sound(self) -> bool:
        """True when the drawing can be used: there is no fault that nothing excuses."""
        return all(fault.excusable for fault in self.faults)

    @property
    def retired(self) -> dict[str, tuple[str, ...]]:
        """The heirs of each grid that would end, by code."""
        return {change.code: change.heirs for change in self.changes if change.after is None}

    @property
    def centres_lost(self) -> tuple[str, ...]:
        """Dispatch centres that some grid names today, and then none would."""
        before = {stored.grid.centre for stored in self.redraw.before}
        after = {grid.centre for grid in self.redraw.after}
        return tuple(sorted(centre for centre in before - after if centre is not None))


def preview(
    tx: Connection, collection: GridCollection, *, terms: Terms, sliver_m: float = SLIVER_M
) -> Preview:
    """What an import through the API would do. Raises NotFound (`under` is not there)."""
    redraw = _planned(tx, collection, Source(API, None), terms)
    faults = _new_faults(redraw, sliver_m) if redraw.changes else ()
    changes = compare((s.grid for s in redraw.before), redraw.after, sliver_m)
    newest = versions.newest(tx)
    return Preview(redraw, faults, changes, word(tx, collection, terms), newest)


def word(tx: Connection, collection: GridCollection, terms: Terms) -> str:
    """Another one whenever the newest drawing, the collection or what ends with it is another."""
    newest = versions.newest(tx)
    drawn_upon = f"{newest.no if newest else 0}/{versions.next_no(tx)}"
    said = (drawn_upon, terms.missing.value, terms.under or "", collection.model_dump_json())
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:32]


def import_features(
    tx: Connection,
    collection: GridCollection,
    *,
    now: float,
    ids: Ids,
    managed_by: str = FILE,
    origin: str | None = None,
    exception: str = "",
    actor: str = "hub",
    sliver_m: float = SLIVER_M,
    dry_run: bool = False,
    terms: Terms | None = None,
) -> Report:
    """Bring a collection in as one version, or refuse it with all its faults.

    From a file, grids of that file that are no longer in it end; those made through the API
    stay as they are. `exception` is the written reason for which gaps, overlaps and
    children outside their parents are accepted; other faults cannot be. The topology is that
    of the whole: what stays of the newest drawing and what comes in. An import that changes nothing
    is not looked at again, and is no version. Raises Conflict: `managed_by_file` when the API would
    change a grid that a file manages, `grids_changed` when something else was previewed,
    `in_the_past` and `not_newest` for a moment gone by or before the newest version's.
    """
    terms = terms or Terms()
    if not dry_run:
        versions.lock(tx)
    redraw = _planned(tx, collection, Source(managed_by, origin), terms)
    if redraw.files:
        code = sorted({g.code for g in redraw.incoming} & _of_files(redraw))[0]
        raise Conflict(
            f"grid {code} is managed by the file {redraw.files[0]}", code="managed_by_file"
        )
    if terms.seen is not None and terms.seen != word(tx, collection, terms):
        text = "the grids, the file or the terms are others than those that were previewed"
        raise Conflict(text, code="grids_changed")
    if not redraw.changes:
        return _report(redraw, (), "")
    faults = _new_faults(redraw, sliver_m)
    excused = bool(exception.strip()) and all(fault.excusable for fault in faults)
    if faults and not excused:
        return Report(False, faults, conflicts=redraw.conflicts)
    valid_from = _moment(tx, terms, now)
    if dry_run:
        return _report(redraw, faults, exception if faults else "")
    version = Version(
        no=versions.next_no(tx),
        at=now,
        by=actor,
        why=terms.why,
        exception=exception if faults else "",
        valid_from=valid_from,
        managed_by=managed_by,
        origin=origin,
        added=len(redraw.added),
        changed=len(redraw.changed),
        retired=len(redraw.gone),
    )
    _write(tx, redraw, version, ids)
    settle(tx, now)
    planned = valid_from > now
    return _report(redraw, faults, version.exception, version.no, planned=planned)


def _planned(tx: Connection, collection: GridCollection, source: Source, terms: Terms) -> Redraw:
    return plan(repository.newest(tx), grids_of(collection), source, terms)


def _of_files(redraw: Redraw) -> set[str]:
    return {stored.grid.code for stored in redraw.before if stored.managed_by == FILE}


def _moment(tx: Connection, terms: Terms, now: float) -> float:
    """From when on it counts. Raises Conflict (`in_the_past`, `not_newest`)."""
    valid_from = now if terms.valid_from is None else terms.valid_from
    if valid_from < now:
        raise Conflict("a redraw never rewrites what was", code="in_the_past")
    newest = versions.newest(tx)
    if newest is not None and valid_from < newest.valid_from:
        text = f"version {newest.no} is planned for later; withdraw it, or plan after it"
        raise Conflict(text, code="not_newest")
    return valid_from


def _write(tx: Connection, redraw: Redraw, version: Version, ids: Ids) -> None:
    tree = GridTree(redraw.after)
    versions.insert_version(tx, version)
    repository.retire(tx, redraw.ending, version.valid_from, version.no)
    repository.add(
        tx,
        [(grid, tree.tier(grid.code)) for grid in redraw.coming],
        managed_by=version.managed_by,
        origin=version.origin,
        now=version.valid_from,
        ids=ids,
        version=version.no,
        present=False,
    )
    planned = version.valid_from > version.at
    entry = LogEntry(
        id=ids(),
        at=version.at,
        what=f"import of {version.origin or version.managed_by}",
        state="planned" if planned else "imported",
        reason=version.exception or "no faults",
        actor=version.by,
    )
    repository.log(tx, entry)


def _report(
    redraw: Redraw,
    faults: tuple[Fault, ...],
    exception: str,
    version: int | None = None,
    *,
    planned: bool = False,
) -> Report:
    return Report(
        accepted=True,
        faults=faults,
        added=tuple(grid.code for grid in redraw.added),
        changed=tuple(grid.code for _, grid in redraw.changed),
        retired=tuple(stored.grid.code for stored in redraw.gone),
        unchanged=len(redraw.incoming) - len(redraw.added) - len(redraw.changed),
        exception=exception,
        conflicts=redraw.conflicts,
        version=version,
        planned=planned,
    )


def _new_faults(redraw: Redraw, sliver_m: float) -> tuple[Fault, ...]:
    """Faults of the set to be, without those that stand already: they were accepted once."""
    faults = survey(redraw.after, sliver_m)
    if not faults:
        return ()
    old = {_same_fault(fault) for fault in survey(_grids(redraw.before), sliver_m)}
    return tuple(fault for fault in faults if _same_fault(fault) not in old)


def _grids(stored: Iterable[StoredGrid]) -> Sequence[Grid]:
    return [each.grid for each in stored]


def _same_fault(fault: Fault) -> tuple[object, ...]:
    return (fault.kind, fault.codes, round(fault.area_m2))
