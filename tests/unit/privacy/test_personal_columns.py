"""Every personal column is really erased when its time is over: a walk over all tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Table, select

from hub.app.desk import unfenced
from hub.app.retention import RetentionStep
from hub.kit.clock import SimClock
from hub.kit.ids import counted_ids
from hub.kit.metrics import Metrics
from hub.privacy.settings import Retention
from hub.store import erasing
from hub.store.audit.logs import LOGS
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.tables import metadata
from hub.store.tables.access import accounts
from hub.store.tables.audit import person_salts
from hub.store.tables.base import Personal
from hub.store.tables.dispatch import incidents
from hub.store.tables.privacy import camera_files
from tests.unit.privacy.rows import NOW, put, put_incident

PERSONAL = sorted(
    (table for table in metadata.tables.values() if any(c.info["personal"] for c in table.c)),
    key=lambda table: table.name,
)
CASE = "some-incident_id"


def shows_somebody(value: Any) -> bool:
    if value in (None, [], {}, erasing.ERASED):
        return False
    return not (isinstance(value, str) and value.startswith((f"{erasing.ERASED}:", "ref:")))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", PERSONAL, ids=lambda table: table.name)
def test_a_row_whose_case_was_over_long_ago_shows_nobody(
    table: Table, db: Database, tmp_path: Path
) -> None:
    if table is person_salts:
        return  # a salt goes with the last row that shows its name: see test_retention
    with db.write() as tx:
        if table is not incidents:
            put_incident(tx, CASE, "closed", 0.0)
        if table is camera_files:  # the newest file of a camera counts, however old
            put(tx, table, id="newer", version=2, written_at=1.0, sign_posted_by=None)
        if table is not accounts:
            put(tx, accounts, id="some-account", disabled_at=0.0)
        case = {"state": "closed", "merged_into": None} if table is incidents else {}
        put(tx, table, **case)
    clock, store = SimClock(NOW), MediaStore(tmp_path / "media")
    step = RetentionStep(db, store, clock, counted_ids("d"), unfenced, Metrics())
    step.run_through(Retention())

    columns = [column for column in table.c if column.info["personal"] is not None]
    rows = select(*columns)
    if table is camera_files:
        rows = rows.where(table.c.version == 1)
    with db.read() as tx:
        shown = [dict(row._mapping) for row in tx.execute(rows)]
    left = [{k: v for k, v in row.items() if shows_somebody(v)} for row in shown]
    hub = {"actor": "hub"}
    assert [row for row in left if row and row != hub] == []


def test_every_personal_column_belongs_to_a_part_that_the_step_deals_with() -> None:
    dealt = {str(column) for part in erasing.parts() for column in part.columns}
    sealed = {str(column) for log in LOGS for column in log.people}
    every = {str(c) for t in metadata.tables.values() for c in t.c if c.info["personal"]}
    assert every == dealt | sealed | {"person_salts.key"}


@pytest.mark.parametrize("part", erasing.parts(), ids=erasing.name_of)
def test_what_it_writes_fits_the_column(part: erasing.Part) -> None:
    """A word where there must be one, a value of its own where it must be unique."""
    for column in part.columns:
        note = column.info["personal"]
        assert isinstance(note, Personal)
        assert note.keep_days == part.keep_days
        assert (
            column.nullable
            or part.own
            or isinstance(column.type, JSON)
            or column.type.python_type is str
        )
