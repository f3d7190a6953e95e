"""From the outbox to a centre's queue, and back: numbers, sends, watches, hears.

One relay a centre. What it decides it commits before it does it (a number before the XADD, death
before the burial), so a crash anywhere is followed by the same step again, which the server
refuses as a repeat or which changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch import journal, photos, receipts, service
from hub.dispatch.config import DispatchConfig
from hub.dispatch.outbox import repository as outbox
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.outbox.view import EntryId, Loss, Mark, Pending, View, loss, poisonous
from hub.dispatch.queue import Queue
from hub.kit.clock import Clock
from hub.kit.errors import Permanent, Refused, Retryable
from hub.kit.metrics import Metrics
from hub.kit.supervise import Backoff
from hub.store.db import Database, Stamp
from hub.types.work import Receipt

log = logging.getLogger(__name__)

BATCH = 100
ACK_CHUNK = 500
TRIM_EVERY_S = 10.0
IDLE_S = 1.0
"""Pause while nothing waits and nothing is out: only receipts and a wiped server can be news."""

RELAY_BACKOFF = Backoff(first_s=0.2, eager_cap_s=2.0, cap_s=2.0)
"""For the supervisor: after ten minutes without Redis the backlog drains within two more."""


def _nothing(*_: object) -> None:
    """What happens between the steps, and on a death, when nobody asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did."""

    pause_s: float
    sent: int = 0
    acked: int = 0
    heard: int = 0
    lost: Loss | None = None
    dead: tuple[DeadLetter, ...] = ()


class Relay:
    """Carries one centre's outbox. Raises Retryable while Redis or the database is away.

    `fence(tx)` is called first in every transaction that writes and raises when this process is
    no longer the active one. `on_dead(tx, letters)` is called in the transaction that gives
    letters up. `hook(name)` is called between the steps (`numbered`, `added`, `marked`,
    `epoch`, `acked`, `dead`, `buried`, `heard`): tests let it fail.
    """

    def __init__(
        self,
        db: Database,
        queue: Queue,
        clock: Clock,
        config: DispatchConfig,
        *,
        fence: Callable[[Connection], None],
        on_dead: Callable[[Connection, Sequence[DeadLetter]], None] = _nothing,
        hook: Callable[[str], None] = _nothing,
        metrics: Metrics | None = None,
    ) -> None:
        """Nothing is touched before the first turn."""
        self._db = db
        self._queue = queue
        self._clock = clock
        self._config = config
        self._fence = fence
        self._on_dead = on_dead
        self._hook = hook
        self._metrics = metrics or Metrics()
        self._centre = queue.centre.id
        self._trimmed_at: float | None = None
        self._known: tuple[Stamp, Mark] | None = None

    def step(self) -> float:
        """One turn; returns the pause before the next, seconds."""
        return self.turn().pause_s

    def turn(self) -> Turn:
        """One turn, and what it did."""
        mark = self._mark()
        view = self._queue.look(mark.epoch)
        lost = loss(view, mark)
        if lost is not None:
            self._renew(lost, view, mark)
            return Turn(0.0, lost=lost)
        if view.delivered is None:
            self._queue.open_group(EntryId(mark.epoch, 0))
        sent = self._send(mark) if mark.waiting else 0
        acked, dead = self._watch(mark, view)
        heard = self._hear(mark)
        self._trim(mark)
        busy = sent or mark.waiting or mark.unacked_from is not None
        pause_s = self._config.poll_s if busy else IDLE_S
        return Turn(
            0.0 if BATCH in (sent, heard) else pause_s, sent, acked, heard, None, tuple(dead)
        )

    # -- epochs ----------------------------------------------------------------------------

    def _mark(self) -> Mark:
        """How far the outbox is; asked again only after somebody committed."""
        stamp = self._db.stamp()
        if self._known is None or self._known[0] != stamp:
            self._known = (stamp, self._read_mark())
        return self._known[1]

    def _read_mark(self) -> Mark:
        with self._db.read() as tx:
            mark = outbox.mark(tx, self._centre)
        if mark is not None:
            return mark
        self._open_epoch(1)
        with self._db.read() as tx:
            mark = outbox.mark(tx, self._centre)
        if mark is None:
            raise Retryable(f"{self._centre}: its first epoch vanished", code="queue_changed")
        return mark

    def _open_epoch(self, epoch: int) -> int:
        with self._db.write() as tx:
            self._fence(tx)
            return outbox.open_epoch(tx, self._centre, epoch, self._clock.now())

    def _renew(self, lost: Loss, view: View, mark: Mark) -> None:
        """Begin a new epoch, above all the server ever saw; what is unacknowledged goes again."""
        server = view.last.epoch if view.last is not None else 0
        epoch = max(mark.epoch, server) + 1
        again = self._open_epoch(epoch)
        self._metrics.add("hub_dispatch_epochs_total", centre=self._centre, why=lost.value)
        log.warning("queue of %s: %s; epoch %d, %d entries again", self._centre, lost, epoch, again)
        self._hook("epoch")

    # -- sending ---------------------------------------------------------------------------

    def _send(self, mark: Mark) -> int:
        with self._db.write() as tx:
            self._fence(tx)
            outbox.number(tx, self._centre, BATCH, self._clock.now())
            parcels = outbox.parcels(tx, self._centre, BATCH)
        self._hook("numbered")
        if not parcels:
            return 0
        self._queue.send(parcels, mark.reached)
        queued_at = self._clock.now()
        self._hook("added")
        with self._db.write() as tx:
            self._fence(tx)
            outbox.mark_sent(tx, parcels, queued_at)
        self._hook("marked")
        self._metrics.add("hub_dispatch_sent_total", len(parcels), centre=self._centre)
        return len(parcels)

    # -- acknowledgements and dead letters ---------------------------------------------------

    def _watch(self, mark: Mark, view: View) -> tuple[int, list[DeadLetter]]:
        """Settle what consumers did, page by page of the pending list."""
        acked, dead = 0, list[DeadLetter]()
        while True:
            acked += self._settle(mark, view)
            dead += self._give_up(mark.epoch, view.pending)
            if view.complete:
                return acked, dead
            view = self._queue.look(mark.epoch, after=view.pending[-1].id.number)
            if loss(view, mark) is not None:
                return acked, dead  # the next turn deals with it

    def _settle(self, mark: Mark, view: View) -> int:
        """Delivered and no longer pending: acknowledged."""
        if mark.unacked_from is None:
            return 0
        after = max(view.after, mark.unacked_from - 1)
        if view.through <= after:
            return 0
        with self._db.read() as tx:
            rows = outbox.delivered_rows(tx, self._centre, mark.epoch, after, view.through)
        pending = {each.id.number: each for each in view.pending}
        counts = [
            (row.id, pending[row.number].deliveries)
            for row in rows
            if row.number in pending and pending[row.number].deliveries > row.deliveries
        ]
        gone = [row for row in rows if row.number not in pending]
        if counts:
            with self._db.write() as tx:
                self._fence(tx)
                outbox.note_deliveries(tx, counts)
        for start in range(0, len(gone), ACK_CHUNK):
            chunk = gone[start : start + ACK_CHUNK]
            with self._db.write() as tx:
                self._fence(tx)
                now = self._clock.now()
                outbox.mark_acked(tx, [row.id for row in chunk], now)
                journal.deliver_tasks(tx, [row.task_id for row in chunk], now)
            self._hook("acked")
        self._metrics.add("hub_dispatch_acked_total", len(gone), centre=self._centre)
        return len(gone)

    def _give_up(self, epoch: int, pending: Sequence[Pending]) -> list[DeadLetter]:
        """Entries handed out too often go to the dead letters, with an alarm."""
        if not pending:
            return []
        after, idle_s = self._config.dead_letter_after, self._config.redelivery_idle_s
        waiting = {each.id.number: each for each in pending}
        worn = {number: each for number, each in waiting.items() if each.deliveries >= after}
        with self._db.read() as tx:
            unburied = outbox.dead_among(tx, self._centre, epoch, list(worn)) if worn else []
            void = outbox.void_among(tx, self._centre, epoch, list(waiting))
        # Nobody shall go there any more: it leaves the list before it is handed out once more, and
        # the next turn sees it settled.
        self._queue.withdraw([waiting[number].id for number in void])
        for number in void:
            worn.pop(number, None)
        hopeless = [each for each in worn.values() if poisonous(each, after, idle_s)]
        given_up = self._declare_dead(epoch, hopeless)
        if unburied or given_up:
            self._hook("dead")
            self._queue.bury([*unburied, *given_up])
            self._hook("buried")
        return given_up

    def _declare_dead(self, epoch: int, hopeless: Sequence[Pending]) -> list[DeadLetter]:
        if not hopeless:
            return []
        numbers = {each.id.number: each for each in hopeless}
        letters: list[DeadLetter] = []
        with self._db.write() as tx:
            self._fence(tx)
            rows = outbox.delivered_rows(tx, self._centre, epoch, min(numbers) - 1, max(numbers))
            for row in (row for row in rows if row.number in numbers):
                each = numbers[row.number]
                error = f"handed out {each.deliveries} times, last to {each.consumer}"
                letters += outbox.mark_dead(tx, [row.id], error, self._clock.now())
            if letters:
                self._on_dead(tx, letters)
        for letter in letters:
            log.error("task %s is a dead letter: %s", letter.task_id, letter.error)
        self._metrics.add("hub_dispatch_dead_total", len(letters), centre=self._centre)
        return letters

    # -- receipts ----------------------------------------------------------------------------

    def _hear(self, mark: Mark) -> int:
        """Act on what consumers reported; position and actions are one transaction."""
        heard = self._queue.receipts(mark.receipts_after, BATCH)
        if heard.last == mark.receipts_after:
            return 0
        with self._db.write() as tx:
            self._fence(tx)
            for entry_id, fields in heard.entries:
                self._act(tx, entry_id, fields)
            outbox.set_receipts_after(tx, self._centre, heard.last, self._clock.now())
        self._hook("heard")
        return len(heard.entries)

    def _act(self, tx: Connection, entry_id: str, fields: receipts.Fields) -> None:
        """One receipt; one that cannot be read or granted is named, counted and passed over."""
        now = self._clock.now()
        try:
            with tx.begin_nested():
                self._take(tx, receipts.parse(fields, now), now)
        except (Permanent, Refused) as error:
            log.warning("receipt %s of %s: %s: %s", entry_id, self._centre, error.code, error)
            reason = error.code
        else:
            reason = "done"
        self._metrics.add("hub_dispatch_receipts_total", centre=self._centre, outcome=reason)

    def _take(self, tx: Connection, said: Receipt, now: float) -> None:
        receipt = photos.own_only(tx, said)
        if strange := set(said.photo_ids) - set(receipt.photo_ids):
            told = ", ".join(sorted(strange))
            log.warning("receipt %s for task %s: no photos of it: %s", said.key, said.task_id, told)
        service.act(tx, receipt, now=now)

    # -- tidying -----------------------------------------------------------------------------

    def _trim(self, mark: Mark) -> None:
        """Drop what was acknowledged long ago. What is not acknowledged is never dropped."""
        now_s = self._clock.monotonic()
        if self._trimmed_at is not None and now_s - self._trimmed_at < TRIM_EVERY_S:
            return
        self._trimmed_at = now_s
        keep_s = self._config.keep_acked_s
        with self._db.read() as tx:
            bound = outbox.trim_bound(tx, self._centre, mark.epoch, self._clock.now() - keep_s)
        if bound is not None:
            self._queue.trim(EntryId(mark.epoch, bound))
        self._queue.trim_receipts(mark.receipts_after, int(keep_s * 1000))
