"""Which ground things stand on: jurisdictions as conditions of a query, and paths of grids.

A path is the codes of a grid from its root down. What a camera or a sensor stands in is written
down apart from its registration, by whoever knows the grids; here it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    exists,
    false,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from hub.store.tables.grids import camera_bindings, grids, sensor_bindings
from hub.types.staff import Jurisdiction

Path = tuple[str, ...]
AT_ONCE = 500
"""Values in one `IN (…)`."""
FEW = 40
"""Grids of a ground that is small: some villages, of eight hundred."""


class Standing(StrEnum):
    """Kinds of sources that stand somewhere; the word is their topic in the change feed."""

    CAMERA = "camera"
    SENSOR = "sensor"


class _RunsThrough(FunctionElement[bool]):
    """Whether a path (an array of codes as JSON) holds a code, itself written as JSON."""

    type = Boolean()
    inherit_cache = True
    name = "runs_through"


@compiles(_RunsThrough)
def _as_text(element: _RunsThrough, compiler: SQLCompiler, **more: Any) -> str:
    # As text the path is ["a", "b"]; the quotes make it match whole codes only.
    path, code = (compiler.process(each, **more) for each in element.clauses)
    return f"instr({path}, {code}) > 0"


@compiles(_RunsThrough, "postgresql")
def _as_jsonb(element: _RunsThrough, compiler: SQLCompiler, **more: Any) -> str:
    # Of this it has statistics: of a text made from it it has none, and thinks that nothing
    # matches, so that it would rather sort a whole table than read the newest of it in order.
    path, code = (compiler.process(each, **more) for each in element.clauses)
    return f"{path} @> CAST({code} AS JSONB)"


def below(path: ColumnElement[Any], code: str) -> ColumnElement[bool]:
    """Whether a path in a column runs through this grid."""
    return _RunsThrough(path, literal(json.dumps(code)))


def inside(path: ColumnElement[Any], within: Jurisdiction) -> ColumnElement[bool]:
    """`within.covers(path)` for a path in a column."""
    if within.everywhere:
        return true()
    return or_(false(), *(below(path, code) for code in sorted(within.roots)))


def looked_up(
    tx: Connection, path: ColumnElement[Any], within: Jurisdiction
) -> ColumnElement[bool]:
    """`inside`, for lists of many rows: where the ground is small, found by the grids' codes.

    The path's table must say `grid_code` too, the last step of the path, and have an index on it.
    A path is that of its time and stays; so the codes are of all grids that ever lay there, those
    that are gone too, and the path still decides. A large ground is better read in the list's
    order, where a page is soon full.
    """
    said = inside(path, within)
    if within.everywhere or not within.roots:
        return said
    codes = _few_below(tx, within.roots)
    return said if codes is None else and_(path.table.c.grid_code.in_(codes), said)


def looked_up_below(tx: Connection, path: ColumnElement[Any], code: str) -> ColumnElement[bool]:
    """`below`, likewise."""
    return looked_up(tx, path, Jurisdiction(roots=frozenset({code})))


def looked_up_through(
    tx: Connection, key: ColumnElement[str], owner: Table, within: Jurisdiction
) -> ColumnElement[bool]:
    """Whether the row of `owner` whose `id` a column holds lies there, by its `grid_path`.

    Of a small ground its rows come first; else each is asked in turn, for a page needs few.
    """
    if within.everywhere:
        return true()
    said = looked_up(tx, owner.c.grid_path, within)
    if _few_below(tx, within.roots) is not None:
        return key.in_(select(owner.c.id).where(said))
    return exists().where(owner.c.id == key, said)


def _few_below(tx: Connection, roots: frozenset[str]) -> list[str] | None:
    """The codes that ever lay below these grids, with themselves.

    None if there are many, or for a ground that the register does not know.
    """
    first = select(grids.c.code).where(grids.c.code.in_(sorted(roots)))
    found = first.cte("ever", recursive=True)
    child = select(grids.c.code).join(found, grids.c.parent_code == found.c.code)
    codes = set(tx.execute(select(found.union(child).c.code).limit(FEW + 1)).scalars())
    return sorted(codes) if roots <= codes and len(codes) <= FEW else None


def sources_inside(kind: Standing, within: Jurisdiction) -> Select[Any] | None:
    """The ids of the sources that stand in it; None for all of them, wherever they are."""
    if within.everywhere:
        return None
    source, code, stands = _columns(kind)
    return select(source).where(stands, code.in_(_codes(within)))


def _codes(within: Jurisdiction) -> Select[Any]:
    """The codes of the grids in force that lie in it."""
    now = grids.c.present
    first = select(grids.c.code).where(now, grids.c.code.in_(sorted(within.roots)))
    found = first.cte("ground", recursive=True)
    child = select(grids.c.code).join(found, grids.c.parent_code == found.c.code).where(now)
    return select(found.union(child).c.code)


def _columns(
    kind: Standing,
) -> tuple[ColumnElement[str], ColumnElement[str], ColumnElement[bool]]:
    """Where it is written: id of the source, code of its grid, and which of the rows count."""
    if kind is Standing.CAMERA:
        mount = camera_bindings.c.primary_grid
        return camera_bindings.c.camera_id, camera_bindings.c.grid_code, mount
    return sensor_bindings.c.sensor_id, sensor_bindings.c.grid_code, true()


def source_paths(tx: Connection, kind: Standing, ids: Collection[str]) -> dict[str, Path]:
    """The paths of the grids that these sources stand in; () for one that stands in none."""
    standing = source_grids(tx, kind, ids)
    known = paths(tx, standing.values())
    return {id_: known[standing[id_]] if id_ in standing else () for id_ in ids}


def source_grids(tx: Connection, kind: Standing, ids: Collection[str]) -> dict[str, str]:
    """The codes of the grids that these sources stand in; without those that stand in none."""
    source, code, stands = _columns(kind)
    listed, standing = sorted(ids), dict[str, str]()
    for start in range(0, len(listed), AT_ONCE):
        query = select(source, code).where(stands, source.in_(listed[start : start + AT_ONCE]))
        standing.update({row[0]: row[1] for row in tx.execute(query)})
    return standing


def paths(tx: Connection, codes: Iterable[str]) -> dict[str, Path]:
    """The paths of these grids of the present; of one that is gone only itself."""
    wanted = set(codes)
    if not wanted:
        return {}
    now = select(grids.c.code, grids.c.parent_code).where(grids.c.present)
    parents = {row.code: row.parent_code for row in tx.execute(now)}
    return {code: climb(code, parents) for code in wanted}


def paths_kept(tx: Connection, codes: Iterable[str]) -> dict[str, Path]:
    """`paths`, where a grid that is gone lies in what it lay in at its end.

    For those who look after people: rights on it wait there for somebody to end them. Whatever
    happens on the ground itself is its heirs'.
    """
    wanted = set(codes)
    now = select(grids.c.code, grids.c.parent_code).where(grids.c.present)
    parents = {row.code: row.parent_code for row in tx.execute(now)}
    if not wanted <= parents.keys():
        gone = select(grids.c.code, grids.c.parent_code).where(
            grids.c.present.is_(False), grids.c.valid_to.is_not(None)
        )
        last = {row.code: row.parent_code for row in tx.execute(gone.order_by(grids.c.valid_to))}
        parents = {**last, **parents}
    return {code: climb(code, parents) for code in wanted}


def is_grid(tx: Connection, code: str, *, ever: bool = False) -> bool:
    """Whether there is a grid of that code now; `ever`: or was."""
    query = select(grids.c.id).where(grids.c.code == code).limit(1)
    found = tx.execute(query if ever else query.where(grids.c.present))
    return found.first() is not None


def climb(code: str, parents: Mapping[str, str | None]) -> Path:
    """From the root to this grid; it ends early at a missing parent or where a loop closes."""
    path = [code]
    above = parents.get(code)
    while above is not None and above in parents and above not in path:
        path.append(above)
        above = parents.get(above)
    return tuple(reversed(path))


class Moving:
    """The ground of sources that a transaction touches: where they stood, and where they then do.

    Both towns are told of a camera that moves from one to the other. What a transaction does to a
    register it may say before it has written where the source stands, so that is read at its end.
    """

    def __init__(self, tx: Connection, kind: Standing, ids: Collection[str]) -> None:
        self._kind = kind
        self._before = source_paths(tx, kind, ids)
        self._after: dict[str, Path] | None = None

    def path(self, id_: str) -> Callable[[Connection], Path]:
        """For the feed, which asks at the end of the transaction."""

        def both(tx: Connection) -> Path:
            if self._after is None:
                self._after = source_paths(tx, self._kind, self._before.keys())
            return tuple(dict.fromkeys((*self._before[id_], *self._after[id_])))

        return both
