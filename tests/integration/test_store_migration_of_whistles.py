"""Departments that were called before go on by the deadlines they had, and hear nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text

from hub.dispatch.timers import repository as clocks
from hub.dispatch.timers.rows import Level, Step, Subject, Timer, TimerState
from hub.store.db import Database
from hub.store.migrations import _config

WHISTLE = (
    "INSERT INTO whistles (id, incident_id, unit, part, state, note, called_at, called_by,"
    " sign_by, contact_by, report_by, sign_soon, late, warned, ended_at, reason, answer, reports,"
    " updated_at, version) VALUES (:id, 'i1', :id, 'joint', :state, '', 0, 'x', 100, 200, 1000,"
    " :soon, :late, :warned, :ended, '', '', '[]', 0, 1)"
)
NOTHING: dict[str, object] = {"soon": 80.0, "late": None, "warned": None, "ended": None}
OLD = (
    {"id": "fresh", "state": "called", **NOTHING},
    {"id": "late", "state": "called", **NOTHING, "late": "sign", "warned": "sign"},
    {"id": "oldest", "state": "signed", **NOTHING, "soon": None, "warned": "sign"},
    {"id": "judged", "state": "reported", **NOTHING},
    {"id": "over", "state": "accepted", **NOTHING, "ended": 50.0},
)


@pytest.fixture
def before(bare_database_url: str) -> Iterator[Database]:
    database = Database(bare_database_url)
    with database.write() as tx:
        command.upgrade(_config(tx), "0026")
        for row in OLD:
            tx.execute(text(WHISTLE), row)
    yield database
    database.close()


def kept(tx: Connection, whistle_id: str) -> dict[tuple[Step, Level], Timer]:
    found = clocks.of(tx, Subject.WHISTLE, [whistle_id])[whistle_id]
    return {each.key: each for each in found}


def states(tx: Connection, whistle_id: str) -> dict[Step, set[TimerState]]:
    found = kept(tx, whistle_id).values()
    return {step: {t.state for t in found if t.step is step} for step in {t.step for t in found}}


def test_open_whistles_have_clocks_by_their_deadlines(before: Database) -> None:
    waits, held, fired = TimerState.WAITING, TimerState.HELD, TimerState.FIRED
    with before.write() as tx:
        command.upgrade(_config(tx), "0027")
        assert states(tx, "fresh") == {
            Step.SIGN: {waits},
            Step.CONTACT: {held},
            Step.REPORT: {held},
        }
        due = {level.value: t.due_at for (s, level), t in kept(tx, "fresh").items() if s == "sign"}
        assert due == {"yellow": 80.0, "red": 100.0, "supervision": 120.0, "leader": 150.0}
        late = {level: t.state for (step, level), t in kept(tx, "late").items() if step == "sign"}
        assert [late[Level.YELLOW], late[Level.RED]] == [fired, fired]
        assert [late[Level.SUPERVISION], late[Level.LEADER]] == [waits, waits]
        assert states(tx, "oldest") == {Step.CONTACT: {waits}, Step.REPORT: {held}}
        assert states(tx, "judged") == {Step.REPORT: {held}}
        assert kept(tx, "over") == {}
        assert "unit" in {str(each["name"]) for each in inspect(tx).get_columns("supervisions")}


def test_the_way_back_tells_what_was_told(before: Database) -> None:
    with before.write() as tx:
        command.upgrade(_config(tx), "0027")
        command.downgrade(_config(tx), "0026")
        said = "SELECT id, late, warned FROM whistles WHERE ended_at IS NULL ORDER BY id"
        told = {row.id: (row.late, row.warned) for row in tx.execute(text(said))}
        assert told["fresh"] == told["judged"] == (None, None)
        assert told["late"] == ("sign", "sign")
        left = "SELECT count(*) FROM timers WHERE subject = 'whistle'"
        assert tx.execute(text(left)).scalar() == 0
