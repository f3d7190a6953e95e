"""What nobody means: times beyond our time, numbers beyond numbers, texts no database takes."""

from __future__ import annotations

import pytest

from hub.access.actions import Role, Subject
from hub.api.push import TOPICS, visible
from hub.store import feed
from tests.unit.api.conftest import Desk


@pytest.mark.parametrize(
    "until", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "1999-12-31T00:00:00Z"]
)
def test_a_time_beyond_our_time_is_refused_before_it_is_kept(desk: Desk, until: str) -> None:
    body = {"incident_id": "i1", "reason": "court", "note": "letter 1", "until": until}
    answer = desk.ask("POST", "/holds", Role.PRIVACY, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    mute = {"source": "c", "reason": "works", "ends_at": until}
    assert desk.ask("POST", "/mutes", Role.OPERATOR, json=mute).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_figures_of_such_a_day_are_refused(desk: Desk, day: str) -> None:
    for query in (f"?first={day}&last={day}", f"/weekly?day={day}"):
        answer = desk.ask("GET", f"/indicators{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")


def test_a_number_that_no_version_has(desk: Desk) -> None:
    assert desk.ask("POST", f"/grids/versions/{10**30}/withdraw").status_code == 422
    assert desk.ask("GET", "/grids/versions/7").status_code == 404


def test_a_text_that_postgresql_takes_nowhere_is_the_callers_fault(desk: Desk) -> None:
    answer = desk.ask("GET", "/incidents/a%00b")
    assert answer.status_code in (404, 422)
    body = {"title": "a\x00b", "grid": None}
    assert desk.ask("POST", "/drills", Role.SHIFT_LEADER, json=body).status_code in (404, 422)


@pytest.mark.parametrize(
    "value", ['"\\ud800"', '{"\\ud800": 1}', "NaN", "1e999", "[" * 300 + "]" * 300]
)
def test_a_layout_that_cannot_be_told_again_is_not_kept(desk: Desk, value: str) -> None:
    def said(body: str, method: str = "POST", path: str = "", **more: int) -> tuple[int, str]:
        version = "".join(f', "{name}": {number}' for name, number in more.items())
        text = f'{{"name": "gates", "shared": true, "body": {{"tiles": {body}}}{version}}}'
        headers = {"Content-Type": "application/json"}
        answer = desk.ask(
            method, f"/wall/layouts{path}", Role.OPERATOR, content=text, headers=headers
        )
        return answer.status_code, answer.json().get("code", answer.json().get("id"))

    assert said(value) == (422, "invalid")
    kept = said('"两门 \\ud83d\\ude00"')[1]
    assert said(value, "PUT", f"/{kept}", version=1) == (422, "invalid")
    (told,) = desk.get("/wall/layouts", Role.OPERATOR)["items"]
    assert (told["version"], told["body"]) == (1, {"tiles": "两门 😀"})


def test_a_notice_whose_person_was_forgotten_is_for_nobody() -> None:
    assert "notice" in TOPICS
    gone = feed.Change(1, 0.0, "notice", "n1", {}, None, None)
    mine = feed.Change(2, 0.0, "notice", "n2", {}, None, "li")
    li = Subject.of("li", Role.WORKER, account="li")
    token = Subject.of("a phone", Role.ADMIN)
    assert [visible(each, li) for each in (gone, mine)] == [False, True]
    assert [visible(each, token) for each in (gone, mine)] == [False, False]
