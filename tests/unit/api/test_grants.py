"""Grants over the API: given, ended, seen from one town, and never more than one may give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from shapely.geometry import box
from sqlalchemy import event
from starlette.websockets import WebSocketDisconnect

from hub.access import granting
from hub.access.actions import ACCOUNT_ROLES, Role
from hub.access.granting import Holder
from hub.access.grants import Grant, Window
from hub.access.rights import RIGHTS
from hub.api import push
from hub.grids import repository as grid_rows
from hub.grids.tree import Grid, GridKind
from tests.unit.api.conftest import PASSWORD, Desk

COUNTY, TOWN, OTHER, VILLAGE = "990101", "990101100", "990101200", "990101100001"
TREE = ((COUNTY, None, 0), (TOWN, COUNTY, 1), (OTHER, COUNTY, 1), (VILLAGE, TOWN, 2))

Ask = Callable[..., httpx.Response]


@pytest.fixture
def town(desk: Desk) -> Desk:
    """A county of two towns, one with a village."""
    made = [
        (Grid(code, code, GridKind.CIVIL, "plain", parent, box(0, 0, 1, 1)), tier)
        for code, parent, tier in TREE
    ]
    now, ids = desk.clock.now(), desk.deps.ids
    with desk.deps.db.write() as tx:
        grid_rows.add(tx, made, managed_by="api", origin=None, now=now, ids=ids)
    return desk


def asking(desk: Desk, token: str) -> Ask:
    """Requests that show this token."""

    def ask(method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        answer: httpx.Response = desk.http.request(
            method, f"/api/v1{path}", headers=headers, **more
        )
        return answer

    return ask


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and word of a refusal."""
    return answer.status_code, answer.json()["code"]


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    engine = desk.deps.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_grant_is_given_counts_at_once_and_is_ended_but_kept(town: Desk) -> None:
    person = town.register(Role.WORKER, grid=VILLAGE)
    phone = town.browser("li.na")
    path = f"/accounts/{person.id}/grants"
    window = {"weekdays": [1, 2, 3, 4, 5], "from_minute": 1320, "to_minute": 360}
    assert phone.get("/api/v1/wall/layouts").status_code == 403

    made = town.ask("POST", path, json={"role": "chief", "grid": TOWN})
    assert made.status_code == 201
    given = made.json()
    assert (given["role"], given["grid"], given["in_force"]) == ("chief", TOWN, True)
    assert (given["given_by"], given["ended_at"]) == ("the admin", None)
    assert phone.get("/api/v1/wall/layouts").status_code == 200
    me = phone.get("/api/v1/me").json()
    assert me["roles"] == ["chief", "worker"]
    assert [(g["role"], g["grid"]) for g in me["grants"]] == [("worker", VILLAGE), ("chief", TOWN)]

    night = town.ask("POST", path, json={"role": "operator", "window": window}).json()
    shown = {"starts_at": None, "ends_at": None, **window}
    assert (night["window"], night["in_force"]) == (shown, False)  # it is day
    assert "operator" not in phone.get("/api/v1/me").json()["roles"]

    assert town.ask("DELETE", f"{path}/{given['id']}").status_code == 204
    assert phone.get("/api/v1/wall/layouts").status_code == 403
    assert phone.get("/api/v1/me").status_code == 200  # the session goes on
    assert code_of(town.ask("DELETE", f"{path}/{given['id']}")) == (404, "not_found")
    history = town.get(path)["items"]
    assert [(g["role"], g["ended_by"]) for g in history] == [
        ("operator", None),
        ("chief", "the admin"),
        ("worker", None),
    ]
    (listed,) = town.get("/accounts")["items"]
    assert {g["role"] for g in listed["grants"]} == {"operator", "worker"}
    assert listed["roles"] == ["operator", "worker"]


def test_a_grant_counts_in_its_hours_and_no_longer(town: Desk) -> None:
    """14 November 2023, a Tuesday, at 22:13:20 UTC: Wednesday, 06:13:20 in Shanghai."""
    start = town.clock.now()
    assert start == 1_700_000_000.0
    window = Window(weekdays=frozenset({3}), from_minute=6 * 60 + 14, to_minute=8 * 60)
    ask = asking(town, town.give(Role.OPERATOR, window=window))
    assert ask("GET", "/me").json()["actions"] == sorted(RIGHTS[Role.ANYONE] | SELF)
    assert code_of(ask("GET", "/alerts")) == (403, "forbidden")
    town.clock.advance(40.0)
    assert ask("GET", "/alerts").status_code == 200
    town.clock.advance(106 * 60.0)
    assert ask("GET", "/alerts").status_code == 403


SELF = {"self.read", "self.password", "session.close", "site.read"}


def test_a_grant_that_ends_closes_the_feed_within_two_seconds(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "POLL_S", 0.02)
    assert push.RECHECK_S <= 1.0
    person = town.register(Role.OPERATOR)
    with town.deps.db.write() as tx:
        granting.end(tx, Holder(account=person.id), person.grants[0].id, "x", town.clock.now())
        shift = Grant(Role.OPERATOR, window=Window(ends_at=town.clock.now() + 600.0))
        granting.give(tx, Holder(account=person.id), [shift], "x", town.clock.now(), town.deps.ids)
    browser = town.browser("li.na")
    with browser.websocket_connect("/api/v1/feed/ws") as socket:
        assert "reset" in socket.receive_json()
        town.clock.advance(600.0)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403
    assert browser.get("/api/v1/me").json()["roles"] == []


@pytest.mark.parametrize(
    ("grant", "status", "code"),
    [
        ({"role": "centre"}, 422, "role_not_given"),
        ({"role": "sensor"}, 422, "role_not_given"),
        ({"role": "king"}, 422, "invalid"),
        ({"role": "worker", "grid": "nowhere"}, 422, "does_not_fit"),
        ({"role": "owner"}, 422, "unit_wanted"),
        ({"role": "worker", "unit": "fire"}, 422, "unit_not_wanted"),
        ({"role": "worker", "window": {"weekdays": []}}, 422, "invalid"),
        ({"role": "worker", "window": {"weekdays": [8]}}, 422, "invalid"),
        ({"role": "worker", "window": {"to_minute": 1441}}, 422, "invalid"),
        (
            {
                "role": "worker",
                "window": {
                    "starts_at": "2026-05-02T00:00:00Z",
                    "ends_at": "2026-05-01T00:00:00Z",
                },
            },
            422,
            "bad_window",
        ),
    ],
)
def test_a_grant_that_cannot_be_is_refused(
    town: Desk, grant: dict[str, Any], status: int, code: str
) -> None:
    person = town.register(Role.WORKER)
    answer = town.ask("POST", f"/accounts/{person.id}/grants", json=grant)
    assert code_of(answer) == (status, code)
    assert len(town.get(f"/accounts/{person.id}/grants")["items"]) == 1
    body = {"login": "new", "name": "New", "password": PASSWORD, "grants": [grant]}
    assert code_of(town.ask("POST", "/accounts", json=body)) == (status, code)


def test_a_chief_keeps_the_workers_of_his_own_ground(town: Desk) -> None:
    chief = asking(town, town.give(Role.CHIEF, TOWN))
    near = town.register(Role.WORKER, "near", grid=VILLAGE)
    far = town.register(Role.WORKER, "far", grid=OTHER)
    boss = town.register(Role.ADMIN, "boss")
    both = town.register(Role.WORKER, "both", grid=OTHER)
    with town.deps.db.write() as tx:
        holder = Holder(account=both.id)
        more = [Grant(Role.WORKER, TOWN)]
        granting.give(tx, holder, more, "x", town.clock.now(), town.deps.ids)

    seen = chief("GET", "/accounts").json()["items"]
    assert [(a["login"], [g["grid"] for g in a["grants"]]) for a in seen] == [
        ("both", [TOWN]),
        ("near", [VILLAGE]),
    ]
    grids = [g["grid"] for g in chief("GET", f"/accounts/{both.id}/grants").json()["items"]]
    assert grids == [TOWN]
    unknown = chief("GET", "/accounts/nobody/grants").json()["detail"]
    for person in (far, boss):
        path = f"/accounts/{person.id}/grants"
        assert chief("GET", path).json()["detail"] == unknown.replace("nobody", person.id)
        assert code_of(chief("POST", path, json={"role": "worker", "grid": TOWN}))[0] == 404
        assert code_of(chief("DELETE", f"{path}/{person.grants[0].id}"))[0] == 404

    path = f"/accounts/{near.id}/grants"
    made = chief("POST", path, json={"role": "worker", "grid": TOWN})
    assert made.status_code == 201
    for grant in (
        {"role": "worker", "grid": OTHER},
        {"role": "worker", "grid": COUNTY},
        {"role": "worker"},
        {"role": "chief", "grid": VILLAGE},
        {"role": "admin"},
    ):
        assert code_of(chief("POST", path, json=grant)) == (403, "not_to_give"), grant
    assert chief("DELETE", f"{path}/{made.json()['id']}").status_code == 204
    elsewhere = f"/accounts/{both.id}/grants/{both.grants[0].id}"
    assert code_of(chief("DELETE", elsewhere)) == (403, "not_to_give")
    assert chief("POST", "/accounts", json={}).status_code == 403
    assert chief("PUT", f"/accounts/{near.id}", json={"name": "x"}).status_code == 403


def test_an_administrator_of_a_town_cannot_climb(town: Desk) -> None:
    mayor = asking(town, town.give(Role.ADMIN, TOWN))
    worker = town.register(Role.WORKER, "near", grid=VILLAGE)
    boss = town.register(Role.ADMIN, "boss")
    officer = town.register(Role.OPERATOR, "officer", grid=TOWN)
    with town.deps.db.write() as tx:
        wider = [Grant(Role.ADMIN)]
        granting.give(tx, Holder(account=officer.id), wider, "x", town.clock.now(), town.deps.ids)
    new = {"login": "new", "name": "New", "password": PASSWORD}
    made = mayor("POST", "/accounts", json={**new, "grants": [{"role": "admin", "grid": VILLAGE}]})
    assert made.status_code == 201
    for grants in ([{"role": "admin"}], [{"role": "worker", "grid": OTHER}]):
        body = {**new, "login": "other", "name": "Other", "grants": grants}
        assert code_of(mayor("POST", "/accounts", json=body)) == (403, "not_to_give")
    password = {"password": "another-good-one"}
    assert mayor("PUT", f"/accounts/{worker.id}", json=password).status_code == 200
    assert mayor("PUT", f"/accounts/{boss.id}", json=password).status_code == 404
    refused = mayor("PUT", f"/accounts/{officer.id}", json=password)
    assert code_of(refused) == (403, "not_to_give")
    token = {"name": "t", "grants": [{"role": "admin", "grid": TOWN}]}
    assert code_of(mayor("POST", "/tokens", json=token)) == (403, "forbidden")


def test_nobody_ends_what_the_site_is_administered_by(town: Desk) -> None:
    boss = town.register(Role.ADMIN, "boss")
    for token in town.get("/tokens")["items"]:
        if "admin" in token["roles"]:
            own = token["id"]
    path = f"/accounts/{boss.id}/grants"
    browser = town.browser("boss")
    shift = {"role": "admin", "window": {"weekdays": [1, 2, 3, 4, 5, 6, 7]}}
    part = {"role": "admin", "grid": TOWN}
    for grant in (shift, part):
        assert browser.post(f"/api/v1{path}", json=grant).status_code == 201
    assert browser.delete(f"/api/v1/tokens/{own}").status_code == 204
    last = browser.delete(f"/api/v1{path}/{boss.grants[0].id}")
    assert (last.status_code, last.json()["code"]) == (409, "last_admin")


def test_the_roles_are_a_closed_list_with_what_they_may(desk: Desk) -> None:
    roles = {role["role"]: role for role in desk.get("/roles", Role.PRIVACY)["items"]}
    assert set(roles) == {*ACCOUNT_ROLES, Role.CENTRE}
    assert set(roles["worker"]["actions"]) == RIGHTS[Role.WORKER]
    assert roles["chief"]["may_give"] == ["worker"]
    assert [name for name, role in roles.items() if role["unit"]] == ["department", "owner"]
    assert [name for name, role in roles.items() if not role["people"]] == ["centre"]
    assert desk.ask("GET", "/roles", Role.OPERATOR).status_code == 403


def test_rights_cost_one_query_a_question(town: Desk) -> None:
    town.register(Role.OPERATOR)
    browser = town.browser("li.na")
    with statements(town) as by_cookie:
        assert browser.get("/api/v1/site").status_code == 200
    with statements(town) as by_token:
        town.get("/site", Role.OPERATOR)
    for seen, first in ((by_cookie, "sessions"), (by_token, "tokens")):
        assert len(seen) == 2
        assert f"FROM {first}" in seen[0]
        assert "FROM grants" in seen[1]


def test_the_list_of_staff_does_not_ask_for_each(town: Desk) -> None:
    chief = asking(town, town.give(Role.CHIEF, TOWN))
    counts = []
    for number in range(2):
        for each in range(5):
            town.register(Role.WORKER, f"worker.{number}.{each}", grid=VILLAGE)
        with statements(town) as seen:
            assert len(chief("GET", "/accounts").json()["items"]) == 5 * (number + 1)
        counts.append(len(seen))
    assert counts[0] == counts[1]
