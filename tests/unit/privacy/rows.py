"""Rows of any table, filled by the types of its columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Double, Integer, Table, insert

from hub.store.tables.access import looks
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import incidents
from hub.store.tables.ops import media

DAY = 86400.0
NOW = 2000 * DAY
"""So late that a moment 0 is past every time."""


def filled(table: Table, **values: Any) -> dict[str, Any]:
    """A row in which every column holds something; moments are 0, which is long ago."""
    counted = {"seq"} if table in (transitions, looks) else set()
    row = {column.name: _something(column) for column in table.c if column.name not in counted}
    return {**row, **values}


def _something(column: Any) -> Any:
    match column.type:
        case JSON():
            return ["somebody"]
        case Boolean():
            return False
        case Double():
            return 0.0
        case Integer():
            return 1
        case _:
            return f"some-{column.name}"


def put(tx: Connection, table: Table, **values: Any) -> None:
    """Insert such a row."""
    tx.execute(insert(table).values(filled(table, **values)))


def put_incident(tx: Connection, id_: str, state: str, ended: float | None, **more: Any) -> None:
    """An incident that was over at `ended`."""
    said = {"merged_into": None, "grid_path": ["county"], "lon": None, "lat": None, **more}
    at = 0.0 if ended is None else ended
    put(tx, incidents, id=id_, state=state, closed_at=ended, updated_at=at, **said)


def put_alert(
    tx: Connection,
    id_: str,
    at: float,
    *,
    incident: str | None = None,
    verdict: str | None = None,
    source: str = "cam-1",
) -> None:
    """An alert with a picture, which is linked to it since `at`."""
    evidence = f"pic-{id_}"
    said = {"incident_id": incident, "verdict": verdict, "evidence_id": evidence, "source": source}
    put(tx, alerts, id=id_, grid_path=["county"], raised_at=at, updated_at=at, **said)
    put_media(tx, evidence, f"alert:{id_}", at)


def put_media(tx: Connection, id_: str, linked_to: str, at: float) -> None:
    """A link in the media table."""
    tx.execute(insert(media).values(id=id_, linked_to=linked_to, linked_at=at))
