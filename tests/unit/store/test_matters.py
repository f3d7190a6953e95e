"""Of which cameras a matter is open, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Double, Integer, Table, Text, insert, update

from hub.store.db import Database
from hub.store.matters import open_matters
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import incidents
from hub.store.tables.grids import camera_bindings
from hub.store.tables.sources import cameras as registered
from hub.store.tables.sources import sensors
from hub.types.work import IncidentState

BLANK: dict[type, Any] = {Text: "", Double: 0.0, Integer: 0, Boolean: False, JSON: []}
ALERT = {"id": "a-1", "source": "gate-1", "source_kind": "camera", "life": "active"}
INCIDENT = {"id": "i-1", "state": "accepted"}
NEAR_M = 100.0
GATE: dict[str, Any] = {"lon": 120.7, "lat": 36.97}
NEXT_DOOR: dict[str, Any] = {"lon": 120.701, "lat": 36.97}
"""89 metres to the east."""
DOWN_THE_ROAD: dict[str, Any] = {"lon": 120.7013, "lat": 36.97}
"""116 metres."""
GATE_SHIFTED = {"lon": 120.704844, "lat": 36.970502, "datum": "gcj02"}
"""The gate, as a map service would say it."""


def put(db: Database, table: Table = alerts, /, **values: Any) -> None:
    """A row with these values: an alert of `gate-1` that lives, an incident under way."""
    row = {c.name: BLANK[type(c.type)] for c in table.c if not c.nullable}
    known = {alerts: ALERT, incidents: INCIDENT}.get(table, {})
    with db.write() as tx:
        tx.execute(insert(table).values({**row, **known, **values}))


def found(db: Database, *cameras: str) -> set[str]:
    with db.read() as tx:
        return open_matters(tx, cameras or ("gate-1", "gate-2"), NEAR_M)


def test_nothing_is_open_at_first(db: Database) -> None:
    assert found(db) == set()
    with db.read() as tx:
        assert open_matters(tx, (), NEAR_M) == set()


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


def lent(
    db: Database, table: Table, id_: str, place: dict[str, Any] | None, owner: str = "No. 2"
) -> None:
    """A camera or a sensor of a school."""
    at = None if place is None else {"datum": "wgs84", **place}
    put(db, table, id=id_, spec={"owner": owner, "owner_kind": "school", "position": at})


@pytest.mark.parametrize(
    ("place", "opens"), [(NEXT_DOOR, True), (DOWN_THE_ROAD, False), ({}, False)]
)
def test_a_report_near_a_camera_is_a_matter_of_it(
    db: Database, place: dict[str, float], opens: bool
) -> None:
    """A guard phones: what has no position, or lies further away, opens nothing."""
    lent(db, registered, "gate-1", GATE)
    lent(db, registered, "gate-2", None)
    put(db, incidents, **place)
    assert found(db) == ({"gate-1"} if opens else set())


@pytest.mark.parametrize("state", [state.value for state in IncidentState])
def test_it_closes_again_when_the_case_is_over(db: Database, state: str) -> None:
    lent(db, registered, "gate-1", GATE)
    put(db, incidents, **NEXT_DOOR)
    assert found(db) == {"gate-1"}
    with db.write() as tx:
        tx.execute(update(incidents).values(state=state))
    assert found(db) == (set() if state in OVER else {"gate-1"})


def test_an_exercise_next_door_opens_nothing(db: Database) -> None:
    lent(db, registered, "gate-1", GATE)
    put(db, incidents, exercise=True, **NEXT_DOOR)
    assert found(db) == set()


def test_the_distance_is_measured_between_positions_of_one_datum(db: Database) -> None:
    lent(db, registered, "gate-1", GATE_SHIFTED)
    put(db, incidents, **NEXT_DOOR)
    assert found(db) == {"gate-1"}


def stands(db: Database, camera: str, grid: str) -> None:
    put(db, camera_bindings, camera_id=camera, grid_code=grid, kind="civil", primary_grid=True)


def test_what_a_schools_own_sensor_tells_is_a_matter_of_its_cameras(db: Database) -> None:
    for camera, owner in (("gate-1", "No. 2"), ("gate-2", "No. 3")):
        lent(db, registered, camera, None, owner=owner)
        stands(db, camera, "g-1")
    lent(db, sensors, "smoke-1", None)
    told = {"source": "smoke-1", "source_kind": "sensor", "rule_kind": "sensor_threshold"}
    put(db, **told, incident_id="i-1", grid_code="g-1")
    assert found(db) == set(), "an alert that nobody took for an incident yet"
    put(db, incidents)
    assert found(db) == {"gate-1"}
    with db.write() as tx:
        tx.execute(update(alerts).values(verdict="false"))
    assert found(db) == set()


@pytest.mark.parametrize(
    ("sensor", "at", "opens"),
    [
        pytest.param("g-1", {}, {"gate-1"}, id="the sensor's position is not known"),
        pytest.param("g-2", {}, {"gate-2"}, id="nor at the other school"),
        pytest.param("g-2", GATE, {"gate-1", "gate-2"}, id="a camera's is not"),
        pytest.param(None, {}, set(), id="nor its grid"),
    ],
)
def test_without_a_position_the_grid_tells_which_school_it_is(
    db: Database, sensor: str | None, at: dict[str, Any], opens: set[str]
) -> None:
    """An education office lends the cameras of all its schools as one owner."""
    lent(db, registered, "gate-1", NEXT_DOOR)
    lent(db, registered, "gate-2", None)
    stands(db, "gate-1", "g-1")
    stands(db, "gate-2", "g-2")
    lent(db, sensors, "smoke-1", None)
    put(db, source="smoke-1", source_kind="sensor", incident_id="i-1", grid_code=sensor, **at)
    put(db, incidents)
    assert found(db) == opens


def test_of_an_owner_of_many_schools_only_the_one_with_the_sensor_opens(db: Database) -> None:
    lent(db, registered, "gate-1", DOWN_THE_ROAD)
    lent(db, registered, "gate-2", {"lon": 120.8, "lat": 36.97})
    lent(db, sensors, "smoke-1", GATE)
    put(db, source="smoke-1", source_kind="sensor", incident_id="i-1", **GATE)
    put(db, incidents)
    assert found(db) == {"gate-1"}


def test_a_neighbours_sensor_counts_as_far_as_it_is_near(db: Database) -> None:
    lent(db, registered, "gate-1", GATE)
    lent(db, registered, "gate-2", DOWN_THE_ROAD)
    lent(db, sensors, "smoke-1", NEXT_DOOR, owner="the mill")
    put(db, source="smoke-1", source_kind="sensor", incident_id="i-1", **GATE)
    put(db, incidents)
    assert found(db) == {"gate-1"}


def test_what_another_camera_saw_is_no_matter_of_this_one(db: Database) -> None:
    """Where it hangs is not where it happened, and a busy street would hold a school open."""
    lent(db, registered, "gate-1", GATE)
    put(db, source="street-1", incident_id="i-1", **NEXT_DOOR)
    put(db, incidents)
    assert found(db) == set()
