"""Where cameras and sensors stand, written down again when they or the grids have changed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.ingest import service as sources
from hub.types.site import CameraSpec, SensorSpec

BOUND = "bound"
"""In the feed: it stands in another grid than was written, or in one at last."""


def bind(
    tx: Connection,
    cameras: Collection[CameraSpec],
    sensors: Collection[SensorSpec],
    binder: Binder,
    now: float,
) -> None:
    """Write down where these stand; one that was written elsewhere is told of on both grounds."""
    grounds = [binder.ground(camera) for camera in cameras]
    stood = grids.mounted(tx)
    moved = [g.camera.id for g in grounds if stood.get(g.camera.id) != g.camera_grid]
    sources.cameras().tell(tx, dict.fromkeys(moved, BOUND), now)
    grids.bind_all(tx, grounds, now)
    standing = grids.sensor_standing(sensors, binder)
    stood = grids.sensors_standing(tx)
    moved = [sensor_id for sensor_id, code in standing.items() if stood.get(sensor_id) != code]
    sources.sensors().tell(tx, dict.fromkeys(moved, BOUND), now)
    grids.bind_sensors(tx, standing, now)


def standing_of(source: CameraSpec | SensorSpec, binder: Binder) -> tuple[str, ...]:
    """The path of the civil grid that it stands in, () for none."""
    camera, sensor = (source, None) if isinstance(source, CameraSpec) else (None, source)
    code = binder.bind(camera, sensor).camera_grid
    return binder.tree.path(code) if code is not None else ()


def bind_all(tx: Connection, now: float) -> tuple[int, int]:
    """Bind every source to the grids of this transaction; how many cameras are bound, or not."""
    binder = grids.load_binder(tx)
    cameras = [entry.spec for entry in sources.cameras().list(tx)]
    bind(tx, cameras, [entry.spec for entry in sources.sensors().list(tx)], binder, now)
    bound = sum(bool(grids.camera_rows(binder.ground(camera))) for camera in cameras)
    return bound, len(cameras) - bound
