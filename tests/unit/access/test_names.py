"""Names are given once: nobody inherits what was done under another's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, select

from hub.access import accounts, names, service
from hub.access.actions import Action, Role, Subject
from hub.access.grants import Grant
from hub.access.service import LookReason, note_look
from hub.kit.errors import Conflict, Refused
from hub.store.db import Database
from hub.store.names import key_of, standing
from hub.store.tables import metadata
from hub.store.tables.access import names as table
from hub.store.tables.base import Personal
from tests.unit.access.people import IDS, NOW, register
from tests.unit.privacy.rows import filled

LI = "李娜"
ADMIN = [Grant(Role.ADMIN)]


def code(refused: Any) -> str:
    return str(refused.value.code)


def test_the_name_of_a_closed_account_is_nobody_else_s(db: Database) -> None:
    li = register(db, "li.na", name=LI)
    with db.write() as tx:
        accounts.disable(tx, li.id, NOW)
    with pytest.raises(Conflict) as refused:
        register(db, "li.na2", name=LI)
    assert code(refused) == "name_taken"
    with db.write() as tx, pytest.raises(Conflict) as refused:
        service.issue(tx, LI, ADMIN, NOW, IDS)
    assert code(refused) == "name_taken"


def test_a_name_that_was_given_up_stays_its_former_holder_s(db: Database) -> None:
    li = register(db, "li.na", name=LI)
    with db.write() as tx:
        accounts.rename(tx, li.id, "李小娜", NOW)
    with pytest.raises(Conflict) as refused:
        register(db, "li.na2", name=LI)
    assert code(refused) == "name_taken"
    with db.write() as tx:
        accounts.rename(tx, li.id, LI, NOW)
        assert accounts.by_id(tx, li.id, NOW).name == LI


def test_a_name_under_which_something_is_written_stays(db: Database) -> None:
    li = register(db, "li.na", name=LI)
    with db.write() as tx:
        who = Subject(LI, (), account=li.id)
        note_look(tx, who, Action.LIVE_PICTURE, "picture/cam-1", LookReason.PATROL, NOW)
    with pytest.raises(Conflict) as refused, db.write() as tx:
        accounts.rename(tx, li.id, "李小娜", NOW)
    assert code(refused) == "name_stands"
    with db.write() as tx:
        accounts.rename(tx, li.id, LI, NOW)  # as it is: nothing to do
    register(db, "xiaona", name="李小娜")  # what was refused kept no name


WRITTEN = sorted(
    f"{t.name}.{c.name}"
    for t in metadata.tables.values()
    for c in t.c
    if isinstance(c.info["personal"], Personal)
    and c.type.python_type in (str, dict, list)
    and t.name not in {"accounts", "tokens", "names", "person_salts"}
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", WRITTEN)
def test_wherever_a_name_is_written_it_is_found(db: Database, column: str) -> None:
    in_table, name = column.split(".")
    to = metadata.tables[in_table]
    value: Any = [{"by": LI}] if to.c[name].type.python_type is not str else LI
    if to.c[name].info["personal"].told:
        value = json.dumps({"title": "nobody at all", "by": LI}, ensure_ascii=False)
    with db.write() as tx:
        tx.execute(insert(to).values(filled(to, **{name: value})))
        assert standing(tx, [LI, "nobody"]) == {LI}


def test_a_name_in_a_list_is_found_in_both_databases(db: Database) -> None:
    to = metadata.tables["tasks"]
    with db.write() as tx:
        tx.execute(insert(to).values(filled(to, why=[f"{LI} is near"])))
        assert standing(tx, [LI, "王芳"]) == {LI}


@pytest.mark.parametrize("other", ["ＬＩ ＮＡ", "li  na", " Li Na"])
def test_names_that_look_alike_are_one(db: Database, other: str) -> None:
    register(db, "li.na", name="Li Na")
    assert key_of(other) == key_of("Li Na")
    with pytest.raises(Conflict):
        register(db, "li.na2", name=other)


@pytest.mark.parametrize(
    "name", ["", "  ", "hub", "HUB", "ref:1234", "erased:a1", "sensor s-1", "a\0b"]
)
def test_words_of_the_registers_are_no_names(db: Database, name: str) -> None:
    with pytest.raises(Refused) as refused:
        register(db, name=name)
    assert code(refused) == "bad_name"
    with db.write() as tx, pytest.raises(Refused):
        service.issue(tx, name, ADMIN, NOW, IDS)


def test_a_program_is_its_name_with_the_next_token_too(db: Database) -> None:
    with db.write() as tx:
        first, _ = service.issue(tx, "gateway", ADMIN, NOW, IDS)
        service.issue(tx, "another", ADMIN, NOW, IDS)
        with pytest.raises(Conflict) as refused:
            service.issue(tx, "gateway", ADMIN, NOW, IDS)
        assert code(refused) == "name_taken"
        service.revoke(tx, first.id, NOW)
        second, _ = service.issue(tx, "gateway", ADMIN, NOW + 1, IDS)
    with pytest.raises(Conflict):
        register(db, name="gateway")  # but a person never is a program
    with db.read() as tx:
        kept = tx.execute(select(table).where(table.c.key == key_of("gateway"))).one()
    assert (kept.token_id, kept.account_id) == (second.id, None)


def test_which_of_many_are_taken(db: Database) -> None:
    register(db, name=LI)
    with db.read() as tx:
        assert names.taken(tx, {LI, "王芳"}) == {LI}
        assert names.taken(tx, []) == set()
