"""Of which cameras a matter is open, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Double, Integer, Table, Text, insert, update

from hub.store.db import Database
from hub.store.matters import open_matters
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.types.work import IncidentState

BLANK: dict[type, Any] = {Text: "", Double: 0.0, Integer: 0, Boolean: False, JSON: []}
ALERT = {"id": "a-1", "source": "gate-1", "source_kind": "camera", "life": "active"}
INCIDENT = {"id": "i-1", "state": "accepted"}


def put(db: Database, table: Table = alerts, **values: Any) -> None:
    """A row with these values: an alert of `gate-1` that lives, an incident under way."""
    row = {c.name: BLANK[type(c.type)] for c in table.c if not c.nullable}
    known = ALERT if table is alerts else INCIDENT
    with db.write() as tx:
        tx.execute(insert(table).values({**row, **known, **values}))


def found(db: Database, *cameras: str) -> set[str]:
    with db.read() as tx:
        return open_matters(tx, cameras or ("gate-1", "gate-2"))


def test_nothing_is_open_at_first(db: Database) -> None:
    assert found(db) == set()
    with db.read() as tx:
        assert open_matters(tx, ()) == set()


def test_a_living_alert_is_a_matter_of_its_camera_alone(db: Database) -> None:
    put(db)
    assert found(db) == {"gate-1"}
    assert found(db, "gate-2") == set()
    assert found(db, *(f"cam-{n}" for n in range(1200)), "gate-1") == {"gate-1"}


@pytest.mark.parametrize("verdict", ["false", "duplicate", "test", "suppressed"])
def test_one_that_was_judged_to_be_none_is_none(db: Database, verdict: str) -> None:
    put(db, verdict=verdict)
    assert found(db) == set()


@pytest.mark.parametrize("kind", ["camera_offline", "camera_frozen"])
def test_a_camera_that_is_ill_opens_nothing(db: Database, kind: str) -> None:
    put(db, rule_kind=kind, incident_id="i-1")
    put(db, incidents)
    assert found(db) == set()


def test_one_that_was_confirmed_is_one_and_one_that_is_over_is_none(db: Database) -> None:
    put(db, verdict="confirmed")
    assert found(db) == {"gate-1"}
    with db.write() as tx:
        tx.execute(update(alerts).values(life="cleared"))
    assert found(db) == set()


def test_a_sensor_of_the_same_name_opens_no_camera(db: Database) -> None:
    put(db, source_kind="sensor")
    assert found(db) == set()


OVER = {"closed", "archived", "evaluated", "void", "merged"}


@pytest.mark.parametrize("state", [state.value for state in IncidentState])
def test_an_incident_is_a_matter_until_it_is_over(db: Database, state: str) -> None:
    put(db, life="cleared", incident_id="i-1")
    put(db, incidents, state=state)
    assert found(db) == (set() if state in OVER else {"gate-1"})


@pytest.mark.parametrize(
    ("verdict", "is_one"), [("duplicate", True), ("false", False), ("test", False)]
)
def test_a_duplicate_is_part_of_its_incident(db: Database, verdict: str, is_one: bool) -> None:
    put(db, verdict=verdict, incident_id="i-1")
    put(db, incidents)
    assert found(db) == ({"gate-1"} if is_one else set())
