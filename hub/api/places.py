"""Where cameras stand, written down again when the grids have changed."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.grids import service as grids
from hub.ingest import service as sources


def bind_all(tx: Connection, now: float) -> tuple[int, int]:
    """Bind every camera to the grids of this transaction; how many are bound, and how many not."""
    binder = grids.load_binder(tx)
    grounds = [binder.ground(entry.spec) for entry in sources.cameras().list(tx)]
    grids.bind_all(tx, grounds, now)
    bound = sum(bool(grids.camera_rows(ground)) for ground in grounds)
    return bound, len(grounds) - bound
