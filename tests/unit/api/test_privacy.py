"""Camera files, exports, holds and retention over HTTP."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hub.access.actions import Role
from hub.app.desk import unfenced
from hub.app.exports import ExportStep
from hub.kit.metrics import Metrics
from hub.store.tables.access import looks
from tests.unit.api.conftest import Desk
from tests.unit.api.two_towns import ALPHA, BETA, World, build

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(desk: Desk) -> World:
    return build(desk)


def call(world: World, role: Role, town: str | None, method: str, path: str, **body: object) -> Any:
    token = world.tokens[role, town]
    headers = {"Authorization": f"Bearer {token}"}
    sent: dict[str, Any] = {"json": body} if body else {}
    return world.desk.http.request(method, f"/api/v1{path}", headers=headers, **sent)


def subjects(world: World) -> list[str]:
    with world.desk.deps.db.read() as tx:
        return list(tx.execute(select(looks.c.subject).order_by(looks.c.seq)).scalars())


# -- camera files ------------------------------------------------------------------------------


def test_a_file_grows_in_versions_and_says_what_is_missing(world: World) -> None:
    camera = world.towns[ALPHA].camera
    listed = call(world, Role.CAMERA_ADMIN, ALPHA, "GET", "/camera-files?show=incomplete").json()
    (first,) = listed["items"]
    assert (first["camera"], first["version"], listed["incomplete"]) == (camera, 0, 1)
    assert "purpose" in first["missing"]
    assert "map_point" not in first["missing"]
    body = {"version": 0, "purpose": "traffic", "location": "pole 7", "sign_posted": True}
    body |= {"sign_posted_at": "2020-01-01T00:00:00Z", "filing_number": "F-1"}
    body |= {"retention_days": 30, "retention_ground": "site"}
    written = call(world, Role.CAMERA_ADMIN, ALPHA, "PUT", f"/camera-files/{camera}", **body)
    assert written.status_code == 200, written.text
    assert (written.json()["version"], written.json()["missing"]) == (1, ["place"])
    again = call(world, Role.PRIVACY, None, "PUT", f"/camera-files/{camera}", **body)
    assert again.json()["code"] == "stale_version"
    body |= {"version": 1, "purpose": "flood"}
    call(world, Role.PRIVACY, None, "PUT", f"/camera-files/{camera}", **body)
    told = call(world, Role.PRIVACY, None, "GET", f"/camera-files/{camera}").json()
    assert [v["content"]["purpose"] for v in told["versions"]] == ["flood", "traffic"]
    assert told["written_by"] == f"a {Role.PRIVACY} of None"


def test_a_file_of_another_town_is_not_found(world: World) -> None:
    camera = world.towns[BETA].camera
    for method, body in (("GET", {}), ("PUT", {"version": 0})):
        found = call(world, Role.CAMERA_ADMIN, ALPHA, method, f"/camera-files/{camera}", **body)
        assert found.status_code == 404


def test_only_a_consent_of_that_owner_is_a_reference(world: World) -> None:
    camera, other = world.towns[ALPHA].camera, world.towns[BETA].consent
    body = {"version": 0, "consent_id": other}
    said = call(world, Role.PRIVACY, None, "PUT", f"/camera-files/{camera}", **body)
    assert said.json()["code"] == "no_such_consent"
    body["consent_id"] = world.towns[ALPHA].consent
    assert call(world, Role.PRIVACY, None, "PUT", f"/camera-files/{camera}", **body).is_success


def test_the_sheet_is_noted_and_runs_no_formula(world: World) -> None:
    camera = world.towns[ALPHA].camera
    body = {"version": 0, "location": "=cmd()"}
    call(world, Role.PRIVACY, None, "PUT", f"/camera-files/{camera}", **body)
    sheet = call(world, Role.PRIVACY, None, "GET", "/camera-files/export")
    rows = list(csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
    assert {row["camera"]: row["location"] for row in rows}[camera] == "'=cmd()"
    assert "export/camera_files" in subjects(world)


# -- exports -----------------------------------------------------------------------------------


@ONLY_SQLITE
def test_two_people_let_evidence_out(world: World) -> None:
    desk, town = world.desk, world.towns[ALPHA]
    asked = call(
        world, Role.SHIFT_LEADER, ALPHA, "POST", "/exports", incident_id=town.incident,
        reason="police", note="theft", receiver="the police", legal_ground="letter 8",
    )  # fmt: skip
    assert asked.status_code == 201, asked.text
    export = asked.json()["id"]
    assert asked.json()["mine"]
    own = call(world, Role.SHIFT_LEADER, ALPHA, "POST", f"/exports/{export}/decision", granted=True)
    assert own.status_code == 403, "a shift leader does not decide at all"
    silent = call(world, Role.PRIVACY, ALPHA, "POST", f"/exports/{export}/decision", granted=False)
    assert silent.json()["code"] == "reason_needed"
    early = call(world, Role.SHIFT_LEADER, ALPHA, "POST", f"/exports/{export}/fetch")
    assert early.json()["code"] == "export_is_asked"
    beyond = call(world, Role.PRIVACY, BETA, "POST", f"/exports/{export}/decision", granted=True)
    assert beyond.status_code == 404
    granted = call(world, Role.PRIVACY, ALPHA, "POST", f"/exports/{export}/decision", granted=True)
    assert granted.json()["state"] == "approved"
    deps = desk.deps
    ExportStep(deps.db, deps.media, deps.clock, unfenced, Metrics()).step(ZoneInfo("UTC"))
    stranger = call(world, Role.SHIFT_LEADER, None, "POST", f"/exports/{export}/fetch")
    assert stranger.json()["code"] == "not_your_export"
    fetched = call(world, Role.SHIFT_LEADER, ALPHA, "POST", f"/exports/{export}/fetch")
    assert fetched.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert "manifest.json" in archive.namelist()
    told = call(world, Role.PRIVACY, ALPHA, "GET", f"/exports/{export}").json()
    assert (told["state"], told["fetches_left"], told["mine"]) == ("ready", 2, False)
    number = told["number"]
    assert [s for s in subjects(world) if s.startswith("export/")] == [
        *(f"export/{number}/asked", f"export/{number}/approved", f"export/{number}"),
    ]


# -- holds -------------------------------------------------------------------------------------


def test_a_hold_is_placed_listed_and_ended_by_another_entry(world: World) -> None:
    incident = world.towns[ALPHA].incident
    placed = call(
        world, Role.SHIFT_LEADER, ALPHA, "POST", "/holds",
        incident_id=incident, reason="court", note="letter 9",
    )  # fmt: skip
    assert placed.status_code == 201, placed.text
    hold = placed.json()["id"]
    listed = call(world, Role.PRIVACY, ALPHA, "GET", "/holds?in_force=true").json()["items"]
    assert hold in [each["id"] for each in listed]
    assert {each["incident_id"] for each in listed} == {incident}
    ended = call(world, Role.PRIVACY, ALPHA, "POST", f"/holds/{hold}/end", note="given back")
    assert (ended.json()["in_force"], ended.json()["ended_note"]) == (False, "given back")
    over = call(world, Role.PRIVACY, ALPHA, "POST", f"/holds/{hold}/end", note="again")
    assert over.json()["code"] == "hold_over"
    done = call(world, Role.PRIVACY, ALPHA, "GET", "/holds?in_force=false").json()["items"]
    assert [each["id"] for each in done] == [hold]


# -- retention ---------------------------------------------------------------------------------


def test_retention_tells_every_class(world: World) -> None:
    told = call(world, Role.PRIVACY, None, "GET", "/retention").json()
    by_name = {each["name"]: each for each in told["classes"]}
    assert by_name["alerts"]["days"] == 30
    assert by_name["false_alarms"]["files"]
    assert by_name["people/accounts/1095"]["erased"]
    assert told["deletions"] == []
    assert call(world, Role.PRIVACY, ALPHA, "GET", "/retention").status_code == 403


# -- places ------------------------------------------------------------------------------------


def camera_body(world: World, **more: object) -> dict[str, object]:
    camera = world.towns[ALPHA].camera
    told = call(world, Role.CAMERA_ADMIN, ALPHA, "GET", f"/cameras/{camera}").json()
    keys = ("owner_kind", "owner", "place_class", "main", "position")
    return {**{key: told[key] for key in keys}, "id": "new-one", "name": "New", **more}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"place": "changing_room"}, "banned_place"),
        ({"name": "三号宿舍楼道"}, "place_unclear"),
        ({"name": "Toilet, east"}, "place_unclear"),
    ],
)
def test_a_camera_where_people_undress_is_refused(
    world: World, more: dict[str, str], code: str
) -> None:
    body = camera_body(world, **more)
    for path in ("/cameras", "/cameras/probe"):
        said = call(world, Role.CAMERA_ADMIN, ALPHA, "POST", path, **body)
        assert (said.status_code, said.json()["code"]) == (422, code)


def test_who_says_the_kind_of_spot_is_let_in_and_cannot_change_it_to_a_banned_one(
    world: World,
) -> None:
    body = camera_body(world, name="三号宿舍楼道", place="corridor")
    made = call(world, Role.CAMERA_ADMIN, ALPHA, "POST", "/cameras", **body)
    assert (made.status_code, made.json()["place"]) == (201, "corridor")
    body["place"] = "dormitory"
    said = call(world, Role.CAMERA_ADMIN, ALPHA, "PUT", "/cameras/new-one", **body)
    assert said.json()["code"] == "banned_place"


def test_the_sheet_is_asked_too(world: World) -> None:
    head = "id,name,owner_kind,owner,place_class,place,main_url\n"
    line = "new-one,New,public,roads,street,ward,rtsp://10.1.2.3/x\n"
    token = world.tokens[Role.CAMERA_ADMIN, None]
    said = world.desk.http.post(
        "/api/v1/cameras/import",
        content=(head + line).encode(),
        headers={"Authorization": f"Bearer {token}"},
    ).json()
    assert (said["applied"], said["refused"]) == (False, 1)
    assert "banned_place" in said["rows"][0]["faults"][0]
