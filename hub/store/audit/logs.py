"""The logs that are sealed, and their rows as the chain sees them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, func, select

from hub.store.audit.chain import Entry, digest
from hub.store.tables.access import looks
from hub.store.tables.alerts import transitions

BATCH = 1000
"""Rows read, and sealed, at a time."""
FIRST = -(1 << 31)
"""Below every sequence number."""

References = Callable[[Connection, Collection[str]], Mapping[str, str]]
"""What stands for names and devices; one it knows nothing of is left out."""


@dataclass(frozen=True)
class Log:
    """A log under its chain's name; its rows are numbered by `seq` and dated by `at`."""

    name: str
    table: Table

    @property
    def people(self) -> list[Column[str]]:
        """The columns that name somebody or something of theirs."""
        return [column for column in self.table.c if column.info["personal"] is not None]


TRANSITIONS = Log("transitions", transitions)
LOOKS = Log("looks", looks)
LOGS = (TRANSITIONS, LOOKS)


def newest(tx: Connection, log: Log) -> int:
    """The highest number that is visible, `FIRST` in an empty log."""
    top = select(func.coalesce(func.max(log.table.c.seq), FIRST))
    return int(tx.execute(top).scalar_one())


def entries(
    tx: Connection,
    log: Log,
    references: References,
    after: int | None = None,
    through: int | None = None,
) -> Iterator[list[Entry]]:
    """The entries of the rows above `after` up to `through`, in pages of at most `BATCH`; all of
    them without these bounds.

    A name without a reference makes its row's digest one that nothing was ever sealed with.
    """
    seq = log.table.c.seq
    names = [column.name for column in log.table.c if column is not seq]
    named = [column.name for column in log.people]
    query = select(seq, *(log.table.c[name] for name in names)).order_by(seq).limit(BATCH)
    if through is not None:
        query = query.where(seq <= through)
    while page := tx.execute(query if after is None else query.where(seq > after)).all():
        rows = [dict(zip(names, row[1:], strict=True)) for row in page]
        known = references(tx, {str(row[name]) for row in rows for name in named if row[name]})
        for row in rows:
            for name in named:
                if row[name]:
                    row[name] = known.get(str(row[name]), "")
        yield [(line[0], digest(row)) for line, row in zip(page, rows, strict=True)]
        if len(page) < BATCH:
            return
        after = page[-1][0]
