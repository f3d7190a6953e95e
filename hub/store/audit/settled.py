"""How far the numbers of a log are settled: no row will ever appear among them.

PostgreSQL gives a number when a row is inserted and shows it with the commit, so rows appear below
others that are there already. Whoever writes into a table holds its ROW EXCLUSIVE lock from before
its first number to its end. So the highest number seen at one moment is settled as soon as those
who held that lock then have ended; who comes later gets higher numbers. SQLite has one writer at a
time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from hub.store.audit.logs import FIRST, Log, newest

_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted"
    " AND mode = 'RowExclusiveLock' AND relation = to_regclass(:name)::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class Cut:
    """One moment of a log: the highest number seen, and who was writing then, or just after."""

    top: int
    writers: frozenset[str] = frozenset()


@dataclass(slots=True)
class Settling:
    """Waits for the writers of a cut, while new ones come and go."""

    _settled: int = FIRST
    _awaited: Cut | None = field(default=None)

    @property
    def waits(self) -> bool:
        """Whether a cut is not settled yet."""
        return self._awaited is not None

    def through(self, cut: Cut) -> int:
        """With what is seen now: the number up to which no row will appear any more.

        The rows themselves have to be read in a transaction begun after this cut was taken.
        """
        if self._awaited is not None and not self._awaited.writers & cut.writers:
            self._settled, self._awaited = self._awaited.top, None
        if not cut.writers:
            self._settled, self._awaited = cut.top, None
        elif self._awaited is None:
            self._awaited = cut
        return self._settled


def look(tx: Connection, log: Log) -> Cut:
    """The cut of this moment. The highest number first: who is not seen writing after that has
    ended, or gets a higher one."""
    top = newest(tx, log)
    if tx.dialect.name != "postgresql":
        return Cut(top)
    return Cut(top, frozenset(tx.execute(_WRITERS, {"name": log.table.name}).scalars()))
