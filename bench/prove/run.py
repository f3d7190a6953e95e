"""The hub of `make chaos` with fail-points in its processes and a queue server in our hand."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from bench.chaos import CENTRES, Chaos, Options, prepare, until
from bench.chaos_ledger import Figure
from bench.chaos_targets import PRODUCER, Target, kill, targets
from bench.prove.installation import HeldHub, OwnRedis
from hub.alerts import repository as alerts
from hub.app.setup import Setup
from hub.dispatch.outbox import repository as outbox
from hub.kit.clock import Clock
from hub.kit.errors import Retryable
from hub.store import marks
from hub.store.spooled import read_spools
from hub.store.stream import connect, named_errors

QUEUE = "queue server"
BACKLOG_LIMIT_S = 900.0
LEDGER = (
    "findings lost",
    "outcomes unexpected",
    "records promised and not in the spool",
    "of them not settled",
    "of them without an outcome",
)


@dataclass(slots=True)
class Run:
    """A running hub, its crew, and whoever holds the queue."""

    chaos: Chaos
    hub: HeldHub
    server: OwnRedis | None
    orders: Path

    def roles(self) -> dict[str, Target]:
        """Worker, centre, api, producer and queue server, by name."""
        chaos = self.chaos
        found = targets(chaos.hub, chaos.crew, chaos.db, chaos.address)
        named = {each.name: each for each in found if each.name in ("worker", "centre", "api")}
        named[PRODUCER] = next(each for each in found if each.name == PRODUCER)
        named[QUEUE] = Target(QUEUE, self.queue_pid, lambda: kill(self.queue_pid()), self._queue)
        return named

    def queue_pid(self) -> int | None:
        """Process id of the queue server while it runs."""
        return self.server.pid if self.server else self.hub.valkey_pid

    def _queue(self) -> object | None:
        try:
            with named_errors():
                info = connect(self.hub.setup.redis, timeout_s=1.0).info("server")
        except Retryable:
            return None
        return str(info["run_id"])

    def wipe(self) -> None:
        """Everything that the queue server knows is gone, while it runs."""
        with named_errors():
            connect(self.hub.setup.redis).flushall()

    @contextlib.contextmanager
    def queue_down(self) -> Iterator[None]:
        """No queue server within the block, and an empty one afterwards."""
        held = self.server.held if self.server else self.hub.held
        held.set()
        kill(self.queue_pid())
        (self.server or self.hub).wipe_files()
        try:
            yield
        finally:
            held.clear()

    def worked_off(self) -> float:
        """Seconds until all that waits at this moment is committed, delivered and acknowledged.

        New records go on coming meanwhile and do not count.
        """
        began, last = time.monotonic(), read_spools(self.hub.setup.spools).last
        until(lambda: self._committed(last), BACKLOG_LIMIT_S, "the backlog", pause_s=0.5)
        waiting = self._unacknowledged()
        until(
            lambda: not waiting & self._unacknowledged(),
            BACKLOG_LIMIT_S,
            "the queue",
            pause_s=0.5,
        )
        return time.monotonic() - began

    def _committed(self, last: Mapping[str, int]) -> bool:
        with self.chaos.db.read() as tx:
            reached = marks.read(tx)
        return all(reached.get(producer, 0) >= number for producer, number in last.items())

    def _unacknowledged(self) -> set[str]:
        with self.chaos.db.read() as tx:
            return {row["task_id"] for row in outbox.deliveries(tx) if row["acked_at"] is None}

    def ledger_now(self) -> int:
        """Records out of balance while everything runs: lost below a mark, or from nowhere."""
        with self.chaos.db.read() as tx:
            reached, settled = marks.read(tx), _settled(tx)
        spooled = read_spools(self.hub.setup.spools)  # afterwards: what has an outcome is in it
        due = {
            each for each in spooled.findings if _number(each) <= reached.get(_producer(each), 0)
        }
        own = {each for each in settled if "/" not in each}  # the others came of readings
        return len(due - settled) + len(own - spooled.findings)

    def figures(self) -> list[Figure]:
        """After the end: everything that was compared."""
        return self.chaos.figures()


def _settled(tx: Connection) -> set[str]:
    return set().union(*alerts.finding_ids(tx).values())


def _producer(finding_id: str) -> str:
    return finding_id.rpartition(":")[0]


def _number(finding_id: str) -> int:
    return int(finding_id.rpartition(":")[2])


@contextlib.contextmanager
def running(options: Options, server: OwnRedis | None) -> Iterator[Run]:
    """The hub with fail-points, started; whatever still runs at the end of the block is stopped."""
    orders = options.folder.parent / "orders"
    struck = ("-m", "bench.prove.struck", str(orders))
    made: list[HeldHub] = []

    def make(setup: Setup, clock: Clock, output: Path) -> HeldHub:
        made.append(HeldHub(setup, clock, output, struck))
        return made[0]

    chaos = prepare(replace(options, producer=(*struck, PRODUCER)), make)
    with contextlib.ExitStack() as stack:
        stack.callback(chaos.db.close)
        for name in (*(f"consumer-{centre}" for centre in CENTRES), PRODUCER, "simulator"):
            stack.callback(chaos.crew.stop, name, 15.0)
        stack.callback(chaos.hub.stop)
        stack.callback(chaos.supervisor.stop)
        chaos.start()
        yield Run(chaos, made[0], server, orders)
