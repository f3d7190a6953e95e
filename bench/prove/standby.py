"""Figure 4: a centre that dies or is paused with the lease, and the one that stands by."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from bench.chaos import READY_S, NotReady, until
from bench.prove.figures import Line, lines
from bench.prove.installation import Installation
from bench.prove.run import LEDGER, Run, running
from hub.store.lease import TTL_S
from hub.store.stream import CENTRES, Heartbeats, connect
from hub.store.tables.alerts import outcomes
from hub.store.tables.ops import leases

Told = Callable[[str], None]
NAMES = ("centre-a", "centre-b")
BOUND_S = TTL_S + 5.0
PAUSES = 200
PROBE_S = 0.15
"""Between two looks at who is within a transaction: one that goes on is another by then."""
WAKE_S = 8.0
"""Longer than the holder's next renewal: by then it has heard that it is overtaken."""


@dataclass(frozen=True, slots=True)
class Size:
    """How often each of the two is done."""

    rounds: int = 5
    rate: float = 20.0


SHORT = Size(rounds=1)


@dataclass(slots=True)
class Pair:
    """Two centres over one database; nobody starts them again but we."""

    run: Run

    def start(self, name: str) -> None:
        """Start one of them."""
        setup = self.run.hub.setup
        given = {"REDIS_URL": setup.redis}
        if setup.database_url:
            given["DATABASE_URL"] = setup.database_url
        self._beats().forget(name)  # of an earlier process of that name
        command = ["-m", "hub", "centre", "--name", name, *setup.arguments()]
        self.run.chaos.crew.start(name, command, given, keep=False)

    def is_up(self, name: str) -> bool:
        """Whether it has said that it lives, as each does every two seconds."""
        return name in self._beats().all()

    def _beats(self) -> Heartbeats:
        return Heartbeats(connect(self.run.hub.setup.redis), group=CENTRES)

    def active(self) -> str | None:
        """Name of the one that holds the lease."""
        with self.run.chaos.db.read() as tx:
            holder = str(tx.execute(select(leases.c.holder)).scalar_one())
        return next((name for name in NAMES if holder.startswith(f"{name}.")), None)

    def pid(self, name: str) -> int:
        """Process id."""
        pid = self.run.chaos.crew.pid(name)
        assert pid is not None, name
        return pid

    def takeover_s(self, lost: str) -> float:
        """Until another one holds the lease and a finding that came later has its outcome."""
        began, struck_at = time.monotonic(), time.time()
        limit_s = 4 * BOUND_S
        until(lambda: self.active() not in (None, lost), limit_s, "a take-over", pause_s=0.05)
        until(lambda: self._outcomes_since(struck_at) > 0, limit_s, "an outcome", pause_s=0.05)
        return time.monotonic() - began

    def _outcomes_since(self, moment: float) -> int:
        with self.run.chaos.db.read() as tx:
            return _later(tx, moment)

    def token(self) -> int:
        """The lease's fencing token."""
        with self.run.chaos.db.read() as tx:
            return int(tx.execute(select(leases.c.token)).scalar_one())

    def pause(self, name: str) -> None:
        """SIGSTOP between two transactions.

        In the middle of one it would keep the database's locks: PostgreSQL takes them away after
        30 s without a word (`store.db`), SQLite never does.
        """
        rng = random.Random(PAUSES)
        for _ in range(PAUSES):
            os.kill(self.pid(name), signal.SIGSTOP)
            if self._is_unlocked():
                return
            os.kill(self.pid(name), signal.SIGCONT)
            time.sleep(rng.uniform(0.02, 0.3))
        raise NotReady(f"{name} was within a transaction {PAUSES} times")

    def _is_unlocked(self) -> bool:
        """Whether nobody stands still within a transaction that holds something."""
        if self.run.chaos.db.dialect == "sqlite":
            return self._is_file_free()
        time.sleep(PROBE_S)  # what was asked in that moment is answered by then
        before = self._transactions()
        time.sleep(PROBE_S)
        return not before & self._transactions()

    def _is_file_free(self) -> bool:
        file = str(self.run.chaos.db.engine.url.database)
        try:
            with closing(sqlite3.connect(file, timeout=0.3)) as connection:
                connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def _transactions(self) -> set[tuple[int, datetime]]:
        """PostgreSQL's sessions within a transaction that has written or locked, and since when."""
        query = "SELECT pid, xact_start FROM pg_stat_activity"
        query += " WHERE backend_xid IS NOT NULL AND datname = current_database()"
        with self.run.chaos.db.engine.connect() as connection:
            return {(row.pid, row.xact_start) for row in connection.execute(text(query))}

    def said(self, name: str) -> str:
        """What one of them wrote."""
        return self.run.chaos.site.log(name).read_text("utf-8", "replace")


def _later(tx: Connection, moment: float) -> int:
    # Some tenths of a second: a commit under way when the process died.
    query = select(func.count()).select_from(outcomes).where(outcomes.c.at > moment + 0.5)
    return int(tx.execute(query).scalar_one())


def standby(place: Installation, size: Size, told: Told) -> list[Line]:
    """Figure 4."""
    options, server = place.options("standby", rate=size.rate)
    killed, paused, fenced = list[float](), list[float](), 0
    with running(options, server) as run:
        run.hub.engine.stop("centre", 20.0)
        pair = Pair(run)
        for name in NAMES:
            pair.start(name)
        until(lambda: pair.active() is not None, READY_S, "an active centre")
        for _ in range(size.rounds):
            killed.append(_kill(pair))
            told(f"killed: the other one worked after {killed[-1]:.1f} s")
            took_s, was_fenced = _pause(pair)
            paused.append(took_s)
            fenced += was_fenced
            told(
                f"paused: {took_s:.1f} s; woken and {'fenced off' if was_fenced else 'NOT fenced'}"
            )
        run.chaos.finish()
        for name in NAMES:
            run.chaos.crew.stop(name, 15.0)
        found = run.figures()
    compared = (*LEDGER, "duplicate incidents", "duplicate tasks after deduplication")
    return [
        Line(
            4, f"standby at work after SIGKILL, longest of {size.rounds}", max(killed), BOUND_S, "s"
        ),
        Line(
            4, f"standby at work after SIGSTOP, longest of {size.rounds}", max(paused), BOUND_S, "s"
        ),
        Line(4, f"woken centres fenced off, of {size.rounds}", fenced, size.rounds, exactly=True),
        *lines(4, found, ("findings with an outcome", *compared, "tasks never consumed")),
    ]


def _kill(pair: Pair) -> float:
    name = pair.active()
    assert name is not None
    os.kill(pair.pid(name), signal.SIGKILL)
    took_s = pair.takeover_s(name)
    pair.run.chaos.crew.stop(name, 5.0)
    pair.start(name)
    until(lambda: pair.is_up(name), READY_S, name)
    return took_s


def _pause(pair: Pair) -> tuple[float, bool]:
    """Seconds until the other one worked, and whether the woken one kept its hands off."""
    name = pair.active()
    assert name is not None
    heard = len(pair.said(name))
    pair.run.worked_off()  # else it writes without a break
    pair.pause(name)
    try:
        took_s = pair.takeover_s(name)
        token = pair.token()
    finally:
        os.kill(pair.pid(name), signal.SIGCONT)
    time.sleep(WAKE_S)
    refused = "another centre has taken over" in pair.said(name)[heard:]
    return took_s, refused and pair.token() == token and pair.active() != name
