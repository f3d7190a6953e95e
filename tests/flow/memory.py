"""The stream between producers and centre, in memory; and desks with a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.alerts.admission import Incoming
from hub.app.desk import Desk
from hub.store.spool import Record
from hub.store.stream import Intake


class Stream(Intake):
    """Holds entries until they are discarded, as the real one does."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.entries: dict[str, Record] = {}
        self.published: dict[str, int] = {}
        self._count = 0
        self.send(*records)

    def send(self, *records: Record) -> None:
        for record in records:
            self._count += 1
            self.entries[f"{self._count}-0"] = record

    def read(self, limit: int, block_ms: int) -> list[tuple[str, Record]]:
        return list(self.entries.items())[:limit]

    def publish_marks(self, marks: Mapping[str, int]) -> None:
        self.published = dict(marks)

    def discard(self, entries: Sequence[str]) -> None:
        for entry in entries:
            del self.entries[entry]


@dataclass(frozen=True, slots=True)
class Poisoned(Desk):
    """A desk that chokes on one record, for a reason nobody thought of."""

    poison: str = ""

    def read(self, tx: Connection, record: Record) -> Iterable[Incoming]:
        if record.id == self.poison:
            raise ZeroDivisionError(record.id)
        return Desk.read(self, tx, record)
