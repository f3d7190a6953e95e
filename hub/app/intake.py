"""The centre's intake: records in their producers' order, committed, acknowledged, discarded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from hub.alerts import service as alerts
from hub.app.desk import Desk
from hub.app.hearing import Hearing
from hub.flow import centre_flow
from hub.kit.clock import Clock
from hub.kit.errors import Conflict, Retryable
from hub.kit.metrics import Metrics
from hub.store import marks as mark_table
from hub.store.db import Database
from hub.store.spool import Record, RecordKind
from hub.store.stream import Intake, Turn, turn
from hub.types.finding import Reason

log = logging.getLogger(__name__)

BATCH = 100
BATCH_MIN = 5
COMMIT_S = 1.0
"""A transaction that takes longer makes the next batch smaller: whoever else wants to write waits
for the commit."""
BLOCK_MS = 500
POISON_TRIES = 3
"""A batch that fails so often for no passing reason is taken record by record, and the one that
then fails as often is set aside by name: one bad record must not stop all cameras of a county."""

OVERTAKEN = ("fenced", "stale_marks")
"""Another centre is active, or was in between."""


def overtaken(error: Exception) -> bool:
    """Whether the error says so: no fault of what was worked on."""
    return isinstance(error, Conflict) and error.code in OVERTAKEN


class IntakeDesk:
    """Takes what the producers sent; `step` is one turn. `taken` is called after each commit."""

    def __init__(
        self,
        db: Database,
        intake: Intake,
        clock: Clock,
        metrics: Metrics,
        taken: Callable[[], None],
    ) -> None:
        self._db = db
        self._intake = intake
        self._metrics = metrics
        self._taken = taken
        self._marks: dict[str, int] | None = None
        self._failures = 0
        self._singly = 0
        self._size = BATCH
        self._hearing = Hearing(clock)
        # Set by another thread, heeded between two turns: one that is under way ends with what
        # it knows, and must not bring that back afterwards.
        self._outdated = threading.Event()

    @property
    def awake_since(self) -> float | None:
        """Since when all that is said is heard in time (UTC epoch seconds), None while it is not.

        Before that, silence of an episode means nothing: what is told of it may be on its way.
        """
        return None if self._outdated.is_set() else self._hearing.since

    def forget(self) -> None:
        """Another process may have moved the marks: begin the next turn knowing nothing.

        What failed before is forgotten too: the record that fails must not be taken for one
        that has not been tried. Any thread may call this.
        """
        self._outdated.set()

    def step(self, desk: Desk) -> float:
        """One turn. Raises Retryable while Redis or the database is away."""
        if self._outdated.is_set():
            self._outdated.clear()
            self._marks, self._failures, self._singly = None, 0, 0
            self._hearing.lost()
        try:
            self._turn(desk)
        except Retryable:
            self._hearing.lost()
            raise
        return 0.0

    def _turn(self, desk: Desk) -> None:
        marks = self._known_marks()
        limit = self._size
        entries = self._intake.read(limit, BLOCK_MS)
        if not entries:
            self._hearing.heard(0.0, everything=True)
            return
        records = self._in_turn([record for _, record in entries], marks)
        now, later = self._portion(records)
        if now:
            self._commit(desk, now, marks)
        self._publish()
        # What comes too early goes too: its producer sends it again, in its order.
        waiting = {record.id for record in later}
        self._intake.discard([entry for entry, record in entries if record.id not in waiting])
        waited_s = max((record.waited_s for record in now), default=0.0)
        self._hearing.heard(waited_s, everything=len(entries) < limit and not later)

    def _known_marks(self) -> dict[str, int]:
        if self._marks is None:
            with self._db.read() as tx:
                self._marks = mark_table.read(tx)
        return self._marks

    def _portion(self, records: Sequence[Record]) -> tuple[Sequence[Record], Sequence[Record]]:
        """(what is taken now, what waits): everything, or one by one while a bad one is sought."""
        if not self._singly and self._failures >= POISON_TRIES:
            self._singly, self._failures = len(records), 0
        count = 1 if self._singly else len(records)
        return records[:count], records[count:]

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

    def _commit(self, desk: Desk, records: Sequence[Record], marks: dict[str, int]) -> None:
        # Whether a commit that failed has happened, the database alone knows: read it again.
        self._marks = None
        self._failures += 1
        began = desk.clock.monotonic()
        if self._singly and self._failures > POISON_TRIES:
            self._set_aside(desk, records[0])
        else:
            try:
                centre_flow(self._db, desk.stages(), records)
            except (Retryable, Conflict) as error:
                if isinstance(error, Retryable) or overtaken(error):
                    self._failures -= 1  # no fault of the records
                raise
        self._failures = 0
        self._singly = max(0, self._singly - len(records))
        slow = desk.clock.monotonic() - began > COMMIT_S
        self._size = max(BATCH_MIN, self._size // 2) if slow else min(BATCH, self._size + 5)
        self._marks = marks | {record.producer: record.seq for record in records}
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
        marks = self._marks
        if marks:
            self._intake.publish_marks(marks)
