"""Sheets of people and of turns over the API: shown line by line, then taken with the stamp."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hub.access.actions import Role
from hub.duty import rosters
from hub.store.tables.access import accounts, grants
from hub.store.tables.duty import roster
from tests.unit.api.conftest import PASSWORD, Desk
from tests.unit.api.test_grants import TOWN, VILLAGE, asking, code_of, town

__all__ = ["town"]

PEOPLE = f"""登录名,姓名,角色,网格,单位,手机
lin,林芳,网格员,{VILLAGE},,13800000000
wu,吴强,网格长;网格员,{TOWN},,
"""
WRONG = f"{PEOPLE}x,,市长,{VILLAGE},,\n"
TURNS = f"""login,grid,role,shift,from,to
lin,{VILLAGE},worker,early,2099-01-01,2099-01-31
"""


def send(desk: Desk, what: str, sheet: str, *, encoding: str = "utf-8", **more: Any) -> Any:
    params = {name: str(value) for name, value in more.items()}
    content = sheet.encode(encoding)
    return desk.ask("POST", f"/duty/{what}/import", content=content, params=params)


def shown(desk: Desk, what: str, sheet: str, **more: Any) -> dict[str, Any]:
    answer = send(desk, what, sheet, dry_run=True, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(told: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    return [(line["number"], line["outcome"], line["code"]) for line in told["lines"]]


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.deps.db.read() as tx:
        return list(tx.execute(select(table)))


def test_people_come_with_their_rights_and_a_password_told_once(town: Desk) -> None:
    told = shown(town, "people", PEOPLE, encoding="gb18030")
    assert outcomes(told) == [(2, "created", None), (3, "created", None)]
    assert (told["written"], told["ignored"], told["first_passwords"]) == (False, ["手机"], [])
    assert rows(town, accounts) == []

    answer = send(town, "people", PEOPLE, encoding="gb18030", stamp=told["stamp"])
    assert answer.headers["cache-control"] == "no-store"
    done = answer.json()
    assert done["written"] is True
    first = {each["login"]: each["password"] for each in done["first_passwords"]}
    assert sorted(first) == ["lin", "wu"]
    stored = repr(rows(town, accounts))
    assert not any(password in stored for password in first.values())

    http = town.browser()
    said = {"login": "lin", "password": first["lin"]}
    opened = http.post("/api/v1/session", json=said).json()
    assert opened["must_change"] is True
    held = [(row.role, row.grid) for row in rows(town, grants) if row.account_id is not None]
    assert sorted(held) == [("chief", TOWN), ("worker", TOWN), ("worker", VILLAGE)]

    again = shown(town, "people", PEOPLE)
    assert outcomes(again) == [(2, "unchanged", None), (3, "unchanged", None)]
    assert send(town, "people", PEOPLE, stamp=again["stamp"]).json()["first_passwords"] == []


def test_a_first_password_opens_the_door_once_it_is_changed(town: Desk) -> None:
    told = shown(town, "people", PEOPLE)
    done = send(town, "people", PEOPLE, stamp=told["stamp"]).json()
    first = done["first_passwords"][0]
    http = town.browser()
    http.post("/api/v1/session", json={"login": first["login"], "password": first["password"]})
    assert http.get("/api/v1/grids").status_code == 403
    http.put("/api/v1/me/password", json={"old": first["password"], "new": PASSWORD})
    assert http.get("/api/v1/grids").status_code == 200


def test_a_wrong_line_stops_the_sheet_unless_it_is_left_out(town: Desk) -> None:
    told = shown(town, "people", WRONG)
    assert outcomes(told)[2] == (4, "refused", "unknown_role")
    refused = send(town, "people", WRONG, stamp=told["stamp"])
    assert code_of(refused) == (409, "lines_refused")
    assert rows(town, accounts) == []
    done = send(town, "people", WRONG, stamp=told["stamp"], skip_refused=True)
    assert done.json()["written"] is True
    assert len(rows(town, accounts)) == 2


def test_what_changed_since_it_was_shown_is_not_done(town: Desk) -> None:
    told = shown(town, "people", PEOPLE)
    assert code_of(send(town, "people", PEOPLE)) == (409, "stale_stamp")
    other = PEOPLE.replace("林芳", "林芬")
    assert code_of(send(town, "people", other, stamp=told["stamp"])) == (409, "stale_stamp")
    town.register(Role.WORKER, "lin", grid=VILLAGE)
    assert code_of(send(town, "people", PEOPLE, stamp=told["stamp"])) == (409, "stale_stamp")
    assert [row.login for row in rows(town, accounts)] == ["lin"]


def test_a_name_and_rights_are_added_to_who_is_there(town: Desk) -> None:
    lin = town.register(Role.WORKER, "lin", grid=VILLAGE)
    sheet = f"login,name,roles,grid\nlin,林芳,chief,{VILLAGE}\n"
    told = shown(town, "people", sheet)
    assert told["lines"][0]["text"] == f"lin at work → 林芳; chief {VILLAGE}"
    send(town, "people", sheet, stamp=told["stamp"])
    (row,) = rows(town, accounts)
    assert (row.id, row.name) == (lin.id, "林芳")
    held = [g.role for g in rows(town, grants) if g.account_id == lin.id and g.ended_at is None]
    assert sorted(held) == ["chief", "worker"]


def test_the_name_of_a_token_is_nobody_s(town: Desk) -> None:
    sheet = f"login,name,roles,grid\nlin,the admin,worker,{VILLAGE}\n"
    assert outcomes(shown(town, "people", sheet)) == [(2, "refused", "name_taken")]


def test_a_month_of_turns(town: Desk) -> None:
    town.register(Role.WORKER, "lin", grid=VILLAGE)
    told = shown(town, "rosters", TURNS)
    assert told["lines"][0]["text"] == "31 × early, 2099-01-01 – 2099-01-31"
    assert rows(town, roster) == []
    assert send(town, "rosters", TURNS, stamp=told["stamp"]).json()["written"] is True
    made = rows(town, roster)
    assert (len(made), {row.made_by for row in made}) == (31, {"the admin"})
    again = shown(town, "rosters", TURNS)
    assert outcomes(again) == [(2, "unchanged", None)]
    assert code_of(send(town, "rosters", TURNS, stamp=told["stamp"])) == (409, "stale_stamp")


def test_turns_of_who_may_not_stand_there(town: Desk) -> None:
    told = shown(town, "rosters", TURNS)
    assert outcomes(told) == [(2, "refused", "unknown_account")]
    assert code_of(send(town, "rosters", TURNS, stamp=told["stamp"])) == (409, "lines_refused")
    done = send(town, "rosters", TURNS, stamp=told["stamp"], skip_refused=True).json()
    assert (done["written"], rows(town, roster)) == (True, [])


def test_more_than_a_month_of_a_county_is_too_much_at_once(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "TURNS_MAX", 30)
    answer = send(town, "rosters", TURNS, dry_run=True)
    assert code_of(answer) == (422, "too_many_turns")


def test_only_the_administrator_of_the_whole_site_sends_sheets(town: Desk) -> None:
    for token in (town.give(Role.ADMIN, TOWN), town.give(Role.SHIFT_LEADER)):
        ask = asking(town, token)
        for what in ("people", "rosters"):
            answer = ask("POST", f"/duty/{what}/import", content=b"", params={"dry_run": "true"})
            assert code_of(answer) == (403, "forbidden")


def test_what_is_no_sheet_is_refused_by_name(town: Desk) -> None:
    assert code_of(send(town, "people", "a,b\n", dry_run=True)) == (422, "bad_sheet")
