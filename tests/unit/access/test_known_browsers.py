"""A stranger locks a login; who was in it before by the same browser comes in all the same."""

from __future__ import annotations

import pytest

from hub.access import accounts, devices
from hub.access.accounts import FREE_TRIES, LOCKS_S, Locked
from hub.access.login import Opened, change_own, log_in
from hub.kit.clock import SimClock
from hub.kit.errors import Forbidden
from hub.store.db import Database
from tests.unit.access.people import NOW, PASSWORD, PASSWORDS, register


def enter(
    db: Database,
    now: float,
    marks: str | None = None,
    *,
    login: str = "li.na",
    word: str = PASSWORD,
) -> Opened:
    return log_in(db, PASSWORDS, login, word, now, old=None, marks=marks)


def fail(db: Database, now: float, marks: str | None = None) -> str:
    with pytest.raises(Forbidden) as refused:
        enter(db, now, marks, word="not-the-password")
    return refused.value.code


def test_one_try_each_quarter_of_an_hour_locks_a_known_person_out_no_more(
    db: Database, clock: SimClock
) -> None:
    register(db)
    marks = enter(db, clock.now()).marks
    for _ in range(FREE_TRIES):
        fail(db, clock.now())
    for _ in range(40):  # ten hours of it
        assert fail(db, clock.now()) == "wrong_credentials"
        with pytest.raises(Locked):
            enter(db, clock.now() + 1)  # by an unknown browser
        marks = enter(db, clock.now() + 2, marks).marks
        clock.advance(LOCKS_S[-1])


def test_guessing_is_no_cheaper(db: Database, clock: SimClock) -> None:
    """Who is known and comes in forgives a stranger nothing, and is locked by its own mistakes."""
    register(db)
    marks = enter(db, clock.now()).marks
    for _ in range(FREE_TRIES):
        fail(db, clock.now())
    marks = enter(db, clock.now(), marks).marks
    assert fail(db, clock.now()) == "wrong_credentials"
    assert fail(db, clock.now()) == "locked"
    for _ in range(FREE_TRIES + 1):
        assert fail(db, clock.now(), marks) == "wrong_credentials"
    assert fail(db, clock.now(), marks) == "locked"


def test_a_mark_is_of_one_account_and_of_one_password(db: Database) -> None:
    person = register(db)
    register(db, "zhao.min")
    marks = enter(db, NOW).marks
    other = enter(db, NOW, login="zhao.min").marks
    for _ in range(FREE_TRIES + 1):
        fail(db, NOW)
    for worthless in (None, "", other, "a.b", marks[:-1], "~~", "x" * 5000, "名"):
        with pytest.raises(Locked):
            enter(db, NOW, worthless)
    changed = change_own(db, PASSWORDS, person.id, PASSWORD, "another-good-one", NOW, marks=marks)
    for _ in range(FREE_TRIES + 1):  # a new password unlocks
        fail(db, NOW)
    with pytest.raises(Locked):
        enter(db, NOW, marks, word="another-good-one")
    assert enter(db, NOW, changed.marks, word="another-good-one")


def test_who_is_in_changes_the_password_though_the_login_is_locked(db: Database) -> None:
    person = register(db)
    enter(db, NOW)
    for _ in range(FREE_TRIES + 1):
        fail(db, NOW)
    assert change_own(db, PASSWORDS, person.id, PASSWORD, "another-good-one", NOW)


@pytest.mark.parametrize("typed", ["li.na\ninside", '["li.na", "inside"]', 'li.na", "inside'])
def test_no_login_is_where_somebody_elses_tries_are_counted(db: Database, typed: str) -> None:
    person = register(db)
    enter(db, NOW)
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(Forbidden):
            enter(db, NOW, login=typed)
    assert change_own(db, PASSWORDS, person.id, PASSWORD, "another-good-one", NOW)


def test_people_of_one_shift_share_a_browser(db: Database) -> None:
    register(db)
    register(db, "zhao.min")
    marks = enter(db, NOW).marks
    marks = enter(db, NOW, marks, login="zhao.min").marks
    marks = enter(db, NOW, marks).marks
    assert len(marks.split(devices.BETWEEN)) == 2, "one of each, however often"
    for _ in range(FREE_TRIES + 1):
        fail(db, NOW)
    assert enter(db, NOW, marks)
    for number in range(devices.MARKS_MAX + 3):
        login = f"person.{number}"
        register(db, login)
        marks = enter(db, NOW, marks, login=login).marks
    assert len(marks.split(devices.BETWEEN)) == devices.MARKS_MAX


def test_a_closed_account_has_no_known_browser(db: Database) -> None:
    person = register(db)
    marks = enter(db, NOW).marks
    with db.write() as tx:
        accounts.disable(tx, person.id, NOW)
        made = accounts.begin_try(tx, "li.na", NOW, marks=marks)
    assert (made.proves, made.own) == (None, None)
