"""Grids over the API: imported with a report, found by point, and cameras bound anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hub.access.actions import Role
from hub.grids import service as grids
from hub.store.tables.grids import camera_bindings
from tests.unit.api.conftest import Desk
from tests.unit.api.test_cameras import GATE
from tests.unit.grids.town import COUNTY, at, collection, feature, rectangle, town_features


def town(features: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    chosen = town_features() if features is None else features
    return {"type": "FeatureCollection", "datum": "wgs84", "features": chosen}


def test_an_import_is_tried_dry_then_written_and_cameras_are_bound(desk: Desk) -> None:
    here = at(250, 250)
    spot = {"position": {"lon": here.lon, "lat": here.lat, "datum": "wgs84"}}
    desk.ask("POST", "/cameras", json={**GATE, **spot})

    dry = desk.ask("POST", "/grids/import?dry_run=true", json=town()).json()
    assert (dry["accepted"], len(dry["added"])) == (True, 27)
    assert desk.get("/grids")["items"] == []

    done = desk.ask("POST", "/grids/import", json=town()).json()
    assert (done["cameras_bound"], done["cameras_unbound"]) == (1, 0)
    with desk.deps.db.read() as tx:
        codes = set(tx.execute(select(camera_bindings.c.grid_code)).scalars())
    assert "990101100201001" in codes
    assert desk.get("/cameras")["items"][0]["grid_code"] == "990101100201001"
    assert desk.get(f"/cameras/{GATE['id']}")["grid_code"] == "990101100201001"

    found = desk.get(f"/grids/at?lon={here.lon}&lat={here.lat}", Role.WORKER)
    assert found["grids"] == {"civil": "990101100201001", "police": "JW-1"}
    assert found["paths"]["civil"][0] == COUNTY
    one = desk.get("/grids/990101100201001")
    assert (one["path"][-1], one["geometry"]["type"]) == ("990101100201001", "Polygon")
    below = desk.get("/grids?under=990101100201000&kind=civil")["items"]
    assert len(below) == 5
    assert below[0]["geometry"] is None
    assert desk.ask("GET", "/grids/none").status_code == 404


def test_a_camera_registered_later_is_bound_and_one_deleted_is_not(desk: Desk) -> None:
    desk.ask("POST", "/grids/import", json=town())
    here = at(750, 750)
    spot = {"position": {"lon": here.lon, "lat": here.lat, "datum": "wgs84"}}
    ours = {"owner_kind": "township", "owner": "Town", "place_class": "square"}
    desk.ask("POST", "/cameras", json={**GATE, **ours, **spot})
    query = select(camera_bindings.c.grid_code).where(camera_bindings.c.primary_grid)
    with desk.deps.db.read() as tx:
        assert tx.execute(query).scalar_one() == "990101100201004"
    assert desk.ask("DELETE", "/cameras/gate-1").status_code == 204
    with desk.deps.db.read() as tx:
        assert tx.execute(query).all() == []


def test_faults_are_listed_and_nothing_is_written(desk: Desk) -> None:
    broken = [*town_features(), feature("990101100201009", rectangle(100, 100, 300, 300))]
    report = desk.ask("POST", "/grids/import", json=town(broken)).json()
    assert report["accepted"] is False
    assert "overlap" in {fault["kind"] for fault in report["faults"]}
    assert desk.get("/grids")["items"] == []
    excused = desk.ask("POST", "/grids/import?exception=old survey", json=town(broken)).json()
    assert (excused["accepted"], excused["exception"]) == (True, "old survey")


def test_a_collection_without_a_datum_or_of_another_form_is_refused(desk: Desk) -> None:
    bodies: list[Any] = [{"type": "FeatureCollection", "features": []}, {"type": "Feature"}, []]
    for body in bodies:
        answer = desk.ask("POST", "/grids/import", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert desk.ask("POST", "/grids/import", content=b"{").status_code == 422


def test_grids_of_a_file_are_not_changed_here(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        grids.import_features(
            tx, collection(), now=1.0, ids=desk.deps.ids, origin="configs/grids.geojson"
        )
    renamed = town_features()
    renamed[0]["properties"]["name"] = "Another"
    answer = desk.ask("POST", "/grids/import", json=town(renamed))
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_file")
    assert "configs/grids.geojson" in answer.json()["detail"]
