"""The spool: what a producer has committed is not lost, whatever happens to everybody else.

One SQLite file a process (WAL, synchronous=FULL). All writing goes through one thread that puts
whatever waits into one commit, so that many callers share one flush of the disk. Numbers run
without gaps from 1; the centre relies on that. The producer's name carries the random id of the
file, so a new file is a new producer and can never be taken for repeats of an old one.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from hub.kit.channel import Channel, Closed, WhenFull
from hub.kit.clock import Clock
from hub.kit.errors import HubError, Permanent, Retryable
from hub.kit.lock import hold
from hub.store.reserve import Reserve

log = logging.getLogger(__name__)

Body = dict[str, Any]
_Write = Callable[[sqlite3.Connection], Any]

KEEP_IDS_S = 24 * 3600.0
FORGET_EVERY_S = 3600.0
QUEUE_JOBS = 1024
GROUP_JOBS = 256
TRIM_ROWS = 250  # at a time, so that each step fits into the reserve

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, at REAL NOT NULL, body TEXT);
"""

_SMALL_JOURNAL = ("wal_autocheckpoint=250", "secure_delete=FAST")


class RecordKind(StrEnum):
    """What a row speaks of."""

    FINDING = "finding"
    READING = "reading"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a producer's spool.

    `at` is when it was committed, UTC epoch seconds. `floor` is the highest number that the
    spool no longer holds (all up to it were acknowledged), as known when the record was sent.
    `waited_s`: how long it had lain there by then, by the producer's own clock.
    """

    producer: str
    seq: int
    kind: RecordKind
    body: Body
    at: float
    floor: int = 0
    waited_s: float = 0.0

    @property
    def id(self) -> str:
        """`producer:seq`, the id of the finding where the record is one."""
        return f"{self.producer}:{self.seq}"


class Spool:
    """Opens the spool at `path`, or makes one. `role` starts the producer's name in a new file.

    `wake` is set at each commit, for the sender's loop. `set_aside` is the path of a file that
    could not be read and was put away, None when all is well. Raises Retryable (`spool_in_use`)
    while another process holds it.
    """

    def __init__(
        self, path: Path, role: str, clock: Clock, *, max_pages: int | None = None
    ) -> None:
        self._clock = clock
        self.wake = threading.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = _locked(path)
        self._forget_at = clock.now() + FORGET_EVERY_S
        self.set_aside: Path | None = None
        try:
            self._writer = _open(path, role, max_pages)
        except sqlite3.DatabaseError as error:
            if not _is_corrupt(error):
                self._lock_file.close()
                raise _named(error) from error
            self.set_aside = _put_away(path, error, clock.now())
            self._writer = _open(path, role, max_pages)
        self._reader = _connect(path)
        self._reserve = Reserve(path.with_name(f"{path.name}.reserve"))
        self._reading = threading.Lock()
        self.producer = str(_meta(self._writer, "producer"))
        self._last = int(_meta(self._writer, "last"))
        self._trimmed = int(_meta(self._writer, "trimmed"))
        self._jobs: Channel[tuple[_Write, Future[Any]]] = Channel(QUEUE_JOBS, WhenFull.WAIT)
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="spool-writer", daemon=True)
        self._thread.start()

    @property
    def last(self) -> int:
        """The highest number committed, 0 at first."""
        return self._last

    @property
    def trimmed(self) -> int:
        """The highest number whose payload was removed, 0 at first."""
        return self._trimmed

    def append(self, kind: RecordKind, bodies: Sequence[Body]) -> list[int]:
        """Commit the bodies, all or none; returns their numbers once they are on the disk.

        Waits while the writer is busy and never drops. Raises Retryable (`spool_full`) when the
        disk is full: nothing of this call was kept and the caller, who still holds the bodies,
        stops and calls again. Raises ValueError for what is not JSON.
        """
        if not bodies:
            return []
        texts = [json.dumps(body, ensure_ascii=False, separators=(",", ":")) for body in bodies]
        for text in texts:
            text.encode()  # half a surrogate pair must fail here, not in the one writer's thread
        at = self._clock.now()

        def write(connection: sqlite3.Connection) -> list[int]:
            first = int(_meta(connection, "last")) + 1
            numbers = list(range(first, first + len(texts)))
            rows = [(n, kind.value, at, text) for n, text in zip(numbers, texts, strict=True)]
            connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
            _set_meta(connection, "last", numbers[-1])
            return numbers

        numbers: list[int] = self._written(write)
        return numbers

    def after(self, seq: int, limit: int) -> list[Record]:
        """At most `limit` untrimmed records with a number above `seq`, in order."""
        # Not beyond `last`: a record committed a moment ago could be sent, and acknowledged, before
        # the writer's thread has come to count it.
        rows = self._read(
            "SELECT seq, kind, at, body FROM records WHERE seq > ? AND seq <= ?"
            " AND body IS NOT NULL ORDER BY seq LIMIT ?",
            (seq, self._last, limit),
        )
        floor = self._trimmed
        return [
            Record(self.producer, number, RecordKind(kind), json.loads(body), at, floor)
            for number, kind, at, body in rows
        ]

    def trim(self, through: int) -> None:
        """Remove the payload of all records up to `through`; findings' bare ids stay for 24 h.

        On a full disk too: forgetting has to be written down, and some room is kept back for it.
        Raises Permanent (`mark_ahead`) when `through` was never written here.
        """
        if through > self._last:
            raise Permanent(
                f"{self.producer} is at {self._last}, yet {through} was acknowledged: this file is"
                " older than what was sent from it (restored from a copy?); set it aside",
                code="mark_ahead",
            )
        while self._trimmed < through:
            write = self._trimming(min(through, self._trimmed + TRIM_ROWS))
            try:
                self._written(write)
            except Retryable as error:
                if error.code != "spool_full" or not self._reserve.release():
                    raise
                self._written(write)
        self._reserve.hold()
        self._forget(self._clock.now())

    def _forget(self, now: float) -> None:
        if now < self._forget_at:
            return
        self._forget_at = now + FORGET_EVERY_S
        old = "DELETE FROM records WHERE body IS NULL AND at < ?"
        self._written(lambda connection: connection.execute(old, (now - KEEP_IDS_S,)))

    def _trimming(self, through: int) -> _Write:
        span = (self._trimmed, through)

        def write(connection: sqlite3.Connection) -> None:
            acknowledged = "seq > ? AND seq <= ?"
            connection.execute(
                f"DELETE FROM records WHERE {acknowledged} AND kind != 'finding'",  # noqa: S608
                span,
            )
            connection.execute(
                f"UPDATE records SET body = NULL WHERE {acknowledged}",  # noqa: S608
                span,
            )
            _set_meta(connection, "trimmed", through)

        return write

    def ids(self) -> set[str]:
        """The ids of all findings still known: the unacknowledged, and those of the last 24 h."""
        rows = self._read("SELECT seq FROM records WHERE kind = 'finding'", ())
        return {f"{self.producer}:{seq}" for (seq,) in rows}

    def pending(self) -> int:
        """How many records have not been acknowledged."""
        return self._last - self._trimmed

    def close(self) -> None:
        """Finish what waits and close the file."""
        self._closed = True
        self._jobs.close()
        self._thread.join()
        self._reader.close()
        self._writer.close()
        self._lock_file.close()

    def _read(self, sql: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
        with self._reading:
            try:
                return self._reader.execute(sql, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise _named(error) from error

    def _written(self, write: _Write) -> Any:
        done: Future[Any] = Future()
        while not self._jobs.put((write, done)):
            if self._closed:
                raise Retryable("the spool is closed", code="spool_closed")
        return done.result()

    def _work(self) -> None:
        while True:
            try:
                first = self._jobs.get(timeout_s=60.0)
            except Closed:
                return
            if first is not None:
                self._commit([first, *self._waiting()])

    def _waiting(self) -> list[tuple[_Write, Future[Any]]]:
        group: list[tuple[_Write, Future[Any]]] = []
        while len(self._jobs) and len(group) < GROUP_JOBS:
            job = self._jobs.get(timeout_s=0.0)
            if job is not None:
                group.append(job)
        return group

    def _commit(self, group: list[tuple[_Write, Future[Any]]]) -> None:
        try:
            results = self._transaction([write for write, _ in group])
        except sqlite3.DatabaseError as error:
            if len(group) == 1:
                group[0][1].set_exception(_named(error))
            else:  # one too large a job must not take the others with it
                for job in group:
                    self._commit([job])
            return
        self._last = int(_meta(self._writer, "last"))
        self._trimmed = int(_meta(self._writer, "trimmed"))
        for (_, done), result in zip(group, results, strict=True):
            done.set_result(result)
        self.wake.set()

    def _transaction(self, writes: list[_Write]) -> list[Any]:
        try:
            return _run(self._writer, writes)
        except sqlite3.DatabaseError as error:
            if not _is_full(error):
                raise
        # A checkpoint gives the journal's room back; it may be all that was missing.
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return _run(self._writer, writes)


def _run(connection: sqlite3.Connection, writes: list[_Write]) -> list[Any]:
    try:
        connection.execute("BEGIN IMMEDIATE")
        results = [write(connection) for write in writes]
        connection.execute("COMMIT")
    except sqlite3.DatabaseError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def _locked(path: Path) -> IO[str]:
    try:
        return hold(path.with_name(f"{path.name}.lock"))
    except BlockingIOError as error:
        raise Retryable(f"another process holds the spool {path}", code="spool_in_use") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
    # A short journal, and freed pages not written again: trimming must fit into the reserve.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", *_SMALL_JOURNAL):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _open(path: Path, role: str, max_pages: int | None) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        if max_pages is not None:
            connection.execute(f"PRAGMA max_page_count={max_pages:d}")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"quick_check: {verdict}")
        connection.executescript(_SCHEMA)
        new = {"producer": f"{role}.{os.urandom(4).hex()}", "last": 0, "trimmed": 0}
        connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", list(new.items()))
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _put_away(path: Path, error: sqlite3.DatabaseError, now: float) -> Path:
    aside = path.with_name(f"{path.name}.corrupt-{int(now)}-{os.urandom(2).hex()}")
    log.error("spool_corrupt: %s cannot be read (%s); set aside as %s", path, error, aside)
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _meta(connection: sqlite3.Connection, key: str) -> str:
    value: str = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
    return value


def _set_meta(connection: sqlite3.Connection, key: str, value: int) -> None:
    connection.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def _is_full(error: sqlite3.Error) -> bool:
    return _code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def _is_corrupt(error: sqlite3.Error) -> bool:
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _named(error: sqlite3.Error) -> HubError:
    if _is_full(error):
        return Retryable(f"the spool cannot grow: {error}", code="spool_full")
    if _is_corrupt(error):
        return Permanent(
            f"the spool is damaged: {error}; restart to begin anew", code="spool_corrupt"
        )
    return Retryable(f"spool: {error}", code="spool_busy")
