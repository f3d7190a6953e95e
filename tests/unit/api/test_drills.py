"""A roll call over HTTP: planned, called in time, answered on one's own ground, and counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, select, update

from hub.access.actions import Role
from hub.app.drills import Drills, roll
from hub.drills import repository
from hub.drills.checklist import Kind
from hub.drills.drill import Called
from hub.duty.config import DutyConfig
from hub.grids import service as grids
from hub.grids.binding import Binder
from hub.ingest import service as sources
from hub.store.tables.access import looks
from hub.store.tables.alerts import alerts
from hub.store.tables.drills import drills
from hub.store.tables.grids import grids as grid_rows
from hub.types.staff import EVERYWHERE
from tests.unit.api.conftest import Desk
from tests.unit.grids import town

COUNTY, HERE, THERE = "990101000000000", "990101100201001", "990101100201002"
WAY = (COUNTY, "990101100000000", "990101100201000")
ZONE = ZoneInfo("Asia/Shanghai")
GATE = Called(Kind.CAMERA, "gate", "东门", (*WAY, HERE), "online")
FAR = Called(Kind.CAMERA, "far", "水库", (*WAY, THERE), "offline")
POST = Called(Kind.POST, f"{HERE}/worker", "一号网格 网格员", (*WAY, HERE))


def called(_tx: Connection, grid: str | None, _now: float) -> Sequence[Called]:
    return [each for each in (GATE, FAR, POST) if grid is None or grid in each.grid_path]


@pytest.fixture
def town_desk(desk: Desk) -> Desk:
    with desk.deps.db.write() as tx:
        grids.import_features(
            tx, town.collection(), now=desk.clock.now(), ids=desk.deps.ids, origin="grids.geojson"
        )
    desk.http.app.state.deps = desk.deps = replace(desk.deps, roll=called)  # type: ignore[attr-defined]
    return desk


def call(desk: Desk, grid: str | None = None, **more: Any) -> Any:
    body = {"title": "周五点名", "grid": grid, "lasts_s": 3600}
    answer = desk.ask("POST", "/drills", Role.SHIFT_LEADER, json=body, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def say(desk: Desk, drill: str, token: str | None = None, **body: Any) -> Any:
    said = {"kind": "camera", "subject": "gate", "result": "good", **body}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    role = None if token else Role.OPERATOR
    return desk.ask("POST", f"/drills/{drill}/answers", role, json=said, headers=headers)


def step(desk: Desk) -> None:
    Drills(desk.deps.db, desk.clock, lambda _tx: None, lambda: ZONE, called, desk.deps.ids).step()


def test_a_roll_call_is_answered_and_counted_as_an_exercise(town_desk: Desk) -> None:
    drill = call(town_desk)
    assert drill["exercise"] is True
    assert [(each["kind"], each["open"]) for each in drill["counts"]] == [
        ("camera", 2),
        ("post", 1),
    ]
    assert say(town_desk, drill["id"]).json()["result"] == "good"
    faulty = say(
        town_desk, drill["id"], subject="far", result="faulty", faults=["no_picture"], note="停电"
    ).json()
    assert (faulty["found"], faulty["faults"], faulty["version"]) == ("offline", ["no_picture"], 2)
    town_desk.clock.advance(3601)
    step(town_desk)
    told = town_desk.get(f"/drills/{drill['id']}", Role.SUPERVISOR)
    assert told["state"] == "finished"
    by_kind = {each["kind"]: each for each in told["counts"]}
    assert (by_kind["camera"]["share"], by_kind["post"]["missed"]) == (0.5, 1)
    late = say(town_desk, drill["id"])
    assert (late.status_code, late.json()["code"]) == (409, "drill_is_finished")
    with town_desk.deps.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(alerts)).scalar() == 0


def test_a_jump_of_the_clock_ends_no_roll_call(town_desk: Desk) -> None:
    deps, clock = town_desk.deps, town_desk.clock
    drills = Drills(deps.db, clock, lambda _tx: None, lambda: ZONE, called, deps.ids)
    drill = call(town_desk)
    drills.step()
    clock.set_wall(clock.now() + 3600)
    drills.step()
    clock.advance(10)
    clock.set_wall(clock.now() - 3600)
    drills.step()
    assert say(town_desk, drill["id"]).status_code == 200, "what is open can still be answered"


def test_what_was_planned_is_called_once_each_week(town_desk: Desk) -> None:
    body = {
        "title": "周点名",
        "grid": None,
        "weekly": {"weekday": 5, "minute": 570, "lasts_s": 1800},
    }
    plan = town_desk.ask("POST", "/drills/plans", Role.SHIFT_LEADER, json=body).json()
    step(town_desk)
    assert town_desk.get("/drills")["items"] == []
    with town_desk.deps.db.read() as tx:
        [known] = repository.plans(tx, EVERYWHERE)
    town_desk.clock.advance(known.next_at - town_desk.clock.now() + 5)
    for _ in range(3):
        step(town_desk)
    [held] = town_desk.get("/drills")["items"]
    assert (held["plan_id"], held["called_by"]) == (plan["id"], "hub")
    town_desk.clock.advance(3 * 7 * 86400)  # the centre was away: one late call, not three
    step(town_desk)
    step(town_desk)
    assert len(town_desk.get("/drills")["items"]) == 2
    ended = town_desk.ask("DELETE", f"/drills/plans/{plan['id']}", Role.SHIFT_LEADER)
    assert ended.status_code == 204
    town_desk.clock.advance(7 * 86400)
    step(town_desk)
    assert len(town_desk.get("/drills")["items"]) == 2
    again = town_desk.ask("DELETE", f"/drills/plans/{plan['id']}", Role.SHIFT_LEADER)
    assert (again.status_code, again.json()["code"]) == (409, "plan_is_ended")


def test_a_chief_answers_for_the_own_grid_and_sees_no_other(town_desk: Desk) -> None:
    drill = call(town_desk)["id"]
    token = town_desk.give(Role.CHIEF, HERE)
    other = town_desk.give(Role.CHIEF, THERE)
    mine = {"Authorization": f"Bearer {token}"}
    items = town_desk.ask("GET", f"/drills/{drill}/items", None, headers=mine).json()
    assert {each["subject"] for each in items} == {"gate", f"{HERE}/worker"}
    counts = town_desk.ask("GET", f"/drills/{drill}", None, headers=mine).json()["counts"]
    assert [each["open"] for each in counts] == [1, 1]
    assert say(town_desk, drill, token).status_code == 200
    hidden = say(town_desk, drill, other)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    ended = town_desk.ask("POST", f"/drills/{drill}/finish", None, headers=mine)
    assert ended.status_code == 403, "a chief answers, and ends nothing"
    small = call(town_desk, THERE)["id"]
    gone = town_desk.ask("GET", f"/drills/{small}", None, headers=mine)
    assert gone.status_code == 404
    listed = town_desk.ask("GET", "/drills", None, headers=mine).json()["items"]
    assert [each["id"] for each in listed] == [drill]


def test_a_town_plans_for_itself_and_not_for_the_county(town_desk: Desk) -> None:
    token = town_desk.give(Role.SHIFT_LEADER, HERE)
    mine = {"Authorization": f"Bearer {token}"}
    for grid, status in ((None, 404), (THERE, 404), (HERE, 201)):
        body = {"title": "点名", "grid": grid}
        answer = town_desk.ask("POST", "/drills", None, json=body, headers=mine)
        assert answer.status_code == status, answer.text
    drill = answer.json()["id"]
    ended = town_desk.ask("POST", f"/drills/{drill}/finish", None, headers=mine)
    assert ended.json()["state"] == "finished"
    gone = {"title": "点名", "grid": "990101100201009"}
    assert town_desk.ask("POST", "/drills", Role.SHIFT_LEADER, json=gone).status_code == 404
    town_desk.http.app.state.deps = replace(town_desk.deps, roll=lambda *_: [])  # type: ignore[attr-defined]
    empty = {"title": "点名", "grid": HERE}
    refused = town_desk.ask("POST", "/drills", Role.SHIFT_LEADER, json=empty)
    assert refused.json()["code"] == "nobody_to_call"


def test_two_who_answer_at_once_are_told(town_desk: Desk) -> None:
    drill = call(town_desk)["id"]
    assert say(town_desk, drill, version=1).status_code == 200
    stale = say(town_desk, drill, result="faulty", faults=["blurred"], version=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


def test_the_list_is_taken_away_with_a_line_in_the_register(town_desk: Desk) -> None:
    drill = call(town_desk)["id"]
    say(town_desk, drill, result="faulty", faults=["covered"], note="=SUM(A1)")
    answer = town_desk.ask("GET", f"/drills/{drill}/export", Role.SUPERVISOR)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0].startswith("演练")
    assert ["camera", "东门", HERE, "online", "faulty", "遮挡", "'=SUM(A1)"] in [
        row[:7] for row in rows
    ]
    with town_desk.deps.db.read() as tx:
        [look] = tx.execute(select(looks.c.subject)).scalars()
    assert look == "export/drill"


def test_what_is_called_are_cameras_in_use_and_posts_that_are_kept(town_desk: Desk) -> None:
    with town_desk.deps.db.write() as tx:
        gate = town.camera(200, 200, id="gate")
        idle = town.camera(300, 300, id="idle").model_copy(update={"enabled": False})
        sources.cameras().sync_file(tx, [gate, idle], "cameras.yaml", town_desk.clock.now())
        binder = Binder(grids.load_tree(tx))
        grids.bind_camera(tx, gate, binder, town_desk.clock.now())
    with town_desk.deps.db.read() as tx:
        asked = roll(DutyConfig)(tx, None, town_desk.clock.now())
        assert [(each.subject, each.found, each.grid_path) for each in asked] == [
            ("gate", "online", (*WAY, HERE))
        ]
        assert roll(DutyConfig)(tx, THERE, town_desk.clock.now()) == []
        assert tx.execute(select(func.count()).select_from(drills)).scalar() == 0


def test_a_plan_on_a_grid_that_was_redrawn_says_that_nobody_is_called(
    town_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    plan = {
        "title": "周五点名",
        "grid": HERE,
        "weekly": {"weekday": 5, "minute": 600, "lasts_s": 600},
    }
    assert town_desk.ask("POST", "/drills/plans", Role.SHIFT_LEADER, json=plan).status_code == 201
    assert town_desk.get("/drills/plans", Role.SHIFT_LEADER)[0]["gone"] is False
    with town_desk.deps.db.write() as tx:
        ends = update(grid_rows).where(grid_rows.c.code == HERE)
        tx.execute(ends.values(present=False, valid_to=town_desk.clock.now()))
    assert town_desk.get("/drills/plans", Role.SHIFT_LEADER)[0]["gone"] is True
    town_desk.clock.advance(8 * 86400.0)
    Drills(
        town_desk.deps.db, town_desk.clock, lambda _tx: None, lambda: ZONE,
        lambda *_: [], town_desk.deps.ids,
    ).step()  # fmt: skip
    assert "nothing stands on" in caplog.text
