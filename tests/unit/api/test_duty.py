"""Posts, shifts, the roster and leave over the API, and who is on duty now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.access.actions import Role
from hub.duty.turns import day_of, week_of
from hub.kit.clock import iso
from tests.unit.api.conftest import Desk
from tests.unit.api.test_grants import COUNTY, OTHER, TOWN, VILLAGE, Ask, asking, code_of, town

__all__ = ["town"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR_S = 3600.0


@pytest.fixture
def chief(town: Desk) -> Ask:
    """The chief of the town, who keeps its roster."""
    return asking(town, town.give(Role.CHIEF, TOWN))


def tomorrow(desk: Desk) -> str:
    return (day_of(desk.clock.now(), SHANGHAI) + timedelta(days=1)).isoformat()


def now_on(ask: Ask, grid: str = VILLAGE, role: str = "worker") -> list[tuple[str, str]]:
    """Name and why."""
    answer = ask("GET", "/duty/now", params={"grid": grid, "role": role}).json()
    (only,) = answer["roles"]
    return [(each["name"], each["why"]) for each in only["people"]]


def roster(ask: Ask, grid: str = VILLAGE, **more: Any) -> dict[str, Any]:
    answer = ask("GET", "/duty/roster", params={"grid": grid, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def give(ask: Ask, account: str, **more: Any) -> Any:
    body = {"account": account, "grid": VILLAGE, "role": "worker", **more}
    return ask("POST", "/duty/turns", json=body)


def test_who_is_on_duty_now_and_why_in_words(town: Desk, chief: Ask) -> None:
    town.register(Role.CHIEF, "wu", grid=TOWN)
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    answer = chief("GET", "/duty/now", params={"grid": VILLAGE}).json()
    told = {each["role"]: each["people"] for each in answer["roles"]}
    assert [p["said"] for p in told["worker"]] == [
        f"holds the post of {VILLAGE}, where no roster is kept this week"
    ]
    assert told["worker"][0]["account"] == lin.id
    assert [p["said"] for p in told["chief"]] == [f"nobody is on duty at {VILLAGE}: {TOWN} answers"]
    assert told["dispatcher"] == []
    assert "admin" not in told


def test_a_week_of_the_roster_from_the_first_turn_to_a_swap(town: Desk, chief: Ask) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    wu = town.register(Role.WORKER, "wu", grid=VILLAGE)
    town.register(Role.WORKER, "zhao", grid=OTHER)
    shown = roster(chief)
    assert shown["writable"] is True
    assert shown["week"] == week_of(town.clock.now(), SHANGHAI).monday.isoformat()
    assert len(shown["days"]) == 7
    assert [(p["name"], p["roles"], p["here"]) for p in shown["people"]] == [
        ("lin at work", ["worker"], True),
        ("wu at work", ["worker"], True),
    ]

    now = town.clock.now()
    span = {"starts_at": iso(now), "ends_at": iso(now + 8 * HOUR_S)}
    (turn,) = give(chief, lin.id, **span).json()["items"]
    assert now_on(chief) == [("lin at work", "shift")]
    assert code_of(give(chief, lin.id, **span)) == (409, "overlaps")

    town.clock.advance(HOUR_S)
    swapped = chief("POST", f"/duty/turns/{turn['id']}/swap", json={"account": wu.id}).json()
    assert now_on(chief) == [("wu at work", "shift")]
    assert [t["void"] for t in roster(chief)["turns"]] == [False, False], "both were there"

    town.clock.advance(HOUR_S)
    ended = chief("POST", f"/duty/turns/{swapped['id']}/end").json()
    assert ended["ended_at"] == iso(town.clock.now())
    assert code_of(chief("POST", f"/duty/turns/{turn['id']}/end")) == (409, "turn_over")
    assert now_on(chief) == [], "a roster is kept this week, and nobody is in a turn"


def test_shifts_for_some_days_and_the_week_after(town: Desk, chief: Ask) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    monday = date.fromisoformat(roster(chief)["week"]) + timedelta(days=7)
    days = [(monday + timedelta(days=n)).isoformat() for n in (0, 1)]
    made = give(chief, lin.id, shift="early", days=[*days, days[0]]).json()["items"]
    assert [each["day"] for each in made] == days
    copy = {"grid": VILLAGE, "week": days[1], "to": (monday + timedelta(days=9)).isoformat()}
    done = chief("POST", "/duty/roster/copy", json=copy).json()
    assert ([t["day"] for t in done["turns"]], done["left"]) == (
        [(monday + timedelta(days=n)).isoformat() for n in (7, 8)],
        0,
    )
    later = roster(chief, week=copy["to"])
    assert [t["shift"] for t in later["turns"]] == ["early", "early"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"shift": "dawn", "days": ["2099-01-01"]}, "unknown_shift"),
        ({"shift": "early", "days": ["2001-01-01"]}, "turn_over"),
        ({"shift": "early", "days": ["1701-01-01"]}, "bad_day"),
        ({"shift": "early"}, "invalid"),
        ({"shift": "early", "days": ["2099-01-01"], "starts_at": "2099-01-01T00:00Z"}, "invalid"),
        ({"starts_at": "2099-01-01T00:00Z", "ends_at": "2099-02-01T00:00Z"}, "bad_turn"),
        ({"role": "chief", "shift": "early", "days": ["2099-01-01"]}, "not_entitled"),
        ({"role": "admin", "shift": "early", "days": ["2099-01-01"]}, "no_posted_role"),
    ],
)
def test_turns_that_are_refused(town: Desk, chief: Ask, more: dict[str, Any], code: str) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    assert code_of(give(chief, lin.id, **more)) == (422, code)


def test_of_people_elsewhere_nothing_is_learned(town: Desk, chief: Ask) -> None:
    zhao = town.register(Role.WORKER, "zhao", grid=OTHER)
    turn = {"shift": "early", "days": [tomorrow(town)]}
    there, nobody = give(chief, zhao.id, **turn), give(chief, "nobody", **turn)
    assert there.json()["code"] == nobody.json()["code"] == "not_entitled"
    assert there.json()["detail"] == nobody.json()["detail"]
    for grid in (OTHER, COUNTY, "none"):
        answer = chief("GET", "/duty/now", params={"grid": grid})
        assert (answer.status_code, grid in answer.text) == (404, True)
    leave = {"starts_at": "2099-01-01T00:00Z", "ends_at": "2099-01-02T00:00Z"}
    answer = chief("POST", "/duty/absences", json={"account": zhao.id, **leave})
    assert code_of(answer) == (404, "not_found")


def test_a_worker_sees_the_roster_but_no_leave_and_changes_nothing(town: Desk, chief: Ask) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    give(chief, lin.id, shift="early", days=[tomorrow(town)])
    leave = {"starts_at": iso(town.clock.now()), "ends_at": iso(town.clock.now() + 99 * HOUR_S)}
    chief("POST", "/duty/absences", json={"account": lin.id, **leave})
    worker = asking(town, town.give(Role.WORKER, VILLAGE))
    shown = roster(worker, week=tomorrow(town))
    assert (shown["writable"], shown["people"], shown["leave"]) == (False, [], [])
    assert [t["name"] for t in shown["turns"]] == ["lin at work"]
    assert len(roster(chief, week=tomorrow(town))["leave"]) == 1
    assert code_of(give(worker, lin.id, shift="early", days=["2099-01-01"])) == (403, "forbidden")
    assert code_of(worker("GET", "/duty/absences")) == (403, "forbidden")


def test_leave_of_people_above_is_told_above_and_not_below(town: Desk, chief: Ask) -> None:
    """Somebody with a right in the whole county may stand in for a village's worker."""
    above = town.register(Role.WORKER, "zhou", grid=COUNTY)
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    county = asking(town, town.give(Role.CHIEF, COUNTY))
    leave = {"starts_at": iso(town.clock.now()), "ends_at": iso(town.clock.now() + 99 * HOUR_S)}
    for account in (above.id, lin.id):
        done = county("POST", "/duty/absences", json={"account": account, **leave})
        assert done.status_code == 201, done.text
    shown = roster(chief, week=tomorrow(town))
    assert above.id in {each["account"] for each in shown["people"]}
    assert [each["account"] for each in shown["leave"]] == [lin.id]
    listed = chief("GET", "/duty/absences").json()["items"]
    assert [each["account"] for each in listed] == [lin.id]
    told = roster(county, week=tomorrow(town))["leave"]
    assert {each["account"] for each in told} == {above.id, lin.id}


def test_on_leave_the_grid_above_answers(town: Desk, chief: Ask) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    town.register(Role.WORKER, "wu", grid=TOWN)
    body = {"account": lin.id, "starts_at": iso(town.clock.now() - HOUR_S)}
    body["ends_at"] = iso(town.clock.now() + HOUR_S)
    made = chief("POST", "/duty/absences", json=body).json()
    assert made["starts_at"] == iso(town.clock.now())
    assert now_on(chief) == [("wu at work", "parent")]
    assert [each["id"] for each in chief("GET", "/duty/absences").json()["items"]] == [made["id"]]
    chief("POST", f"/duty/absences/{made['id']}/end")
    assert now_on(chief) == [("lin at work", "post")]
    again = chief("POST", f"/duty/absences/{made['id']}/end")
    assert code_of(again) == (409, "leave_over")


def test_posts_are_set_held_and_vacant(town: Desk, chief: Ask) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)

    def vacant(**more: str) -> list[tuple[str, str, int]]:
        items = chief("GET", "/duty/vacancies", params=more).json()["items"]
        return [(each["grid"], each["role"], each["missing"]) for each in items]

    body = {"grid": VILLAGE, "role": "worker", "wanted": 2, "title": "网格员"}
    made = chief("PUT", "/duty/posts", json=body).json()
    assert ([p["account"] for p in made["holders"]], made["missing"]) == ([lin.id], 1)
    assert vacant() == vacant(under=VILLAGE) == [(VILLAGE, "worker", 1)]
    assert vacant(under=TOWN) == vacant()
    other = asking(town, town.give(Role.CHIEF, OTHER))
    assert other("GET", "/duty/vacancies").json()["items"] == []
    assert code_of(other("POST", f"/duty/posts/{made['id']}/end")) == (404, "not_found")
    (shown,) = chief("GET", "/duty/posts", params={"grid": VILLAGE}).json()["items"]
    assert shown == made
    assert chief("POST", f"/duty/posts/{made['id']}/end").status_code == 204
    assert vacant() == []
    admin = {**body, "role": "admin"}
    assert code_of(chief("PUT", "/duty/posts", json=admin)) == (422, "no_posted_role")


def test_shifts_of_a_town_and_of_the_site(town: Desk, chief: Ask) -> None:
    body = {"name": "夏班", "from": "06:30", "to": "14:00", "grid": TOWN}
    made = chief("POST", "/duty/shifts", json=body).json()
    assert (made["from"], made["to"]) == ("06:30", "14:00")
    on = chief("GET", "/duty/shifts", params={"grid": VILLAGE}).json()["items"]
    assert [each["id"] for each in on] == ["early", "late", "night", made["id"]]
    other = asking(town, town.give(Role.CHIEF, OTHER))
    assert made["id"] not in other("GET", "/duty/shifts").text
    assert code_of(other("POST", f"/duty/shifts/{made['id']}/end")) == (404, "not_found")
    whole = {**body, "grid": None}
    assert code_of(chief("POST", "/duty/shifts", json=whole)) == (403, "outside_jurisdiction")
    assert town.ask("POST", "/duty/shifts", json=whole).status_code == 201
    assert code_of(chief("POST", "/duty/shifts/early/end")) == (403, "outside_jurisdiction")
    files = town.ask("POST", "/duty/shifts/early/end")
    assert code_of(files) == (409, "managed_by_file")
    midnight = chief("POST", "/duty/shifts", json={**body, "name": "b", "to": "00:00"}).json()
    assert midnight["to"] == "24:00"
    assert chief("POST", f"/duty/shifts/{made['id']}/end").status_code == 204
