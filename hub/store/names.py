"""Where a name of staff stands: all rooms know who did what by the name alone."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterator

from sqlalchemy import JSON, Column, Connection, Text, cast, or_, select

from hub.store.tables import metadata
from hub.store.tables.access import accounts, names, tokens
from hub.store.tables.audit import person_salts
from hub.store.tables.base import Personal

HOLDERS = frozenset({accounts.name, tokens.name, names.name, person_salts.name})
"""Tables of who has which name, as against those of what somebody did or was given."""
AT_ONCE = 500
"""Values in one `IN (…)`."""


def key_of(name: str) -> str:
    """SHA-256 of a name as people read it: two that look alike are one.

    Width, case and spaces tell nobody apart (Unicode NFKC, folded).
    """
    read = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hashlib.sha256(read.encode()).hexdigest()


def standing(tx: Connection, wanted: Collection[str]) -> set[str]:
    """Those of these names that stand in any personal column but those of accounts and tokens.

    A walk over all tables, also those it has never heard of: it costs as much as they are long.
    """
    found: set[str] = set()
    for column in _columns():
        left = sorted(set(wanted) - found)
        if left:
            found |= _within(tx, column, left) if _is_told(column) else _in(tx, column, left)
    return found


def _columns() -> Iterator[Column[str]]:
    for table in metadata.sorted_tables:
        if table.name in HOLDERS:
            continue
        for column in table.c:
            if isinstance(column.info["personal"], Personal) and isinstance(
                column.type, (Text, JSON)
            ):
                yield column


def _is_told(column: Column[str]) -> bool:
    return isinstance(column.type, JSON) or column.info["personal"].told


def _in(tx: Connection, column: Column[str], wanted: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = column.in_(wanted[start : start + AT_ONCE])
        found |= set(tx.execute(select(column).where(some).distinct()).scalars())
    return found


def _within(tx: Connection, column: Column[str], wanted: list[str]) -> set[str]:
    """Those that stand somewhere in lists; of JSON that is kept as text, that are a whole value."""
    text, quote = cast(column, Text), "" if isinstance(column.type, JSON) else '"'

    def stands(name: str) -> bool:
        # SQLite keeps what JSON escapes, PostgreSQL what it means, and a text what was answered.
        escaped = {json.dumps(name, ensure_ascii=ascii)[1:-1] for ascii in (True, False)}
        spelt = [f"{quote}{each}{quote}" for each in {name, *escaped}]
        query = select(text).where(or_(*(text.contains(each, autoescape=True) for each in spelt)))
        return tx.execute(query.limit(1)).first() is not None

    return {name for name in wanted if stands(name)}
