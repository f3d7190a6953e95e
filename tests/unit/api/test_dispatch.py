"""What grid workers do about a task: each thing once, however often their phones say it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from sqlalchemy import func, select

from hub.access.actions import Role
from hub.api.dispatch.photos import MAX_BYTES, jpeg_of
from hub.kit.clock import iso
from hub.kit.errors import Refused
from hub.store.media import MediaKind, linked
from hub.store.tables.dispatch import task_actions, tasks
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk

KEY = {"Idempotency-Key": "phone-7:0001"}


def test_a_task_is_accepted_reached_and_done_with_a_note_and_a_photo(
    desk: Desk, jpeg: bytes
) -> None:
    task = a_task(desk)
    path = f"/tasks/{task.id}"
    desk.clock.advance(300)
    assert desk.get("/tasks?state=queued", Role.WORKER)["items"][0]["id"] == task.id
    for number, (step, state) in enumerate([("accept", "accepted"), ("on-scene", "on_scene")]):
        key = {"Idempotency-Key": f"phone-7:{number:04}"}
        answer = desk.ask("POST", f"{path}/{step}", Role.WORKER, headers=key, json={})
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    done = desk.ask(
        "POST",
        f"{path}/done",
        Role.WORKER,
        headers={"Idempotency-Key": "phone-7:0009"},
        data={"note": "bin put out", "at": iso(desk.clock.now() - 60)},
        files=[("photos", ("a.jpg", jpeg, "image/jpeg"))],
    )
    assert (done.status_code, done.json()["state"]) == (200, "handled"), done.text
    assert desk.get(path)["state"] == "done"

    with desk.deps.db.read() as tx:
        row = tx.execute(select(tasks)).one()
        assert (row.note, row.assignee) == ("bin put out", "the worker")
        assert row.done_at == pytest.approx(desk.clock.now() - 60, abs=0.01)
        (photo,) = row.photo_ids
        assert linked(tx, [photo]) == {photo}
    shown = desk.ask("GET", f"/evidence/{photo}/photo?reason=task", Role.WORKER)
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"SecretPhoneMaker" in jpeg
    assert b"SecretPhoneMaker" not in shown.content


def test_the_same_action_posted_a_hundred_times_at_once_is_one_action(desk: Desk) -> None:
    task = a_task(desk)

    def post(_: int) -> tuple[int, str]:
        answer = desk.ask(
            "POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=KEY, json={"note": "coming"}
        )
        return answer.status_code, answer.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(post, range(100)))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    with desk.deps.db.read() as tx:
        assert tx.execute(select(func.count()).select_from(task_actions)).scalar_one() == 1


def test_a_done_sent_twice_keeps_one_photo(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    desk.ask("POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=KEY, json={})
    for _ in range(2):
        answer = desk.ask(
            "POST",
            f"/tasks/{task.id}/done",
            Role.WORKER,
            headers={"Idempotency-Key": "phone-7:0002"},
            data={"note": "done from here"},
            files=[("photos", ("a.jpg", jpeg, "image/jpeg"))],
        )
        assert answer.status_code == 200, answer.text
    with desk.deps.db.read() as tx:
        (row,) = tx.execute(select(tasks.c.photo_ids)).all()
    assert len(row.photo_ids) == 1
    assert desk.deps.media.exists(row.photo_ids[0], MediaKind.PHOTO)


def test_a_photo_is_not_exchanged_after_its_task_is_done(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    desk.ask("POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=KEY, json={})
    other = io.BytesIO()
    Image.new("RGB", (30, 30), "white").save(other, "JPEG")

    def done(picture: bytes, role: Role = Role.WORKER) -> tuple[int, str]:
        answer = desk.ask(
            "POST",
            f"/tasks/{task.id}/done",
            role,
            headers={"Idempotency-Key": "phone-7:0002"},
            data={"note": "done from here"},
            files=[("photos", ("a.jpg", picture, "image/jpeg"))],
        )
        return answer.status_code, answer.json().get("code", answer.json().get("state"))

    assert done(jpeg) == (200, "handled")
    (photo,) = desk.get(f"/tasks/{task.id}")["photo_ids"]
    with desk.deps.media.open(photo, MediaKind.PHOTO) as file:
        first = file.read()
    assert done(other.getvalue()) == (200, "handled")  # the first answer, and nothing else
    assert done(b"no picture at all") == (200, "handled")
    assert done(other.getvalue(), Role.CHIEF) == (409, "key_reused")
    with desk.deps.media.open(photo, MediaKind.PHOTO) as file:
        assert file.read() == first


def test_an_action_without_a_key_or_out_of_order_is_refused(desk: Desk) -> None:
    task = a_task(desk)
    for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "with blanks in it"}):
        answer = desk.ask("POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=headers, json={})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    early = desk.ask("POST", f"/tasks/{task.id}/on-scene", Role.WORKER, headers=KEY, json={})
    assert early.status_code == 409
    nowhere = desk.ask("POST", "/tasks/none/accept", Role.WORKER, headers=KEY, json={})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_task")
    future = {"at": iso(desk.clock.now() + 3600)}
    ahead = desk.ask("POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=KEY, json=future)
    assert (ahead.status_code, ahead.json()["code"]) == (422, "bad_time")
    assert desk.get(f"/tasks/{task.id}")["state"] == "queued"


def test_a_photo_that_is_none_changes_nothing(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    desk.ask("POST", f"/tasks/{task.id}/accept", Role.WORKER, headers=KEY, json={})

    def done(*photos: bytes) -> tuple[int, str]:
        answer = desk.ask(
            "POST",
            f"/tasks/{task.id}/done",
            Role.WORKER,
            headers={"Idempotency-Key": "phone-7:0003"},
            data={"note": "done"},
            files=[("photos", ("a.jpg", photo, "image/jpeg")) for photo in photos],
        )
        return answer.status_code, answer.json()["code"]

    assert done(b"<script>alert(1)</script>") == (415, "wrong_media_type")
    assert done(jpeg[:200]) == (415, "wrong_media_type")
    assert done(jpeg + b"\0" * MAX_BYTES) == (413, "too_large")
    assert done(*[jpeg] * 7)[0] in (400, 413)
    assert desk.get(f"/tasks/{task.id}")["state"] == "accepted"


def test_a_photo_is_made_smaller_and_a_bomb_is_not_opened() -> None:
    out = io.BytesIO()
    Image.new("RGB", (4000, 1000)).save(out, "PNG")
    with Image.open(io.BytesIO(jpeg_of(out.getvalue()))) as small:
        assert (small.format, small.size) == ("JPEG", (2560, 640))
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(Refused) as refused:
        jpeg_of(bomb.getvalue())
    assert refused.value.code == "too_large"


def as_png(size: tuple[int, int], header: bytes) -> bytes:
    """With what a phone says about the picture: its eXIf chunk, right behind the first chunk."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    body = b"eXIf" + header
    chunk = struct.pack(">I", len(header)) + body + struct.pack(">I", zlib.crc32(body))
    return out.getvalue()[:33] + chunk + out.getvalue()[33:]


def as_jpeg(size: tuple[int, int], header: bytes) -> bytes:
    """The same in a JPEG: its APP1 segment, right behind its start."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "JPEG")
    body = b"Exif\0\0" + header
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return out.getvalue()[:2] + segment + out.getvalue()[2:]


TURNED = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" + bytes(4)
"""Held upright by a phone whose camera lies on its side."""


@pytest.mark.parametrize("made", [as_png, as_jpeg])
def test_a_photo_whose_header_is_broken_is_a_photo_all_the_same(
    made: Callable[[tuple[int, int], bytes], bytes],
) -> None:
    def size(header: bytes) -> tuple[int, int]:
        with Image.open(io.BytesIO(jpeg_of(made((40, 20), header)))) as written:
            return written.size

    assert size(TURNED) == (20, 40)
    for broken in (TURNED[:4], b"MM\0*", b"none at all", b"II*\0\xff\xff\xff\xff"):
        assert size(broken) == (40, 20)


def test_incidents_are_listed_and_read(desk: Desk) -> None:
    task = a_task(desk)
    (incident,) = desk.get("/incidents?unbound=true", Role.CENTRE)["items"]
    assert incident["id"] == task.incident_id
    assert incident["due"]["accept_by"].endswith("Z")
    assert desk.get(f"/incidents/{task.incident_id}")["alert_ids"] == incident["alert_ids"]
    assert desk.ask("GET", "/incidents/none").status_code == 404
    assert desk.get("/incidents?grid=370682")["items"] == []
