"""Clocks and supervisions as pages ask for them."""

from __future__ import annotations

from hub.access.actions import Role
from hub.dispatch.cases.errands import Office
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import Late
from hub.dispatch.timers.fire import fire_due
from hub.dispatch.timers.rows import Level, Step, Subject, Timer
from hub.kit.clock import iso
from hub.kit.ids import counted_ids
from hub.types.finding import Severity
from tests.unit.api.conftest import Desk
from tests.unit.api.test_incidents import a_report, done, say


def sent(desk: Desk) -> str:
    """A report of P2 that has just gone out: five minutes to accept, a day to handle."""
    one = a_report(desk)
    say(desk, f"/incidents/{one}/triage", Role.OPERATOR)
    say(desk, f"/incidents/{one}/file", Role.OPERATOR)
    return one


def pass_time(desk: Desk, seconds: float) -> None:
    """What the centre does meanwhile."""
    desk.clock.advance(seconds)
    with desk.deps.write() as tx:
        office = Office(desk.deps.dispatch, counted_ids(f"late-{desk.clock.now()}"))
        fire_due(tx, now=desk.clock.now(), office=office)


def test_a_case_tells_its_clocks_and_how_far_they_are(desk: Desk) -> None:
    one = sent(desk)
    began = desk.clock.now()
    pass_time(desk, 150)
    told = desk.get(f"/incidents/{one}", Role.OPERATOR)
    first = told["clocks"][0]
    assert (first["step"], first["level"], first["held"]) == ("accept", None, False)
    assert (first["due_at"], first["fraction"]) == (iso(began + 300), 0.5)
    assert [each["level"] for each in first["levels"]] == ["yellow", "red"]
    assert [each["step"] for each in told["clocks"]] == ["accept", "on_scene", "handle"]
    pass_time(desk, 100)
    columns = desk.get("/incidents/board", Role.OPERATOR)["columns"]
    [card] = [card for column in columns for card in column["first"]]
    assert (card["id"], card["clocks"][0]["level"]) == (one, "yellow")
    pass_time(desk, 60)
    raised = desk.get(f"/incidents/{one}", Role.OPERATOR)
    assert raised["clocks"][0]["level"] in ("climb", "red")
    done(desk, one)
    [verify] = desk.get(f"/incidents/{one}", Role.OPERATOR)["clocks"][:1]
    assert verify["step"] == "verify"


def test_a_supervision_is_listed_answered_once_and_told_of(desk: Desk) -> None:
    one = sent(desk)
    (task,) = desk.get(f"/tasks?incident_id={one}&open=true", Role.WORKER)["items"]
    say(desk, f"/tasks/{task['id']}/accept", Role.WORKER)
    pass_time(desk, 86400 * 1.25)
    found = desk.get("/supervisions", Role.SUPERVISOR)["items"]
    assert {(each["step"], each["level"]) for each in found} >= {("handle", "supervision")}
    handle = next(e for e in found if (e["step"], e["level"]) == ("handle", "supervision"))
    assert (handle["subject_id"], handle["title"], handle["mine"]) == (one, "井盖缺失", True)
    assert not any(each["mine"] for each in desk.get("/supervisions", Role.WORKER)["items"])
    path = f"/supervisions/{handle['id']}/answer"
    assert say(desk, path, Role.WORKER, 403, note="等一等")["code"] == "forbidden"
    assert say(desk, path, Role.SUPERVISOR, 422, note="  ")
    key = "answer:0001"
    said = say(desk, path, Role.SUPERVISOR, note="已督促镇里", key=key)
    assert (said["state"], said["answer"]) == ("answered", "已督促镇里")
    assert say(desk, path, Role.SUPERVISOR, note="已督促镇里", key=key) == said
    late = say(desk, path, Role.SUPERVISOR, 409, note="再督促", key="answer:0002")
    assert late["code"] == "supervision_is_answered"
    assert handle["id"] not in [e["id"] for e in desk.get("/supervisions", Role.CHIEF)["items"]]
    of_it = desk.get(f"/supervisions?subject_id={one}&state=answered", Role.CHIEF)["items"]
    assert [each["id"] for each in of_it] == [handle["id"]]


def test_what_lies_on_other_ground_is_not_there(desk: Desk) -> None:
    now = desk.clock.now()
    late = Late(Severity.P1, "elsewhere", ("elsewhere",), "井盖", False)
    with desk.deps.write() as tx:
        timer = Timer(Subject.INCIDENT, "one", Step.HANDLE, Level.LEADER, now, now)
        supervisions.begin(tx, timer, Level.LEADER, late, now, lambda: "there")
    here = {"Authorization": f"Bearer {desk.give(Role.CHIEF, 'here')}"}
    there = {"Authorization": f"Bearer {desk.give(Role.CHIEF, 'elsewhere')}"}
    path = "/api/v1/supervisions"
    assert desk.http.get(path, headers=here).json()["items"] == []
    assert [e["id"] for e in desk.http.get(path, headers=there).json()["items"]] == ["there"]
    answer = f"{path}/there/answer"
    key = {"Idempotency-Key": "answer:0003"}
    said = {"note": "今晚补盖"}
    assert desk.http.post(answer, json=said, headers=here | key).status_code == 404
    told = desk.http.post(answer, json=said, headers=there | key).json()
    assert told["state"] == "answered", "whom it is addressed to answers it"


def test_a_department_answers_for_its_whistle_and_for_nothing_else(desk: Desk) -> None:
    one = sent(desk)
    (task,) = desk.get(f"/tasks?incident_id={one}&open=true", Role.WORKER)["items"]
    say(desk, f"/tasks/{task['id']}/accept", Role.WORKER)
    say(desk, f"/incidents/{one}/whistles", Role.DISPATCHER, 201, unit="fire", part="lead")
    pass_time(desk, 86400.0 * 2)
    fire = {"Authorization": f"Bearer {desk.give(Role.DEPARTMENT, None, unit='fire')}"}
    water = {"Authorization": f"Bearer {desk.give(Role.DEPARTMENT, None, unit='water')}"}
    path = "/api/v1/supervisions"
    mine = desk.http.get(path, headers=fire).json()["items"]
    assert [(e["step"], e["level"], e["unit"], e["mine"]) for e in mine] == [
        ("sign", "supervision", "fire", True)
    ]
    assert desk.http.get(path, headers=water).json()["items"] == []
    above = desk.get("/supervisions", Role.SUPERVISOR)["items"]
    assert (mine[0]["id"], False) in [(e["id"], e["mine"]) for e in above], "seen, not answered"
    answer = f"{path}/{mine[0]['id']}/answer"
    key = {"Idempotency-Key": "answer:0004"}
    said = {"note": "消防车已出发"}
    assert desk.http.post(answer, json=said, headers=water | key).status_code == 404
    refused = say(desk, f"/supervisions/{mine[0]['id']}/answer", Role.SUPERVISOR, 403, note="代答")
    assert refused["code"] == "not_for_your_role"
    of_case = next(e["id"] for e in above if e["subject_id"] == one)
    other = desk.http.post(f"{path}/{of_case}/answer", json=said, headers=fire | key)
    assert other.status_code == 404, "that of the case is not the department's"
    told = desk.http.post(answer, json=said, headers=fire | key).json()
    assert (told["state"], told["answer"]) == ("answered", "消防车已出发")
