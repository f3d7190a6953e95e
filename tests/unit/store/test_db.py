"""Transactions: whole or not at all, and a locked database is a named, passing state."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.kit.errors import Retryable
from hub.kit.lock import alone_in
from hub.store import db as db_module
from hub.store import settings
from hub.store.db import Database
from hub.store.tables import metadata
from hub.store.tables.alerts import producers


def test_settings_are_read_back(db: Database) -> None:
    with db.write() as tx:
        assert settings.read(tx, "k", "none") == "none"
        settings.write(tx, "k", {"a": [1, "二"]})
        assert settings.read(tx, "k") == {"a": [1, "二"]}
        assert [settings.count_up(tx, "n") for _ in range(3)] == [1, 2, 3]


def test_what_is_written_in_a_read_is_rolled_back(db: Database) -> None:
    with db.read() as tx:
        settings.write(tx, "k", 1)
    with db.read() as tx:
        assert settings.read(tx, "k") is None


def test_an_error_takes_everything_back(db: Database) -> None:
    row = {"producer": "p", "high_water": 1, "updated_at": 0.0}
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(insert(producers), [row, row])
    with db.read() as tx:
        assert tx.execute(select(producers)).all() == []


def test_a_locked_sqlite_is_retryable_and_nothing_else_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_module, "BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "hub.db"
    db = Database(f"sqlite:///{path}")
    metadata.create_all(db.engine)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retryable) as caught, db.write() as tx:
        settings.write(tx, "k", 1)
    assert caught.value.code == "database_busy"
    with db.read() as tx:  # readers go on meanwhile
        assert settings.read(tx, "k") is None
    other.execute("COMMIT")
    other.close()
    with db.write() as tx:  # and it works again by itself
        settings.write(tx, "k", 1)
    db.close()


def test_who_finds_a_new_file_waits_for_whoever_is_making_it(tmp_path: Path) -> None:
    """The switch to WAL cannot wait by itself: it fails while anybody else looks at the file."""
    db = Database(f"sqlite:///{tmp_path / 'hub.db'}")

    def first_look() -> str:
        with db.read() as tx:
            return str(tx.exec_driver_sql("PRAGMA journal_mode").scalar_one())

    with ThreadPoolExecutor(1) as thread:
        with alone_in(tmp_path):
            found = thread.submit(first_look)
            with pytest.raises(TimeoutError):
                found.result(0.3)
        assert found.result(30) == "wal"
    db.close()


def test_a_read_sees_one_moment(db: Database) -> None:
    with db.read() as tx:
        assert settings.read(tx, "k") is None
        with db.write() as other:
            settings.write(other, "k", 1)
        assert settings.read(tx, "k") is None
    with db.read() as tx:
        assert settings.read(tx, "k") == 1


def test_an_error_in_our_own_sql_is_not_taken_for_a_busy_database(db: Database) -> None:
    with pytest.raises(DBAPIError, match="no_such_table"), db.read() as tx:
        tx.execute(text("SELECT * FROM no_such_table"))


def test_a_database_that_is_not_there_is_retryable() -> None:
    db = Database("postgresql+psycopg://nobody@/none?host=/nowhere")
    with pytest.raises(Retryable) as caught, db.read():
        pass
    assert caught.value.code == "database_busy"


def test_a_file_that_can_be_copied_while_it_is_written(tmp_path: Path) -> None:
    """SQLite's own backup gives a consistent copy under load, as `hub backup` will use it."""
    db = Database(f"sqlite:///{tmp_path / 'hub.db'}")
    metadata.create_all(db.engine)
    with db.write() as tx:
        settings.write(tx, "before", 1)
    copy = sqlite3.connect(tmp_path / "copy.db")
    with db.write() as tx:
        settings.write(tx, "during", 1)
        sqlite3.connect(tmp_path / "hub.db").backup(copy)
    assert copy.execute("SELECT key FROM settings").fetchall() == [("before",)]
    copy.close()
    db.close()


def test_a_stamp_is_another_once_somebody_has_written(db: Database, database_url: str) -> None:
    first = db.stamp()
    with db.read() as tx:
        settings.read(tx, "k", "none")
    assert db.stamp() == first
    with db.write() as tx:
        settings.write(tx, "k", 1)
        assert db.stamp() == first, "it is not committed"
    second = db.stamp()
    assert second != first
    other = Database(database_url)
    with other.write() as tx:
        settings.write(tx, "k", 2)
    other.close()
    assert db.stamp() != second


def test_stamps_of_two_connections_are_not_taken_for_one(db: Database) -> None:
    before = db.stamp()
    db.close()  # as after an error: SQLite counts anew for each connection
    assert db.stamp() != before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_hangs_or_is_gone_is_not_waited_for_for_ever(db: Database) -> None:
    with db.read() as tx:
        shown = {
            name: tx.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        }
        driver = tx.connection.dbapi_connection
        assert driver is not None
        given = driver.info.get_parameters()
    assert shown == {
        "lock_timeout": "10s",
        "statement_timeout": "1min",
        "idle_in_transaction_session_timeout": "30s",
    }
    wanted = ("connect_timeout", "keepalives", "keepalives_idle", "tcp_user_timeout")
    assert [given.get(name) for name in wanted] == ["5", "1", "10", "25000"]
