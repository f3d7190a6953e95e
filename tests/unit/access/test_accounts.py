"""Accounts: registered, changed, disabled; and that somebody is always left to administer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.access import accounts, granting, service, sessions
from hub.access.actions import Role
from hub.access.granting import Holder
from hub.access.grants import Grant
from hub.kit.errors import Conflict, NotFound, Refused
from hub.store.db import Database
from hub.store.tables.access import accounts as table
from tests.unit.access.people import IDS, NOW, PASSWORD, ZONE, register


def test_an_account_is_listed_without_its_password(db: Database) -> None:
    register(db, "Zhao.Min ", Role.WORKER, grid="990101100001000")
    register(db, "li.na")
    with db.read() as tx:
        first, second = accounts.list_accounts(tx, NOW)
        assert accounts.by_login(tx, " ZHAO.min", NOW) == second
        rows = tx.execute(select(table)).all()
    assert (first.login, second.login) == ("li.na", "zhao.min")
    assert [given.grant for given in second.grants] == [Grant(Role.WORKER, "990101100001000")]
    assert first.roles == {Role.OPERATOR}
    assert second.roles == {Role.WORKER}
    assert second.must_change
    assert not hasattr(second, "password_hash")
    assert all(PASSWORD not in str(value) for row in rows for value in row)


@pytest.mark.parametrize("login", ["", "x", "-x", "李娜", "li na", "a" * 41, "li@na"])
def test_a_login_that_is_hard_to_type_is_refused(db: Database, login: str) -> None:
    with pytest.raises(Refused) as refused:
        register(db, login)
    assert refused.value.code == "bad_login"


def test_logins_and_names_each_stand_for_one_person(db: Database) -> None:
    register(db, "li.na", name="李娜")
    for login, name, code in (("LI.NA", "另一个", "login_taken"), ("li.na2", "李娜", "name_taken")):
        with pytest.raises(Conflict) as refused:
            register(db, login, name=name)
        assert refused.value.code == code
    other = register(db, "li.na2", name="李娜（石桥）")
    with db.write() as tx, pytest.raises(Conflict) as refused:
        accounts.rename(tx, other.id, "李娜", NOW)
    assert refused.value.code == "name_taken"
    with db.write() as tx:
        accounts.rename(tx, other.id, "李娜（石桥）", NOW)


@pytest.mark.parametrize("role", [Role.CENTRE, Role.SENSOR, Role.ANYONE])
def test_programs_have_tokens_and_no_accounts(db: Database, role: Role) -> None:
    with pytest.raises(Refused) as refused:
        register(db, role=role)
    assert refused.value.code == "role_not_given"
    holder = Holder(account=register(db).id)
    with db.write() as tx, pytest.raises(Refused):
        granting.give(tx, holder, [Grant(role)], "the boss", NOW, IDS)


@pytest.mark.parametrize("what", ["disable", "password"])
def test_what_changes_who_may_ends_the_sessions_at_once(db: Database, what: str) -> None:
    person, other = register(db), register(db, "zhao.min")
    with db.write() as tx:
        cookie = sessions.open_session(tx, person.id, person.roles, NOW)
        others = sessions.open_session(tx, other.id, other.roles, NOW)
        if what == "disable":
            accounts.disable(tx, person.id, NOW + 1)
        else:
            accounts.set_password(tx, person.id, "a hash", NOW + 1, must_change=True)
        assert sessions.find(tx, cookie, NOW + 1, ZONE) is None
        assert sessions.find(tx, others, NOW + 1, ZONE) is not None


def test_a_session_of_a_disabled_account_does_not_come_back_with_it(db: Database) -> None:
    person = register(db)
    with db.write() as tx:
        cookie = sessions.open_session(tx, person.id, person.roles, NOW)
        accounts.disable(tx, person.id, NOW + 1)
        accounts.disable(tx, person.id, NOW + 9)
        assert accounts.by_id(tx, person.id, NOW).disabled_at == NOW + 1
        accounts.enable(tx, person.id)
        assert accounts.by_id(tx, person.id, NOW).disabled_at is None
        assert sessions.find(tx, cookie, NOW + 2, ZONE) is None


def test_another_name_and_another_right_end_no_session(db: Database) -> None:
    person = register(db)
    with db.write() as tx:
        cookie = sessions.open_session(tx, person.id, person.roles, NOW)
        accounts.rename(tx, person.id, "Li Na", NOW)
        holder = Holder(account=person.id)
        granting.give(tx, holder, [Grant(Role.CHIEF, "1234")], "the boss", NOW, IDS)
        granting.end(tx, holder, person.grants[0].id, "the boss", NOW)
        found = sessions.find(tx, cookie, NOW, ZONE)
    assert found is not None
    assert found.subject.name == "Li Na"
    assert found.subject.grants == (Grant(Role.CHIEF, "1234"),)


def test_somebody_is_always_left_who_can_administer(db: Database) -> None:
    one = register(db, "one", Role.ADMIN)
    two = register(db, "two", Role.ADMIN)
    with db.write() as tx:
        accounts.disable(tx, two.id, NOW)
    with db.write() as tx:
        with pytest.raises(Conflict) as refused:
            accounts.disable(tx, one.id, NOW)
        assert refused.value.code == "last_admin"
        with pytest.raises(Conflict) as refused:
            granting.end(tx, Holder(account=one.id), one.grants[0].id, "one", NOW)
        assert refused.value.code == "last_admin"
    with db.write() as tx:
        assert service.first_admin(tx, NOW, IDS) is None  # one is there: no other is made up
        service.issue(tx, "a program", [Grant(Role.ADMIN)], NOW, IDS)  # can administer, too
        accounts.disable(tx, one.id, NOW)


def test_an_unknown_account_is_not_found(db: Database) -> None:
    with db.write() as tx:
        for ask in (
            lambda: accounts.by_id(tx, "nobody", NOW),
            lambda: accounts.by_login(tx, "nobody", NOW),
            lambda: accounts.rename(tx, "nobody", "Nobody", NOW),
            lambda: accounts.disable(tx, "nobody", NOW),
            lambda: accounts.enable(tx, "nobody"),
            lambda: accounts.unlock(tx, "nobody"),
        ):
            with pytest.raises(NotFound):
                ask()
