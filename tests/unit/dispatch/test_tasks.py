"""A grid worker's own tasks, and photos that come one by one, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from hub.dispatch import photos, service
from hub.dispatch.page import TaskFilter
from hub.kit.errors import Conflict, NotFound, Refused
from hub.store import feed, media
from hub.store.db import Database
from hub.store.tables.dispatch import task_actions, tasks
from hub.types.finding import Binding, GridWhy
from hub.types.work import TaskAction, TaskPhoto, TaskState
from tests.unit.dispatch.given import NOW, PATH, a_receipt, an_alert, file

ELSEWHERE = Binding(
    camera_grid="370682200",
    event_grid=None,
    grid_code="370682200",
    grid_path=(PATH[0], "370682200"),
    why=GridWhy.MOUNT_POINT,
    confidence=0.0,
    position=None,
)


def a_task(tx: Connection, name: str = "a", **changes: Any) -> str:
    incident = file(tx, an_alert(name, **changes), group_key=name)
    (task,) = service.tasks(tx, TaskFilter(incident_id=incident.id)).items
    return task.id


def say(tx: Connection, task_id: str, *actions: TaskAction, **changes: Any) -> None:
    for action in actions:
        service.act(tx, a_receipt(task_id, action, f"{task_id}/{action}", **changes), now=NOW + 60)


def a_photo(task_id: str, number: int = 1) -> TaskPhoto:
    return TaskPhoto(task_id, f"photo-{number}", "网格员小王", f"key-of-photo-{number}")


def kept(tx: Connection, task_id: str) -> tuple[str, ...]:
    return service.task(tx, task_id).photo_ids


def test_the_way_may_be_told_or_left_out(db: Database) -> None:
    with db.write() as tx:
        told, silent = a_task(tx, "a"), a_task(tx, "b")
        say(tx, told, TaskAction.ACCEPT, TaskAction.ON_WAY)
        assert service.task(tx, told).state is TaskState.ON_WAY
        say(tx, told, TaskAction.ON_SCENE, TaskAction.DONE)
        say(tx, silent, TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE)
        assert service.task(tx, silent).on_way_at is None
        with pytest.raises(Conflict) as late:
            service.act(tx, a_receipt(told, TaskAction.ON_WAY, "again"))
        assert late.value.code == "task_is_done"


def test_turning_back_on_the_way_wants_a_reason(db: Database) -> None:
    with db.write() as tx:
        task_id = a_task(tx)
        say(tx, task_id, TaskAction.ACCEPT, TaskAction.ON_WAY)
        with pytest.raises(Refused) as silent:
            say(tx, task_id, TaskAction.DONE)
        assert silent.value.code == "note_needed"
        say(tx, task_id, TaskAction.DONE, note="村民已自行处理")
        assert service.task(tx, task_id).state is TaskState.DONE


def test_my_tasks_are_those_of_my_grid_and_all_below_that_are_still_open(db: Database) -> None:
    with db.write() as tx:
        here, there = a_task(tx, "here"), a_task(tx, "there", binding=ELSEWHERE)
        finished = a_task(tx, "finished")
        say(tx, finished, TaskAction.ACCEPT, TaskAction.DONE, note="x", by="小李")
        say(tx, there, TaskAction.ACCEPT)

        def found(**wanted: Any) -> set[str]:
            return {task.id for task in service.tasks(tx, TaskFilter(**wanted)).items}

        assert found(open=True) == {here, there}
        assert found(open=False) == {finished}
        assert found(grid=PATH[0]) == {here, there, finished}
        assert found(grid=PATH[1], open=True) == {here}
        assert found(grid="370682200") == {there}
        assert found(grid=PATH[1][:-1]) == set()
        assert found(assignee="网格员小王") == {there}
        assert found(assignee="小李", open=True) == set()


def test_a_photo_waits_unlinked_until_the_done_names_it(db: Database) -> None:
    with db.write() as tx:
        task_id = a_task(tx)
        say(tx, task_id, TaskAction.ACCEPT)
        for number in (1, 2):
            photos.add(tx, a_photo(task_id, number), NOW)
        assert not media.linked(tx, ["photo-1", "photo-2"])
        assert kept(tx, task_id) == ()
        photos.known(tx, task_id, ["photo-1"])
        say(tx, task_id, TaskAction.DONE, note="x", photo_ids=("photo-1",))
        assert kept(tx, task_id) == ("photo-1",)
        assert media.linked(tx, ["photo-1", "photo-2"]) == {"photo-1"}


def test_a_photo_that_comes_after_the_done_belongs_to_the_task_once(db: Database) -> None:
    with db.write() as tx:
        task_id = a_task(tx)
        photos.add(tx, a_photo(task_id, 1), NOW)  # its answer is lost, so the phone cannot name it
        say(tx, task_id, TaskAction.ACCEPT, TaskAction.DONE, note="x")
        for number in (2, 1, 2, 1):
            photos.add(tx, a_photo(task_id, number), NOW + 90)
        assert kept(tx, task_id) == ("photo-2", "photo-1")
        assert media.linked(tx, ["photo-1", "photo-2"]) == {"photo-1", "photo-2"}
    with db.read() as tx:
        told = [change for change in feed.after(tx, 0) if change.entity_id == task_id]
        assert len([each for each in told if each.at == NOW + 90]) == 2
        assert len(tx.execute(select(task_actions)).all()) == 4
        assert tx.execute(select(tasks.c.state)).scalar() == "done"


def test_a_photo_needs_its_task_and_a_key_of_its_own(db: Database) -> None:
    with db.write() as tx:
        one, two = a_task(tx, "a"), a_task(tx, "b")
        say(tx, one, TaskAction.ACCEPT)
        assert not photos.came(tx, a_photo(one))
        photos.add(tx, a_photo(one), NOW)
        assert photos.came(tx, a_photo(one))
        taken = TaskPhoto(one, "photo-9", "x", f"{one}/accept")
        for wrong in (a_photo(two), taken):
            with pytest.raises(Conflict) as reused:
                photos.add(tx, wrong, NOW)
            assert reused.value.code == "key_reused"
        with pytest.raises(NotFound) as nowhere:
            photos.add(tx, a_photo("no-such"), NOW)
        assert nowhere.value.code == "no_such_task"
        with pytest.raises(Refused) as foreign:
            photos.known(tx, two, ["photo-1"])
        assert foreign.value.code == "no_such_photo"


def test_a_task_takes_so_many_photos_and_no_more(db: Database) -> None:
    with db.write() as tx:
        task_id = a_task(tx)
        for number in range(photos.PHOTOS_MAX):
            photos.add(tx, a_photo(task_id, number), NOW)
        with pytest.raises(Refused) as full:
            photos.add(tx, a_photo(task_id, photos.PHOTOS_MAX), NOW)
        assert full.value.code == "too_many_photos"
        photos.add(tx, a_photo(task_id, 0), NOW)  # a repeat is none more
