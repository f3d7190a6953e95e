"""The step of the centre that deletes what is past its time, in small batches, with proof."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import Connection

from hub.kit.clock import Clock, Steady
from hub.kit.ids import Ids
from hub.kit.metrics import Metrics
from hub.privacy.retention import service
from hub.privacy.retention.classes import Class, classes, unlinked
from hub.privacy.settings import Retention
from hub.store import media
from hub.store.db import Database
from hub.store.media import MediaStore

log = logging.getLogger(__name__)

SWEEP_S = 600.0
"""How often what nothing refers to is looked for, and what is past its time."""
MORE_S = 0.2
"""After a full batch: others get their turn to write."""


class RetentionStep:
    """One class a turn, until nothing of it is left, then the next one; then a pause."""

    def __init__(
        self,
        db: Database,
        store: MediaStore,
        clock: Clock,
        ids: Ids,
        fence: Callable[[Connection], None],
        metrics: Metrics,
    ) -> None:
        self._db = db
        self._store = store
        # A wall clock that runs ahead for a minute must not delete what nobody can bring back.
        self._clock = Steady(clock)
        self._ids = ids
        self._fence = fence
        self._metrics = metrics
        self._waiting: list[Class] = []

    def step(self, keep: Retention) -> float:
        """Delete one batch; returns the pause. What a hold stands on is left alone."""
        if not self._waiting:
            self._waiting = list(classes(keep))
            self._sweep(keep)
        now, of = self._clock.now(), self._waiting[0]
        with self._db.read() as tx:
            found = service.due(tx, of, now)
        gone = self._deleted(of, list(found), now) if found else 0
        if gone < service.BATCH:
            self._waiting.pop(0)
        if not self._waiting:
            return SWEEP_S
        return MORE_S if gone else 0.0

    def run_through(self, keep: Retention) -> None:
        """Everything that is past its time now."""
        while self.step(keep) < SWEEP_S:
            pass

    def _deleted(self, of: Class, ids: list[str], now: float) -> int:
        """What a disk refuses to give up waits for the next round, and holds up no other class."""
        try:
            return self._delete(of, ids, now)
        except OSError as error:
            log.error("retention of %s: %s", of.name, error)
            self._metrics.add("hub_retention_failed_total", kind=of.name)
            return 0

    def _delete(self, of: Class, ids: list[str], now: float) -> int:
        with self._db.write() as tx:
            self._fence(tx)
            made = service.delete(tx, of, ids, self._store, now=now, new=self._ids)
        total = 0 if made is None else made.total
        self._metrics.add("hub_retention_deleted_total", total, kind=of.name)
        return total

    def _sweep(self, keep: Retention) -> None:
        """What nothing refers to; found on the disk, so it is written down when it is gone."""
        now, of = self._clock.now(), unlinked(keep)

        def linked(ids: set[str]) -> set[str]:
            with self._db.read() as tx:
                return media.linked(tx, ids)

        swept = self._store.sweep(linked, now, keep.unlinked_hours * 3600.0)
        self._metrics.add("hub_media_swept_total", len(swept))
        for start in range(0, len(swept), service.BATCH):
            gone = dict.fromkeys(swept[start : start + service.BATCH], of.before(now))
            with self._db.write() as tx:
                self._fence(tx)
                service.write_down(tx, of, gone, now=now, new=self._ids)
