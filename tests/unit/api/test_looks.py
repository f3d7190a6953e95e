"""The register of looks: searches and exports stand in it, and every line can be found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.access import service as access
from hub.access.actions import Action, Role, Subject
from hub.access.service import LookReason
from hub.api.searches import SAME_SEARCH_S
from hub.kit.clock import iso
from hub.store import erasing
from tests.unit.api.cases import an_alert
from tests.unit.api.conftest import Desk


def register(desk: Desk, **wanted: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get("/looks", params=wanted)["items"]
    return items


def subjects(desk: Desk, **wanted: Any) -> list[str]:
    return [look["subject"] for look in register(desk, **wanted)]


@pytest.mark.parametrize(
    ("asked", "noted"),
    [
        ("/cameras?text=gate&limit=5", "search/cameras?text=gate"),
        ("/cameras?text=%E6%9F%B3", "search/cameras?text=%E6%9F%B3"),
        (
            "/alerts?raised_before=2026-03-01T00:00:00Z&severity=P1",
            "search/alerts?raised_before=2026-03-01T00:00:00Z&severity=P1",
        ),
    ],
)
def test_a_search_is_one_line_with_its_filter(desk: Desk, asked: str, noted: str) -> None:
    desk.get(asked, Role.OPERATOR)
    (look,) = register(desk)
    assert (look["actor"], look["subject"]) == ("the operator", noted)


@pytest.mark.parametrize(
    "asked",
    [
        "/cameras",
        "/cameras?limit=10",
        "/cameras?after=a",
        "/alerts",
        "/alerts?live=true&severity=P1&order=urgency&reason=alert",
        "/alerts?raised_from=2026-03-01T00:00:00Z",
        "/incidents?state=filed&grid=9901",
    ],
)
def test_what_a_page_shows_by_itself_is_no_search(desk: Desk, asked: str) -> None:
    desk.get(asked, Role.OPERATOR)
    assert register(desk) == []


def test_a_page_beyond_the_first_is_one_and_its_pages_are_one_search(desk: Desk) -> None:
    for n in range(4):
        an_alert(desk, f"worker-{n}")
        desk.clock.advance(1.0)
    page = desk.get("/alerts?limit=1", Role.OPERATOR)
    assert register(desk) == []
    while page["next"] is not None:
        asked = {"limit": 1, "after": page["next"]}
        page = desk.get("/alerts", Role.OPERATOR, params=asked)
    assert subjects(desk) == ["search/alerts?"]


def test_the_same_filter_is_noted_once_a_minute_with_its_reason(desk: Desk) -> None:
    for _ in range(3):
        desk.get("/cameras?text=gate&reason=exercise", Role.OPERATOR)
    desk.get("/cameras?text=mill", Role.OPERATOR)
    assert [look["reason"] for look in register(desk)] == ["maintenance", "exercise"]
    desk.clock.advance(SAME_SEARCH_S)
    desk.get("/cameras?text=gate&reason=exercise", Role.OPERATOR)
    assert len(register(desk)) == 3


def test_who_may_not_search_leaves_no_line(desk: Desk) -> None:
    assert desk.ask("GET", "/cameras?text=gate", Role.WORKER).status_code == 403
    assert desk.ask("GET", "/alerts?raised_before=yesterday", Role.OPERATOR).status_code == 422
    assert register(desk) == []


def test_every_export_is_a_line(desk: Desk) -> None:
    for reason in ("case", "case", "exercise"):
        assert desk.ask("GET", f"/cameras/export?reason={reason}").status_code == 200
    lines = [(look["subject"], look["reason"], look["action"]) for look in register(desk)]
    assert lines == [
        ("export/cameras", reason, "cameras.export") for reason in ("exercise", "case", "case")
    ]
    assert desk.ask("GET", "/cameras/export", Role.OPERATOR).status_code == 403
    assert len(register(desk)) == 3


def test_a_line_about_an_account_names_its_id_and_is_told_by_its_login(desk: Desk) -> None:
    """What is sealed is never erased, a login is: then the line tells no more than the id."""
    wang = desk.register(Role.WORKER, "wang").id
    assert desk.ask("PUT", f"/accounts/{wang}", json={"unlock": True}).status_code == 200
    (line,) = register(desk, subject=wang)
    assert (line["subject"], line["about"]) == (f"account/{wang}: unlock", "wang")
    with desk.deps.db.write() as tx:
        (part,) = [each for each in erasing.parts() if each.table.name == "accounts"]
        erasing.erase(tx, part, [wang])
        # As an earlier hub wrote it; it stays, for it is sealed.
        who = Subject.of("Li Na", Role.ADMIN)
        access.note_look(
            tx, who, Action.ACCOUNTS_UPDATE, "account/wang: name", LookReason.MAINTENANCE, 1.0
        )
    told = [(look["subject"], look["about"]) for look in register(desk)]
    assert told == [("account/wang: name", None), (f"account/{wang}: unlock", None)]
    assert "wang" not in json.dumps(register(desk)[1:])


def test_the_register_is_asked_by_who_what_and_when(desk: Desk) -> None:
    began = desk.clock.now()
    told = (
        ("Li Na", Action.LIVE_WATCH, "live/gate-1"),
        ("Li Na", Action.LIVE_PICTURE, "picture/gate-1"),
        ("Zhao Min", Action.LIVE_WATCH, "live/gate_2"),
        ("Zhao Min", Action.CAMERAS_READ, "search/cameras?text=gate-1"),
    )
    for actor, action, subject in told:
        with desk.deps.db.write() as tx:
            who, now = Subject(actor, ()), desk.clock.now()
            access.note_look(tx, who, action, subject, LookReason.CASE, now)
        desk.clock.advance(60.0)
    assert subjects(desk, actor="Li Na") == ["picture/gate-1", "live/gate-1"]
    assert subjects(desk, action="live.watch") == ["live/gate_2", "live/gate-1"]
    assert subjects(desk, subject="gate-1", actor="Zhao Min") == ["search/cameras?text=gate-1"]
    assert subjects(desk, subject="gate_") == ["live/gate_2"], "no character stands for others"
    between = {"from": iso(began + 60.0), "to": iso(began + 120.0)}
    assert subjects(desk, **between) == ["picture/gate-1"]
    page = desk.get("/looks", params={"actor": "Li Na", "limit": 1})
    rest = desk.get("/looks", params={"actor": "Li Na", "limit": 1, "after": page["next"]})
    assert [look["subject"] for look in rest["items"]] == ["live/gate-1"]
    refused = desk.ask("GET", "/looks", params={"until": iso(began)})
    assert refused.status_code == 422, "a filter that is not known is refused, not passed over"
    assert desk.ask("GET", "/looks", Role.OPERATOR).status_code == 403
    assert desk.get("/looks", Role.PRIVACY)["items"] == register(desk)
