"""Sessions end: by hand, by silence, and in any case some day."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.access import granting, sessions
from hub.access.actions import Role
from hub.access.granting import Holder
from hub.access.grants import Grant, Window
from hub.kit.clock import SimClock
from hub.store.db import Database
from hub.store.tables.access import sessions as table
from tests.unit.access.people import IDS, NOW, ZONE, register

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def alive(db: Database, cookie: str, now: float) -> bool:
    """One request: whether it is let in. Writes its sign of life where that is asked for."""
    with db.write() as tx:
        found = sessions.find(tx, cookie, now, ZONE)
        if found is not None and found.unseen:
            sessions.see(tx, cookie, now)
    return found is not None


def opened(db: Database, role: Role, now: float = NOW) -> str:
    person = register(db, f"the.{role}.{now:.0f}", role)
    with db.write() as tx:
        return sessions.open_session(tx, person.id, person.roles, now)


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


def test_a_worker_who_becomes_more_is_held_to_the_shorter_times(db: Database) -> None:
    person = register(db, "li.na", Role.WORKER, grid="1234")
    holder = Holder(account=person.id)
    with db.write() as tx:
        cookie = sessions.open_session(tx, person.id, person.roles, NOW)
        assert sessions.longest_s(person.roles) == 90 * DAY_S
        later = NOW + 31 * DAY_S
        sessions.see(tx, cookie, later)
        assert sessions.find(tx, cookie, later, ZONE) is not None
        (more,) = granting.give(tx, holder, [Grant(Role.CHIEF, "1234")], "x", later, IDS)
        assert sessions.find(tx, cookie, later, ZONE) is None  # 30 days are over
        granting.end(tx, holder, more.id, "x", later)
        assert sessions.find(tx, cookie, later + 13 * HOUR_S, ZONE) is not None


def test_the_subject_has_the_grants_that_count_now(db: Database) -> None:
    person = register(db, "li.na", Role.WORKER, grid="1234")
    shift = Grant(Role.OPERATOR, window=Window(NOW + 10.0, NOW + 20.0))
    with db.write() as tx:
        granting.give(tx, Holder(account=person.id), [shift], "x", NOW, IDS)
        cookie = sessions.open_session(tx, person.id, person.roles, NOW)
        found = [sessions.find(tx, cookie, NOW + after_s, ZONE) for after_s in (9, 10, 19, 20)]
    roles = [set() if each is None else each.subject.roles for each in found]
    on_foot, both = {Role.WORKER}, {Role.WORKER, Role.OPERATOR}
    assert roles == [on_foot, both, both, on_foot]


def test_a_sign_of_life_is_written_once_a_minute(db: Database) -> None:
    cookie = opened(db, Role.OPERATOR)
    asked: list[bool] = []
    with db.read() as tx:
        for after_s in (0.0, 59.0, 60.0):
            found = sessions.find(tx, cookie, NOW + after_s, ZONE)
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
