"""A camera's story: registered, read, changed, probed, imported, exported, deleted."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from sqlalchemy import event, select

from hub.access.actions import Role
from hub.ingest import service as sources
from hub.ingest.probe import Probed
from hub.store.tables.sources import cameras
from hub.types.media import Codec
from hub.types.site import CameraSpec, Stream
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend

PASSWORD = "Tr0ub4dor&3"
GATE: dict[str, Any] = {
    "id": "gate-1",
    "name": "校门 1",
    "owner_kind": "school",
    "owner": "No. 2 Primary School",
    "place_class": "school_gate",
    "main": {"url": "rtsp://10.1.2.3/main"},
    "credentials": {"username": "hub", "password": PASSWORD},
    "position": {"lon": 120.7, "lat": 36.97, "datum": "wgs84"},
}
HEADER = "id,name,owner_kind,owner,place_class,main_url,username,password,analysis_fps,tags"


def test_a_camera_is_registered_read_changed_and_deleted(desk: Desk) -> None:
    made = desk.ask("POST", "/cameras", json=GATE)
    assert made.status_code == 201, made.text
    assert made.json()["managed_by"] == "api"
    assert made.json()["credentials"] == {"username": "hub", "password_set": True}

    changed = desk.ask("PUT", "/cameras/gate-1?version=1", json={**GATE, "name": "East gate"})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = desk.ask("PUT", "/cameras/gate-1?version=1", json=GATE)
    assert (stale.status_code, stale.json()["code"]) == (409, "version")

    assert [camera["name"] for camera in desk.get("/cameras")["items"]] == ["East gate"]
    assert desk.ask("DELETE", "/cameras/gate-1", Role.CAMERA_ADMIN).status_code == 204
    gone = desk.ask("GET", "/cameras/gate-1")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_a_password_goes_in_and_never_comes_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lend(desk)
    answers = [
        desk.ask("POST", "/cameras", json=GATE),
        desk.ask("POST", "/cameras", json=GATE),
        desk.ask("GET", "/cameras/gate-1"),
        desk.ask("GET", "/cameras"),
        desk.ask("GET", "/cameras/export"),
        desk.ask("POST", "/cameras/gate-1/probe"),
        desk.ask("POST", "/cameras/probe", json=GATE),
        desk.ask("POST", "/cameras", json={**GATE, "credentials": {"password": [PASSWORD]}}),
        desk.ask("POST", "/cameras", json={**GATE, "main": {"url": f"rtsp://hub:{PASSWORD}@x/"}}),
        desk.ask(
            "POST", "/cameras", json={**GATE, "main": {"url": f"http://u:{PASSWORD}@10.0.0.1"}}
        ),
        desk.ask("POST", "/cameras", content=f'{{"password": "{PASSWORD}"'.encode()),
        desk.ask("POST", "/cameras/import", content=f"{HEADER}\nx,,,,,,hub,{PASSWORD},".encode()),
    ]
    assert [answer.status_code for answer in answers[:3]] == [201, 409, 200]
    assert all(PASSWORD not in answer.text for answer in answers)
    assert PASSWORD not in caplog.text

    with desk.deps.db.read() as tx:
        row = tx.execute(select(cameras)).one()
        assert all(PASSWORD not in str(value) for value in row)
        unlocked = sources.cameras(desk.deps.secrets).unlocked(tx, "gate-1")
    assert unlocked.credentials is not None
    assert unlocked.credentials.password.get_secret_value() == PASSWORD


def test_a_password_left_out_stays_and_no_credentials_take_it_away(desk: Desk) -> None:
    lend(desk)
    desk.ask("POST", "/cameras", json=GATE)
    kept = desk.ask("PUT", "/cameras/gate-1", json={**GATE, "credentials": {"username": "hub2"}})
    assert kept.json()["credentials"] == {"username": "hub2", "password_set": True}
    desk.ask("POST", "/cameras/gate-1/probe")
    (tried,) = desk.opener.seen
    assert tried.credentials is not None
    assert tried.credentials.password.get_secret_value() == PASSWORD

    bare = desk.ask("PUT", "/cameras/gate-1", json={**GATE, "credentials": None})
    assert bare.json()["credentials"] is None
    again = desk.ask("PUT", "/cameras/gate-1", json={**GATE, "credentials": {"username": "hub"}})
    assert again.json()["credentials"]["password_set"] is False


def test_a_camera_of_a_file_is_read_only_and_the_answer_names_the_file(desk: Desk) -> None:
    spec = CameraSpec.model_validate(GATE)
    with desk.deps.db.write() as tx:
        sources.cameras(desk.deps.secrets).sync_file(tx, [spec], "configs/cameras.yaml", 1.0)
    for answer in (
        desk.ask("PUT", "/cameras/gate-1", json=GATE),
        desk.ask("DELETE", "/cameras/gate-1", Role.CAMERA_ADMIN),
        desk.ask("POST", "/cameras", json=GATE),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_file")
        assert "configs/cameras.yaml" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"main": {"url": "rtsp://8.8.8.8/"}}, "address_refused", "outside the allowed ranges"),
        ({"main": {"url": "http://10.0.0.1/"}}, "address_refused", "scheme 'http'"),
        ({"main": {"url": "file:///etc/passwd"}}, "address_refused", "scheme 'file'"),
        ({"sub": {"url": "rtsp://169.254.169.254/"}}, "address_refused", "169.254.169.254"),
        ({"main": {"url": "rtsp://a:b@10.0.0.1/"}}, "password_in_address", "credentials"),
        ({"model": "no-such"}, "does_not_fit", "no model no-such"),
        ({"rules": [{"rule": "no-such"}]}, "does_not_fit", "no rule no-such"),
        (
            {"zones": [{"id": "z", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]},
            "does_not_fit",
            "zone z",
        ),
        ({"unknown_key": 1}, "invalid", "schema"),
        ({"analysis_fps": 100}, "invalid", "schema"),
    ],
)
def test_a_bad_camera_is_refused_by_name(
    desk: Desk, change: dict[str, Any], code: str, says: str
) -> None:
    answer = desk.ask("POST", "/cameras", json={**GATE, **change})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in problem["detail"]
    assert desk.get("/cameras")["items"] == []


def test_the_state_is_what_the_worker_last_said(desk: Desk) -> None:
    desk.ask("POST", "/cameras", json=GATE)
    assert desk.get("/cameras/gate-1")["health"] is None
    numbers = {"fps": 12.5, "bitrate_bps": 5e5, "last_picture_at": 1_700_000_000.0}
    said = {"id": "gate-1", "state": "online", "last_error": "", **numbers}
    desk.beats.bodies = {
        "worker-0": {"at": 5.0, "cameras": [{**said, "state": "offline"}]},
        "worker-1": {"at": 9.0, "cameras": [said]},
    }
    health = desk.get("/cameras/gate-1")["health"]
    assert (health["state"], health["worker"], health["fps"]) == ("online", "worker-1", 12.5)
    assert health["last_picture_at"] == "2023-11-14T22:13:20.000Z"
    assert desk.get("/cameras/states", Role.OPERATOR) == {"states": {"gate-1": "online"}}
    desk.beats.gone = True
    assert desk.get("/cameras/gate-1")["health"] is None
    assert desk.get("/cameras/states") == {"states": {}}


def test_a_probe_that_fails_says_why_and_is_no_look(desk: Desk) -> None:
    lend(desk)
    desk.ask("POST", "/cameras", json=GATE)
    answer = desk.ask("POST", "/cameras/gate-1/probe", Role.OPERATOR)
    assert answer.status_code == 200
    assert (answer.json()["reachable"], answer.json()["error"]) == (False, "wrong_password")
    assert desk.get("/looks")["items"] == []


def test_a_probe_shows_a_picture_and_notes_who_looked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Probed(Codec.H264, 640, 360, 25.0, b"\xff\xd8jpeg", 50, True)
    tried: list[str] = []

    def probe(stream: Stream, _camera: CameraSpec, **_: object) -> Probed:
        tried.append(stream.url)
        return seen

    monkeypatch.setattr("hub.api.cameras.routes.probe", probe)
    lend(desk)
    desk.ask("POST", "/cameras", json={**GATE, "sub": {"url": "rtsp://10.1.2.3/sub"}})
    shown = desk.ask("POST", "/cameras/gate-1/probe?role=sub", Role.OPERATOR).json()
    assert (shown["reachable"], shown["codec"], shown["width"]) == (True, "h264", 640)
    assert (shown["gop"], shown["reordered"]) == (50, True)
    assert base64.b64decode(shown["picture_jpeg"]) == seen.jpeg
    assert tried == ["rtsp://10.1.2.3/sub"]
    (look,) = desk.get("/looks")["items"]
    assert (look["actor"], look["subject"]) == ("the operator", "probe/gate-1")


SHEET = f"""{HEADER}
a-1,Gate A,school,School,school_gate,rtsp://10.0.0.1/a,hub,{PASSWORD},5,east;gate
a-2,Gate B,school,School,school_gate,rtsp://10.0.0.2/b,,,2.5,
"""


def test_a_sheet_is_tried_dry_then_registered_then_found_to_be_the_same(desk: Desk) -> None:
    dry = desk.ask("POST", "/cameras/import?dry_run=true", content=SHEET.encode()).json()
    assert (dry["applied"], dry["created"]) == (False, 2)
    assert desk.get("/cameras")["items"] == []

    done = desk.ask("POST", "/cameras/import", content=SHEET.encode("gb18030")).json()
    assert (done["applied"], done["created"], done["refused"]) == (True, 2, 0)
    first, second = desk.get("/cameras")["items"]
    assert (first["tags"], second["analysis_fps"]) == (["east", "gate"], 2.5)

    again = desk.ask("POST", "/cameras/import", content=SHEET.encode()).json()
    assert (again["same"], again["updated"]) == (2, 0)


def test_a_long_sheet_costs_no_more_writes_than_a_short_one(desk: Desk) -> None:
    said: list[str] = []

    def note(*what: Any) -> None:
        said.append(what[2])

    event.listen(desk.deps.db.engine, "before_cursor_execute", note)
    counts = []
    for owner, number in (("a", 2), ("b", 60)):
        rows = [
            f"{owner}-{n},Post {n},school,School,school_gate,rtsp://10.0.0.1/{owner}{n},,,5,"
            for n in range(number)
        ]
        said.clear()
        done = desk.ask("POST", "/cameras/import", content="\n".join([HEADER, *rows]).encode())
        assert done.json()["created"] == number
        writes = [text for text in said if text.startswith(("INSERT", "UPDATE", "DELETE"))]
        counts.append(len(writes))
    assert counts[0] == counts[1]
    assert len(desk.get("/cameras")["items"]) == 62


def test_bad_rows_are_named_by_their_line_and_nothing_is_registered(desk: Desk) -> None:
    rows = [
        HEADER,
        "ok-1,Fine,school,School,school_gate,rtsp://10.0.0.1/,,,5,",
        "Bad Id,No,school,School,school_gate,rtsp://10.0.0.1/,,,5,",
        "far-1,Far,school,School,school_gate,rtsp://8.8.8.8/,,,500,",
        "far-2,Far,school,School,school_gate,rtsp://8.8.8.8/,,,5,",
        "ok-1,Twice,school,School,school_gate,rtsp://10.0.0.1/,,,5,",
        "short,row",
    ]
    report = desk.ask("POST", "/cameras/import", content="\n".join(rows).encode()).json()
    assert (report["applied"], report["refused"]) == (False, 5)
    faults = {row["line"]: " ".join(row["faults"]) for row in report["rows"]}
    assert faults[2] == ""
    assert faults[3].startswith("id:")
    assert faults[4].startswith("analysis_fps:")
    assert "outside the allowed ranges" in faults[5]
    assert "stands on line 2 too" in faults[6]
    assert "number of cells" in faults[7]
    assert desk.get("/cameras")["items"] == []


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (b"id,name\n", "'main_url' is missing"),
        (HEADER.encode() + b",colour\n", "unknown column 'colour'"),
        (b"\xff\xff\xff\n", "neither UTF-8 nor GB 18030"),
        (b"", "'id' is missing"),
    ],
)
def test_a_sheet_that_is_none_is_refused_as_a_whole(desk: Desk, sheet: bytes, says: str) -> None:
    answer = desk.ask("POST", "/cameras/import", content=sheet)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_a_sheet_leaves_alone_what_it_has_no_column_for(desk: Desk) -> None:
    zone = {"id": "yard", "polygon": [[0, 0], [1, 0], [1, 1]]}
    desk.ask("POST", "/cameras", json={**GATE, "zones": [zone]})
    row = "gate-1,New name,school,No. 2 Primary School,school_gate,rtsp://10.1.2.3/main,,,,"
    report = desk.ask("POST", "/cameras/import", content=f"{HEADER}\n{row}\n".encode()).json()
    assert report["updated"] == 1
    camera = desk.get("/cameras/gate-1")
    assert (camera["name"], camera["zones"][0]["id"]) == ("New name", "yard")
    assert camera["credentials"]["password_set"] is True


def test_the_export_can_be_read_again_with_the_password_from_the_environment(desk: Desk) -> None:
    from ruamel.yaml import YAML

    desk.ask("POST", "/cameras", json=GATE)
    answer = desk.ask("GET", "/cameras/export")
    (camera,) = YAML(typ="safe").load(answer.text)["cameras"]
    assert camera["credentials"] == {"username": "hub", "password": "${CAMERA_GATE_1_PASSWORD}"}
    assert CameraSpec.model_validate(camera).name == "校门 1"
    assert "校门" in answer.text


def test_cameras_are_listed_by_pages_and_found_by_text(desk: Desk) -> None:
    for number in range(5):
        desk.ask("POST", "/cameras", json={**GATE, "id": f"cam-{number}", "name": f"Post {number}"})
    first = desk.get("/cameras?limit=3")
    rest = desk.get(f"/cameras?limit=3&after={first['next']}")
    assert [c["id"] for c in first["items"] + rest["items"]] == [f"cam-{n}" for n in range(5)]
    assert rest["next"] is None
    assert [c["id"] for c in desk.get("/cameras?text=post 4")["items"]] == ["cam-4"]
