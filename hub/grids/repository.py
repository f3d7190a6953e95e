"""SQL of the grids: versions with their validity, and what cameras are bound to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update
from sqlalchemy.sql import Select

from hub.grids.tree import Grid, GridKind
from hub.kit.ids import Ids
from hub.store.tables.alerts import transitions
from hub.store.tables.grids import camera_bindings, grids, sensor_bindings

CHUNK = 500
"""Rows of one statement: SQLite takes at most 32,766 parameters."""


@dataclass(frozen=True, slots=True)
class StoredGrid:
    """A grid of the present with where it comes from (`file` or `api`, and which file)."""

    id: str
    grid: Grid
    managed_by: str
    origin: str | None
    valid_from: float


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


def present(tx: Connection) -> list[StoredGrid]:
    """All grids that are valid now, by code."""
    rows = tx.execute(_present().order_by(grids.c.code)).mappings()
    return [_stored(row) for row in rows]


def names(tx: Connection, codes: Sequence[str] | None) -> list[GridName]:
    """By code, None: of all; of a grid's versions the newest speaks."""
    query = select(grids.c.code, grids.c.name, grids.c.kind, grids.c.parent_code)
    if codes is not None:
        query = query.where(grids.c.code.in_(codes))
    rows = tx.execute(query.order_by(grids.c.code, grids.c.valid_from))
    return list({row.code: GridName(*row) for row in rows}.values())


def _present() -> Select[tuple[object, ...]]:
    return select(grids).where(grids.c.valid_to.is_(None))


def _stored(row: RowMapping) -> StoredGrid:
    grid = Grid(
        code=row["code"],
        name=row["name"],
        kind=GridKind(row["kind"]),
        scheme=row["scheme"],
        parent_code=row["parent_code"],
        geometry=shapely.geometry.shape(row["geometry"]),
        centre=row["centre"],
    )
    return StoredGrid(row["id"], grid, row["managed_by"], row["origin"], row["valid_from"])


def stamp(tx: Connection) -> str:
    """A word that changes whenever any grid does."""
    newest = func.max(grids.c.valid_from), func.max(grids.c.valid_to), func.count()
    begun, ended, count = tx.execute(select(*newest)).one()
    return f"{begun}/{ended}/{count}"


def retire(tx: Connection, row_ids: Sequence[str], now: float) -> None:
    """End the validity of these rows; they stay for what was bound to them."""
    for start in range(0, len(row_ids), CHUNK):
        chosen = grids.c.id.in_(row_ids[start : start + CHUNK])
        tx.execute(update(grids).where(chosen).values(valid_to=now))


def add(
    tx: Connection,
    new: Iterable[tuple[Grid, int]],
    *,
    managed_by: str,
    origin: str | None,
    now: float,
    ids: Ids,
) -> None:
    """Insert grids (each with its tier), valid from now on."""
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
        }
        for grid, tier in new
    ]
    if rows:
        tx.execute(insert(grids), rows)


def log_import(
    tx: Connection, import_id: str, *, now: float, what: str, reason: str, actor: str
) -> None:
    """One line in the append-only log about an import, with the written exception if any."""
    tx.execute(
        insert(transitions).values(
            entity="grids",
            entity_id=import_id,
            version=1,
            at=now,
            what=what,
            from_state=None,
            to_state="imported",
            reason=reason,
            actor=actor,
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
