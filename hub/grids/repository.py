"""SQL of the grids: their rows with their validity, and what cameras are bound to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from hub.grids.tree import Grid, GridKind, GridTree
from hub.kit.ids import Ids
from hub.store.tables.alerts import transitions
from hub.store.tables.grids import camera_bindings, grid_versions, grids, sensor_bindings

_WITHOUT_GROUND = [column for column in grids.c if column is not grids.c.geometry]
CHUNK = 500
"""Rows of one statement: SQLite takes at most 32,766 parameters."""


@dataclass(frozen=True, slots=True)
class StoredGrid:
    """One row of a grid with where it comes from (`file` or `api`, and which file).

    `version` is the one it begins with, `ended_in` the one it ends with.
    """

    id: str
    grid: Grid
    managed_by: str
    origin: str | None
    valid_from: float
    valid_to: float | None = None
    version: int = 0
    ended_in: int | None = None


@dataclass(frozen=True, slots=True)
class CameraGrid:
    """One row of what a camera is bound to; `how` says by what (mount, cone, homography)."""

    camera_id: str
    grid_code: str
    how: str
    kind: str
    share: float
    confidence: float
    primary: bool


@dataclass(frozen=True, slots=True)
class GridName:
    """What a grid is called, and below which it lies."""

    code: str
    name: str
    kind: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the append-only log: `state` is `imported`, `planned` or `withdrawn`."""

    id: str
    at: float
    what: str
    state: str
    reason: str
    actor: str


def present(tx: Connection) -> list[StoredGrid]:
    """All grids in force, by code."""
    return _chosen(tx, grids.c.present)


def known(tx: Connection, tree: GridTree) -> list[StoredGrid] | None:
    """The same with the ground of a tree that was read before; None where it is another by now."""
    rows = tx.execute(select(*_WITHOUT_GROUND).where(grids.c.present).order_by(grids.c.code))
    found = rows.mappings().all()
    if len(found) != len(tree) or any(row["code"] not in tree for row in found):
        return None
    return [_with(row, tree.get(row["code"])) for row in found]


def newest(tx: Connection) -> list[StoredGrid]:
    """The newest drawing, by code: that of the last planned version, else the present."""
    return _chosen(tx, grids.c.valid_to.is_(None))


def at(tx: Connection, moment: float) -> list[StoredGrid]:
    """The drawing of a moment (UTC epoch seconds), gone by or to come; by code."""
    return _chosen(tx, _valid(moment))


def code_rows(tx: Connection, code: str) -> list[StoredGrid]:
    """All that a grid was, is and will be, newest first."""
    return _read(tx, _rows().where(grids.c.code == code).order_by(grids.c.valid_from.desc()))


def drawn(tx: Connection, no: int) -> list[StoredGrid]:
    """The drawing that a version left behind, by code; [] for 0, before the first."""
    return _chosen(tx, _drawn(no))


def parents(tx: Connection, no: int) -> dict[str, str | None]:
    """The parent of each grid in the drawing that a version left behind, by code."""
    query = select(grids.c.code, grids.c.parent_code).where(_drawn(no))
    return {row.code: row.parent_code for row in tx.execute(query)}


def _drawn(no: int) -> ColumnElement[bool]:
    ends_later = or_(grids.c.ended_in.is_(None), grids.c.ended_in > no)
    return and_(grids.c.version <= no, ends_later)


def names(tx: Connection, codes: Sequence[str] | None) -> list[GridName]:
    """By code, None: of all; of all that a grid was the newest speaks, not what is planned."""
    query = select(grids.c.code, grids.c.name, grids.c.kind, grids.c.parent_code)
    planned = select(grid_versions.c.no).where(grid_versions.c.settled_at.is_(None))
    query = query.where(grids.c.version.not_in(planned))
    if codes is not None:
        query = query.where(grids.c.code.in_(codes))
    rows = tx.execute(query.order_by(grids.c.code, grids.c.valid_from))
    return list({row.code: GridName(*row) for row in rows}.values())


def _valid(moment: float) -> ColumnElement[bool]:
    ends_later = or_(grids.c.valid_to.is_(None), grids.c.valid_to > moment)
    return and_(grids.c.valid_from <= moment, ends_later)


def _chosen(tx: Connection, which: ColumnElement[bool]) -> list[StoredGrid]:
    return _read(tx, _rows().where(which).order_by(grids.c.code))


def _rows() -> Select[Any]:
    return select(*_WITHOUT_GROUND, cast(grids.c.geometry, Text).label("ground"))


def _read(tx: Connection, query: Select[Any]) -> list[StoredGrid]:
    rows = tx.execute(query).mappings().all()
    # All at once, and from the text: a county's two thousand take half the time.
    grounds = shapely.from_geojson([row["ground"] for row in rows])
    return [_stored(row, ground) for row, ground in zip(rows, grounds, strict=True)]


def _stored(row: RowMapping, ground: BaseGeometry) -> StoredGrid:
    grid = Grid(
        code=row["code"],
        name=row["name"],
        kind=GridKind(row["kind"]),
        scheme=row["scheme"],
        parent_code=row["parent_code"],
        geometry=ground,
        centre=row["centre"],
    )
    return _with(row, grid)


def _with(row: RowMapping, grid: Grid) -> StoredGrid:
    return StoredGrid(
        id=row["id"],
        grid=grid,
        managed_by=row["managed_by"],
        origin=row["origin"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        version=row["version"],
        ended_in=row["ended_in"],
    )


def stamp(tx: Connection) -> str:
    """A word that changes whenever any grid in force does."""
    settled = select(func.max(grid_versions.c.no)).where(grid_versions.c.settled_at.is_not(None))
    no = tx.execute(settled).scalar_one()
    present = select(func.max(grids.c.valid_from), func.count()).where(grids.c.present)
    begun, count = tx.execute(present).one()
    return f"{no}/{begun}/{count}"


def retire(tx: Connection, row_ids: Sequence[str], at: float, version: int) -> None:
    """End the validity of these rows at that moment; they stay for what was bound to them."""
    for start in range(0, len(row_ids), CHUNK):
        chosen = grids.c.id.in_(row_ids[start : start + CHUNK])
        tx.execute(update(grids).where(chosen).values(valid_to=at, ended_in=version))


def add(
    tx: Connection,
    new: Iterable[tuple[Grid, int]],
    *,
    managed_by: str,
    origin: str | None,
    now: float,
    ids: Ids,
    version: int = 0,
    present: bool = True,
) -> None:
    """Insert grids (each with its tier), valid from `now` on; those planned are not `present`."""
    rows = [
        {
            "id": ids(),
            "code": grid.code,
            "scheme": grid.scheme,
            "kind": grid.kind.value,
            "tier": tier,
            "name": grid.name,
            "parent_code": grid.parent_code,
            "geometry": shapely.geometry.mapping(grid.geometry),
            "centre": grid.centre,
            "valid_from": now,
            "valid_to": None,
            "managed_by": managed_by,
            "origin": origin,
            "version": version,
            "present": present,
        }
        for grid, tier in new
    ]
    if rows:
        tx.execute(insert(grids), rows)


def put_in_force(tx: Connection, version: int) -> None:
    """The rows that a version begins are the present, those that it ends are not."""
    tx.execute(update(grids).where(grids.c.ended_in == version).values(present=False))
    tx.execute(update(grids).where(grids.c.version == version).values(present=True))


def take_back(tx: Connection, version: int) -> None:
    """As if a planned version had never been written."""
    tx.execute(delete(grids).where(grids.c.version == version))
    ended = update(grids).where(grids.c.ended_in == version)
    tx.execute(ended.values(valid_to=None, ended_in=None))


def log(tx: Connection, entry: LogEntry) -> None:
    """One line in the append-only log about a redraw, with the written exception if any."""
    tx.execute(
        insert(transitions).values(
            entity="grids",
            entity_id=entry.id,
            version=1,
            at=entry.at,
            what=entry.what,
            from_state=None,
            to_state=entry.state,
            reason=entry.reason,
            actor=entry.actor,
            device=None,
        )
    )


def replace_camera_grids(
    tx: Connection, camera_ids: Sequence[str], rows: Sequence[CameraGrid], now: float
) -> None:
    """What cameras are bound to, in place of what they were."""
    if camera_ids:
        gone = camera_bindings.delete().where(camera_bindings.c.camera_id == bindparam("camera"))
        tx.execute(gone, [{"camera": camera_id} for camera_id in camera_ids])
    if rows:
        tx.execute(insert(camera_bindings), [_binding_values(row, now) for row in rows])


def replace_sensor_grids(
    tx: Connection, sensor_ids: Sequence[str], standing: Mapping[str, str], now: float
) -> None:
    """The grids that sensors stand in, in place of what they were; one in none is left out."""
    if sensor_ids:
        gone = sensor_bindings.delete().where(sensor_bindings.c.sensor_id == bindparam("sensor"))
        tx.execute(gone, [{"sensor": sensor_id} for sensor_id in sensor_ids])
    if standing:
        rows = [{"sensor_id": s, "grid_code": g, "bound_at": now} for s, g in standing.items()]
        tx.execute(insert(sensor_bindings), rows)


def sensor_grids(tx: Connection) -> dict[str, str]:
    """The grid each sensor stands in, by id."""
    query = select(sensor_bindings.c.sensor_id, sensor_bindings.c.grid_code)
    return {row.sensor_id: row.grid_code for row in tx.execute(query)}


def _binding_values(row: CameraGrid, now: float) -> dict[str, object]:
    return {
        "camera_id": row.camera_id,
        "grid_code": row.grid_code,
        "how": row.how,
        "kind": row.kind,
        "share": row.share,
        "confidence": row.confidence,
        "primary_grid": row.primary,
        "bound_at": now,
    }


def camera_grids(
    tx: Connection, *, camera_id: str | None = None, grid_code: str | None = None
) -> list[CameraGrid]:
    """Bindings of one camera, or of one grid, or all."""
    query = select(camera_bindings).order_by(
        camera_bindings.c.camera_id, camera_bindings.c.share.desc(), camera_bindings.c.grid_code
    )
    if camera_id is not None:
        query = query.where(camera_bindings.c.camera_id == camera_id)
    if grid_code is not None:
        query = query.where(camera_bindings.c.grid_code == grid_code)
    return [_camera_grid(row) for row in tx.execute(query).mappings()]


def mounted(tx: Connection, camera_id: str | None) -> dict[str, str]:
    """The civil grid each camera (or this one) stands in, by camera id."""
    query = select(camera_bindings.c.camera_id, camera_bindings.c.grid_code).where(
        camera_bindings.c.primary_grid
    )
    if camera_id is not None:
        query = query.where(camera_bindings.c.camera_id == camera_id)
    return {row.camera_id: row.grid_code for row in tx.execute(query)}


def _camera_grid(row: RowMapping) -> CameraGrid:
    return CameraGrid(
        camera_id=row["camera_id"],
        grid_code=row["grid_code"],
        how=row["how"],
        kind=row["kind"],
        share=row["share"],
        confidence=row["confidence"],
        primary=row["primary_grid"],
    )
