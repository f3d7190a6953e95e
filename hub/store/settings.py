"""Single values the hub keeps about itself, by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.tables.ops import settings


def read(tx: Connection, key: str, default: Any = None) -> Any:
    """The value under `key` as it was written (any JSON), or `default`."""
    row = tx.execute(select(settings.c.value).where(settings.c.key == key)).one_or_none()
    return default if row is None else row.value


def write(tx: Connection, key: str, value: Any) -> None:
    """Set the value under `key` (any JSON)."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    upsert = dialect.insert(settings).values(key=key, value=value)
    tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def count_up(tx: Connection, key: str) -> int:
    """Add one to the number under `key` (0 where there is none); returns it."""
    locked = select(settings.c.value).where(settings.c.key == key).with_for_update()
    row = tx.execute(locked).one_or_none()
    number = 1 if row is None else int(row.value) + 1
    write(tx, key, number)
    return number
