"""Whoever was there before keeps the name: nobody else is given it after the upgrade."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import select, text

from hub.access import names
from hub.store import migrations
from hub.store.db import Database
from hub.store.migrations import _config
from hub.store.names import key_of
from hub.store.tables.access import names as table

ACCOUNT = (
    "INSERT INTO accounts (id, login, name, password_hash, must_change, created_at)"
    " VALUES ('a1', 'li.na', '李娜', 'x', :no, 1.0)"
)
TOKEN = (
    "INSERT INTO tokens (id, token_hash, name, created_at, revoked_at)"
    " VALUES (:id, :id, :name, :at, :end)"
)
LOOK = (
    "INSERT INTO looks (at, actor, action, subject, reason)"
    " VALUES (1.0, :actor, 'live.picture', 'picture/x', 'patrol')"
)


@pytest.fixture
def before(bare_database_url: str) -> Iterator[Database]:
    database = Database(bare_database_url)
    with database.write() as tx:
        command.upgrade(_config(tx), "0021")
        tx.execute(text(ACCOUNT), {"no": False})
        for id_, name, at, end in (("t1", "gate", 1.0, 2.0), ("t2", "gate", 3.0, None)):
            tx.execute(text(TOKEN), {"id": id_, "name": name, "at": at, "end": end})
        for actor in ("王芳 of old", "李娜", "ref:12", "hub"):
            tx.execute(text(LOOK), {"actor": actor})
    yield database
    database.close()


def test_names_of_accounts_of_tokens_and_of_the_registers_are_kept(before: Database) -> None:
    migrations.upgrade(before)
    with before.read() as tx:
        kept = {row.key: (row.account_id, row.token_id) for row in tx.execute(select(table))}
        free = {"hub", "ref:12", "somebody new"}
        assert names.taken(tx, {"李娜", "gate", "王芳 of old", *free}) == {
            "李娜",
            "gate",
            "王芳 of old",
        }
    assert kept[key_of("李娜")] == ("a1", None)
    assert kept[key_of("gate")] == (None, "t2"), "the live one has it"
    assert kept[key_of("王芳 of old")] == (None, None)
