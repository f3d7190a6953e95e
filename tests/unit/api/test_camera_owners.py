"""What an owner has agreed to is not undone by calling the camera something else.

Nor by a sheet, by taking it out and entering it anew, or by giving its stream a second name.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from hub.access.consent import Mode
from hub.ingest import service as sources
from hub.ingest.probe import Probed
from hub.types.media import Codec
from hub.types.site import CameraSpec, Stream
from hub.types.staff import Role
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import OWNER, lend
from tests.unit.api.test_cameras import GATE
from tests.unit.api.two_towns import ALPHA, BETA, build, camera_of

ROAD = {**GATE, "owner_kind": "township", "owner": "Liuxi town"}
SECOND = {**ROAD, "id": "innocent"}
"""The school's stream as a road."""
ASKED = (403, "owner_is_asked")
MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]


@pytest.fixture
def gate(desk: Desk) -> Desk:
    """A school's camera, of which nothing is on file."""
    assert desk.ask("POST", "/cameras", json=GATE).status_code == 201
    return desk


def put(desk: Desk, body: dict[str, Any], role: Role) -> tuple[int, str | None]:
    answer = desk.ask("PUT", f"/cameras/{body['id']}", role, json=body)
    return answer.status_code, answer.json().get("code")


def create(desk: Desk, body: dict[str, Any], role: Role) -> tuple[int, str | None]:
    answer = desk.ask("POST", "/cameras", role, json=body)
    return answer.status_code, answer.json().get("code")


def sheet(desk: Desk, *rows: str, role: Role = Role.ADMIN, dry_run: bool = False) -> Any:
    """The report on a sheet."""
    head = "id,name,owner_kind,owner,place_class,main_url,username,password"
    content = "\n".join([head, *rows]).encode()
    answer = desk.ask("POST", f"/cameras/import?dry_run={dry_run}", role, content=content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def faults(report: Any) -> list[str]:
    return ["; ".join(row["faults"]) for row in report["rows"]]


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


def test_a_sheet_gives_no_camera_another_owner_that_the_form_would_not(gate: Desk) -> None:
    rows = (
        "gate-1,Gate,township,Liuxi town,road,rtsp://10.1.2.3/main,,",
        "new-1,New,township,Liuxi town,road,rtsp://10.1.2.4/main,,",
    )
    for dry_run in (True, False):
        report = sheet(gate, *rows, dry_run=dry_run)
        assert (report["applied"], report["refused"], report["created"]) == (False, 1, 1)
        assert faults(report)[0].startswith(f"{OWNER} is asked about gate-1")
    assert gate.get("/cameras/gate-1")["owner"] == OWNER
    assert lines(gate) == []

    assert sheet(gate, *rows, role=Role.CAMERA_ADMIN, dry_run=True)["updated"] == 1
    assert lines(gate) == [], "a dry run does nothing"
    assert sheet(gate, *rows, role=Role.CAMERA_ADMIN)["applied"]
    told = lines(gate, action="cameras.import")
    assert told == [f"owner/gate-1: {OWNER} (school) to Liuxi town"]


def test_a_sheet_takes_no_kept_password_to_another_host(gate: Desk) -> None:
    moved = f"gate-1,Gate,school,{OWNER},school_gate,rtsp://10.9.9.9/main"
    assert faults(sheet(gate, f"{moved},hub,")) == ["another host wants the password again"]
    assert faults(sheet(gate, f"{moved},,")) == ["another host wants the password again"]
    assert sheet(gate, f"{moved},hub,{GATE['credentials']['password']}")["applied"]
    assert lines(gate) == [f"owner/gate-1: {OWNER} (school), another stream"]


def test_a_long_sheet_that_changes_hands_asks_no_more_than_a_short_one(desk: Desk) -> None:
    said: list[str] = []
    event.listen(desk.deps.db.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    town, counts = "town-a", []
    for number in (2, 60):
        ids = [f"c{number}-{n}" for n in range(number)]
        first = [f"{id_},Post,school,{OWNER},road,rtsp://10.0.0.1/{id_},," for id_ in ids]
        assert sheet(desk, *first)["created"] == number
        second = [f"{id_},Post,township,{town},road,rtsp://10.0.0.1/{id_},," for id_ in ids]
        second += [f"x{id_},Post,township,{town},road,rtsp://10.0.0.1/{id_},," for id_ in ids]
        said.clear()
        report = sheet(desk, *second, role=Role.CAMERA_ADMIN)
        assert (report["updated"], report["created"]) == (number, number)
        # Whether a row is the same as before is asked of each that is there already.
        counts.append(len([text for text in said if "cameras.id = " not in text]))
    assert counts[0] == counts[1]
    assert len(lines(desk, action="cameras.import", limit="200")) == 4 + 120


def test_a_second_name_for_a_schools_stream_is_given_by_who_puts_consents_on_file(
    gate: Desk,
) -> None:
    for url in (
        "rtsp://10.1.2.3/main",
        "rtsp://167838211:554//main?x",
        "rtsp://[::ffff:a01:203]/main",
    ):
        second = {**SECOND, "main": {"url": url}}
        assert create(gate, second, Role.ADMIN) == ASKED
        behind = {**second, "main": {"url": "rtsp://10.1.2.4/other"}, "sub": {"url": url}}
        assert create(gate, behind, Role.ADMIN) == ASKED
        (told,) = faults(sheet(gate, f"innocent,No,township,Liuxi town,road,{url},,"))
        assert told.startswith(f"{OWNER} is asked about gate-1")
    assert lines(gate) == []

    other = {**SECOND, "main": {"url": "rtsp://10.1.2.4/other"}, "credentials": None}
    assert create(gate, other, Role.ADMIN) == (201, None)
    assert put(gate, {**other, "main": GATE["main"]}, Role.ADMIN) == ASKED
    assert put(gate, {**other, "main": GATE["main"]}, Role.CAMERA_ADMIN) == (200, None)
    assert lines(gate, action="cameras.update") == [
        f"owner/gate-1: {OWNER} (school) to Liuxi town as innocent"
    ]
    renamed = {**other, "main": {"url": "rtsp://10.1.2.3/main?channel=2"}, "name": "Renamed"}
    assert put(gate, renamed, Role.ADMIN) == (200, None), "what it has it keeps"


def test_the_owner_may_have_its_stream_registered_twice_unless_one_has_its_own_terms(
    gate: Desk,
) -> None:
    """A recorder tells its channels apart behind the `?`: to the hub they are one address."""
    channel = {**GATE, "main": {"url": "rtsp://10.1.2.3/main?channel=2"}}
    assert create(gate, {**channel, "id": "gate-2"}, Role.ADMIN) == (201, None)
    lend(gate)
    assert create(gate, {**channel, "id": "gate-3"}, Role.ADMIN) == (201, None)
    lend(gate, mode=Mode.INCIDENT, camera="gate-1")
    assert create(gate, {**channel, "id": "gate-4"}, Role.ADMIN) == ASKED
    assert create(gate, {**channel, "id": "gate-4"}, Role.CAMERA_ADMIN) == (201, None)


def test_terms_of_its_own_are_not_carried_to_the_streams_of_others(gate: Desk) -> None:
    other = {**GATE, "id": "gate-2", "main": {"url": "rtsp://10.1.2.4/main"}, "credentials": None}
    assert create(gate, other, Role.ADMIN) == (201, None)
    lend(gate, camera="gate-2")
    assert put(gate, {**other, "main": GATE["main"]}, Role.ADMIN) == ASKED


def test_a_schools_camera_is_taken_out_by_who_puts_consents_on_file(gate: Desk) -> None:
    def delete(camera: str, role: Role) -> int:
        return gate.ask("DELETE", f"/cameras/{camera}", role).status_code

    refused = gate.ask("DELETE", "/cameras/gate-1")
    assert (refused.status_code, refused.json()["code"]) == ASKED
    assert create(gate, SECOND, Role.ADMIN) == ASKED, "so nor is it entered anew as a road"
    assert delete("gate-1", Role.CAMERA_ADMIN) == 204
    assert lines(gate, action="cameras.delete") == [f"owner/gate-1: {OWNER} (school), taken out"]
    assert create(gate, SECOND, Role.ADMIN) == (201, None)
    assert delete("innocent", Role.ADMIN) == 204


def test_a_town_registers_no_stream_of_another_town(desk: Desk) -> None:
    world = build(desk)
    with desk.deps.db.write() as tx:
        road = {**camera_of(world.towns[ALPHA], "alpha-road"), "owner_kind": "township"}
        road["main"] = {"url": "rtsp://10.1.2.3/alpha-road"}
        sources.cameras().create(tx, CameraSpec.model_validate(road), desk.clock.now())

    def ask(method: str, path: str, url: str) -> tuple[int, str | None]:
        body = {**camera_of(world.towns[BETA], "beta-new"), "main": {"url": url}}
        headers = {"Authorization": f"Bearer {world.tokens[Role.CAMERA_ADMIN, BETA]}"}
        answer = desk.ask(method, path, None, json=body, headers=headers)
        assert ALPHA not in answer.text
        return answer.status_code, answer.json().get("code")

    outside = (403, "outside_jurisdiction")
    for url in ("rtsp://10.1.2.3/alpha", "rtsp://10.1.2.3/alpha-road"):
        assert ask("POST", "/cameras", url) == outside
    assert ask("POST", "/cameras", "rtsp://10.1.2.3/beta-new") == (201, None)
    assert ask("PUT", "/cameras/beta-new", "rtsp://10.1.2.3/alpha-road") == outside


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
