"""The facts behind the health, and the shapes a map draws."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import Role
from hub.kit.errors import Retryable
from hub.store.db import Database
from hub.store.lease import CENTRE, Lease
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk
from tests.unit.api.test_cameras import GATE
from tests.unit.api.test_grids import town
from tests.unit.grids.town import COUNTY


def facts(desk: Desk) -> Any:
    return desk.get("/system", Role.OPERATOR)


def speaking(camera: str, state: str, **more: Any) -> dict[str, Any]:
    numbers = {"fps": 10.0, "bitrate_bps": 1.0, "last_picture_at": None, "last_error": ""}
    return {"id": camera, "state": state, **numbers, **more}


def test_a_hub_that_stands_alone_says_so_in_facts(desk: Desk) -> None:
    told = facts(desk)
    assert (told["redis"], told["workers"], told["centres"]) == (True, [], [])
    records = told["records"]
    assert (records["centre_active"], records["centre_gone_s"]) == (False, None)
    assert told["storage"]["free_bytes"] <= told["storage"]["total_bytes"]
    assert [queue["centre"] for queue in records["queues"]] == ["town"]


def test_the_centre_and_the_queue_grow_old_together(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        assert Lease(CENTRE, "centre.1", desk.clock).acquire(tx)
    a_task(desk)
    assert facts(desk)["records"]["centre_active"] is True
    desk.clock.advance(120)
    records = facts(desk)["records"]
    assert records["centre_active"] is False
    assert 0 < records["centre_gone_s"] <= 120
    (queue,) = records["queues"]
    assert queue["unsent"] == 1
    assert queue["oldest_s"] >= 120


def test_a_worker_tells_of_its_cameras_its_clock_and_its_troubles(desk: Desk) -> None:
    for id_ in ("gate-1", "gate-2", "gate-3"):
        desk.ask("POST", "/cameras", json={**GATE, "id": id_})
    desk.beats.bodies = {
        "worker-0": {
            "at": desk.clock.now() - 7,
            "cameras": [
                speaking("gate-1", "online", analysis_error="no model"),
                speaking("gate-2", "offline", last_error="refused"),
            ],
            "spool_pending": 12,
            "errors": {"send": "Retryable: away"},
            "metrics": [
                ["hub_evidence_dropped_total", {"camera": "a"}, 2],
                ["hub_evidence_dropped_total", {"camera": "b"}, 3],
            ],
        }
    }
    told = facts(desk)
    (worker,) = told["workers"]
    assert worker["age_s"] == pytest.approx(7)
    assert (worker["cameras"], worker["online"], worker["spool_pending"]) == (2, 1, 12)
    assert worker["counts"] == {"hub_evidence_dropped_total": 5}
    assert worker["faults"] == [{"loop": "send", "says": "Retryable: away"}]
    cameras = told["records"]["cameras"]
    assert cameras["states"] == {"online": 1, "offline": 1, "unwatched": 1}
    assert [(c["id"], c["state"], c["says"]) for c in cameras["away"]] == [
        ("gate-2", "offline", "refused"),
        ("gate-3", "unwatched", ""),
    ]
    assert (cameras["blind"], cameras["blind_named"][0]["says"]) == (1, "no model")


def test_what_does_not_answer_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.beats.gone = True
    assert facts(desk)["redis"] is False
    records = "hub.api.health.system.outcome_counts"

    def away(_: Database) -> Any:
        raise Retryable("database: away", code="database_busy")

    monkeypatch.setattr(records, away)
    assert facts(desk)["records"] is None


def test_shapes_are_small_ordered_and_sent_once(desk: Desk) -> None:
    assert desk.get("/grids/shapes")["features"] == []
    desk.ask("POST", "/grids/import", json=town())
    first = desk.ask("GET", "/grids/shapes", Role.OPERATOR)
    assert first.headers["content-type"] == "application/geo+json"
    features = first.json()["features"]
    assert len(features) == 27
    assert features[0]["properties"] == {
        "code": COUNTY,
        "name": features[0]["properties"]["name"],
        "kind": "civil",
        "tier": 0,
        "parent": None,
    }
    tiers = [feature["properties"]["tier"] for feature in features]
    assert tiers == sorted(tiers)
    assert {feature["properties"]["kind"] for feature in features} >= {"civil", "police"}
    ring = features[-1]["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    assert all(round(x, 6) == x for point in ring for x in point)

    known = {"If-None-Match": first.headers["etag"]}
    again = desk.ask("GET", "/grids/shapes", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    desk.clock.advance(1)
    renamed = town()
    renamed["features"][0]["properties"]["name"] = "Another"
    desk.ask("POST", "/grids/import", json=renamed)
    assert desk.ask("GET", "/grids/shapes", headers=known).status_code == 200
