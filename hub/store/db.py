"""The main database: SQLite on one machine, PostgreSQL in a county; the same code on both.

Only `centre` and `api` open it. Writes take the lock at once (`BEGIN IMMEDIATE`): in SQLite a
deferred transaction that reads and then writes fails in spite of `busy_timeout`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.kit.errors import Refused, Retryable
from hub.kit.lock import alone_in
from hub.store import feed

BUSY_TIMEOUT_S = 10.0
_SQLITE_PASSING = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)
# A process that is paused within a transaction must not hold its locks for ever.
_STAMP = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text",
}
"""Of one connection, what any other has committed; and which transactions can be seen."""
_POSTGRESQL_LIMITS = (
    "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s"
)
# A server that is gone without a word (power, a cable) is noticed within half a minute: after 10 s
# of silence three questions, 5 s apart; what was sent and is not acknowledged, as long.
_POSTGRESQL_ALIVE = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}

Stamp = tuple[int, Any]
"""Of a database at a moment; to be compared, nothing else."""


class Database:
    """Opens transactions; `dialect` is `sqlite` or `postgresql`.

    `path_or_url`: `sqlite:///file`, or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self.dialect = self.engine.dialect.name
        feed.follow_savepoints(self.engine)
        self._stamping = threading.Lock()
        self._stamps: Any = None
        self._opened = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, committed at the end of the block, rolled back on any error.

        Raises Retryable (`database_busy`) when the database is locked, gone or full.
        """
        with _named_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(hub_write=True)
            with connection.begin():
                feed.begin(connection)
                yield connection
                feed.write_out(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent read; anything written in it is rolled back."""
        with _named_errors(), self.engine.connect() as plain:
            # SQLite reads one snapshot anyway; PostgreSQL only when asked.
            snapshot = {} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
            connection = plain.execution_options(**snapshot)
            yield connection
            connection.rollback()

    def stamp(self) -> Stamp:
        """The same again only while nothing was committed, by whatever process; a cheap question.

        What was read after one is still so when the next equals it. Raises Retryable.
        """
        with self._stamping:
            try:
                if self._stamps is None:
                    # One of its own: SQLite does not tell a connection of its own changes.
                    self._stamps = self.engine.raw_connection()
                    self._stamps.detach()
                    if self.dialect == "postgresql":
                        self._stamps.dbapi_connection.autocommit = True
                    self._opened += 1
                cursor = self._stamps.cursor()
                cursor.execute(_STAMP[self.dialect])
                return self._opened, cursor.fetchone()
            except (self.engine.dialect.loaded_dbapi.Error, PoolTimeout, DBAPIError) as error:
                self._forget_stamps()
                raise Retryable(f"database: {error}", code="database_busy") from error

    def _forget_stamps(self) -> None:
        stamps, self._stamps = self._stamps, None
        if stamps is not None:
            stamps.close()

    def close(self) -> None:
        """Close all connections."""
        with self._stamping:
            self._forget_stamps()
        self.engine.dispose()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Retryable(f"database: {error}", code="database_busy") from error
    except DBAPIError as error:
        if error.connection_invalidated or _passes(error):
            raise Retryable(f"database: {error.orig}", code="database_busy") from error
        if isinstance(error, DataError):  # such as a NUL in a text, which PostgreSQL takes nowhere
            raise Refused(
                "the database does not take one of the values", code="bad_value"
            ) from error
        raise


def _passes(error: DBAPIError) -> bool:
    """Locked, gone or full, as against an error in our own SQL, which SQLite gives one class."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    return isinstance(error, OperationalError)


def _sqlite(url: str) -> Engine:
    folder = Path(url.removeprefix("sqlite:///")).parent
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi_connection.cursor()
        # The switch of a new file to WAL fails at once, whatever the time-out, while anybody else
        # so much as looks at the file: processes that start together take turns.
        with alone_in(folder):
            cursor.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("hub_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    limits = {"connect_timeout": 5, "options": _POSTGRESQL_LIMITS, **_POSTGRESQL_ALIVE}
    return create_engine(url, pool_pre_ping=True, pool_size=10, connect_args=limits)
