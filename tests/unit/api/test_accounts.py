"""People log in with a cookie that only the hub's own pages can make use of."""

from __future__ import annotations

from contextlib import aclosing

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from hub.access import accounts, sessions
from hub.access.accounts import FREE_TRIES
from hub.access.actions import Action, Role
from hub.api import push
from hub.api.guard import COOKIE, Asker, Credentials, Guard
from hub.kit.errors import Forbidden
from hub.store import feed
from tests.unit.api.conftest import PASSWORD, Desk

ELSEWHERE = {"Origin": "https://evil.example"}
LOGIN = {"login": "li.na", "password": PASSWORD}


def test_a_login_sets_a_cookie_that_no_script_can_read(desk: Desk) -> None:
    person = desk.register(Role.WORKER, grid="1234")
    browser = desk.browser()
    answer = browser.post("/api/v1/session", json=LOGIN)
    assert answer.status_code == 200
    me = answer.json()
    assert (me["name"], me["roles"], me["login"]) == ("li.na at work", ["worker"], "li.na")
    assert me["grants"] == [{"role": "worker", "grid": "1234", "unit": None, "window": None}]
    assert (me["must_change"], me["account"]) == (False, person.id)
    assert "tasks.accept" in me["actions"]
    flags = {part.strip().split("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert flags == {COOKIE, "httponly", "samesite", "path", "max-age"}
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert PASSWORD not in answer.text
    assert browser.cookies[COOKIE] not in answer.text
    assert browser.get("/api/v1/me").json() == me


@pytest.mark.parametrize(
    ("base", "client", "secure"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", False),
        ("http://[::1]:8080", "::1", False),
        ("https://hub.liuxi.example", "127.0.0.1", True),
        ("https://hub.liuxi.example", "10.1.2.3", True),
        (
            "http://localhost:8080",
            "172.17.0.1",
            True,
        ),  # a container: browsers keep it for localhost
    ],
)
def test_the_cookie_is_secure_but_for_plain_http_on_this_machine(
    desk: Desk, base: str, client: str, secure: bool
) -> None:
    desk.register(Role.OPERATOR)
    browser = TestClient(desk.http.app, base_url=base, client=(client, 5))
    answer = browser.post("/api/v1/session", json=LOGIN)
    assert answer.status_code == 200
    assert ("; secure" in answer.headers["set-cookie"].lower()) is secure


def test_where_a_browser_would_not_keep_the_cookie_the_login_says_so(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    browser = TestClient(desk.http.app, base_url="http://10.0.0.9:8080", client=("10.0.0.7", 5))
    answer = browser.post("/api/v1/session", json=LOGIN)
    assert (answer.status_code, answer.json()["code"]) == (403, "needs_https")


def test_a_wrong_password_and_a_lock(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    browser = desk.browser()
    for login in ("li.na", "nobody"):
        for _ in range(FREE_TRIES + 1):
            wrong = {"login": login, "password": "not-the-password"}
            answer = browser.post("/api/v1/session", json=wrong)
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong_credentials")
        answer = browser.post("/api/v1/session", json=LOGIN | {"login": login})
        assert (answer.status_code, answer.json()["code"]) == (429, "locked")
        assert answer.headers["Retry-After"] == "60"
        assert "set-cookie" not in answer.headers
    desk.clock.advance(60)
    assert browser.post("/api/v1/session", json=LOGIN).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"login": "x"}, {"login": "", "password": ""}, LOGIN | {"a": 1}]
)
def test_a_login_that_is_none_is_refused_without_repeating_it(
    desk: Desk, body: dict[str, str]
) -> None:
    answer = desk.browser().post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


def test_logging_out_ends_the_session_here_and_not_only_in_the_browser(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    browser = desk.browser("li.na")
    kept = browser.cookies[COOKIE]
    answer = browser.delete("/api/v1/session")
    assert answer.status_code == 204
    assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, kept)
    answer = browser.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    # A browser with a dead cookie can log in again, see the pages, and ask whether the hub lives.
    assert browser.get("/healthz").status_code == 200
    assert browser.post("/api/v1/session", json=LOGIN).status_code == 200


def test_another_site_cannot_use_the_cookie(desk: Desk) -> None:
    desk.register(Role.ADMIN)
    browser = desk.browser("li.na")
    sent = {"name": "thief", "grants": [{"role": "admin"}]}
    for headers in (
        ELSEWHERE,
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {"Origin": "testserver"},
    ):
        for method, path in (
            ("POST", "/api/v1/tokens"),
            ("DELETE", "/api/v1/session"),
            ("PUT", "/api/v1/me/password"),
            ("POST", "/api/v1/session"),
        ):
            answer = browser.request(method, path, json=sent, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), headers
    assert browser.post("/api/v1/tokens", json=sent).status_code == 201
    # Reading is safe: the answer is not shown to the other site's script.
    assert browser.get("/api/v1/me", headers=ELSEWHERE).status_code == 200


def test_another_site_cannot_log_its_visitor_in(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    answer = desk.browser().post("/api/v1/session", json=LOGIN, headers=ELSEWHERE)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert "set-cookie" not in answer.headers


def test_a_header_alone_counts_and_needs_no_origin(desk: Desk) -> None:
    desk.register(Role.ADMIN)
    browser = desk.browser("li.na")
    as_worker = {"Authorization": f"Bearer {desk.tokens[Role.WORKER]}", **ELSEWHERE}
    assert browser.get("/api/v1/me", headers=as_worker).json()["roles"] == ["worker"]
    answer = browser.get("/api/v1/accounts", headers=as_worker)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    broken = {"Authorization": "Bearer wrong"}
    assert browser.get("/api/v1/me", headers=broken).status_code == 401


def test_a_sign_of_life_keeps_a_session_and_silence_ends_it(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    browser = desk.browser("li.na")
    for _ in range(3):
        desk.clock.advance(sessions.IDLE_S - 1)
        assert browser.get("/api/v1/me").status_code == 200
    desk.clock.advance(sessions.IDLE_S)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_first_password_opens_nothing_but_its_change(desk: Desk) -> None:
    made = desk.ask(
        "POST",
        "/accounts",
        json={
            "login": "li.na",
            "name": "李娜",
            "grants": [{"role": "admin"}],
            "password": PASSWORD,
        },
    )
    assert made.status_code == 201
    assert made.json()["must_change"] is True
    browser = desk.browser("li.na")
    assert browser.get("/api/v1/me").json()["must_change"] is True
    answer = browser.get("/api/v1/cameras")
    assert (answer.status_code, answer.json()["code"]) == (403, "must_change")
    first = browser.cookies[COOKIE]
    changed = browser.put(
        "/api/v1/me/password", json={"old": PASSWORD, "new": "a-password-of-mine"}
    )
    assert changed.status_code == 204
    assert browser.cookies[COOKIE] != first
    assert browser.get("/api/v1/cameras").status_code == 200


def test_a_token_has_no_password(desk: Desk) -> None:
    answer = desk.ask("PUT", "/me/password", json={"old": "x", "new": "another-good-one"})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_account")
    assert desk.ask("DELETE", "/session").status_code == 204
    assert desk.get("/me", Role.WORKER)["login"] is None


def test_the_administrator_keeps_the_register(desk: Desk) -> None:
    person = desk.register(Role.WORKER)
    phone = desk.browser("li.na")
    path = f"/accounts/{person.id}"
    assert [a["login"] for a in desk.get("/accounts")["items"]] == ["li.na"]

    renamed = desk.ask("PUT", path, json={"name": "李娜"}).json()
    assert (renamed["name"], renamed["roles"]) == ("李娜", ["worker"])
    assert renamed["must_change"] is False
    assert phone.get("/api/v1/me").json()["name"] == "李娜"

    given = desk.ask("PUT", path, json={"password": "another-good-one"}).json()
    assert given["must_change"] is True
    assert phone.get("/api/v1/me").status_code == 401
    answer = phone.post("/api/v1/session", json=LOGIN)
    assert answer.json()["code"] == "wrong_credentials"

    disabled = desk.ask("PUT", path, json={"disabled": True}).json()
    assert disabled["disabled_at"] is not None
    again = LOGIN | {"password": "another-good-one"}
    assert phone.post("/api/v1/session", json=again).json()["code"] == "wrong_credentials"
    assert desk.ask("PUT", path, json={"disabled": False, "unlock": True}).status_code == 200
    assert phone.post("/api/v1/session", json=again).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"password": "short"}, 422, "weak_password"),
        ({"login": "other"}, 422, "invalid"),
        ({"role": "admin"}, 422, "invalid"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    desk: Desk, change: dict[str, str], status: int, code: str
) -> None:
    person = desk.register(Role.WORKER)
    answer = desk.ask("PUT", f"/accounts/{person.id}", json=change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "short" not in answer.text
    assert desk.ask("PUT", "/accounts/nobody", json={"unlock": True}).status_code == 404


def test_the_feed_is_read_by_cookie_from_our_pages_only(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    browser = desk.browser("li.na")
    with desk.deps.write() as tx:
        feed.append(tx, "alert", "alert-1", {}, desk.clock.now(), None)
    url = "/api/v1/feed/ws?after=0"
    with browser.websocket_connect(url, subprotocols=[push.PROTOCOL]) as socket:
        assert socket.receive_json()["id"] == "alert-1"
    for headers in (ELSEWHERE, {"Origin": ""}):
        with (
            browser.websocket_connect(url, headers=headers) as socket,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            socket.receive_json()
        assert closed.value.code == 4403


@pytest.mark.parametrize("what", ["logout", "disabled", "must_change"])
def test_a_right_that_ends_closes_the_stream(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(push, "POLL_S", 0.02)
    assert push.RECHECK_S <= 1.0
    person = desk.register(Role.OPERATOR)
    browser = desk.browser("li.na")
    with browser.websocket_connect("/api/v1/feed/ws") as socket:
        assert "reset" in socket.receive_json()  # from here it is served
        with desk.deps.db.write() as tx:
            if what == "logout":
                sessions.end(tx, browser.cookies[COOKIE], desk.clock.now())
            elif what == "disabled":
                accounts.disable(tx, person.id, desk.clock.now())
            else:
                accounts.set_password(tx, person.id, "x", desk.clock.now(), must_change=True)
        desk.clock.advance(push.RECHECK_S)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


def test_nothing_more_goes_out_in_the_middle_of_a_batch(desk: Desk) -> None:
    """A slow reader takes its time for two hundred events; its right may end among them."""
    person = desk.register(Role.OPERATOR)
    now = desk.clock.now()
    with desk.deps.write() as tx:
        cookie = sessions.open_session(tx, person.id, person.roles, now)
        for number in range(9):
            feed.append(tx, "alert", f"alert-{number}", {}, now, None)
    asker = Asker(Guard(Action.FEED_READ), desk.deps, Credentials(session=cookie))

    async def read() -> None:
        async with aclosing(push.Stream(asker, after=0).events()) as events:
            first = await anext(events)
            assert isinstance(first, feed.Change)
            with desk.deps.db.write() as tx:
                sessions.end(tx, cookie, now)
            second = await anext(events)
            assert isinstance(second, feed.Change)  # within the second that is granted
            desk.clock.advance(push.RECHECK_S)
            with pytest.raises(Forbidden):
                await anext(events)

    anyio.run(read)


def test_the_site_tells_what_the_pages_show(desk: Desk) -> None:
    site = desk.get("/site", Role.WORKER)
    assert (site["name"], site["time_zone"], site["base_maps"]) == (
        "Xueliang hub",
        "Asia/Shanghai",
        [],
    )
    assert site["version"]
    assert desk.ask("GET", "/site", None).status_code == 401


def test_layouts_are_saved_shared_and_guarded(desk: Desk) -> None:
    desk.register(Role.OPERATOR)
    desk.register(Role.OPERATOR, "zhao.min")
    li, zhao = desk.browser("li.na"), desk.browser("zhao.min")
    url = "/api/v1/wall/layouts"
    made = li.post(url, json={"name": "夜间", "shared": True, "body": {"tiles": 16}})
    assert made.status_code == 201
    layout = made.json()
    assert (layout["owner"], layout["version"], layout["mine"]) == ("li.na at work", 1, True)
    (shown,) = zhao.get(url).json()["items"]
    assert shown == layout | {"mine": False}
    change = {"name": "夜间", "shared": False, "body": {"tiles": 9}, "version": 1}
    own = f"{url}/{layout['id']}"
    assert zhao.put(own, json=change).json()["code"] == "not_yours"
    assert li.put(own, json=change).json()["version"] == 2
    assert li.put(own, json=change).status_code == 409
    assert zhao.get(url).json()["items"] == []
    assert li.delete(own).status_code == 204
    assert desk.ask("GET", "/wall/layouts", Role.WORKER).status_code == 403


def test_who_has_done_something_keeps_the_name_and_another_never_has_it(desk: Desk) -> None:
    """A rename would let one person be two: ask under one name, decide under the other."""
    li = desk.register(Role.PRIVACY, "li.na")
    change = f"/accounts/{li.id}"
    renamed = desk.ask("PUT", change, Role.ADMIN, json={"name": "Li Na"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Li Na")
    who = desk.browser("li.na")
    assert who.get("/api/v1/camera-files/export").status_code == 200  # stands in the register
    refused = desk.ask("PUT", change, Role.ADMIN, json={"name": "Li Nana"})
    assert (refused.status_code, refused.json()["code"]) == (409, "name_stands")
    assert desk.ask("PUT", change, Role.ADMIN, json={"name": "Li Na", "disabled": True}).is_success
    grants = [{"role": "operator"}]
    for name, code in (("LI NA", "name_taken"), ("li.na at work", "name_taken")):
        body = {"login": "other", "name": name, "password": PASSWORD, "grants": grants}
        made = desk.ask("POST", "/accounts", Role.ADMIN, json=body)
        assert (made.status_code, made.json()["code"]) == (409, code)
