"""The newest picture of a camera: shown with its time, never kept, always noted."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.actions import Role
from hub.live.relay import Relay, Still
from hub.types.media import StreamRole
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend

CAMERA: dict[str, Any] = {
    "id": "gate-1",
    "name": "East gate",
    "owner_kind": "school",
    "owner": "No. 1 school",
    "place_class": "school_gate",
    "main": {"url": "rtsp://10.0.0.7/main"},
}


@pytest.fixture
def asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, StreamRole]]:
    """A registered camera, and what was asked of the relay for it."""
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    lend(desk, CAMERA["owner"])
    seen: list[tuple[str, StreamRole]] = []

    async def picture(_relay: Relay, camera: str, role: StreamRole) -> Still:
        seen.append((camera, role))
        return Still(b"\xff\xd8\xffjpeg", 1_700_000_000.0)

    monkeypatch.setattr(Relay, "picture", picture)
    return seen


def test_it_is_shown_with_its_time_and_noted(
    desk: Desk, asked: list[tuple[str, StreamRole]]
) -> None:
    answer = desk.ask("GET", "/cameras/gate-1/picture?role=sub&reason=case", Role.OPERATOR)
    assert answer.status_code == 200, answer.text
    assert answer.content == b"\xff\xd8\xffjpeg"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert asked == [("gate-1", StreamRole.SUB)]
    (look,) = desk.get("/looks")["items"]
    assert (look["actor"], look["action"]) == ("the operator", "live.picture")
    assert (look["subject"], look["reason"]) == ("picture/gate-1", "case")


def test_who_may_not_sees_nothing(desk: Desk, asked: list[tuple[str, StreamRole]]) -> None:
    assert desk.ask("GET", "/cameras/gate-1/picture", Role.WORKER).status_code == 403
    assert desk.ask("GET", "/cameras/gate-1/picture", None).status_code == 401
    assert desk.ask("GET", "/cameras/gate-9/picture").status_code == 404
    assert asked == []
    assert desk.get("/looks")["items"] == []


def test_a_camera_that_nobody_watches(desk: Desk) -> None:
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    lend(desk, CAMERA["owner"])
    answer = desk.ask("GET", "/cameras/gate-1/picture")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_watched")
    assert desk.get("/looks")["items"] == [], "nothing was shown"
