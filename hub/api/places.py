"""Where cameras stand, written down again when they or the grids have changed."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.ingest import service as sources


def bind_all(tx: Connection, now: float) -> tuple[int, int]:
    """Bind every camera to the grids of this transaction; how many are bound, and how many not."""
    binder = grids.load_binder(tx)
    cameras = [entry.spec for entry in sources.cameras().list(tx)]
    bound = sum(bool(grids.bind_camera(tx, camera, binder, now)) for camera in cameras)
    return bound, len(cameras) - bound


def bind_some(tx: Connection, camera_ids: list[str], binder: Binder, now: float) -> None:
    """Bind the cameras that were just registered or changed."""
    wanted = set(camera_ids)
    for entry in sources.cameras().list(tx):
        if entry.spec.id in wanted:
            grids.bind_camera(tx, entry.spec, binder, now)
