"""What others may ask of the grids. Transactions are opened by the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from hub.grids import repository
from hub.grids.binding import Binder, CameraGround
from hub.grids.plan import API as API
from hub.grids.plan import FILE as FILE
from hub.grids.redraw import Report as Report
from hub.grids.redraw import import_features as import_features
from hub.grids.repository import CameraGrid, GridName, StoredGrid
from hub.grids.tree import GridKind, GridTree
from hub.grids.view import How
from hub.kit.errors import NotFound
from hub.store.ground import climb
from hub.types.site import CameraSpec, SensorSpec
from hub.types.staff import Jurisdiction


def load_binder(tx: Connection) -> Binder:
    """The binder over the grids valid now; build another when `stamp` has changed."""
    return Binder(load_tree(tx))


def load_tree(tx: Connection) -> GridTree:
    """The grids valid now."""
    return GridTree(stored.grid for stored in repository.present(tx))


def stamp(tx: Connection) -> str:
    """A word that changes whenever any grid does."""
    return repository.stamp(tx)


def list_grids(
    tx: Connection, *, kind: GridKind | None = None, under: str | None = None
) -> list[StoredGrid]:
    """Grids in force, by code; only of one kind, only one grid and all below it."""
    return select(repository.present(tx), kind=kind, under=under)


def select(
    stored: Sequence[StoredGrid], *, kind: GridKind | None = None, under: str | None = None
) -> list[StoredGrid]:
    """Of a drawing those of one kind, or one grid and all below it. Raises NotFound."""
    chosen = list(stored)
    if under is not None:
        below = {grid.code for grid in GridTree(row.grid for row in stored).under(under)}
        chosen = [row for row in stored if row.grid.code in below]
    return [row for row in chosen if kind is None or row.grid.kind is kind]


def drawing(
    tx: Connection, at: float | None = None, tree: GridTree | None = None
) -> list[StoredGrid]:
    """All grids of a moment (UTC epoch seconds), gone by or to come; None: those in force.

    `tree`: of those in force, as they were read last; their ground is not read again.
    """
    if at is not None:
        return repository.at(tx, at)
    known = None if tree is None else repository.known(tx, tree)
    return repository.present(tx) if known is None else known


def names(tx: Connection, codes: Iterable[str] | None = None) -> list[GridName]:
    """What these grids, or all, are called; those that are gone by the last name they had."""
    return repository.names(tx, None if codes is None else sorted(set(codes)))


def names_within(tx: Connection, within: Jurisdiction) -> list[GridName]:
    """What the grids of a ground are called, and those it lies in; those that are gone as well."""
    known = repository.names(tx, None)
    if within.everywhere:
        return known
    parents = {name.code: name.parent_code for name in known}
    paths = {code: climb(code, parents) for code in parents}
    above = {step for root in within.roots for step in paths.get(root, ())}
    return [n for n in known if n.code in above or within.covers(paths[n.code])]


def get_grid(tx: Connection, code: str) -> StoredGrid:
    """One grid valid now. Raises NotFound."""
    for stored in repository.present(tx):
        if stored.grid.code == code:
            return stored
    raise no_grid(code)


def no_grid(code: str) -> NotFound:
    """What is said of a grid that is not there, or not for whoever asks."""
    return NotFound(f"there is no grid {code}")


def bind_camera(tx: Connection, camera: CameraSpec, binder: Binder, now: float) -> list[CameraGrid]:
    """Write down which grids a camera stands in and looks at; returns the rows, [] if unbound."""
    ground = binder.ground(camera)
    bind_all(tx, [ground], now)
    return camera_rows(ground)


def bind_all(tx: Connection, grounds: Sequence[CameraGround], now: float) -> None:
    """Write down the grids of many cameras, in place of what they were."""
    rows = [row for ground in grounds for row in camera_rows(ground)]
    repository.replace_camera_grids(tx, [ground.camera.id for ground in grounds], rows, now)


def sensor_standing(sensors: Iterable[SensorSpec], binder: Binder) -> dict[str, str | None]:
    """The civil grid that each of these sensors stands in by its position, None for none."""
    return {sensor.id: binder.bind(None, sensor).grid_code for sensor in sensors}


def sensors_standing(tx: Connection) -> dict[str, str]:
    """The same as it is written down; a sensor that stands in none is missing."""
    return repository.sensor_grids(tx)


def bind_sensors(tx: Connection, standing: Mapping[str, str | None], now: float) -> None:
    """Write down the grids that sensors stand in, in place of what they were."""
    somewhere = {sensor_id: code for sensor_id, code in standing.items() if code is not None}
    repository.replace_sensor_grids(tx, sorted(standing), somewhere, now)


def unbind_sensors(tx: Connection, sensor_ids: Sequence[str], now: float) -> None:
    """Forget the grids of sensors that are gone."""
    repository.replace_sensor_grids(tx, sensor_ids, {}, now)


def unbind_cameras(tx: Connection, camera_ids: Sequence[str], now: float) -> None:
    """Forget the grids of cameras that are gone."""
    repository.replace_camera_grids(tx, camera_ids, [], now)


def mounted(tx: Connection, camera_id: str | None = None) -> dict[str, str]:
    """The civil grid each camera (or this one) stands in; one that stands in none is missing."""
    return repository.mounted(tx, camera_id)


def camera_rows(ground: CameraGround) -> list[CameraGrid]:
    """Rows of one camera: the grid it stands in (`mount`, primary), then its view's shares."""
    camera_id, view = ground.camera.id, ground.view
    rows = [
        CameraGrid(camera_id, code, How.MOUNT, kind.value, 1.0, 1.0, kind is GridKind.CIVIL)
        for kind, code in ground.standing.items()
    ]
    if view.polygon is not None:
        confidence = 1.0 if view.how is How.HOMOGRAPHY else 0.7
        rows += [
            CameraGrid(camera_id, part.code, view.how, part.kind, part.share, confidence, False)
            for part in ground.shares
        ]
    return rows


def unbound_cameras(cameras: Iterable[CameraSpec], binder: Binder) -> list[tuple[str, str]]:
    """The visible list: id of each camera that stands in no civil grid, and why."""
    return [
        (camera.id, binder.bind(camera, None).why.value)
        for camera in cameras
        if binder.ground(camera).camera_grid is None
    ]
