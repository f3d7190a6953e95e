"""A photo that was swept before it was named is no evidence: it is refused by name."""

from __future__ import annotations

import os
import time
from typing import Any

from sqlalchemy import select

from hub.access.actions import Role
from hub.store.media import MediaKind, linked
from hub.store.tables.dispatch import incidents, tasks
from tests.unit.api.cases import a_task
from tests.unit.api.conftest import Desk
from tests.unit.api.test_incidents import REPORT, say
from tests.unit.api.test_whistles import answer, call, filed

DAY = 86400.0


def send(desk: Desk, path: str, role: Role, jpeg: bytes) -> str:
    done = desk.ask(
        "POST",
        path,
        role,
        headers={"Idempotency-Key": "photo-0001"},
        files=[("photo", ("a.jpg", jpeg, "image/jpeg"))],
    )
    photo: str = done.json()["photo_id"]
    return photo


def sweep(desk: Desk) -> list[str]:
    """As the centre does after a day."""

    def known(ids: set[str]) -> set[str]:
        with desk.deps.db.read() as tx:
            return linked(tx, ids)

    return desk.deps.media.sweep(known, time.time() + 2 * DAY)


def column(desk: Desk, of: Any) -> list[Any]:
    with desk.deps.db.read() as tx:
        return list(tx.execute(select(of)).scalars())


def test_of_a_report(desk: Desk, jpeg: bytes) -> None:
    photo = send(desk, "/incidents/photos", Role.WORKER, jpeg)
    assert sweep(desk) == [photo]
    handled = {"disposition": "已清理", "photo_ids": [photo]}
    body = {**REPORT, "origin": "worker", "handled": handled}
    assert say(desk, "/incidents", Role.WORKER, 422, **body)["code"] == "photo_gone"
    assert column(desk, incidents.c.id) == []
    assert send(desk, "/incidents/photos", Role.WORKER, jpeg) == photo
    say(desk, "/incidents", Role.WORKER, 201, **body)


def test_of_an_errand(desk: Desk, jpeg: bytes) -> None:
    task = a_task(desk)
    photo = send(desk, f"/tasks/{task.id}/photos", Role.WORKER, jpeg)
    sweep(desk)
    done = desk.ask(
        "POST",
        f"/tasks/{task.id}/done",
        Role.WORKER,
        headers={"Idempotency-Key": "phone-7:0009"},
        data={"note": "bin put out", "photo_ids": [photo]},
    )
    assert (done.status_code, done.json()["code"]) == (422, "photo_gone")
    assert column(desk, tasks.c.photo_ids) == [[]]


def test_of_a_department(desk: Desk, jpeg: bytes) -> None:
    one = call(desk, filed(desk))["id"]
    answer(desk, one, "sign", "contact")
    path = f"/whistles/{one}"
    photo = send(desk, f"{path}/photos", Role.DEPARTMENT, jpeg)
    sweep(desk)
    said = {"note": "火已扑灭", "photo_ids": [photo]}
    assert say(desk, f"{path}/report", Role.DEPARTMENT, 422, **said)["code"] == "photo_gone"
    said["photo_ids"] = ["never-sent"]
    assert say(desk, f"{path}/report", Role.DEPARTMENT, 422, **said)["code"] == "no_such_photo"


def test_one_that_is_being_named_is_not_swept(desk: Desk, jpeg: bytes) -> None:
    """The sweep asked what is linked before the report was written."""
    media, photo = desk.deps.media, send(desk, "/incidents/photos", Role.WORKER, jpeg)
    now = time.time()
    os.utime(next(media._root.glob(f"??/{photo}")), (now - 2 * DAY, now - 2 * DAY))

    def named_meanwhile(_ids: set[str]) -> set[str]:
        assert media.renew(photo, MediaKind.PHOTO)
        return set()

    assert media.sweep(named_meanwhile, now) == []
    assert media.exists(photo, MediaKind.PHOTO)
    assert not media.renew("nothing-there", MediaKind.PHOTO)
