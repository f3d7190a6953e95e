"""One role an account becomes one grant, and the widest of the grants becomes one role again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text

from hub.access import granting
from hub.access.actions import Role
from hub.access.granting import Holder
from hub.access.grants import Grant, Window
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.migrations import _config

IDS = counted_ids("grant")
NOW = 1_700_000_000.0
ROLES = {"an.na": "admin", "li.na": "operator", "zhao": "worker"}


@pytest.fixture
def before(bare_database_url: str) -> Iterator[Database]:
    """A database of the hub before grants, with people and programs in it."""
    database = Database(bare_database_url)
    with database.write() as tx:
        command.upgrade(_config(tx), "0005")
        for login, role in ROLES.items():
            tx.execute(
                text(
                    "INSERT INTO accounts (id, login, name, role, grid_code, password_hash,"
                    " must_change, created_at) VALUES (:login, :login, :login, :role, '1234',"
                    " 'x', :no, :now)"
                ),
                {"login": login, "role": role, "no": False, "now": NOW},
            )
        tx.execute(
            text(
                "INSERT INTO tokens (id, token_hash, name, role, created_at)"
                " VALUES ('t1', 'x', 'the centre', 'centre', :now)"
            ),
            {"now": NOW},
        )
    yield database
    database.close()


def grants_of(tx: Connection, account: str) -> list[Grant]:
    return [given.grant for given in granting.live_of(tx, Holder(account=account))]


def columns(tx: Connection, table: str) -> set[str]:
    return {str(column["name"]) for column in inspect(tx).get_columns(table)}


def test_what_somebody_was_becomes_the_one_grant(before: Database) -> None:
    with before.write() as tx:
        command.upgrade(_config(tx), "0006")
    with before.read() as tx:
        assert grants_of(tx, "an.na") == [Grant(Role.ADMIN)]
        assert grants_of(tx, "li.na") == [Grant(Role.OPERATOR)]  # a grid was a worker's only
        assert grants_of(tx, "zhao") == [Grant(Role.WORKER, "1234")]
        (given,) = granting.live_of(tx, Holder(token="t1"))
        assert (given.grant, given.given_at) == (Grant(Role.CENTRE), NOW)
        assert not {"role", "grid_code"} & columns(tx, "accounts")
        assert "role" not in columns(tx, "tokens")


def test_the_way_back_keeps_the_widest_role_and_shuts_out_who_has_none(before: Database) -> None:
    with before.write() as tx:
        command.upgrade(_config(tx), "0006")
        for login, grants in {
            "zhao": [Grant(Role.CHIEF, "99"), Grant(Role.SHIFT_LEADER, "99")],
            "li.na": [Grant(Role.ADMIN, "99"), Grant(Role.PRIVACY)],
            "an.na": [Grant(Role.ADMIN, window=Window(ends_at=NOW))],
        }.items():
            granting.give(tx, Holder(account=login), grants, "x", NOW, IDS)
        (boss,) = (g for g in granting.live_of(tx, Holder(account="an.na")) if not g.grant.window)
        granting.give(tx, Holder(token="other"), [Grant(Role.ADMIN)], "x", NOW, IDS)
        tx.execute(
            text(
                "INSERT INTO tokens (id, token_hash, name, created_at)"
                " VALUES ('other', 'y', 'a program', 1), ('camera', 'z', 'an owner', 1)"
            )
        )
        owner = [Grant(Role.OWNER, unit="school")]
        granting.give(tx, Holder(token="camera"), owner, "x", NOW, IDS)
        granting.end(tx, Holder(account="an.na"), boss.id, "x", NOW)
    with before.write() as tx:
        command.downgrade(_config(tx), "0005")
    with before.read() as tx:
        people = {
            row.login: (row.role, row.grid_code, row.disabled_at is None)
            for row in tx.execute(text("SELECT * FROM accounts"))
        }
        programs = {
            row.id: (row.role, row.revoked_at is None)
            for row in tx.execute(text("SELECT * FROM tokens"))
        }
        assert "grants" not in inspect(tx).get_table_names()
    assert people == {
        "zhao": ("operator", "1234", True),
        "li.na": ("operator", None, True),
        "an.na": ("worker", None, False),
    }
    assert programs == {
        "t1": ("centre", True),
        "other": ("admin", True),
        "camera": ("worker", False),
    }


def test_there_and_back_and_there_again_changes_nothing(before: Database) -> None:
    with before.write() as tx:
        command.upgrade(_config(tx), "0006")
        command.downgrade(_config(tx), "0005")
        roles = {row.login: row.role for row in tx.execute(text("SELECT * FROM accounts"))}
        assert roles == ROLES
        command.upgrade(_config(tx), "0006")
        assert grants_of(tx, "zhao") == [Grant(Role.WORKER, "1234")]
