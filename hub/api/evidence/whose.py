"""Whose evidence it is: of the ground of the alert, the task or the incident it belongs to."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.dispatch import service as dispatch
from hub.kit.errors import NotFound
from hub.store import media


def path_of(tx: Connection, evidence_id: str) -> tuple[str, ...]:
    """The path of the grid it belongs to; () for what nobody has linked, or nobody knows."""
    kind, _, id_ = (media.linked_to(tx, evidence_id) or "").partition(":")
    try:
        if kind == "alert":
            return alerts.get(tx, id_).binding.grid_path
        if kind == "task":
            return dispatch.incident(tx, dispatch.task(tx, id_).incident_id).grid_path
        if kind == "incident":
            return dispatch.incident(tx, id_).grid_path
    except NotFound:  # its case is gone
        return ()
    return ()
