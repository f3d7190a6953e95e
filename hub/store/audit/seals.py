"""The table of seals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, inspect, select

from hub.store.audit.chain import GENESIS, Seal
from hub.store.audit.logs import FIRST, LOGS, Log
from hub.store.tables.audit import seals

LATE_S = 60.0
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a log is sealed: its newest seal, and the rows after it.

    `sealed_at`: of the newest seal; `oldest_at`: of the first row not yet sealed; None where there
    is none. UTC epoch seconds. `hash` and `number` are what `hub audit head` prints.
    """

    chain: str
    number: int
    hash: str
    sealed_at: float | None
    sealed_rows: int
    unsealed_rows: int
    oldest_at: float | None

    def unsealed_s(self, now: float) -> float | None:
        """How long the oldest row has waited for its seal; None when all are sealed."""
        return None if self.oldest_at is None else now - self.oldest_at

    def is_late(self, now: float) -> bool:
        """Whether it has waited so long that nobody can be sealing."""
        return (self.unsealed_s(now) or 0.0) > LATE_S


def exist(tx: Connection) -> bool:
    """Whether this database was ever opened by a hub that seals."""
    return inspect(tx).has_table(seals.name)


def newest(tx: Connection, chain: str) -> Seal | None:
    """The newest seal of a chain."""
    mine = seals.c.chain == chain
    row = tx.execute(select(seals).where(mine).order_by(seals.c.number.desc()).limit(1)).first()
    return None if row is None else Seal(**row._mapping)


def append(tx: Connection, seal: Seal) -> None:
    """Write a seal down."""
    tx.execute(insert(seals).values(asdict(seal)))


def sealed_through(tx: Connection, chain: str) -> int:
    """The rows of a log (`transitions`, `looks`) up to this `seq` are sealed, none above it."""
    last = select(func.max(seals.c.last_seq)).where(seals.c.chain == chain)
    found = tx.execute(last).scalar_one()
    return FIRST if found is None else int(found)


def in_order(tx: Connection, chain: str) -> Iterator[Seal]:
    """All seals of a chain by their numbers, a page in memory at a time."""
    after = FIRST
    query = select(seals).where(seals.c.chain == chain).order_by(seals.c.number).limit(_PAGE)
    while page := tx.execute(query.where(seals.c.number > after)).all():
        yield from (Seal(**row._mapping) for row in page)
        after = page[-1].number


def standings(tx: Connection) -> list[Standing]:
    """How far each log is sealed."""
    return [standing(tx, log) for log in LOGS]


def standing(tx: Connection, log: Log) -> Standing:
    """How far one log is sealed."""
    seal = newest(tx, log.name)
    seq, at = log.table.c.seq, log.table.c.at
    after = seal.last_seq if seal else FIRST
    count = select(func.count()).select_from(log.table).where(seq > after)
    oldest = select(at).where(seq > after).order_by(seq).limit(1)
    return Standing(
        chain=log.name,
        number=seal.number if seal else 0,
        hash=seal.hash if seal else GENESIS,
        sealed_at=seal.sealed_at if seal else None,
        sealed_rows=seal.total if seal else 0,
        unsealed_rows=tx.execute(count).scalar_one(),
        oldest_at=tx.execute(oldest).scalar_one_or_none(),
    )
