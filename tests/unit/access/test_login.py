"""From a password to a session: one answer for whatever is wrong, and a lock that ends."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from hub.access import accounts, sessions
from hub.access.accounts import FORGET_S, FREE_TRIES, LOCKS_S, Locked
from hub.access.actions import Role
from hub.access.login import Opened, change_own, log_in
from hub.access.passwords import Passwords
from hub.kit.clock import SimClock
from hub.kit.errors import Forbidden, Refused
from hub.store.db import Database
from hub.store.tables.access import accounts as table
from hub.store.tables.access import login_failures
from tests.unit.access.people import NOW, PASSWORD, PASSWORDS, ZONE, register


def enter(db: Database, now: float, login: str = "li.na", password: str = PASSWORD) -> Opened:
    return log_in(db, PASSWORDS, login, password, now, old=None)


def wrong(db: Database, now: float, login: str = "li.na") -> Forbidden:
    """What a wrong password is answered with."""
    with pytest.raises(Forbidden) as refused:
        enter(db, now, login, "not-the-password")
    return refused.value


def test_the_right_password_opens_a_session(db: Database) -> None:
    person = register(db)
    opened = enter(db, NOW, " Li.Na ")
    assert opened.account == person
    with db.read() as tx:
        found = sessions.find(tx, opened.value, NOW, ZONE)
    assert found is not None
    assert found.subject.account == person.id
    assert found.subject.roles == {Role.OPERATOR}


def test_one_answer_for_whatever_is_wrong(db: Database) -> None:
    register(db)
    disabled = register(db, "gone")
    with db.write() as tx:
        accounts.disable(tx, disabled.id, NOW)
    refusals = [wrong(db, NOW), wrong(db, NOW, "nobody")]
    with pytest.raises(Forbidden) as refused:
        enter(db, NOW, "gone")  # with the right password
    refusals.append(refused.value)
    assert {(type(r), r.code, str(r)) for r in refusals} == {
        (Forbidden, "wrong_credentials", "the login or the password is wrong")
    }


@pytest.mark.parametrize("login", ["li.na", "nobody"])
def test_wrong_passwords_lock_for_longer_and_longer_but_never_for_ever(
    db: Database, clock: SimClock, login: str
) -> None:
    """An unknown login locks as a known one does: else the lock would tell them apart."""
    register(db)
    for _ in range(FREE_TRIES):
        assert wrong(db, clock.now(), login).code == "wrong_credentials"
    for lock_s in (*LOCKS_S, LOCKS_S[-1]):
        assert wrong(db, clock.now(), login).code == "wrong_credentials"  # this one locks
        clock.advance(lock_s - 1)
        with pytest.raises(Locked) as refused:
            enter(db, clock.now(), login, "not-the-password")
        assert refused.value.retry_after_s == pytest.approx(1)
        clock.advance(1)
    assert list(LOCKS_S) == [60, 120, 240, 480, 900]
    if login == "li.na":
        assert enter(db, clock.now()).account.login == login


def test_during_a_lock_the_right_password_is_refused_too_and_the_list_says_until_when(
    db: Database,
) -> None:
    person = register(db)
    for _ in range(FREE_TRIES + 1):
        wrong(db, NOW)
    with pytest.raises(Locked):
        enter(db, NOW + 59)
    with db.write() as tx:
        assert accounts.by_id(tx, person.id, NOW + 59).locked_until == NOW + 60
        accounts.unlock(tx, person.id)
    assert enter(db, NOW + 59)


def test_the_right_password_and_a_quiet_day_wipe_the_slate(db: Database) -> None:
    register(db)
    for _ in range(FREE_TRIES):
        wrong(db, NOW)
    enter(db, NOW)
    for _ in range(FREE_TRIES):
        wrong(db, NOW + 1)
    assert wrong(db, NOW + 2 + FORGET_S).code == "wrong_credentials"
    with db.read() as tx:
        assert [row.failures for row in tx.execute(select(login_failures))] == [1]


def test_a_lock_does_not_touch_who_is_in(db: Database) -> None:
    register(db)
    opened = enter(db, NOW)
    for _ in range(FREE_TRIES + 1):
        wrong(db, NOW)
    with db.read() as tx:
        assert sessions.find(tx, opened.value, NOW + 1, ZONE) is not None


def test_many_tries_at_once_gain_nothing(db: Database) -> None:
    """Each is counted before its password is looked at."""
    register(db)
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(wrong(db, NOW).code)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["locked"] * 7 + ["wrong_credentials"] * 5


def test_what_was_typed_as_a_login_is_not_kept(db: Database) -> None:
    wrong(db, NOW, "my-secret-typed-into-the-wrong-field")
    with db.read() as tx:
        rows = tx.execute(select(login_failures)).all()
    assert len(rows) == 1
    assert "secret" not in str(rows)


def test_a_hash_of_older_parameters_is_made_anew_at_the_login(db: Database) -> None:
    register(db)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    for _ in range(2):
        log_in(db, stronger, "li.na", PASSWORD, NOW, old=None)
    with db.read() as tx:
        stored = tx.execute(select(table.c.password_hash)).scalar_one()
    assert "m=16,t=2" in stored


def test_a_browser_that_logs_in_again_leaves_no_session_behind(db: Database) -> None:
    register(db)
    first = enter(db, NOW)
    second = log_in(db, PASSWORDS, "li.na", PASSWORD, NOW + 1, old=first.value)
    with db.read() as tx:
        assert sessions.find(tx, first.value, NOW + 1, ZONE) is None
        assert sessions.find(tx, second.value, NOW + 1, ZONE) is not None


def test_changing_ones_password_ends_all_sessions_and_begins_one(db: Database) -> None:
    person = register(db, must_change=True)
    phone, desk = enter(db, NOW), enter(db, NOW)
    opened = change_own(db, PASSWORDS, person.id, PASSWORD, "another-good-one", NOW)
    with db.read() as tx:
        assert [sessions.find(tx, s.value, NOW, ZONE) for s in (phone, desk)] == [None, None]
        found = sessions.find(tx, opened.value, NOW, ZONE)
    assert found is not None
    assert not found.subject.must_change
    assert wrong(db, NOW).code == "wrong_credentials"
    assert enter(db, NOW, password="another-good-one")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("not-the-password", "another-good-one", "wrong_credentials"),
        (PASSWORD, "short", "weak_password"),
        (PASSWORD, PASSWORD, "weak_password"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    db: Database, old: str, new: str, code: str
) -> None:
    person = register(db)
    opened = enter(db, NOW)
    with pytest.raises(Refused) as refused:
        change_own(db, PASSWORDS, person.id, old, new, NOW)
    assert refused.value.code == code
    with db.read() as tx:
        assert sessions.find(tx, opened.value, NOW, ZONE) is not None
    assert enter(db, NOW)


def test_who_has_a_session_cannot_guess_its_password_at_leisure(db: Database) -> None:
    person = register(db)
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(Forbidden):
            change_own(db, PASSWORDS, person.id, "not-the-password", "another-good-one", NOW)
    with pytest.raises(Locked):
        change_own(db, PASSWORDS, person.id, PASSWORD, "another-good-one", NOW)
