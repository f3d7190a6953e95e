"""The life of an incident as pages ask for it: reports, verbs, approvals, board, timeline."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.access.actions import Role
from hub.cli import schema
from hub.dispatch import drawing
from hub.kit.clock import iso
from hub.store.media import linked
from hub.store.tables.dispatch import incidents
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk

REPORT = {"origin": "counter", "title": "井盖缺失", "description": "小学门口", "severity": "P2"}


def say(desk: Desk, path: str, role: Role, status: int = 200, **body: Any) -> Any:
    """One POST under a key of its own."""
    key = body.pop("key", f"key:{role}:{path}".replace("/", "."))
    answer = desk.ask("POST", path, role, headers={"Idempotency-Key": key[:128]}, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def a_report(desk: Desk, role: Role = Role.OPERATOR, **more: Any) -> str:
    made = say(desk, "/incidents", role, 201, **{**REPORT, **more})
    return str(made["id"])


def done(desk: Desk, incident_id: str, note: str = "已补装") -> None:
    """A worker goes there and says it is done."""
    (task,) = desk.get(f"/tasks?incident_id={incident_id}&open=true", Role.WORKER)["items"]
    for step in ("accept", "on-scene"):
        say(desk, f"/tasks/{task['id']}/{step}", Role.WORKER)
    answer = desk.ask(
        "POST",
        f"/tasks/{task['id']}/done",
        Role.WORKER,
        headers={"Idempotency-Key": f"done:{task['id']}"},
        data={"note": note},
    )
    assert answer.status_code == 200, answer.text


def test_a_report_goes_through_its_life_to_the_rating(desk: Desk) -> None:
    one = a_report(desk, contact={"name": "周女士", "phone": "138 0000 0000"})
    told = desk.get(f"/incidents/{one}", Role.OPERATOR)
    assert (told["state"], told["rule_kind"], told["title"]) == ("reported", "report", "井盖缺失")
    assert (told["contact"], told["alert_ids"], told["reported_by"]) == (True, [], "the operator")
    assert set(told["verbs"]) == {"triage", "classify", "void"}
    path = f"/incidents/{one}"
    assert desk.get(f"{path}/contact", Role.OPERATOR)["items"][0]["name"] == "周女士"
    assert desk.ask("GET", f"{path}/contact", Role.WORKER).status_code == 403

    assert say(desk, f"{path}/triage", Role.OPERATOR, severity="P1")["severity"] == "P1"
    held = say(desk, f"{path}/file", Role.OPERATOR, hold=True)
    assert held["state"] == "filed"
    assert desk.get(f"/tasks?incident_id={one}")["items"] == []
    assert say(desk, f"{path}/dispatch", Role.DISPATCHER)["state"] == "dispatched"
    done(desk, one)
    assert say(desk, f"{path}/verify", Role.SUPERVISOR)["state"] == "verifying"
    bare = say(desk, f"{path}/pass", Role.SUPERVISOR, 422)
    assert bare["code"] == "evidence_needed"
    closed = say(
        desk, f"{path}/pass", Role.SUPERVISOR, no_evidence="井下作业不便拍照", key="again-0001"
    )
    assert closed["state"] == "closed"
    assert closed["closed_at"] is not None
    assert desk.get(path, Role.OPERATOR)["contact"], "who reported is asked how it went"
    assert desk.get(f"{path}/contact", Role.OPERATOR)["items"][0]["phone"] == "138 0000 0000"
    assert desk.get(path, Role.WORKER)["contact"] is False, "for whoever does not ask"
    assert say(desk, f"{path}/archive", Role.SHIFT_LEADER)["state"] == "archived"
    assert say(desk, f"{path}/rate", Role.OPERATOR, rating=4, note="尚可")["rating"] == 4
    assert desk.ask("GET", f"{path}/contact", Role.OPERATOR).json()["code"] == "contact_erased"

    told = desk.get(f"{path}/timeline", Role.SUPERVISOR)
    entries = told["items"]
    assert (told["cut"], {each["sealed"] for each in entries}) == (False, {False})
    assert [e["what"] for e in entries if e["entity"] == "incident"] == [
        "report", "triage", "file", "dispatch", "accept", "arrive", "finish", "verify", "pass",
        "archive", "rate",
    ]  # fmt: skip
    assert "周女士" not in str(entries)
    assert "contact" in entries[0]["reason"]


def test_whoever_handled_it_does_not_call_back_once_it_is_closed(desk: Desk) -> None:
    done = {"disposition": "电话答复", "no_evidence": "咨询类，无现场"}
    contact = {"name": "周女士", "phone": "138 0000 0000"}
    one = a_report(desk, contact=contact, severity="P1", handled=done)
    path = f"/incidents/{one}"
    assert desk.get(f"{path}/contact", Role.OPERATOR)["items"]
    assert say(desk, f"{path}/pass", Role.SUPERVISOR)["state"] == "closed"
    refused = desk.ask("GET", f"{path}/contact", Role.OPERATOR)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_work")
    assert desk.get(path, Role.OPERATOR)["contact"] is False
    assert desk.get(path, Role.SHIFT_LEADER)["contact"] is True
    assert desk.get(f"{path}/contact", Role.SHIFT_LEADER)["items"]
    assert say(desk, f"{path}/rate", Role.SUPERVISOR, rating=5)["state"] == "closed"
    gone = desk.ask("GET", f"{path}/contact", Role.SHIFT_LEADER)
    assert gone.json()["code"] == "contact_erased"


def test_who_may_not_is_refused_and_what_is_stale_is_told(desk: Desk) -> None:
    one = a_report(desk)
    path = f"/incidents/{one}"
    assert say(desk, f"{path}/triage", Role.WORKER, 403)["code"] == "forbidden"
    assert say(desk, f"{path}/file", Role.OPERATOR, 409)["code"] == "incident_is_reported"
    assert say(desk, f"{path}/triage", Role.OPERATOR, 409, version=9)["code"] == "stale_version"
    assert say(desk, f"{path}/triage", Role.OPERATOR, version=1, key="fresh-01")["version"] == 2
    nowhere = say(desk, "/incidents/none/triage", Role.OPERATOR, 404)
    assert nowhere["code"] == "no_such_incident"
    bad = say(
        desk, "/incidents", Role.OPERATOR, 422, **{**REPORT, "title": "a\x00b"}, key="nul-0001"
    )
    assert bad["code"] == "invalid"
    camera = say(desk, "/incidents", Role.OPERATOR, 422, **{**REPORT, "origin": "camera"})
    assert camera["code"] == "invalid"
    lost = say(desk, "/incidents", Role.OPERATOR, 422, **{**REPORT, "grid": "999"}, key="grid-0001")
    assert lost["code"] == "no_such_grid"


def test_the_same_report_sent_twenty_times_at_once_is_one(desk: Desk) -> None:
    def send(_: int) -> str:
        return str(say(desk, "/incidents", Role.WORKER, 201, **REPORT, key="phone-7:0001")["id"])

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(20)))) == 1
    with desk.deps.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(incidents)).scalar_one() == 1
    other = say(desk, "/incidents", Role.OPERATOR, 409, **REPORT, key="phone-7:0001")
    assert other["code"] == "key_reused"


def test_a_photo_comes_before_the_report_that_names_it(desk: Desk, jpeg: bytes) -> None:
    sent = desk.ask(
        "POST",
        "/incidents/photos",
        Role.WORKER,
        headers={"Idempotency-Key": "photo-0001"},
        files=[("photo", ("a.jpg", jpeg, "image/jpeg"))],
    )
    assert sent.status_code == 201, sent.text
    photo = sent.json()["photo_id"]
    handled = {"disposition": "已清理", "photo_ids": [photo]}
    body = {**REPORT, "origin": "worker", "handled": handled}
    foreign = say(desk, "/incidents", Role.OPERATOR, 422, **body, key="foreign-1")
    assert foreign["code"] == "no_such_photo"
    made = say(desk, "/incidents", Role.WORKER, 201, **body, key="mine-0001")
    assert (made["state"], made["self_handled"]) == ("verifying", True)
    told = desk.get(f"/incidents/{made['id']}", Role.WORKER)
    assert (told["photo_ids"], told["handled_by"]) == ([photo], "the worker")
    assert told["verbs"] == []
    with desk.deps.db.read() as tx:
        assert linked(tx, [photo]) == {photo}
    twice = say(desk, "/incidents", Role.WORKER, 422, **body, key="mine-0002")
    assert twice["code"] == "no_such_photo", "a photo is evidence of one handling"


def test_what_is_asked_for_is_decided_by_another(desk: Desk) -> None:
    task = a_task(desk)
    path = f"/incidents/{task.incident_id}"
    say(desk, f"/tasks/{task.id}/accept", Role.WORKER)
    wrong = say(desk, f"{path}/suspend", Role.WORKER, 422, reason="tired", key="wrong-01")
    assert wrong["code"] == "reason_needed"
    ask = say(desk, f"{path}/suspend", Role.WORKER, 202, reason="weather", note="暴雨")
    twice = say(desk, f"{path}/suspend", Role.WORKER, 409, reason="weather", key="twice-01")
    assert twice["code"] == "already_asked"
    until = iso(desk.clock.now() + 30 * 86400)
    more = say(desk, f"{path}/extend", Role.DISPATCHER, 202, reason="complex", until=until)
    waiting = desk.get("/approvals", Role.SHIFT_LEADER)["items"]
    assert {each["id"] for each in waiting} == {ask["id"], more["id"]}
    assert desk.get("/incidents/board", Role.OPERATOR)["asked"] == 2
    assert len(desk.get(path, Role.OPERATOR)["asked"]) == 2

    no = say(desk, f"/approvals/{ask['id']}", Role.DISPATCHER, 403, granted=True, version=1)
    assert no["code"] == "forbidden"
    denied = say(desk, f"/approvals/{ask['id']}", Role.SHIFT_LEADER, granted=False, note="再试")
    assert (denied["state"], denied["decision_note"]) == ("denied", "再试")
    late = say(desk, f"/approvals/{ask['id']}", Role.SUPERVISOR, 409, granted=True, version=1)
    assert late["code"] == "approval_is_denied"
    blind = say(desk, f"/approvals/{more['id']}", Role.SUPERVISOR, 422, granted=True)
    assert blind["code"] == "invalid"
    yes = f"/approvals/{more['id']}"
    old = more["incident_version"]
    stale = say(desk, yes, Role.SUPERVISOR, 409, granted=True, version=old, key="stale-01")
    assert stale["code"] == "stale_version"
    (left,) = desk.get("/approvals", Role.SUPERVISOR)["items"]
    now = left["incident_version"]
    assert now == desk.get(path, Role.OPERATOR)["version"]
    granted = say(desk, yes, Role.SUPERVISOR, granted=True, version=now, key="looked-1")
    assert granted["state"] == "granted"
    after = desk.get(path, Role.OPERATOR)
    assert (after["state"], after["due"]["handle_by"]) == ("accepted", until)
    words = [e["what"] for e in desk.get(f"{path}/timeline", Role.OPERATOR)["items"]]
    assert words[-4:] == ["ask_suspend", "ask_extend", "deny_suspend", "extend"]


def test_what_can_no_longer_be_lapses(desk: Desk) -> None:
    task = a_task(desk)
    path = f"/incidents/{task.incident_id}"
    ask = say(desk, f"{path}/void", Role.OPERATOR, 202, reason="mistaken")
    done(desk, task.incident_id)
    gone = say(desk, f"/approvals/{ask['id']}", Role.SHIFT_LEADER, 409, granted=True, version=1)
    assert gone["code"] == "approval_is_lapsed"
    assert desk.get("/approvals", Role.OPERATOR)["items"] == []
    assert desk.get("/approvals?state=lapsed", Role.OPERATOR)["items"][0]["id"] == ask["id"]


def test_the_board_counts_each_column_and_shows_the_gravest_first(desk: Desk) -> None:
    for number, severity in enumerate(("P4", "P1", "P3")):
        a_report(desk, severity=severity, key=f"report-{number}")
    a_task(desk)
    board = desk.get("/incidents/board?first=2", Role.OPERATOR)
    columns = {column["id"]: column for column in board["columns"]}
    assert list(columns) == [
        "intake", "filed", "dispatched", "handling", "suspended", "verifying", "closed",
    ]  # fmt: skip
    intake = columns["intake"]
    assert (intake["count"], intake["counts"]) == (3, {"reported": 3, "triaged": 0})
    assert [each["severity"] for each in intake["first"]] == ["P1", "P3"]
    assert columns["dispatched"]["count"] == 1
    assert board["unbound"] == 4


def test_what_one_sees_and_does_ends_at_ones_own_ground(desk: Desk) -> None:
    one = a_report(desk)  # of no grid
    token = desk.give(Role.SHIFT_LEADER, "town")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "town-0001"}
    for path in (f"/incidents/{one}", f"/incidents/{one}/timeline", f"/incidents/{one}/contact"):
        assert desk.ask("GET", path, None, headers=headers).status_code == 404, path
    moved = desk.ask("POST", f"/incidents/{one}/triage", None, headers=headers, json={})
    assert (moved.status_code, moved.json()["code"]) == (404, "no_such_incident")
    board = desk.ask("GET", "/incidents/board", None, headers=headers).json()
    assert all(column["count"] == 0 for column in board["columns"])


@pytest.mark.parametrize("verb", ["return", "void", "hand-over", "rework", "reopen"])
def test_a_code_of_the_list_is_wanted(desk: Desk, verb: str) -> None:
    lists = desk.get("/incidents/reasons", Role.OPERATOR)
    assert all(lists[verb.replace("-", "_")])
    task = a_task(desk)
    answer = desk.ask(
        "POST",
        f"/incidents/{task.incident_id}/{verb}",
        Role.SUPERVISOR if verb == "rework" else Role.DISPATCHER,
        headers={"Idempotency-Key": "no-reason"},
        json={},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_the_command_line_writes_the_page_of_the_life(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    schema.register(parser.add_subparsers())
    args = parser.parse_args(["schema", "--lives", str(tmp_path / "life.md")])
    assert args.run(args) == 0
    assert (tmp_path / "life.md").read_text("utf-8") == drawing.page()


def test_the_guide_draws_the_life_as_the_table_has_it() -> None:
    """After a change: `hub schema --lives` writes the drawing that belongs into the guide."""
    guide = Path("docs/guide/incident-life.md").read_text("utf-8")
    assert drawing.of_incidents() in guide
