"""Departments over HTTP: called, signed, reported, sent back; who sees what, and what is pushed."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import Role, Subject
from hub.access.grants import Grant
from hub.api.push import visible
from hub.store import feed, media
from hub.store.media import MediaKind
from tests.unit.api.conftest import Desk
from tests.unit.api.test_incidents import a_report, done, say
from tests.unit.api.two_towns import ALPHA, BETA, World, build, code_of, jpeg


@pytest.fixture
def world(desk: Desk) -> World:
    """Two towns; in each the fire department leads at an incident."""
    return build(desk)


def filed(desk: Desk) -> str:
    """An incident that is out."""
    one = a_report(desk)
    say(desk, f"/incidents/{one}/triage", Role.OPERATOR)
    say(desk, f"/incidents/{one}/file", Role.OPERATOR)
    return one


def call(desk: Desk, incident: str, status: int = 201, **more: Any) -> Any:
    body: dict[str, Any] = {"unit": "fire", "part": "lead", "note": "请到场", **more}
    return say(desk, f"/incidents/{incident}/whistles", Role.DISPATCHER, status, **body)


def answer(desk: Desk, whistle: str, *steps: str) -> None:
    """What the department says, step by step."""
    for step in steps:
        body: dict[str, Any] = {"note": "已处置"} if step == "report" else {}
        say(desk, f"/whistles/{whistle}/{step}", Role.DEPARTMENT, **body)


def as_token(desk: Desk, token: str, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"own-key-of-{path[-12:]}"}
    headers["Idempotency-Key"] = headers["Idempotency-Key"].replace("/", ".")
    return desk.http.request(method, f"/api/v1{path}", headers=headers, **more)


def test_a_whistle_from_the_call_to_its_end(desk: Desk, jpeg: bytes) -> None:
    case = filed(desk)
    made = call(desk, case)
    one = made["id"]
    assert (made["state"], made["unit_name"], made["verbs"]) == (
        "called",
        "Fire and rescue",
        ["withdraw"],
    )
    listed = desk.get("/whistles?open=true", Role.DEPARTMENT)["items"]
    assert [(each["id"], each["verbs"]) for each in listed] == [(one, ["sign", "refuse"])]
    answer(desk, one, "sign", "contact")
    photo = desk.ask(
        "POST",
        f"/whistles/{one}/photos",
        Role.DEPARTMENT,
        headers={"Idempotency-Key": "photo-key-1"},
        files={"photo": ("a.jpg", jpeg, "image/jpeg")},
    ).json()["photo_id"]
    reported = say(
        desk,
        f"/whistles/{one}/report",
        Role.DEPARTMENT,
        note="火已扑灭",
        photo_ids=[photo],
    )
    assert reported["reports"][0]["photo_ids"] == [photo]
    shown = desk.ask("GET", f"/evidence/{photo}/photo?reason=case", Role.DEPARTMENT)
    assert shown.status_code == 200
    back = say(desk, f"/whistles/{one}/send-back", Role.DISPATCHER, reason="not_done")
    assert back["state"] == "sent_back"
    again = say(
        desk, f"/whistles/{one}/report", Role.DEPARTMENT, note="余火已清", key="second-report"
    )
    assert again["state"] == "reported"
    done(desk, case)
    say(desk, f"/incidents/{case}/verify", Role.SUPERVISOR)
    blocked = say(
        desk, f"/incidents/{case}/pass", Role.SUPERVISOR, 409, no_evidence="夜间", key="pass-one"
    )
    assert blocked["code"] == "whistles_open"
    assert say(desk, f"/whistles/{one}/accept", Role.DISPATCHER)["state"] == "accepted"
    say(desk, f"/incidents/{case}/pass", Role.SUPERVISOR, no_evidence="夜间", key="pass-two")
    lines = desk.get(f"/incidents/{case}/timeline", Role.DEPARTMENT)["items"]
    own = [each["what"] for each in lines if each["entity"] == "whistle"]
    assert own == ["call", "sign", "contact", "report", "send_back", "report", "accept"]


def test_a_repeat_gets_the_first_answer_and_another_body_under_its_key_is_refused(
    desk: Desk,
) -> None:
    case = filed(desk)
    first = call(desk, case, key="call-key-1")
    assert call(desk, case, key="call-key-1")["id"] == first["id"]
    other = call(desk, case, 409, key="call-key-1", note="另一件事")
    assert other["code"] == "key_reused"
    path = f"/incidents/{case}/return"
    say(desk, path, Role.WORKER, reason="not_mine", key="return-key-1")
    say(desk, path, Role.WORKER, reason="not_mine", key="return-key-1")
    changed = say(desk, path, Role.WORKER, 409, reason="unclear", key="return-key-1")
    assert changed["code"] == "key_reused"


def test_a_department_that_is_not_there_is_neither_called_nor_given(desk: Desk) -> None:
    case = filed(desk)
    assert call(desk, case, 422, unit="roads")["code"] == "no_such_department"
    names = [each["id"] for each in desk.get("/departments", Role.DISPATCHER)["items"]]
    assert names == ["fire", "water"]
    desk.register(Role.WORKER, "li.na")
    [account] = desk.get("/accounts")["items"]
    path, grant = f"/accounts/{account['id']}/grants", {"role": "department", "unit": "roads"}
    refused = desk.ask("POST", path, json=grant)
    assert (refused.status_code, refused.json()["code"]) == (422, "does_not_fit")
    assert desk.ask("POST", path, json={**grant, "unit": "fire"}).status_code == 201


def test_a_department_sees_its_cases_on_its_ground_and_nothing_else(world: World) -> None:
    desk, alpha, beta = world.desk, world.towns[ALPHA], world.towns[BETA]
    grid = code_of(ALPHA)
    fire = desk.give(Role.DEPARTMENT, grid, unit="fire")
    water = desk.give(Role.DEPARTMENT, grid, unit="water")

    def seen(token: str, path: str) -> Any:
        return as_token(desk, token, "GET", path)

    listed = seen(fire, "/incidents").json()["items"]
    assert [each["id"] for each in listed] == [alpha.incident]
    assert [w["id"] for w in seen(fire, "/whistles").json()["items"]] == [alpha.whistle]
    for path in (
        f"/incidents/{alpha.incident}",
        f"/incidents/{alpha.incident}/timeline",
        f"/evidence/{alpha.evidence}/picture",
        f"/whistles/{alpha.whistle}",
    ):
        assert seen(fire, path).status_code == 200, path
        absent = seen(water, path)
        assert absent.status_code == 404, path
        assert "fire" not in absent.text
        there = path.replace(ALPHA, BETA)
        assert seen(fire, there).status_code == 404, there
    for path in ("/incidents", "/whistles", "/tasks"):
        assert seen(water, path).json()["items"] == [], path
    assert seen(fire, "/tasks").json()["items"] == []
    assert seen(fire, f"/tasks/{alpha.task}").status_code == 404
    assert seen(fire, f"/incidents/{alpha.incident}/contact").status_code == 403
    assert seen(fire, f"/incidents/{alpha.incident}").json()["verbs"] == []
    signed = as_token(desk, water, "POST", f"/whistles/{alpha.whistle}/sign", json={})
    missing = as_token(desk, water, "POST", "/whistles/nothing-1/sign", json={})
    assert (signed.status_code, missing.status_code) == (404, 404)
    words = [each.json()["detail"].split("'")[0] for each in (signed, missing)]
    assert words[0] == words[1]
    assert (
        as_token(desk, fire, "POST", f"/whistles/{beta.whistle}/sign", json={}).status_code == 404
    )
    mine = as_token(desk, fire, "POST", f"/whistles/{alpha.whistle}/sign", json={})
    assert mine.json()["state"] == "signed"


def test_a_department_reports_what_it_finds_and_leaves_it_to_the_desk(world: World) -> None:
    """Also beyond its own ground; that it is dealt with others say."""
    desk = world.desk
    fire = desk.give(Role.DEPARTMENT, code_of(ALPHA), unit="fire")
    found = {"origin": "department", "title": "消火栓漏水", "grid": code_of(BETA)}
    made = as_token(desk, fire, "POST", "/incidents", json=found)
    assert (made.status_code, made.json()["state"], made.json()["origin"]) == (
        201,
        "reported",
        "department",
    )
    case = made.json()["id"]
    assert "triage" in desk.get(f"/incidents/{case}", Role.OPERATOR)["verbs"]
    assert as_token(desk, fire, "GET", f"/incidents/{case}").status_code == 404
    body = {"handled": {"disposition": "关阀", "no_evidence": "夜间"}}
    refused = desk.http.post(
        "/api/v1/incidents",
        headers={"Authorization": f"Bearer {fire}", "Idempotency-Key": "settled-by-fire"},
        json={**found, **body},
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not_for_your_role")


def test_what_is_pushed_goes_to_the_department_that_was_called(world: World) -> None:
    desk, alpha = world.desk, world.towns[ALPHA]
    with desk.deps.db.read() as tx:
        changes = feed.after(tx, 0, limit=1000)

    def heard(unit: str, town: str) -> set[tuple[str, str]]:
        who = Subject("a department", (Grant(Role.DEPARTMENT, code_of(town), unit),))
        own = ("incident", "whistle", "task", "alert")
        return {
            (change.topic, change.entity_id)
            for change in changes
            if change.topic in own and visible(change, who)
        }

    with desk.deps.db.write() as tx:
        media.link(tx, [("some-photo", f"whistle:{alpha.whistle}")], desk.clock.now())
    desk.deps.media.put("some-photo", MediaKind.PHOTO, jpeg())
    assert ("whistle", alpha.whistle) in heard("fire", ALPHA)
    assert {topic for topic, _ in heard("fire", ALPHA)} <= {"incident", "whistle"}
    assert heard("water", ALPHA) == set()
    assert ("whistle", alpha.whistle) not in heard("fire", BETA)
    say_back = as_token(
        desk,
        world.tokens[Role.WORKER, ALPHA],
        "POST",
        f"/incidents/{alpha.incident}/return",
        json={"reason": "not_mine"},
    )
    assert say_back.status_code == 200, say_back.text
    with desk.deps.db.read() as tx:
        changes = feed.after(tx, changes[-1].seq, limit=1000)
    assert heard("fire", ALPHA) == {("incident", alpha.incident)}
    assert heard("water", ALPHA) == heard("fire", BETA) == set()
    photo = "/evidence/some-photo/photo"
    fire = desk.give(Role.DEPARTMENT, code_of(ALPHA), unit="fire")
    assert as_token(desk, fire, "GET", photo).status_code == 200
    away = desk.give(Role.DEPARTMENT, code_of(BETA), unit="fire")
    assert as_token(desk, away, "GET", photo).status_code == 404


def test_pages_of_whistles_go_on_after_a_cursor(desk: Desk) -> None:
    case = filed(desk)
    for number, unit in enumerate(("fire", "water")):
        desk.clock.advance(1)
        call(desk, case, unit=unit, part="joint", key=f"call-number-{number}")
    first = desk.get("/whistles?limit=1&mine=true", Role.DISPATCHER)
    second = desk.get(f"/whistles?limit=1&mine=true&after={first['next']}", Role.DISPATCHER)
    assert [each["unit"] for each in (*first["items"], *second["items"])] == ["water", "fire"]
    assert second["next"] is None
    assert desk.get("/whistles?mine=true", Role.OPERATOR)["items"] == []
    assert desk.get(f"/whistles?incident_id={case}&unit=water", Role.OPERATOR)["items"]
