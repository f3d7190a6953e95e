"""High-water marks: up to which record of each producer the centre has committed."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.tables.alerts import producers


def read(tx: Connection) -> dict[str, int]:
    """All marks, by producer."""
    rows = tx.execute(select(producers.c.producer, producers.c.high_water))
    return {row.producer: row.high_water for row in rows}


def put(tx: Connection, marks: Mapping[str, int], now: float) -> None:
    """Move the marks of these producers; the caller has taken everything up to them."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    for producer, high_water in marks.items():
        values = {"high_water": high_water, "updated_at": now}
        statement = dialect.insert(producers).values(producer=producer, **values)
        tx.execute(statement.on_conflict_do_update(index_elements=["producer"], set_=values))
