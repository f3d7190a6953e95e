"""Sessions end: by hand, by silence, and in any case some day."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.access import sessions
from hub.access.actions import Role
from hub.kit.clock import SimClock
from hub.store.db import Database
from hub.store.tables.access import sessions as table
from tests.unit.access.people import NOW, register

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def alive(db: Database, cookie: str, now: float) -> bool:
    """One request: whether it is let in. Writes its sign of life where that is asked for."""
    with db.write() as tx:
        found = sessions.find(tx, cookie, now)
        if found is not None and found.unseen:
            sessions.see(tx, cookie, now)
    return found is not None


def opened(db: Database, role: Role, now: float = NOW) -> str:
    person = register(db, f"the.{role}.{now:.0f}", role)
    with db.write() as tx:
        return sessions.open_session(tx, person.id, role, now)


@pytest.mark.parametrize(
    ("role", "idle_s"), [(Role.OPERATOR, 12 * HOUR_S), (Role.WORKER, 30 * DAY_S)]
)
def test_silence_ends_it(db: Database, role: Role, idle_s: float) -> None:
    cookie = opened(db, role)
    assert alive(db, cookie, NOW + idle_s - 1)
    assert alive(db, cookie, NOW + 2 * idle_s - 2)  # counted from the last sign of life
    assert not alive(db, cookie, NOW + 3 * idle_s - 2)


@pytest.mark.parametrize(("role", "days"), [(Role.ADMIN, 30), (Role.WORKER, 90)])
def test_the_liveliest_ends_some_day(db: Database, clock: SimClock, role: Role, days: int) -> None:
    start = clock.now()
    cookie = opened(db, role, start)
    while clock.now() < start + days * DAY_S:
        assert alive(db, cookie, clock.now())
        clock.advance(6 * HOUR_S)
    assert not alive(db, cookie, clock.now())


def test_a_sign_of_life_is_written_once_a_minute(db: Database) -> None:
    cookie = opened(db, Role.OPERATOR)
    asked: list[bool] = []
    with db.read() as tx:
        for after_s in (0.0, 59.0, 60.0):
            found = sessions.find(tx, cookie, NOW + after_s)
            assert found is not None
            asked.append(found.unseen)
    assert asked == [False, False, True]


def test_an_ended_one_and_a_made_up_one_are_nobodys(db: Database) -> None:
    cookie = opened(db, Role.OPERATOR)
    with db.write() as tx:
        sessions.end(tx, cookie, NOW)
    assert not alive(db, cookie, NOW)
    assert not alive(db, "made-up", NOW)


def test_only_the_hash_is_stored_and_what_is_over_is_forgotten(db: Database) -> None:
    cookie = opened(db, Role.OPERATOR)
    with db.read() as tx:
        (row,) = tx.execute(select(table)).all()
    assert cookie not in str(row)
    opened(db, Role.ADMIN, NOW + 30 * DAY_S + sessions.KEEP_S + 1)
    with db.read() as tx:
        assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 1
