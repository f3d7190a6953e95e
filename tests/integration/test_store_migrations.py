"""The migrations and the tables say the same, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Text, inspect, text

from hub.kit.errors import Misconfigured
from hub.store import migrations, settings
from hub.store.db import Database
from hub.store.tables import metadata
from hub.store.tables.base import Personal


@pytest.fixture
def bare(bare_database_url: str) -> Iterator[Database]:
    database = Database(bare_database_url)
    yield database
    database.close()


def test_a_migrated_database_has_exactly_the_tables_of_the_code(bare: Database) -> None:
    revision = migrations.upgrade(bare)
    with bare.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == revision
        created = {
            table: sorted(str(c["name"]) for c in inspect(tx).get_columns(table))
            for table in metadata.tables
        }
    assert created == {t.name: sorted(t.c.keys()) for t in metadata.tables.values()}


def test_the_comparison_sees_a_column_that_a_migration_forgot(bare: Database) -> None:
    migrations.upgrade(bare)
    with bare.write() as tx:
        tx.execute(text("ALTER TABLE settings ADD COLUMN forgotten TEXT"))
        assert compare_metadata(MigrationContext.configure(tx), metadata) != []


def test_a_second_start_keeps_the_data(bare: Database) -> None:
    first = migrations.upgrade(bare)
    with bare.write() as tx:
        settings.write(tx, "kept", True)
    assert migrations.upgrade(bare) == first
    with bare.read() as tx:
        assert settings.read(tx, "kept") is True


def test_two_processes_may_start_at_once(bare_database_url: str) -> None:
    databases = [Database(bare_database_url) for _ in range(3)]
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda d=d: results.append(migrations.upgrade(d)))
        for d in databases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    for database in databases:
        database.close()


def test_a_database_of_a_later_hub_is_left_alone(bare: Database) -> None:
    migrations.upgrade(bare)
    with bare.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="9999") as caught:
        migrations.upgrade(bare)
    assert caught.value.code == "newer_database"


def unannotated(columns: list[Column[Any]]) -> list[str]:
    """Columns that do not say whether they hold personal data, why and for how long."""

    def says(column: Column[Any]) -> bool:
        note = column.info.get("personal", "nothing")
        return note is None or (
            isinstance(note, Personal) and bool(note.purpose) and note.keep_days > 0
        )

    return [str(column) for column in columns if not says(column)]


def test_every_column_says_whether_it_is_personal() -> None:
    columns = [column for table in metadata.tables.values() for column in table.c]
    assert len(columns) > 100
    assert unannotated(columns) == []


def test_a_raw_column_does_not_pass() -> None:
    vague = Column("phone", Text, info={"personal": Personal("", 0)})
    assert unannotated([Column("name", Text), vague]) == ["name", "phone"]
