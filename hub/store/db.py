"""The main database: SQLite on one machine, PostgreSQL in a county; the same code on both.

Only `centre` and `api` open it. Writes take the lock at once (`BEGIN IMMEDIATE`): in SQLite a
deferred transaction that reads and then writes fails in spite of `busy_timeout`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.kit.errors import Retryable
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
_POSTGRESQL_LIMITS = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"


class Database:
    """Opens transactions; `dialect` is `sqlite` or `postgresql`.

    `path_or_url`: `sqlite:///file`, or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self.dialect = self.engine.dialect.name
        feed.follow_savepoints(self.engine)

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

    def close(self) -> None:
        """Close all connections."""
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
    limits = {"connect_timeout": 5, "options": _POSTGRESQL_LIMITS}
    return create_engine(url, pool_pre_ping=True, pool_size=10, connect_args=limits)
