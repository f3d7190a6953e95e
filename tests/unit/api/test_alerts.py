"""Alerts and mutes: what people see of them and say about them."""

from __future__ import annotations

from typing import Any

from hub.access.actions import Role
from hub.kit.clock import iso
from tests.unit.api.cases import an_alert
from tests.unit.api.conftest import Desk


def test_an_alert_is_found_acknowledged_judged_and_its_log_tells_who(desk: Desk) -> None:
    alert = an_alert(desk)
    (listed,) = desk.get("/alerts?live=true&unbound=true", Role.OPERATOR)["items"]
    assert (listed["id"], listed["life"], listed["ack"]) == (alert.id, "active", "unacked")
    assert listed["binding"]["unbound"] is True
    assert listed["raised_at"] == iso(alert.raised_at)

    path = f"/alerts/{alert.id}"
    acked = desk.ask("POST", f"{path}/acknowledge", Role.OPERATOR, json={"note": "seen"})
    assert acked.json()["ack"] == "acked"
    again = desk.ask("POST", f"{path}/acknowledge", Role.OPERATOR, json={})
    assert (again.status_code, again.json()["code"]) == (409, "already_acknowledged")

    judged = desk.ask(
        "POST", f"{path}/verdict", Role.OPERATOR, json={"verdict": "false", "note": "a dog"}
    )
    assert judged.json()["verdict"] == "false"
    log = desk.get(f"{path}/log")["items"]
    assert [line["what"] for line in log] == ["open", "acknowledge", "verdict:false"]
    assert log[-1]["reason"] == "a dog"
    assert [line["actor"] for line in log[1:]] == ["the operator", "the operator"]


def test_the_filters_choose_and_the_cursor_goes_on(desk: Desk) -> None:
    made = []
    for number in range(5):
        made.append(an_alert(desk, f"worker-{number}").id)
        desk.clock.advance(1)
    first = desk.get("/alerts?limit=3")
    rest = desk.get("/alerts", params={"limit": 3, "after": first["next"]})
    assert [a["id"] for a in first["items"] + rest["items"]] == made[::-1]
    assert [a["source"] for a in desk.get("/alerts?source=worker-2")["items"]] == ["worker-2"]
    assert desk.get("/alerts?severity=P1")["items"] == []
    since = {"raised_from": iso(desk.clock.now() - 2.5)}
    assert len(desk.get("/alerts", params=since)["items"]) == 2
    for wrong in ("after=nonsense", "severity=P9", "raised_from=2024-01-01T00:00:00", "nope=1"):
        assert desk.ask("GET", f"/alerts?{wrong}").status_code == 422, wrong
    assert desk.ask("GET", "/alerts/none").status_code == 404


def test_a_mute_has_a_reason_an_owner_and_an_end(desk: Desk) -> None:
    draft: dict[str, Any] = {
        "source": "gate-1",
        "reason": "building site until Friday",
        "ends_at": iso(desk.clock.now() + 3600),
    }
    made = desk.ask("POST", "/mutes", Role.OPERATOR, json=draft)
    assert (made.status_code, made.json()["owner"]) == (201, "the operator")
    assert len(desk.get("/mutes?in_force=true")["items"]) == 1

    for wrong in (
        {**draft, "reason": ""},
        {**draft, "source": None},
        {**draft, "ends_at": iso(desk.clock.now() - 1)},
        {**draft, "ends_at": iso(desk.clock.now() + 90 * 86_400)},
        {key: value for key, value in draft.items() if key != "ends_at"},
    ):
        assert desk.ask("POST", "/mutes", json=wrong).status_code == 422

    ended = desk.ask("DELETE", f"/mutes/{made.json()['id']}", Role.OPERATOR)
    assert ended.json()["ended_at"] == iso(desk.clock.now())
    assert desk.get("/mutes?in_force=true")["items"] == []
    assert len(desk.get("/mutes")["items"]) == 1
    assert desk.ask("DELETE", f"/mutes/{made.json()['id']}").status_code == 409
