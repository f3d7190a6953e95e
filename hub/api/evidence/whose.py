"""Whose evidence it is: of the ground it belongs to, and of departments called for its case."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.dispatch import service as dispatch
from hub.dispatch.whistles import service as whistles
from hub.kit.errors import NotFound
from hub.store import media
from hub.types.staff import Jurisdiction


def is_for(
    tx: Connection, evidence_id: str, within: Jurisdiction, units: Mapping[str, Jurisdiction]
) -> bool:
    """Whether it is of that ground, or of an incident that these departments were called for.

    What nobody has linked, or nobody knows, is for those who may look everywhere.
    """
    if within.everywhere:
        return True
    try:
        path, incident_id = _whose(tx, *(media.linked_to(tx, evidence_id) or ":").split(":", 1))
    except NotFound:  # its case is gone
        return False
    if within.covers(path):
        return True
    return incident_id is not None and whistles.was_called_for(tx, incident_id, units)


def _whose(tx: Connection, kind: str, id_: str) -> tuple[tuple[str, ...], str | None]:
    """The path of the grid that something belongs to, and its incident."""
    match kind:
        case "alert":
            alert = alerts.get(tx, id_)
            return alert.binding.grid_path, alert.incident_id
        case "task":
            id_ = dispatch.task(tx, id_).incident_id
        case "whistle":
            id_ = whistles.whistle(tx, id_).incident_id
        case "incident":
            pass
        case _:
            return (), None
    return dispatch.incident(tx, id_).grid_path, id_
