"""What was merged before the upgrade belongs to the case it was merged into."""

from __future__ import annotations

from alembic import command
from sqlalchemy import insert, inspect, select

from hub.store import migrations
from hub.store.db import Database
from hub.store.migrations import _config
from hub.store.tables.alerts import alerts
from tests.unit.privacy.rows import filled

OF = {
    "filed": ("case", None),
    "waits": (None, None),
    "of-filed": (None, "filed"),
    "of-waits": (None, "waits"),
    "sent-out": ("own", "filed"),
}
"""Incident and the alert it was merged into, by alert."""


def test_duplicates_share_the_incident_of_the_other(bare_database_url: str) -> None:
    before = Database(bare_database_url)
    with before.write() as tx:
        command.upgrade(_config(tx), "0024")
        there = {column["name"] for column in inspect(tx).get_columns("alerts")}
        for id_, (incident, into) in OF.items():
            row = filled(alerts, id=id_, incident_id=incident, merged_into=into)
            tx.execute(insert(alerts).values({k: v for k, v in row.items() if k in there}))
    migrations.upgrade(before)
    with before.read() as tx:
        rows = tx.execute(select(alerts.c.id, alerts.c.incident_id))
        found = {row.id: row.incident_id for row in rows}
    before.close()
    assert found == {
        "filed": "case",
        "waits": None,
        "of-filed": "case",
        "of-waits": None,
        "sent-out": "own",
    }
