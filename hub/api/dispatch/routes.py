"""Incidents and tasks: list, one, and what grid workers do about them."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import File, Form, Header, Query, UploadFile

from hub.access.actions import Action, Subject
from hub.api.deps import Deps
from hub.api.dispatch.photos import MAX_BYTES, jpeg_of
from hub.api.dispatch.schemas import ActionIn, IncidentOut, IncidentQuery, TaskOut, TaskQuery
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page, When
from hub.dispatch import service
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.kit.errors import Refused
from hub.store import media
from hub.store.media import MediaKind
from hub.types.work import Receipt, TaskAction

MAX_PHOTOS = 6
DONE_BYTES_MAX = MAX_PHOTOS * MAX_BYTES + (1 << 20)
AHEAD_S_MAX = 300.0
"""How far a phone's clock may be ahead of ours."""

IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern=r"^[\w.:-]+$")
]
"""One per action, made by the caller and kept over repeats: a repeat gets the first answer."""

router = domain("dispatch")


@router.get("/incidents")
def list_incidents(
    hub: Hub,
    wanted: Annotated[IncidentQuery, Query()],
    _who: Annotated[Subject, may(Action.INCIDENTS_READ)],
) -> Page[IncidentOut]:
    """Incidents, newest first."""
    chosen = IncidentFilter(**wanted.model_dump(exclude={"after", "limit"}))
    with hub.db.read() as tx:
        page = service.incidents(tx, chosen, after=wanted.after, limit=wanted.limit)
    return Page(items=[IncidentOut.model_validate(item) for item in page.items], next=page.next)


@router.get("/incidents/{incident_id}")
def read_incident(
    incident_id: str, hub: Hub, _who: Annotated[Subject, may(Action.INCIDENTS_READ)]
) -> IncidentOut:
    """One incident."""
    with hub.db.read() as tx:
        return IncidentOut.model_validate(service.incident(tx, incident_id))


@router.get("/tasks")
def list_tasks(
    hub: Hub,
    wanted: Annotated[TaskQuery, Query()],
    _who: Annotated[Subject, may(Action.TASKS_READ)],
) -> Page[TaskOut]:
    """Tasks, newest first."""
    chosen = TaskFilter(**wanted.model_dump(exclude={"after", "limit"}))
    with hub.db.read() as tx:
        page = service.tasks(tx, chosen, after=wanted.after, limit=wanted.limit)
    return Page(items=[TaskOut.model_validate(item) for item in page.items], next=page.next)


@router.get("/tasks/{task_id}")
def read_task(task_id: str, hub: Hub, _who: Annotated[Subject, may(Action.TASKS_READ)]) -> TaskOut:
    """One task with the body of its queue entry."""
    with hub.db.read() as tx:
        return TaskOut.model_validate(service.task(tx, task_id))


@router.post("/tasks/{task_id}/accept")
def accept_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ACCEPT)],
) -> IncidentOut:
    """I go there."""
    return _act(hub, who, TaskAction.ACCEPT, task_id, key, body)


@router.post("/tasks/{task_id}/on-scene")
def reach_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ON_SCENE)],
) -> IncidentOut:
    """I am there."""
    return _act(hub, who, TaskAction.ON_SCENE, task_id, key, body)


@router.post(
    "/tasks/{task_id}/done",
    max_body_size=DONE_BYTES_MAX,
    form_limits={"max_files": MAX_PHOTOS, "max_fields": 4},
)
def finish_task(
    task_id: str,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_DONE)],
    note: Annotated[str, Form(max_length=4000)] = "",
    at: Annotated[When | None, Form()] = None,
    photos: Annotated[list[UploadFile], File()] = [],  # noqa: B006 - FastAPI makes a copy
) -> IncidentOut:
    """It is done: a note, and photos in JPEG, PNG or WebP."""
    pictures = [jpeg_of(photo.file.read(MAX_BYTES + 1)) for photo in photos]
    photo_ids = tuple(_photo_id(task_id, key, number) for number in range(len(pictures)))
    for photo_id, picture in zip(photo_ids, pictures, strict=True):
        hub.media.put(photo_id, MediaKind.PHOTO, picture)
    body = ActionIn(note=note, at=at)
    return _act(hub, who, TaskAction.DONE, task_id, key, body, photo_ids)


def _photo_id(task_id: str, key: str, number: int) -> str:
    """The same for a repeat, so that a photo sent twice is kept once."""
    return hashlib.sha256(f"{task_id}\0{key}\0{number}".encode()).hexdigest()[:32]


def _act(
    hub: Deps,
    who: Subject,
    action: TaskAction,
    task_id: str,
    key: str,
    body: ActionIn,
    photo_ids: tuple[str, ...] = (),
) -> IncidentOut:
    now = hub.clock.now()
    at = now if body.at is None else body.at.timestamp()
    if at > now + AHEAD_S_MAX:
        raise Refused("`at` lies in the future", code="bad_time")
    receipt = Receipt(task_id, action, min(at, now), who.name, key, body.note, photo_ids)
    with hub.write() as tx:
        incident = service.act(tx, receipt, now=now)
        for photo_id in photo_ids:
            media.link(tx, photo_id, f"task:{task_id}", now)
    return IncidentOut.model_validate(incident)
