"""Redis as transport between processes: records to the centre, marks and plans back.

Nothing here is the only copy of anything: Redis may be wiped at any moment, and what was not
acknowledged is sent again from the spools.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

from hub.kit.clock import Clock
from hub.kit.errors import Retryable
from hub.kit.supervise import Backoff
from hub.store.spool import Record, RecordKind, Spool

log = logging.getLogger(__name__)

Json = dict[str, Any]

SOCKET_TIMEOUT_S = 5.0
RESEND_AFTER_S = 5.0
MARKS_AGAIN_S = 1.0
IDLE_S = 5.0
WINDOW_ROWS = 1000
BATCH_ROWS = 100
HEARTBEAT_TTL_S = 10.0
BACKOFF = Backoff(cap_s=5.0)
"""For the loops that send, beat and take: after an outage of Redis the centre must not take for
silence what is only a long pause of ours."""

RECORDS = "hub:records"
MARKS = "hub:marks"
WORKERS = "hub:workers"
CENTRES = "hub:centres"


def connect(url: str, timeout_s: float = SOCKET_TIMEOUT_S) -> redis.Redis:
    """A client for `unix://`, `redis://` or `rediss://`; texts in and out, no call waits for ever.

    A broken connection is tried once more at once (a restarted server), then the caller hears of
    it. It does not connect before its first command.
    """
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,
        socket_timeout=timeout_s,
        socket_connect_timeout=min(timeout_s, 2.0),
        health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
    )


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn "Redis is away, full, loading or read-only" into Retryable (`redis_unavailable`)."""
    try:
        yield
    except (NoConnection, NoAnswer, OutOfMemoryError, ReadOnlyError) as error:
        raise Retryable(f"redis: {error}", code="redis_unavailable") from error
    except ResponseError as error:
        if str(error).startswith(("MISCONF", "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN")):
            raise Retryable(f"redis: {error}", code="redis_unavailable") from error
        raise


class Sender:
    """Carries one spool to the centre; one a process.

    It sends at most WINDOW_ROWS rows beyond the acknowledged one, so a backlog stays in the spool.
    What is not acknowledged within 5 s is sent again from the acknowledged mark, unless its last
    row still lies in the stream: then the centre is slow or away, and repeating would only fill
    Redis.
    """

    def __init__(self, client: redis.Redis, spool: Spool, clock: Clock) -> None:
        self._redis = client
        self._spool = spool
        self._clock = clock
        self._sent = spool.trimmed
        self._last_entry: str | None = None
        self._progress_at = clock.monotonic()
        self.resent = 0
        """How often rows had to be sent again."""

    def step(self) -> float:
        """One turn: take the mark, trim, send; returns the pause in seconds.

        Raises Retryable when Redis is away. `spool.wake` cuts the pause short.
        """
        with named_errors():
            mark = self._redis.hget(MARKS, self._spool.producer)
            self._acknowledge(int(mark) if mark is not None else 0)
            if self._overdue() and not self._still_queued():
                self._sent = self._spool.trimmed
                self._progress_at = self._clock.monotonic()
                self.resent += 1
            more = self._send()
        if more:
            return 0.0
        return 0.02 if self._sent > self._spool.trimmed else IDLE_S

    def _acknowledge(self, mark: int) -> None:
        if mark > self._spool.trimmed:
            self._spool.trim(mark)
            self._sent = max(self._sent, mark)
            self._progress_at = self._clock.monotonic()

    def _overdue(self) -> bool:
        waiting = self._sent > self._spool.trimmed
        return waiting and self._clock.monotonic() - self._progress_at >= RESEND_AFTER_S

    def _still_queued(self) -> bool:
        entry = self._last_entry
        return entry is not None and bool(self._redis.xrange(RECORDS, entry, entry))

    def _send(self) -> bool:
        room = self._spool.trimmed + WINDOW_ROWS - self._sent
        records = self._spool.after(self._sent, min(room, BATCH_ROWS)) if room > 0 else []
        if not records:
            return False
        if self._sent == self._spool.trimmed:
            self._progress_at = self._clock.monotonic()
        now = self._clock.now()
        pipeline = self._redis.pipeline(transaction=False)
        for record in records:
            pipeline.xadd(RECORDS, _fields(record, now - record.at))
        # Until all replies are in, none counts as sent: repeats do no harm, gaps would cost 5 s.
        entries = pipeline.execute()
        self._sent = records[-1].seq
        self._last_entry = entries[-1]
        return room > len(records) and self._spool.last > self._sent


def _fields(record: Record, waited_s: float) -> dict[Any, Any]:
    body = json.dumps(record.body, ensure_ascii=False, separators=(",", ":"))
    return {
        "producer": record.producer,
        "seq": record.seq,
        "kind": record.kind.value,
        "at": record.at,
        "floor": record.floor,
        "waited_s": waited_s,
        "body": body,
    }


class Turn(StrEnum):
    """Whose turn a record is, seen from its producer's high-water mark."""

    NEXT = "next"
    REPEAT = "repeat"
    EARLY = "early"
    AFTER_LOSS = "after_loss"


def turn(record: Record, high_water: int) -> Turn:
    """Judge a record: `NEXT` is taken; a `REPEAT` or an `EARLY` one is discarded.

    `AFTER_LOSS`: the rows between were acknowledged once and are trimmed, so this database is
    older than the acknowledgement (restored from a backup). Take the record, with an alarm.
    """
    if record.seq <= high_water:
        return Turn.REPEAT
    if record.seq == high_water + 1:
        return Turn.NEXT
    return Turn.AFTER_LOSS if high_water < record.floor == record.seq - 1 else Turn.EARLY


class Intake:
    """The centre's end of the stream.

    An entry stays in the stream until it is discarded, so reading always starts at the oldest:
    a centre that failed to commit, or a standby that takes over, reads the same entries again.
    `unreadable` counts entries that no sender of ours wrote.
    """

    def __init__(self, client: redis.Redis, clock: Clock) -> None:
        self._redis = client
        self._clock = clock
        self._published: dict[Any, Any] = {}
        self._published_at = 0.0
        self.unreadable = 0

    def read(self, limit: int, block_ms: int) -> list[tuple[str, Record]]:
        """The oldest entries, waiting up to `block_ms` for one. Raises Retryable without Redis.

        Discard them once their outcome is committed.
        """
        block = max(1, min(block_ms, int(SOCKET_TIMEOUT_S * 500)))
        with named_errors():
            reply: Any = self._redis.xread({RECORDS: "0-0"}, count=limit, block=block)
            entries = reply[0][1] if reply else []
            good = [(entry, record) for entry, f in entries if (record := _record(f)) is not None]
            known = {entry for entry, _ in good}
            bad = [entry for entry, _ in entries if entry not in known]
            if bad:
                self.unreadable += len(bad)
                log.error(
                    "%d entries of %s are not records, removed: %s", len(bad), RECORDS, bad[:5]
                )
                self._redis.xdel(RECORDS, *bad)
        return good

    def publish_marks(self, marks: Mapping[str, int]) -> None:
        """Tell the producers how far they are acknowledged. Call it each turn with all marks.

        What has not changed is written again only after a second: that heals a wiped Redis.
        """
        now = self._clock.monotonic()
        fresh = now - self._published_at < MARKS_AGAIN_S
        if not marks or (fresh and marks == self._published):
            return
        values: dict[Any, Any] = dict(marks)
        with named_errors():
            self._redis.hset(MARKS, mapping=values)
        self._published, self._published_at = values, now

    def discard(self, entries: Sequence[str]) -> None:
        """Remove entries whose outcome is committed, or which are not their producer's next."""
        if entries:
            with named_errors():
                self._redis.xdel(RECORDS, *entries)

    def waiting(self) -> int:
        """How many entries lie in the stream."""
        with named_errors():
            return int(self._redis.xlen(RECORDS))


def _record(fields: Mapping[str, str] | None) -> Record | None:
    try:
        f = fields or {}
        body = json.loads(f["body"])
        if not isinstance(body, dict):
            return None
        seq, at, floor = int(f["seq"]), float(f["at"]), int(f["floor"])
        waited_s = float(f.get("waited_s", 0.0))
        return Record(f["producer"], seq, RecordKind(f["kind"]), body, at, floor, waited_s)
    except (KeyError, ValueError):
        return None


class Heartbeats:
    """Processes of a `group` say that they live, with their numbers; silent for 10 s is gone."""

    def __init__(
        self, client: redis.Redis, ttl_s: float = HEARTBEAT_TTL_S, group: str = WORKERS
    ) -> None:
        self._redis = client
        self._group = group
        self._ttl_ms = int(ttl_s * 1000)

    def beat(self, worker: str, body: Json) -> None:
        """Say that `worker` lives. Raises Retryable without Redis."""
        with named_errors():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.set(f"{self._group}:{worker}", json.dumps(body), px=self._ttl_ms)
            pipeline.sadd(self._group, worker)
            pipeline.execute()

    def all(self) -> dict[str, Json]:
        """The newest body of each worker that lives. Raises Retryable without Redis."""
        with named_errors():
            names = sorted(str(name) for name in self._redis.smembers(self._group))
            if not names:
                return {}
            texts = self._redis.mget([f"{self._group}:{name}" for name in names])
            silent = [name for name, text in zip(names, texts, strict=True) if text is None]
            if silent:
                self._redis.srem(self._group, *silent)
        return {n: json.loads(t) for n, t in zip(names, texts, strict=True) if t is not None}

    def forget(self, worker: str) -> None:
        """A worker that ends in order says so."""
        with named_errors():
            self._redis.delete(f"{self._group}:{worker}")
            self._redis.srem(self._group, worker)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one worker shall do. `version` changes exactly when `body` does."""

    version: str
    body: Json


class Plans:
    """The centre's plan for each worker; published again when Redis was wiped."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def publish(self, worker: str, body: Json) -> Plan:
        """Set the worker's plan. Raises Retryable without Redis."""
        text = json.dumps(body, ensure_ascii=False, sort_keys=True)
        plan = Plan(hashlib.sha256(text.encode()).hexdigest()[:16], body)
        with named_errors():
            self._redis.hset(_plan_key(worker), mapping={"version": plan.version, "body": text})
        return plan

    def version(self, worker: str) -> str | None:
        """Version of the plan that Redis holds. Raises Retryable without Redis."""
        with named_errors():
            version: Any = self._redis.hget(_plan_key(worker), "version")
        return None if version is None else str(version)

    def read(self, worker: str, known_version: str = "") -> Plan | None:
        """The worker's plan when it is another than `known_version`; None when there is no news."""
        version = self.version(worker)
        if version is None or version == known_version:
            return None
        with named_errors():
            reply: Any = self._redis.hmget(_plan_key(worker), ["version", "body"])
        return None if None in reply else Plan(reply[0], json.loads(reply[1]))


def _plan_key(worker: str) -> str:
    return f"hub:plan:{worker}"
