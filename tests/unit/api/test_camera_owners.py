"""What an owner has agreed to is not undone by calling the camera something else."""

from __future__ import annotations

from typing import Any

import pytest

from hub.types.staff import Role
from tests.unit.api.conftest import Desk
from tests.unit.api.test_cameras import GATE

ROAD = {**GATE, "owner_kind": "township", "owner": "Liuxi town"}


@pytest.fixture
def gate(desk: Desk) -> Desk:
    """A school's camera, of which nothing is on file."""
    assert desk.ask("POST", "/cameras", json=GATE).status_code == 201
    return desk


def put(desk: Desk, body: dict[str, Any], role: Role) -> tuple[int, str | None]:
    answer = desk.ask("PUT", "/cameras/gate-1", role, json=body)
    return answer.status_code, answer.json().get("code")


def test_another_owner_is_entered_by_who_puts_consents_on_file_and_that_is_told(
    gate: Desk,
) -> None:
    assert put(gate, ROAD, Role.ADMIN) == (403, "owner_is_asked")
    assert put(gate, {**GATE, "owner": "Another school"}, Role.ADMIN) == (403, "owner_is_asked")
    assert put(gate, {**GATE, "name": "East gate"}, Role.ADMIN) == (200, None)
    assert gate.get("/looks")["items"] == []
    assert put(gate, ROAD, Role.CAMERA_ADMIN) == (200, None)
    (line,) = gate.get("/looks")["items"]
    assert (line["actor"], line["action"]) == ("the camera_admin", "cameras.update")
    assert line["subject"] == "owner/gate-1: No. 2 Primary School (school) to Liuxi town"


def test_a_townships_camera_is_given_to_a_school_by_who_keeps_the_register(desk: Desk) -> None:
    assert desk.ask("POST", "/cameras", json={**ROAD, "id": "gate-1"}).status_code == 201
    assert put(desk, GATE, Role.ADMIN) == (200, None)


def test_a_draft_of_a_known_address_is_that_camera(gate: Desk) -> None:
    draft = {**ROAD, "id": "innocent", "main": {"url": "rtsp://10.1.2.3:554/main?profile=2"}}
    refused = gate.ask("POST", "/cameras/probe", Role.CAMERA_ADMIN, json=draft)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_consent")
    assert gate.opener.seen == []
    other = {**draft, "main": {"url": "rtsp://10.1.2.3/other"}}
    assert gate.ask("POST", "/cameras/probe", Role.CAMERA_ADMIN, json=other).status_code == 200
    assert gate.ask("POST", "/cameras/probe", Role.OPERATOR, json=other).status_code == 403


def test_a_kept_password_goes_to_no_other_host(gate: Desk) -> None:
    kept = {**GATE, "credentials": {"username": "hub"}}
    moved = {**kept, "main": {"url": "rtsp://10.9.9.9/main"}}
    assert put(gate, {**kept, "main": {"url": "rtsp://10.1.2.3/sub"}}, Role.ADMIN) == (200, None)
    assert put(gate, moved, Role.ADMIN) == (422, "password_wanted")
    assert put(gate, {**moved, "credentials": GATE["credentials"]}, Role.ADMIN) == (200, None)
