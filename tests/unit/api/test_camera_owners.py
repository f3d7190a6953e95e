"""What an owner has agreed to is not undone by calling the camera something else."""

from __future__ import annotations

from typing import Any

import pytest

from hub.ingest.probe import Probed
from hub.types.media import Codec
from hub.types.site import CameraSpec, Stream
from hub.types.staff import Role
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend
from tests.unit.api.test_cameras import GATE

ROAD = {**GATE, "owner_kind": "township", "owner": "Liuxi town"}


SECOND = {**ROAD, "id": "innocent"}
"""The school's stream as a road."""
MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]


@pytest.fixture
def gate(desk: Desk) -> Desk:
    """A school's camera, of which nothing is on file."""
    assert desk.ask("POST", "/cameras", json=GATE).status_code == 201
    return desk


def put(desk: Desk, body: dict[str, Any], role: Role) -> tuple[int, str | None]:
    answer = desk.ask("PUT", "/cameras/gate-1", role, json=body)
    return answer.status_code, answer.json().get("code")


def lines(desk: Desk, **wanted: str) -> list[str]:
    return [look["subject"] for look in desk.get("/looks", params=wanted)["items"]]


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


def test_a_draft_of_a_known_stream_is_shown_behind_its_masks_and_noted_as_that_camera(
    gate: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[CameraSpec] = []

    def probe(_stream: Stream, camera: CameraSpec, **_: object) -> Probed:
        shown.append(camera)
        return Probed(Codec.H264, 640, 360, 25.0, b"jpeg", 50, False)

    monkeypatch.setattr("hub.api.cameras.routes.probe", probe)
    lend(gate)
    assert put(gate, {**GATE, "masks": [MASK]}, Role.ADMIN) == (200, None)
    own = [[0.6, 0.6], [1.0, 0.6], [1.0, 1.0]]
    draft = {**SECOND, "main": {"url": "rtsp://0xa010203/main"}, "masks": [own]}
    for masks in ([own], [own, MASK], []):
        answer = gate.ask("POST", "/cameras/probe", json={**draft, "masks": masks})
        assert answer.status_code == 200, answer.text
    wanted = [tuple(tuple(corner) for corner in mask) for mask in (own, MASK)]
    assert [list(camera.masks) for camera in shown] == [wanted, wanted, wanted[1:]]
    assert lines(gate) == lines(gate, subject="gate-1") == ["probe/gate-1"]

    new = {**SECOND, "main": {"url": "rtsp://10.1.2.9/main"}}
    assert gate.ask("POST", "/cameras/probe", json=new).status_code == 200
    assert shown[-1].masks == ()
    assert lines(gate)[0] == "probe/innocent"
