"""The browser of a person is known again at the next login, by a cookie no script can read."""

from __future__ import annotations

from hub.access.accounts import FREE_TRIES
from hub.access.actions import Role
from hub.api.accounts.cookie import MARKS
from tests.unit.api.conftest import PASSWORD, Desk

SESSION = "/api/v1/session"
LOGIN = {"login": "li.na", "password": PASSWORD}


def test_a_stranger_does_not_lock_a_known_browser_out(desk: Desk) -> None:
    desk.register(Role.OPERATOR, "li.na")
    known, stranger = desk.browser(), desk.browser()
    first = known.post(SESSION, json=LOGIN)
    assert first.status_code == 200, first.text
    cookies = [c for c in first.headers.get_list("set-cookie") if c.startswith(MARKS)]
    assert {c.split("Path=")[1].split(";")[0] for c in cookies} == {
        "/api/v1/session",
        "/api/v1/me/password",
    }
    assert all("HttpOnly" in c and "SameSite=strict" in c for c in cookies)
    for _ in range(FREE_TRIES + 1):
        stranger.post(SESSION, json={**LOGIN, "password": "not-the-password"})
    assert stranger.post(SESSION, json=LOGIN).status_code == 429
    assert known.post(SESSION, json=LOGIN).status_code == 200
