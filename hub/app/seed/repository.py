"""Rows of the invented county, written in bulk; and whether a database is empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    Table,
    func,
    insert,
    select,
)

from hub.store.tables.access import accounts
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.grids import grids
from hub.store.tables.sources import cameras

Row = Mapping[str, Any]
CHUNK = 2000
_MUST_BE_EMPTY = (grids, cameras, accounts, alerts, incidents)


def filled(tx: Connection) -> list[str]:
    """The tables among those of the county that hold rows."""
    counts = {
        table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
        for table in _MUST_BE_EMPTY
    }
    return [name for name, count in counts.items() if count]


def write(tx: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Insert rows; what they do not say is empty. Returns how many."""
    blank = {column.name: _nothing(column) for column in table.columns if _is_ours(column)}
    names = {column.name for column in table.columns}
    total = 0
    for chunk in _chunks(rows):
        for row in chunk:
            if unknown := row.keys() - names:
                raise ValueError(f"{table.name} has no {', '.join(sorted(unknown))}")
        tx.execute(insert(table), [{**blank, **row} for row in chunk])
        total += len(chunk)
    return total


def _is_ours(column: Column[Any]) -> bool:
    """Whether nobody else gives it a value: not numbered by the database, without a default."""
    numbered = column.primary_key and column.autoincrement is True
    return not numbered and column.default is None


def _nothing(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    kind = column.type
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, Boolean):
        return False
    return 0 if isinstance(kind, Integer | Double) else ""


def _chunks(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
