"""The centre's intake: records in their producers' order, committed, acknowledged, discarded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hub.alerts import service as alerts
from hub.app.desk import Desk
from hub.flow import centre_flow
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store import marks as mark_table
from hub.store.db import Database
from hub.store.spool import Record, RecordKind
from hub.store.stream import Intake, Turn, turn
from hub.types.finding import Reason

log = logging.getLogger(__name__)

BATCH = 500
BLOCK_MS = 500
POISON_TRIES = 3
"""A batch that fails so often for no passing reason is taken record by record, and the one that
fails alone is set aside by name: one bad record must not stop all cameras of a county."""


class IntakeDesk:
    """Takes what the producers sent; `step` is one turn. `taken` is called after each commit."""

    def __init__(
        self, db: Database, intake: Intake, metrics: Metrics, taken: Callable[[], None]
    ) -> None:
        self._db = db
        self._intake = intake
        self._metrics = metrics
        self._taken = taken
        self._marks: dict[str, int] | None = None
        self._attempts = 0
        self.caught_up = False

    def forget(self) -> None:
        """Another process may have moved the marks: read them again before the next turn."""
        self._marks = None
        self.caught_up = False

    def step(self, desk: Desk) -> float:
        """One turn. Raises Retryable while Redis or the database is away."""
        marks = self._known_marks()
        entries = self._intake.read(BATCH, BLOCK_MS)
        if not entries:
            self.caught_up = True
            return 0.0
        records = self._in_turn([record for _, record in entries], marks)
        if self._attempts >= POISON_TRIES:
            records = records[:1]
        if records:
            self._commit(desk, records)
        self._publish()
        done = [e for e, r in entries if r.seq <= self._known_marks().get(r.producer, 0)]
        early = [
            e for e, r in entries if turn(r, self._known_marks().get(r.producer, 0)) is Turn.EARLY
        ]
        self._intake.discard([*done, *early])
        self.caught_up = len(entries) < BATCH
        return 0.0

    def _known_marks(self) -> dict[str, int]:
        if self._marks is None:
            with self._db.read() as tx:
                self._marks = mark_table.read(tx)
        return self._marks

    def _in_turn(self, records: Sequence[Record], marks: dict[str, int]) -> list[Record]:
        """Those that are next in their producer's order; the others come again."""
        reached = dict(marks)
        taken = []
        for record in records:
            verdict = turn(record, reached.get(record.producer, 0))
            if verdict is Turn.AFTER_LOSS:
                log.error(
                    "%s continues at %d, but this database knows it only up to %d: it is older "
                    "than what was acknowledged (restored from a backup?)",
                    record.producer, record.seq, reached.get(record.producer, 0),
                )  # fmt: skip
                self._metrics.add("hub_intake_after_loss_total", producer=record.producer)
            if verdict in (Turn.NEXT, Turn.AFTER_LOSS):
                reached[record.producer] = record.seq
                taken.append(record)
        return taken

    def _commit(self, desk: Desk, records: Sequence[Record]) -> None:
        self._attempts += 1
        if self._attempts > 2 * POISON_TRIES:
            self._set_aside(desk, records[0])
        else:
            try:
                centre_flow(self._db, desk.stages(), records)
            except Retryable:
                self._attempts -= 1
                raise
        self._attempts = 0
        assert self._marks is not None  # noqa: S101 - read at the beginning of the step
        self._marks |= {record.producer: record.seq for record in records}
        self._metrics.add("hub_intake_records_total", len(records))
        self._taken()

    def _set_aside(self, desk: Desk, record: Record) -> None:
        log.critical("record %s cannot be worked on; set aside: %s", record.id, record.body)
        self._metrics.add("hub_intake_set_aside_total")
        with self._db.write() as tx:
            desk.fence(tx)
            if record.kind is RecordKind.FINDING:
                alerts.reject(tx, record.id, Reason.UNREADABLE, now=desk.clock.now())
            desk.mark(tx, [record])

    def _publish(self) -> None:
        self._intake.publish_marks(self._known_marks())

    def heal(self) -> None:
        """Publish the marks again, as each second: a wiped Redis knows them then."""
        if self._marks:
            self._publish()
