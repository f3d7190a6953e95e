"""Incidents and tasks: list, one, and what grid workers do about them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import File, Form, Header, Query, UploadFile

from hub.access.actions import Action, Subject
from hub.access.rules import roles_at
from hub.api.deps import Deps
from hub.api.dispatch.briefs import told
from hub.api.dispatch.photos import MAX_BYTES, keep, refuse_gone, unlinked
from hub.api.dispatch.schemas import (
    ActionIn,
    IncidentOut,
    IncidentQuery,
    PhotoOut,
    TaskOut,
    TaskQuery,
)
from hub.api.guard import Hub, domain, may
from hub.api.reach import Units, Within
from hub.api.schemas import Page, When
from hub.api.searches import note_search
from hub.dispatch import service
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.dispatch.photos import PHOTOS_MAX, add, came, known
from hub.kit.errors import Refused
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import Receipt, TaskAction, TaskPhoto

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
    who: Annotated[Subject, may(Action.INCIDENTS_READ)],
    within: Within,
    units: Units,
) -> Page[IncidentOut]:
    """Incidents, newest first; a search is noted in the register."""
    note_search(hub, who, Action.INCIDENTS_READ, "incidents", wanted, wanted.reason)
    chosen = IncidentFilter(
        **wanted.model_dump(exclude={"reason", "after", "limit"}), within=within, units=units
    )
    with hub.db.read() as tx:
        page = service.incidents(tx, chosen, after=wanted.after, limit=wanted.limit)
    return Page(items=[IncidentOut.model_validate(item) for item in page.items], next=page.next)


@router.get("/tasks")
def list_tasks(
    hub: Hub,
    wanted: Annotated[TaskQuery, Query()],
    who: Annotated[Subject, may(Action.TASKS_READ)],
    within: Within,
) -> Page[TaskOut]:
    """Tasks, newest first."""
    chosen = TaskFilter(
        **wanted.model_dump(exclude={"after", "limit", "mine", "message"}),
        assignee=who.name if wanted.mine else None,
        within=EVERYWHERE if wanted.mine else within,
    )
    tree = hub.binder().tree
    with hub.db.read() as tx:
        page = service.tasks(tx, chosen, after=wanted.after, limit=wanted.limit)
        items = told(tx, page.items, tree, message=wanted.message)
    return Page(items=items, next=page.next)


@router.get("/tasks/{task_id}")
def read_task(
    task_id: str, hub: Hub, who: Annotated[Subject, may(Action.TASKS_READ)], within: Within
) -> TaskOut:
    """One task with the body of its queue entry."""
    tree = hub.binder().tree
    with hub.db.read() as tx:
        (task,) = told(tx, [service.task(tx, task_id, within=within, own=who.name)], tree)
    return task


@router.post("/tasks/{task_id}/accept")
def accept_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ACCEPT)],
    within: Within,
) -> IncidentOut:
    """I go there."""
    return _act(hub, who, within, _receipt(hub, who, TaskAction.ACCEPT, task_id, key, body))


@router.post("/tasks/{task_id}/take-over")
def take_over_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ACCEPT)],
    within: Within,
) -> IncidentOut:
    """Another accepted it, and I go there instead; the note says why."""
    return _act(hub, who, within, _receipt(hub, who, TaskAction.TAKE_OVER, task_id, key, body))


@router.post("/tasks/{task_id}/on-way")
def set_out_for_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ON_WAY)],
    within: Within,
) -> IncidentOut:
    """I am on my way."""
    return _act(hub, who, within, _receipt(hub, who, TaskAction.ON_WAY, task_id, key, body))


@router.post("/tasks/{task_id}/on-scene")
def reach_task(
    task_id: str,
    body: ActionIn,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_ON_SCENE)],
    within: Within,
) -> IncidentOut:
    """I am there."""
    return _act(hub, who, within, _receipt(hub, who, TaskAction.ON_SCENE, task_id, key, body))


@router.post(
    "/tasks/{task_id}/done",
    max_body_size=DONE_BYTES_MAX,
    form_limits={"max_files": MAX_PHOTOS, "max_fields": 4 + PHOTOS_MAX},
)
def finish_task(
    task_id: str,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_DONE)],
    within: Within,
    note: Annotated[str, Form(max_length=4000)] = "",
    at: Annotated[When | None, Form()] = None,
    photo_ids: Annotated[list[str], Form(max_length=PHOTOS_MAX)] = [],  # noqa: B006 - likewise
    photos: Annotated[list[UploadFile], File()] = [],  # noqa: B006 - FastAPI makes a copy
) -> IncidentOut:
    """It is done: a note, the ids of photos sent before, and photos in JPEG, PNG or WebP."""
    own = [_photo_id(task_id, key, str(number)) for number in range(len(photos))]
    body, ids = ActionIn(note=note, at=at), (*photo_ids, *own)
    receipt = _receipt(hub, who, TaskAction.DONE, task_id, key, body, ids)
    with hub.db.read() as tx:
        service.task(tx, task_id, within=within, own=who.name)
        first = service.answered(tx, receipt)
        if first is None:
            known(tx, task_id, photo_ids)
            refuse_gone(hub.media, unlinked(tx, photo_ids))
    if first is not None:  # what a repeat carries is not even looked at: the case has gone on
        return IncidentOut.model_validate(first)
    keep(hub.media, dict(zip(own, photos, strict=True)))
    return _act(hub, who, within, receipt)


@router.post(
    "/tasks/{task_id}/photos",
    max_body_size=MAX_BYTES + (1 << 20),
    form_limits={"max_files": 1, "max_fields": 1},
)
def send_photo(
    task_id: str,
    key: IdempotencyKey,
    hub: Hub,
    who: Annotated[Subject, may(Action.TASKS_DONE)],
    within: Within,
    photo: Annotated[UploadFile, File()],
) -> PhotoOut:
    """One photo in JPEG, PNG or WebP. What `done` does not name within a day is forgotten.

    A photo that comes after the `done` belongs to the task at once.
    """
    sent = TaskPhoto(task_id, _photo_id(task_id, key, "photo"), who.name, key)
    with hub.db.read() as tx:
        service.task(tx, task_id, within=within, own=who.name)
        came(tx, sent)
    keep(hub.media, {sent.photo_id: photo})
    with hub.write() as tx:
        add(tx, sent, hub.clock.now())
    return PhotoOut(photo_id=sent.photo_id)


def _photo_id(task_id: str, key: str, which: str) -> str:
    """The same for a repeat, so that a photo sent twice is kept once."""
    return hashlib.sha256(f"{task_id}\0{key}\0{which}".encode()).hexdigest()[:32]


def _receipt(
    hub: Deps,
    who: Subject,
    action: TaskAction,
    task_id: str,
    key: str,
    body: ActionIn,
    photo_ids: tuple[str, ...] = (),
) -> Receipt:
    now = hub.clock.now()
    at = now if body.at is None else body.at.timestamp()
    if at > now + AHEAD_S_MAX:
        raise Refused("`at` lies in the future", code="bad_time")
    return Receipt(task_id, action, min(at, now), who.name, key, body.note, photo_ids)


def _act(hub: Deps, who: Subject, within: Jurisdiction, receipt: Receipt) -> IncidentOut:
    with hub.write() as tx:
        errand = service.task(tx, receipt.task_id, within=within, own=who.name)
        # Whoever accepted goes on with it, also where it lies beyond their ground by now.
        own = errand.assignee == who.name
        here = service.incident(tx, errand.incident_id).grid_path
        roles = who.roles if own else roles_at(who, here)
        incident = service.act(tx, replace(receipt, roles=roles), now=hub.clock.now())
    return IncidentOut.model_validate(incident)
