"""A redraw over the API: previewed, planned, brought in as it was seen, told by its history."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from hub.access.actions import Role
from hub.grids import service as grids
from hub.grids.versions import service as versions
from hub.kit.clock import iso
from hub.store.tables.duty import posts
from tests.unit.api.conftest import Desk
from tests.unit.api.test_cameras import GATE
from tests.unit.api.test_grids import town
from tests.unit.grids.town import at, collection, feature, rectangle, town_features

WEST, EAST, NEW = "990101100201001", "990101100201002", "990101100201005"
VILLAGE, OTHER_TOWN = "990101100201000", "990101101000000"
DAY = 86400.0


def joined() -> dict[str, Any]:
    """The town with its first two base grids made into one."""
    kept = [f for f in town_features() if f["properties"]["code"] not in (WEST, EAST)]
    return town([*kept, feature(NEW, rectangle(0, 0, 1000, 500))])


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    """The town, a camera in its first grid, brought in through the API."""
    here = at(250, 250)
    spot = {"position": {"lon": here.lon, "lat": here.lat, "datum": "wgs84"}}
    desk.ask("POST", "/cameras", json={**GATE, **spot})
    assert bring(desk, town(), why="first survey")["version"] == 1
    desk.clock.advance(60)
    return desk


def ask(desk: Desk, what: str, body: dict[str, Any], **terms: Any) -> Any:
    return desk.ask("POST", f"/grids/{what}?{urlencode({'missing': 'end', **terms})}", json=body)


def bring(desk: Desk, body: dict[str, Any], **terms: Any) -> Any:
    answer = ask(desk, "import", body, **terms)
    assert answer.status_code == 200, answer.text
    return answer.json()


def preview(desk: Desk, body: dict[str, Any], **terms: Any) -> Any:
    answer = ask(desk, "preview", body, **terms)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_preview_tells_what_changes_moves_and_is_stranded(drawn: Desk) -> None:
    chief = drawn.register(Role.CHIEF, grid=WEST)
    drawn.give(Role.WORKER, EAST)
    drawn.give(Role.WORKER, VILLAGE)
    with drawn.deps.db.write() as tx:
        tx.execute(
            insert(posts).values(
                id="post-1", grid=WEST, role="worker", wanted=1, title="网格员", made_at=1.0,
                made_by="hub",
            )
        )  # fmt: skip
    reported = {"origin": "patrol", "title": "A hole", "grid": WEST}
    key = {"Idempotency-Key": "key-of-a-hole"}
    filed = drawn.ask("POST", "/incidents", Role.OPERATOR, json=reported, headers=key)
    assert filed.status_code in (200, 201), filed.text
    told = preview(drawn, joined())
    assert (told["sound"], told["faults"], told["files"], told["newest"]) == (True, [], [], 1)
    assert (told["added"], told["changed"], told["retired"]) == (1, 0, 2)
    found = {change["code"]: change for change in told["changes"]}
    assert found[NEW]["kinds"] == ["added", "merged"]
    assert found[NEW]["origins"] == [WEST, EAST]
    assert found[NEW]["geometry"]["type"] == "Polygon"
    assert found[WEST]["geometry"] is None
    assert found[WEST]["geometry_before"] is not None
    assert found[WEST]["heirs"] == [NEW]
    assert told["moves"] == [
        {
            "source_kind": "camera", "id": GATE["id"], "name": GATE["name"], "kind": "civil",
            "before": WEST, "after": NEW,
        }
    ]  # fmt: skip
    stakes = told["stakes"]
    assert {(g["holder"], g["grid"], tuple(g["heirs"])) for g in stakes["grants"]} == {
        (chief.name, WEST, (NEW,)),
        (f"a worker of {EAST}, 0", EAST, (NEW,)),
    }
    assert stakes["people"] == 1
    assert [post["grid"] for post in stakes["posts"]] == [WEST]
    assert (stakes["incidents"], stakes["centres_lost"]) == (1, [])
    assert drawn.get("/grids/versions")["items"][0]["no"] == 1, "nothing was written"

    done = bring(drawn, joined(), seen=told["seen"], why="minutes 7")
    assert (done["version"], done["planned"], done["cameras_bound"]) == (2, False, 1)
    assert done["grants_stranded"] == 2
    assert drawn.get(f"/cameras/{GATE['id']}")["grid_code"] == NEW


def test_what_was_not_previewed_does_not_happen(drawn: Desk) -> None:
    seen = preview(drawn, joined())["seen"]
    renamed = town()
    renamed["features"][0]["properties"]["name"] = "新县"
    bring(drawn, renamed)
    answer = ask(drawn, "import", joined(), seen=seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "grids_changed")
    assert drawn.get(f"/grids/{WEST}")["version"] == 1


def test_faults_carry_what_a_map_draws_of_them(drawn: Desk) -> None:
    broken = joined()
    broken["features"][-1] = feature(NEW, rectangle(100, 0, 1000, 500))
    lost = [f for f in broken["features"] if f["properties"]["code"] != VILLAGE]
    told = preview(drawn, broken)
    (gap,) = told["faults"]
    assert (gap["kind"], gap["excusable"], gap["codes"]) == ("gap", True, [VILLAGE])
    assert gap["geometry"]["type"] == "MultiPolygon"
    assert told["sound"]
    told = preview(drawn, town(lost))
    assert not told["sound"]
    assert told["moves"] == []
    missing = next(f for f in told["faults"] if f["kind"] == "missing_parent")
    assert missing["geometry"]["type"] == "GeometryCollection"


def test_a_redraw_is_planned_and_takes_effect_at_its_moment(drawn: Desk) -> None:
    new_year = drawn.clock.now() + DAY
    done = bring(drawn, joined(), valid_from=iso(new_year), why="from the new year on")
    assert (done["planned"], done["version"], done["cameras_bound"]) == (True, 2, 0)
    newest, first = drawn.get("/grids/versions")["items"]
    assert (newest["state"], newest["valid_from"]) == ("planned", iso(new_year))
    assert (newest["by"], newest["why"]) == ("the admin", "from the new year on")
    assert (first["state"], first["why"]) == ("in_force", "first survey")
    assert drawn.ask("GET", f"/grids/{NEW}").status_code == 404
    then = drawn.get(f"/grids/{NEW}?at={iso(new_year)}")
    assert then["path"][-2:] == [VILLAGE, NEW]
    tag = drawn.ask("GET", "/grids/shapes").headers["etag"]
    drawn.clock.advance(DAY)
    with drawn.deps.db.write() as tx:
        assert list(versions.settle(tx, drawn.clock.now())) == [2]
    assert drawn.get(f"/grids/{NEW}")["version"] == 2
    answer = drawn.ask("GET", "/grids/shapes", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    detail = drawn.get("/grids/versions/2")
    assert {change["code"] for change in detail["changes"]} == {WEST, EAST, NEW}


def test_a_moment_gone_by_and_one_before_the_newest_are_refused(drawn: Desk) -> None:
    now = drawn.clock.now()
    answer = ask(drawn, "import", joined(), valid_from=iso(now - 1))
    assert (answer.status_code, answer.json()["code"]) == (409, "in_the_past")
    bring(drawn, joined(), valid_from=iso(now + DAY))
    answer = ask(drawn, "import", town(), valid_from=iso(now + 1))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_newest")


def test_a_planned_redraw_is_withdrawn(drawn: Desk) -> None:
    bring(drawn, joined(), valid_from=iso(drawn.clock.now() + DAY))
    gone = drawn.ask("POST", "/grids/versions/2/withdraw").json()
    assert (gone["state"], gone["withdrawn_by"]) == ("withdrawn", "the admin")
    assert drawn.get("/grids/versions/2")["changes"] == []
    again = drawn.ask("POST", "/grids/versions/2/withdraw")
    assert (again.status_code, again.json()["code"]) == (409, "version_withdrawn")
    first = drawn.ask("POST", "/grids/versions/1/withdraw")
    assert (first.status_code, first.json()["code"]) == (409, "version_in_force")
    assert drawn.ask("POST", "/grids/versions/9/withdraw").status_code == 404
    assert drawn.ask("GET", "/grids/versions/9").status_code == 404


def test_the_grid_of_its_time_is_told_to_those_on_whose_ground_it_lay(drawn: Desk) -> None:
    before = drawn.clock.now()
    drawn.clock.advance(60)
    bring(drawn, joined())
    assert drawn.get(f"/grids/{WEST}?at={iso(before)}")["geometry"]["type"] == "Polygon"
    assert drawn.ask("GET", f"/grids/{WEST}").status_code == 404
    listed = drawn.get(f"/grids?at={iso(before)}&under={VILLAGE}")["items"]
    assert [grid["code"] for grid in listed][1:3] == [WEST, EAST]
    (was,) = drawn.get(f"/grids/{WEST}/history")["items"]
    assert (was["valid_to"], was["path"][-1]) == (iso(drawn.clock.now()), WEST)
    assert was["geometry"]["type"] == "Polygon"

    def of(grid: str, path: str) -> int:
        headers = {"Authorization": f"Bearer {drawn.give(Role.WORKER, grid)}"}
        return int(drawn.http.get(f"/api/v1{path}", headers=headers).status_code)

    for path in (f"/grids/{WEST}/history", f"/grids/{WEST}?at={iso(before)}"):
        assert of(VILLAGE, path) == 200
        assert of(OTHER_TOWN, path) == 404
    assert of(OTHER_TOWN, "/grids/versions") == 403
    assert drawn.ask("GET", "/grids/nowhere/history").status_code == 404


def test_grids_of_a_file_are_previewed_here_and_redrawn_there(desk: Desk) -> None:
    with desk.deps.db.write() as tx:
        grids.import_features(tx, collection(), now=1.0, ids=desk.deps.ids, origin="grids.geojson")
    told = preview(desk, joined())
    assert told["files"] == ["grids.geojson"]
    answer = ask(desk, "import", joined(), seen=told["seen"])
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_file")


def test_a_chief_keeps_the_workers_whose_grids_are_gone(drawn: Desk) -> None:
    """They end the old right, give the heir's and enter leave."""
    drawn.register(Role.CHIEF, "chief", grid=VILLAGE)
    lin = drawn.register(Role.WORKER, "lin", grid=WEST)
    stranger = drawn.register(Role.WORKER, "wu", grid=OTHER_TOWN)
    http = drawn.browser("chief")
    bring(drawn, joined())

    listed = http.get("/api/v1/accounts").json()["items"]
    assert "lin" in {each["login"] for each in listed}
    rights = f"/api/v1/accounts/{lin.id}/grants"
    (old,) = http.get(rights).json()["items"]
    assert (old["grid"], old["ended_at"]) == (WEST, None)
    assert http.post(rights, json={"role": "worker", "grid": WEST}).status_code == 422
    assert http.post(rights, json={"role": "worker", "grid": NEW}).status_code == 201
    assert http.delete(f"{rights}/{old['id']}").status_code == 204
    for person, answer in ((lin, 201), (stranger, 404)):
        now = drawn.clock.now()
        away = {"starts_at": iso(now), "ends_at": iso(now + DAY)}
        told = http.post("/api/v1/duty/absences", json={"account": person.id, **away})
        assert told.status_code == answer, told.text


def test_leave_is_entered_for_a_worker_whose_only_grid_is_gone(drawn: Desk) -> None:
    drawn.register(Role.CHIEF, "chief", grid=VILLAGE)
    lin = drawn.register(Role.WORKER, "lin", grid=WEST)
    http = drawn.browser("chief")
    bring(drawn, joined())
    away = {"starts_at": iso(drawn.clock.now()), "ends_at": iso(drawn.clock.now() + DAY)}
    told = http.post("/api/v1/duty/absences", json={"account": lin.id, **away})
    assert told.status_code == 201, told.text
