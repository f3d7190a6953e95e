"""Versions of the grids: those that were, the one in force, those planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.grids import repository
from hub.grids.change import Change, compare
from hub.grids.repository import LogEntry, StoredGrid
from hub.grids.topology import SLIVER_M
from hub.grids.versions import repository as table
from hub.grids.versions.version import Version, VersionState
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import Ids
from hub.store import feed
from hub.store.ground import Path, climb

TOPIC = "grid"
"""In the change feed: another drawing is in force, for all who see any of it."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a grid was, is or will be: one of its rows, with the path of that time."""

    stored: StoredGrid
    path: Path


def versions(tx: Connection) -> list[tuple[Version, VersionState]]:
    """All versions with where each stands, newest first."""
    listed = table.versions(tx)
    in_force = max((each.no for each in listed if each.settled_at is not None), default=0)
    return [(each, each.state(in_force)) for each in listed]


def version(tx: Connection, no: int) -> tuple[Version, VersionState]:
    """One version and where it stands. Raises NotFound."""
    for each, state in versions(tx):
        if each.no == no:
            return each, state
    raise NotFound(f"there is no version {no} of the grids")


def changes(tx: Connection, no: int, sliver_m: float = SLIVER_M) -> tuple[Change, ...]:
    """What a version changed or will change; () for one that was withdrawn."""
    found = table.version(tx, no)
    if found is None or found.withdrawn_at is not None:
        return ()
    before, after = repository.drawn(tx, no - 1), repository.drawn(tx, no)
    return compare([row.grid for row in before], [row.grid for row in after], sliver_m)


def due(tx: Connection, now: float) -> Sequence[int]:
    """The planned versions whose moment has come; () nearly always."""
    return table.due(tx, now)


def settle(tx: Connection, now: float) -> Sequence[int]:
    """Put in force what is due; returns the numbers. Everything bound has to be bound anew."""
    if not table.due(tx, now):
        return ()
    # Nobody takes one back at the same moment; what is due is asked for again behind the lock.
    table.lock(tx)
    found = table.due(tx, now)
    for no in found:
        repository.put_in_force(tx, no)
        table.settled(tx, no, now)
        feed.append(tx, TOPIC, f"version-{no}", {"version": no}, now, None)
    return found


def withdraw(tx: Connection, no: int, by: str, now: float, ids: Ids) -> Version:
    """Take back the newest planned version before it counts.

    Raises NotFound, Conflict (`version_in_force` once its moment has come, `not_newest` while
    another is drawn upon it, `version_withdrawn`).
    """
    table.lock(tx)
    found = table.version(tx, no)
    if found is None:
        raise NotFound(f"there is no version {no} of the grids")
    if found.withdrawn_at is not None:
        raise Conflict(f"version {no} was withdrawn", code="version_withdrawn")
    if found.settled_at is not None or found.valid_from <= now:
        raise Conflict(f"version {no} is in force; redraw instead", code="version_in_force")
    newest = table.newest(tx)
    if newest is None or newest.no != no:
        raise Conflict(f"a later version is drawn upon version {no}", code="not_newest")
    repository.take_back(tx, no)
    table.withdrawn(tx, no, by, now)
    said = LogEntry(ids(), now, f"version {no} of the grids", "withdrawn", found.why, by)
    repository.log(tx, said)
    return found


def history(tx: Connection, code: str) -> list[Past]:
    """All that a grid was, is and will be, newest first. Raises NotFound."""
    found = repository.code_rows(tx, code)
    if not found:
        raise NotFound(f"there is no grid {code}")
    parents = {row.version: repository.parents(tx, row.version) for row in found}
    return [Past(row, climb(code, parents[row.version])) for row in found]
