"""What the worker's phone asks for: its tasks in brief, photos one by one, pictures made small."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from hub.access.actions import Role
from hub.dispatch import service as dispatch
from hub.dispatch.matter import Filing
from hub.dispatch.message import SourceCard
from hub.dispatch.message import report as told_of
from hub.grids import service as grids
from hub.grids.collection import GridCollection
from hub.ingest import service as sources
from hub.store.media import MediaKind, linked
from hub.types.site import CameraSpec, OwnerKind
from hub.types.work import DispatchTask
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk
from tests.unit.dispatch.given import PATH, an_alert, store_alert

TOWN = GridCollection.model_validate(
    {
        "type": "FeatureCollection",
        "datum": "wgs84",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": PATH[3],
                    "name": "东门网格",
                    "kind": "civil",
                    "parent": PATH[1],
                },
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[120.6, 36.9], [120.8, 36.9], [120.8, 37.1], [120.6, 37.1], [120.6, 36.9]]
                    ],
                },
            },
            {
                "type": "Feature",
                "properties": {
                    "code": PATH[1],
                    "name": "黎山镇",
                    "kind": "civil",
                    "parent": None,
                },
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[120.6, 36.9], [120.8, 36.9], [120.8, 37.1], [120.6, 37.1], [120.6, 36.9]]
                    ],
                },
            },
        ],
    }
)
CAMERA = CameraSpec.model_validate(
    {
        "id": "cam-1",
        "name": "学校东门",
        "owner": "第一中学",
        "owner_kind": "school",
        "place_class": "school_gate",
        "main": {"url": "rtsp://127.0.0.1/1"},
        "zones": [{"id": "yard", "name": "后院", "polygon": [[0, 0], [1, 0], [1, 1]]}],
    }
)


def of_a_camera(desk: Desk) -> DispatchTask:
    """A task about an intrusion in the yard of the school."""
    now = desk.clock.now()
    alert = an_alert("alert-of-yard", captured_at=now - 5, raised_at=now - 1)
    with desk.deps.db.write() as tx:
        sources.cameras().create(tx, CAMERA, now)
        report = grids.import_features(tx, TOWN, now=now, ids=desk.deps.ids)
        assert report.accepted, report.faults
        store_alert(tx, alert)
        told = told_of(
            alert,
            SourceCard("学校东门", "第一中学", OwnerKind.SCHOOL),
            "夜间闯入",
            desk.deps.dispatch.evidence_path,
        )
        filed = [Filing(alert, told, "yard", 0.0)]
        dispatch.file(tx, filed, config=desk.deps.dispatch, now=now, ids=desk.deps.ids)
        (task,) = dispatch.tasks(tx).items
    return task


def say(desk: Desk, task_id: str, step: str, key: str, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return desk.ask("POST", f"/tasks/{task_id}/{step}", Role.WORKER, headers=headers, **more)


def send(desk: Desk, task_id: str, key: str, picture: bytes) -> httpx.Response:
    files = {"photo": ("x.jpg", picture, "image/jpeg")}
    return say(desk, task_id, "photos", key, files=files)


def test_what_somebody_said_is_not_taken_for_whoever_logged_in_since(desk: Desk) -> None:
    task = of_a_camera(desk)
    desk.register(Role.WORKER, login="wang")
    desk.register(Role.WORKER, login="li.na")
    desk.register(Role.OPERATOR, login="zhao")

    def accept(login: str, said_by: str) -> httpx.Response:
        headers = {"Idempotency-Key": "key-of-wang", "Signed-In-As": quote(said_by)}
        path = f"/api/v1/tasks/{task.id}/accept"
        answer: httpx.Response = desk.browser(login).post(path, json={}, headers=headers)
        return answer

    # Nor is it held against them what the other may not do.
    for login in ("li.na", "zhao"):
        answer = accept(login, "wang at work")
        assert (answer.status_code, answer.json()["code"]) == (403, "other_account")
    assert accept("wang", "wang at work").status_code == 200
    # A token is nobody's window.
    headers = {"Signed-In-As": "wang"}
    assert desk.ask("GET", f"/tasks/{task.id}", Role.WORKER, headers=headers).status_code == 200


def test_a_task_tells_in_brief_what_a_phone_must_show(desk: Desk) -> None:
    task = of_a_camera(desk)
    (listed,) = desk.get(f"/tasks?open=true&grid={PATH[1]}&message=false", Role.WORKER)["items"]
    assert listed["message"] == {}
    brief = listed["brief"]
    assert (brief["severity"], brief["rule_kind"]) == ("P1", "zone_intrusion")
    assert (brief["rule_name"], brief["place"]) == ("夜间闯入", "后院")
    assert brief["source"] == {
        "id": "cam-1",
        "kind": "camera",
        "name": "学校东门",
        "owner": "第一中学",
    }
    assert (brief["position"], brief["exact"]) == ({"lon": 120.7113, "lat": 36.9758}, True)
    assert (brief["grid_path"], brief["grid_names"]) == (list(PATH), ["黎山镇", "东门网格"])
    assert brief["evidence_ids"] == ["e1"]
    assert brief["facts"]["count"] == 2
    assert brief["due"]["accept_by"].endswith("Z")
    one = desk.get(f"/tasks/{task.id}", Role.WORKER)
    assert one["brief"] == brief
    assert one["message"]["task_id"] == task.id
    assert desk.get("/tasks?grid=370682999", Role.WORKER)["items"] == []


def test_a_task_whose_camera_and_grids_are_gone_is_still_told(desk: Desk) -> None:
    of_a_camera(desk)
    with desk.deps.db.write() as tx:
        sources.cameras().delete(tx, "cam-1", desk.clock.now())
    (listed,) = desk.get("/tasks", Role.WORKER)["items"]
    assert listed["brief"]["place"] == "yard"


def test_mine_are_those_i_said_i_go_to(desk: Desk) -> None:
    task = a_task(desk)
    assert desk.get("/tasks?mine=true", Role.WORKER)["items"] == []
    assert say(desk, task.id, "accept", "phone-7:01", json={}).status_code == 200
    assert desk.get("/tasks?mine=true", Role.OPERATOR)["items"] == []
    (mine,) = desk.get("/tasks?mine=true&open=true", Role.WORKER)["items"]
    assert (mine["id"], mine["brief"]["position"]) == (task.id, None)


def test_on_the_way_is_said_once_however_often_it_is_sent(desk: Desk) -> None:
    task = a_task(desk)
    early = say(desk, task.id, "on-way", "phone-7:01", json={})
    assert (early.status_code, early.json()["code"]) == (409, "task_is_queued")
    say(desk, task.id, "accept", "phone-7:02", json={})
    first = say(desk, task.id, "on-way", "phone-7:03", json={})
    assert (first.status_code, first.json()["state"]) == (200, "on_way")
    say(desk, task.id, "on-scene", "phone-7:04", json={})
    assert say(desk, task.id, "on-way", "phone-7:03", json={}).json() == first.json()
    shown = desk.get(f"/tasks/{task.id}")
    assert shown["state"] == "on_scene"
    assert shown["on_way_at"] is not None


def test_photos_come_one_by_one_and_a_repeat_gets_the_first_answer(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    say(desk, task.id, "accept", "phone-7:01", json={})
    first = send(desk, task.id, "phone-7:photo-1", jpeg)
    assert first.status_code == 200, first.text
    photo_id = first.json()["photo_id"]
    assert send(desk, task.id, "phone-7:photo-1", b"cut off half way").json() == first.json()
    with desk.deps.db.read() as tx:
        assert not linked(tx, [photo_id])
    form = {"note": "fence mended", "photo_ids": [photo_id]}
    done = say(desk, task.id, "done", "phone-7:02", data=form)
    assert done.status_code == 200, done.text
    assert say(desk, task.id, "done", "phone-7:02", data=form).json() == done.json()
    late = send(desk, task.id, "phone-7:photo-2", jpeg).json()["photo_id"]
    send(desk, task.id, "phone-7:photo-2", jpeg)
    assert desk.get(f"/tasks/{task.id}")["photo_ids"] == [photo_id, late]
    with desk.deps.db.read() as tx:
        assert linked(tx, [photo_id, late]) == {photo_id, late}
    shown = desk.ask("GET", f"/evidence/{late}/photo?reason=task", Role.WORKER)
    assert b"SecretPhoneMaker" not in shown.content


def test_a_photo_that_cannot_be_taken_changes_nothing(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    say(desk, task.id, "accept", "phone-7:01", json={})

    def refused(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    none = send(desk, task.id, "phone-7:p1", b"<script>")
    assert refused(none) == (415, "wrong_media_type")
    assert refused(send(desk, "none", "phone-7:p2", jpeg)) == (404, "no_such_task")
    assert refused(send(desk, task.id, "phone-7:01", jpeg)) == (409, "key_reused")
    unknown = {"note": "x", "photo_ids": ["made-up"]}
    assert refused(say(desk, task.id, "done", "phone-7:03", data=unknown)) == (422, "no_such_photo")
    assert desk.get(f"/tasks/{task.id}")["state"] == "accepted"
    assert send(desk, task.id, "phone-7:p1", jpeg).status_code == 200


@pytest.mark.parametrize(("size", "small"), [((1920, 1080), (640, 360)), ((320, 240), (320, 240))])
def test_a_picture_is_made_small_and_the_look_is_noted(
    desk: Desk, size: tuple[int, int], small: tuple[int, int]
) -> None:
    whole = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(whole, "JPEG", quality=90)
    desk.deps.media.put("ev-0001", MediaKind.PICTURE, whole.getvalue())
    path = "/evidence/ev-0001/picture?size=small&reason=task"
    shown = desk.ask("GET", path, Role.WORKER)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "no-store" in shown.headers["Cache-Control"]
    assert Image.open(io.BytesIO(shown.content)).size == small
    assert len(shown.content) < len(whole.getvalue())
    looks = [(look["actor"], look["subject"]) for look in desk.get("/looks")["items"]]
    assert looks == [("the worker", "picture/ev-0001")]


def test_there_is_no_small_clip_and_a_broken_picture_is_not_found(desk: Desk) -> None:
    desk.deps.media.put("ev-0001", MediaKind.CLIP, b"clip")
    desk.deps.media.put("ev-0001", MediaKind.PICTURE, b"\xff\xd8picture")
    clip = desk.ask("GET", "/evidence/ev-0001/clip?size=small")
    assert (clip.status_code, clip.json()["code"]) == (422, "no_small_clip")
    assert desk.ask("GET", "/evidence/ev-0001/picture?size=small").status_code == 404
    assert desk.get("/looks")["items"] == []
