"""For the dispatch tests: a hub's side by hand, and a centre's desk that knows only Redis."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import redis
from sqlalchemy import Connection, insert, select

from hub.dispatch.config import DispatchConfig
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.queue import Queue
from hub.dispatch.relay import Relay, Turn
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.store.db import Database
from hub.store.tables.dispatch import outbox, tasks
from hub.types.work import TaskState
from tests.unit.dispatch.given import CONFIG, NOW, an_alert, file

CENTRE = CONFIG.fallback
MANY_TURNS = 200
PATIENCE = 30


class Fenced(Exception):
    """This relay's process is no longer the active one."""


class Crash(Exception):
    """A fail-point."""


class Desk:
    """A centre's program: reads as a group member, remembers what it got, acknowledges."""

    def __init__(self, client: redis.Redis, name: str = "desk") -> None:
        self.redis = redis.Redis(
            unix_socket_path=client.connection_pool.connection_kwargs["path"],
            decode_responses=True,
        )
        self.name = name
        self.got: list[tuple[str, str]] = []

    @property
    def task_ids(self) -> set[str]:
        return {task_id for task_id, _ in self.got}

    @property
    def repeats(self) -> int:
        return len(self.got) - len(self.task_ids)

    def read(self, count: int = 1000, *, ack: bool = True) -> list[str]:
        """Returns the entry ids read now; without a server or a group there is nothing to read."""
        try:
            answer: Any = self.redis.xreadgroup(
                CENTRE.group, self.name, {CENTRE.stream: ">"}, count=count
            )
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            return []
        return self._took([entry for _, entries in answer or [] for entry in entries], ack)

    def reclaim(self, *, ack: bool = False) -> list[str]:
        """Take over whatever is pending, however fresh."""
        _, entries, *_ = self.redis.xautoclaim(CENTRE.stream, CENTRE.group, self.name, 0)
        return self._took(entries, ack)

    def _took(self, entries: Sequence[tuple[str, dict[str, str]]], ack: bool) -> list[str]:
        for entry_id, fields in entries:
            assert json.loads(fields["body"])["task_id"] == fields["task_id"]
            self.got.append((fields["task_id"], entry_id))
        ids = [entry_id for entry_id, _ in entries]
        if ack and ids:
            self.acknowledge(ids)
        return ids

    def entries(self, stream: str = CENTRE.stream) -> list[tuple[str, dict[str, str]]]:
        """All entries of a stream."""
        found: Any = self.redis.xrange(stream)
        return list(found)

    def acknowledge(self, entry_ids: Sequence[str]) -> None:
        self.redis.xack(CENTRE.stream, CENTRE.group, *entry_ids)


class Hub:
    """The hub's side: files alerts, runs relays turn by turn on a clock that moves when told."""

    def __init__(self, db: Database, client: redis.Redis, config: DispatchConfig = CONFIG) -> None:
        self.db, self.client, self.config = db, client, config
        self.clock = SimClock(NOW)
        self.metrics = Metrics()
        self.ids = counted_ids("id")
        self.filed = 0
        self.active = 1
        self.refused = 0
        self.alarms: list[DeadLetter] = []

    def file_alerts(self, count: int) -> set[str]:
        """File that many alerts, each its own matter; returns the ids of all tasks so far."""
        with self.db.write() as tx:
            for _ in range(count):
                self.filed += 1
                name = f"alert-{self.filed}"
                file(
                    tx, an_alert(name), now=self.clock.now(), group_key=name,
                    config=self.config, ids=self.ids,
                )  # fmt: skip
        return self.task_ids()

    def file(self, count: int) -> set[str]:
        """Tasks and outbox rows as filing leaves them, without the road to them."""
        now = self.clock.now()
        ids = [f"task-{self.filed + number}" for number in range(count)]
        self.filed += count
        with self.db.write() as tx:
            tx.execute(insert(tasks), [_task(task_id, now) for task_id in ids])
            tx.execute(insert(outbox), [_row(task_id, now) for task_id in ids])
        return self.task_ids()

    def relay(self, token: int = 1, hook: Callable[[str], None] = lambda name: None) -> Relay:
        def fence(tx: Connection) -> None:
            if token != self.active:
                raise Fenced(token)

        def alarm(tx: Connection, letters: Sequence[DeadLetter]) -> None:
            self.alarms += letters

        return Relay(
            self.db, Queue(self.client, CENTRE), self.clock, self.config,
            fence=fence, on_dead=alarm, hook=hook, metrics=self.metrics,
        )  # fmt: skip

    def turn(self, relay: Relay) -> Turn | None:
        """One turn and its pause; None where it says to try again."""
        try:
            turn = relay.turn()
        except Retryable as error:
            self.refused += 1
            if self.refused == PATIENCE:
                raise AssertionError("tried again and again") from error
            self.clock.advance(0.2)
            return None
        self.refused = 0
        self.clock.advance(turn.pause_s)
        return turn

    def settle(self, relay: Relay, desk: Desk, turns: int = MANY_TURNS) -> None:
        """Turn by turn, with the desk reading, until everything is acknowledged."""
        for _ in range(turns):
            self.turn(relay)
            desk.read()
            if not self.open():
                return
        raise AssertionError(f"still open after {turns} turns: {self.open()}")

    def rows(self) -> Sequence[Any]:
        with self.db.read() as tx:
            return tx.execute(select(outbox).order_by(outbox.c.id)).all()

    def open(self) -> list[str]:
        return [row.task_id for row in self.rows() if row.acked_at is None and row.dead_at is None]

    def task_ids(self) -> set[str]:
        with self.db.read() as tx:
            return set(tx.execute(select(tasks.c.id)).scalars())

    def states(self) -> set[str]:
        with self.db.read() as tx:
            return set(tx.execute(select(tasks.c.state)).scalars())


def _task(task_id: str, now: float) -> dict[str, object]:
    return {
        "id": task_id,
        "incident_id": f"of-{task_id}",
        "centre": CENTRE.id,
        "state": TaskState.QUEUED.value,
        "message": {"task_id": task_id, "note": "a matter " * 40},
        "created_at": now,
        "updated_at": now,
        "photo_ids": [],
        "version": 1,
    }


def _row(task_id: str, now: float) -> dict[str, object]:
    return {
        "task_id": task_id,
        "centre": CENTRE.id,
        "created_at": now,
        "sent": False,
        "deliveries": 0,
    }
