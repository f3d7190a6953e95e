"""Photos of a task that come one by one, before or after the word that it is done.

On a slow network the word goes first and the photos follow, each under a key of its own. A photo
that comes before the word waits unlinked until the word names it; one that comes after it is
linked as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.dispatch import journal, repository
from hub.dispatch.journal import Change
from hub.dispatch.log import repository as log
from hub.kit.errors import Conflict, NotFound, Refused
from hub.store import media
from hub.types.work import Receipt, TaskPhoto, TaskState

PHOTO = "photo"
PHOTOS_MAX = 100
"""Of one task, sent one by one."""


def came(tx: Connection, photo: TaskPhoto) -> bool:
    """Whether this photo came before, under the same key.

    Raises NotFound (`no_such_task`), Conflict (`key_reused`).
    """
    if repository.get_task(tx, photo.task_id) is None:
        raise NotFound(f"there is no task {photo.task_id!r}", code="no_such_task")
    before = log.find_action(tx, photo.key)
    if before is None:
        return False
    if (before.task_id, before.action, before.result) != (photo.task_id, PHOTO, photo.photo_id):
        raise Conflict(f"key {photo.key!r} was used for something else", code="key_reused")
    return True


def add(tx: Connection, photo: TaskPhoto, now: float) -> None:
    """Take a photo whose picture lies in the media store; a repeat changes nothing.

    Raises as `came` does, and Refused (`too_many_photos`).
    """
    task = repository.lock_task(tx, photo.task_id)
    if not came(tx, photo):
        _note(tx, photo, now)
    if task is not None and task.state == TaskState.DONE and photo.photo_id not in task.photo_ids:
        kept = {"photo_ids": keep(tx, task, [photo.photo_id], now)}
        journal.change_task(tx, task.id, Change(PHOTO, task.state, now, photo.by, "", kept))


def _note(tx: Connection, photo: TaskPhoto, now: float) -> None:
    if len(log.results(tx, photo.task_id, PHOTO)) >= PHOTOS_MAX:
        raise Refused(f"a task has at most {PHOTOS_MAX} photos", code="too_many_photos")
    if not log.insert_action(
        tx,
        key=photo.key,
        task_id=photo.task_id,
        action=PHOTO,
        result=photo.photo_id,
        actor=photo.by,
        at=now,
    ):
        raise Conflict(f"key {photo.key!r} was used for another task", code="key_reused")


def known(tx: Connection, task_id: str, photo_ids: Sequence[str]) -> None:
    """Return if all these came as photos of this task. Raises Refused (`no_such_photo`)."""
    missing = set(photo_ids) - set(log.results(tx, task_id, PHOTO))
    if missing:
        raise Refused(
            f"photos that were not sent for this task: {', '.join(sorted(missing))}",
            code="no_such_photo",
        )


def own_only(tx: Connection, receipt: Receipt) -> Receipt:
    """The receipt with those photos only that were sent for its task.

    Who speaks on a queue was not asked for rights, and could name any picture the hub has. The
    word itself counts all the same: a photo that comes later is linked as it comes.
    """
    if not receipt.photo_ids:
        return receipt
    sent = set(log.results(tx, receipt.task_id, PHOTO))
    return replace(receipt, photo_ids=tuple(each for each in receipt.photo_ids if each in sent))


def keep(tx: Connection, task: repository.Found, photo_ids: Sequence[str], now: float) -> list[str]:
    """Link photos to the task, so that they stay; returns all ids of the task, each once."""
    media.link(tx, [(photo_id, f"task:{task.id}") for photo_id in photo_ids], now)
    return list(dict.fromkeys([*task.photo_ids, *photo_ids]))
