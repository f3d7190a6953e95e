"""The database is held by somebody, or its disk is full: the centre waits, by name, and takes
everything up afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, insert, text

from hub.app.intake import POISON_TRIES, IntakeDesk
from hub.flow import clock_flow
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store import db as db_module
from hub.store import marks
from hub.store.db import Database
from hub.store.tables import metadata
from hub.store.tables.timers import timers
from hub.types.finding import Phase
from tests.flow.centre import WORKER, Centre
from tests.flow.memory import Stream


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database whose writers wait a tenth of a second for its lock, not ten."""
    monkeypatch.setattr(db_module, "BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr(db_module, "_POSTGRESQL_LIMITS", "-c lock_timeout=100ms")
    database = Database(database_url)
    yield database
    database.close()


@contextmanager
def locked(db: Database) -> Iterator[None]:
    """Another program writes and does not come to an end."""
    with db.write() as tx:
        if db.dialect == "postgresql":
            tables = ", ".join(metadata.tables)
            tx.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        yield


def refusals(intake: IntakeDesk, centre: Centre, count: int) -> set[str]:
    codes = set()
    for _ in range(count):
        with pytest.raises(Retryable) as caught:
            intake.step(centre.desk)
        codes.add(caught.value.code)
    return codes


def test_findings_wait_for_a_locked_database_and_none_is_set_aside(impatient: Database) -> None:
    centre = Centre(impatient, SimClock())
    stream = Stream([centre.finding(Phase.OPENED, episode_id=f"e{n}", place=f"p{n}") for n in "ab"])
    metrics = Metrics()
    intake = IntakeDesk(impatient, stream, centre.clock, metrics, lambda: None)
    with impatient.write() as tx:  # a clock of an alert that is gone: something the tick has to do
        due = {"subject": "alert", "subject_id": "gone", "step": "verdict", "level": "red"}
        round_ = {"started_at": 0.0, "due_at": 0.0, "state": "waiting", "version": 1}
        tx.execute(insert(timers).values(**due, **round_))
    other = Database(impatient.engine.url.render_as_string(hide_password=False))
    with locked(other):
        assert refusals(intake, centre, 3 * POISON_TRIES) == {"database_busy"}
        with pytest.raises(Retryable):
            clock_flow(impatient, centre.desk.stages())
        stream.send(centre.finding(Phase.OPENED, episode_id="e3", place="p3"))
        assert len(stream.entries) == 3, "they stay where they are"
    other.close()
    intake.step(centre.desk)
    assert stream.entries == {}
    assert stream.published == {WORKER: 3}
    assert metrics.get("hub_intake_set_aside_total") == 0
    assert centre.story() == [("opened", "new")] * 3
    assert len(centre.tasks()) == 3
    with impatient.read() as tx:
        assert marks.read(tx) == {WORKER: 3}


def test_findings_wait_for_a_full_disk_of_the_centre(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "hub.db"
    shutil.copyfile(sqlite_template, path)
    db = Database(f"sqlite:///{path}")
    room = {"pages": 1_000_000}

    @event.listens_for(db.engine, "connect")
    def _room(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={room['pages']:d}")

    centre = Centre(db, SimClock())
    stream = Stream(
        [centre.finding(Phase.OPENED, episode_id=f"e{n}", place=f"p{n}") for n in range(300)]
    )
    intake = IntakeDesk(db, stream, centre.clock, Metrics(), lambda: None)
    with db.read() as tx:
        room["pages"] = int(tx.exec_driver_sql("PRAGMA page_count").scalar_one()) + 20
    db.close()
    assert refusals(intake, centre, 2 * POISON_TRIES) == {"database_busy"}
    assert (centre.story(), len(stream.entries)) == ([], 300), "whole or not at all"
    room["pages"] = 1_000_000
    db.close()
    while stream.entries:
        intake.step(centre.desk)
    assert centre.story() == [("opened", "new")] * 300
    db.close()
