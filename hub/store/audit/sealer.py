"""The sealer: a step of the active centre that seals what was committed since the last seal."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from hub.kit.clock import Clock
from hub.kit.metrics import Metrics
from hub.store.audit import people, seals
from hub.store.audit.chain import sealed
from hub.store.audit.logs import BATCH, LOGS, Log, entries
from hub.store.audit.settled import Settling, look
from hub.store.db import Database, Stamp

PAUSE_S = 0.5
"""Twice within the second in which a committed row has to be sealed."""
WAITING_S = 0.1
"""While others are writing."""
FULL_S = 0.05
"""While much is to be sealed: others get their turn to write."""


def seal_once(tx: Connection, log: Log, through: int, now: float) -> int:
    """Seal at most `BATCH` rows after the last seal up to the number `through`; returns how many.

    `through` is settled (`settled.Settling`); `now` is UTC epoch seconds.
    """
    people.alone(tx)
    last = seals.newest(tx, log.name)
    after = last.last_seq if last else None
    page = next(entries(tx, log, people.given, after, through), [])
    if page:
        seals.append(tx, sealed(log.name, last, page, now))
    return len(page)


class Sealer:
    """Seals the logs under the centre's fence; a step for the supervisor."""

    def __init__(
        self, db: Database, clock: Clock, fence: Callable[[Connection], None], metrics: Metrics
    ) -> None:
        self._db = db
        self._clock = clock
        self._fence = fence
        self._metrics = metrics
        self._settling = {log.name: Settling() for log in LOGS}
        self._sealed_at: Stamp | None = None

    def step(self) -> float:
        """Seal what is settled in each log; returns the pause."""
        stamp = self._db.stamp()
        if stamp == self._sealed_at:
            return PAUSE_S
        pause_s = min(self._turn(log) for log in LOGS)
        # What is written from now on changes the stamp, our own seal too: it is looked at again.
        self._sealed_at = stamp if pause_s == PAUSE_S else None
        return pause_s

    def _turn(self, log: Log) -> float:
        settling = self._settling[log.name]
        with self._db.read() as tx:
            sealed_through = seals.sealed_through(tx, log.name)
            cut = look(tx, log)
        if cut.top <= sealed_through:
            return PAUSE_S
        through = settling.through(cut)
        rows = self._seal(log, through) if through > sealed_through else 0
        if rows == BATCH:
            return FULL_S
        return WAITING_S if settling.waits else PAUSE_S

    def _seal(self, log: Log, through: int) -> int:
        with self._db.write() as tx:
            self._fence(tx)
            rows = seal_once(tx, log, through, self._clock.now())
        self._metrics.add("hub_sealed_rows_total", rows, chain=log.name)
        return rows
