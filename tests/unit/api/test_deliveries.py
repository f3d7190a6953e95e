"""My notices, where I am reached, and the deliveries of all."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from hub.access.actions import Subject
from hub.api.push import visible
from hub.dispatch.notices import repository
from hub.store import feed
from hub.store.feed import Change
from hub.store.tables.alerts import transitions
from hub.store.tables.notices import deliveries, tries
from hub.types.duty import Notice
from hub.types.finding import Severity
from hub.types.staff import Role
from tests.unit.api.conftest import Desk

PATH = ("county", "east")


def told(desk: Desk, account: str, key: str = "n1", state: str = "sent", **more: object) -> str:
    """A delivery of a notice to that account."""
    now = desk.clock.now()
    notice = Notice(key, "incident/i1", "dispatched", Severity.P1, PATH, now)
    row = {
        "id": f"d-{key}-{account}-{more.get('channel', 'live')}",
        "notice_key": key,
        "account": account,
        "channel": "live",
        "why": "shift",
        "state": state,
        "batch": f"b-{key}",
        "put_off": False,
        "created_at": now,
        "next_try_at": now,
        "tries": 3,
        **more,
    }
    with desk.deps.db.write() as tx:
        repository.put(tx, [notice])
        tx.execute(insert(deliveries).values(**row))
    return str(row["id"])


def test_i_see_what_i_was_told_and_nobody_elses(desk: Desk) -> None:
    li, wang = desk.register(Role.WORKER, "li.na"), desk.register(Role.WORKER, "wang")
    told(desk, li.id)
    told(desk, li.id, channel="sms")
    told(desk, wang.id, "n2")
    mine = desk.browser("li.na").get("/api/v1/notices").json()
    assert [each["key"] for each in mine["items"]] == ["n1"], "one line for all channels"
    assert mine["unread"] == 1
    assert mine["items"][0]["why"] == "shift"


def test_acknowledged_is_delivered_on_every_channel(desk: Desk) -> None:
    li, wang = desk.register(Role.WORKER, "li.na"), desk.register(Role.WORKER, "wang")
    for each in (li, wang):
        told(desk, each.id)
    told(desk, li.id, channel="sms", state="waiting")
    answer = desk.browser("li.na").post("/api/v1/notices/acknowledge", json={"keys": ["n1"]})
    assert answer.json() == {"unread": 0}
    found = desk.get("/deliveries", Role.DISPATCHER)["items"]
    states = {(each["person"], each["channel"]): each["state"] for each in found}
    assert states == {
        (li.name, "live"): "delivered",
        (li.name, "sms"): "delivered",
        (wang.name, "live"): "sent",
    }


def test_where_i_am_reached_is_mine_alone(desk: Desk) -> None:
    desk.register(Role.WORKER, "li.na")
    http = desk.browser("li.na")
    empty = {
        "phone": None,
        "robot_id": None,
        "mention": False,
        "quiet_from": None,
        "quiet_to": None,
    }
    assert http.get("/api/v1/me/channels").json() == empty
    given = {**empty, "phone": "13800000001", "quiet_from": 0, "quiet_to": 360}
    assert http.put("/api/v1/me/channels", json=given).json() == given
    assert http.get("/api/v1/me/channels").json() == given
    everything = desk.ask("GET", "/accounts").text + desk.ask("GET", "/deliveries").text
    assert "13800000001" not in everything
    with desk.deps.db.read() as tx:
        assert "13800000001" not in str(feed.after(tx, 0))
    assert http.put("/api/v1/me/channels", json=empty).json() == empty


@pytest.mark.parametrize("bad", [{"phone": "call me"}, {"quiet_from": 60}, {"quiet_from": 1440}])
def test_what_reaches_nobody_is_refused(desk: Desk, bad: dict[str, object]) -> None:
    desk.register(Role.WORKER, "li.na")
    assert desk.browser("li.na").put("/api/v1/me/channels", json=bad).status_code == 422


def test_a_token_is_nobody_to_be_reached(desk: Desk) -> None:
    assert desk.get("/notices", Role.WORKER) == {"items": [], "next": None, "unread": 0}
    assert desk.ask("GET", "/me/channels", Role.WORKER).json()["code"] == "no_account"


def test_a_dead_letter_is_tried_again_by_hand(desk: Desk) -> None:
    li = desk.register(Role.WORKER, "li.na")
    dead = told(desk, li.id, state="dead", error="permanent", dead_at=1.0)
    with desk.deps.db.write() as tx:
        row = {"delivery_id": dead, "at": 1.0, "error_class": "permanent", "status": 400}
        tx.execute(insert(tries).values(**row, words="HTTP 400"))
    [found] = desk.get("/deliveries?state=dead", Role.DISPATCHER)["items"]
    assert (found["person"], found["error"]) == (li.name, "permanent")
    [one] = desk.get(f"/deliveries/{dead}/tries", Role.DISPATCHER)["items"]
    assert (one["error_class"], one["status"]) == ("permanent", 400)
    assert desk.ask("POST", f"/deliveries/{dead}/retry", Role.DISPATCHER).status_code == 403
    assert (found["retried_by"], found["retried_at"]) == (None, None)
    again = desk.ask("POST", f"/deliveries/{dead}/retry", Role.SHIFT_LEADER).json()
    assert (again["state"], again["tries"]) == ("waiting", 0)
    assert again["retried_by"] == "the shift_leader"
    assert again["retried_at"] is not None
    with desk.deps.db.write() as tx:
        [line] = tx.execute(select(transitions).where(transitions.c.entity == "delivery")).all()
        said = (line.entity_id, line.what, line.reason, line.actor)
        assert said == (dead, "retry", "permanent", "the shift_leader"), "in the sealed log"
        tx.execute(update(deliveries).values(state="dead"))
    assert (
        desk.ask("POST", f"/deliveries/{dead}/retry", Role.ADMIN).json()["retried_by"]
        == "the admin"
    )
    twice = desk.ask("POST", f"/deliveries/{dead}/retry", Role.SHIFT_LEADER)
    assert (twice.status_code, twice.json()["code"]) == (409, "delivery_is_waiting")


def test_deliveries_beyond_ones_ground_are_not_there(desk: Desk) -> None:
    li = desk.register(Role.WORKER, "li.na")
    dead = told(desk, li.id, state="dead")
    east, west = desk.give(Role.SHIFT_LEADER, "east"), desk.give(Role.SHIFT_LEADER, "west")

    def ask(token: str, method: str, path: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        status: int = desk.http.request(method, f"/api/v1{path}", headers=headers).status_code
        return status

    for method, path in (("GET", "tries"), ("POST", "retry")):
        assert ask(west, method, f"/deliveries/{dead}/{path}") == 404
        assert ask(east, method, f"/deliveries/{dead}/{path}") == 200
    headers = {"Authorization": f"Bearer {west}"}
    assert desk.http.get("/api/v1/deliveries", headers=headers).json()["items"] == []


def test_a_notice_is_pushed_to_its_person_alone() -> None:
    change = Change(1, 0.0, "notice", "n1", {}, None, account="a-li")
    li = Subject.of("li", Role.WORKER, account="a-li")
    boss = Subject.of("boss", Role.ADMIN, account="a-boss")
    token = Subject.of("token", Role.ADMIN)
    assert [visible(change, who) for who in (li, boss, token)] == [True, False, False]


def test_the_classes_are_told_and_an_incident_is_of_one(desk: Desk) -> None:
    classes = desk.get("/classes", Role.WORKER)["items"]
    assert classes[-1]["minor"][-1]["code"] == "9999"
    body = {"origin": "counter", "title": "路灯不亮"}
    headers = {"Idempotency-Key": "report-1"}
    made = desk.ask("POST", "/incidents", Role.OPERATOR, json=body, headers=headers).json()
    assert (made["class_code"], made["severity"]) == ("9999", "P3"), "its class says how grave"
    unknown = {**body, "class_code": "0000"}
    headers = {"Idempotency-Key": "report-2"}
    refused = desk.ask("POST", "/incidents", Role.OPERATOR, json=unknown, headers=headers)
    assert refused.json()["code"] == "no_such_class"
    same = {"class_code": "9999", "reason": "wrong_class"}
    path = f"/incidents/{made['id']}/classify"
    headers = {"Idempotency-Key": "classify-1"}
    assert desk.ask("POST", path, Role.OPERATOR, json=same, headers=headers).status_code == 409


def test_an_incident_says_why_it_is_here_and_who_was_told(desk: Desk) -> None:
    body = {"origin": "counter", "title": "路灯不亮"}
    made = desk.ask("POST", "/incidents", Role.OPERATOR, json=body, headers=_key("a")).json()
    for verb in ("triage", "file"):
        path = f"/incidents/{made['id']}/{verb}"
        assert desk.ask("POST", path, Role.OPERATOR, json={}, headers=_key(verb)).status_code == 200
    telling = desk.get(f"/incidents/{made['id']}/telling", Role.OPERATOR)
    [way] = telling["ways"]
    assert [line["code"] for line in way["why"]] == ["centre", "class", "nobody_on_duty"]
    assert telling["told"] == []


def _key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": f"telling-{text}"}
