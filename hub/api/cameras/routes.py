"""Cameras: the register, the probe, the sheet, the export."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import Query
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection

from hub.access import service as access
from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.bodies import Raw, described
from hub.api.cameras.owners import Owners
from hub.api.cameras.schemas import CameraIn, CameraOut, ImportOut, ProbeOut, RowOut, StatesOut
from hub.api.cameras.states import states_of
from hub.api.deps import Deps
from hub.api.guard import Hub, domain, may
from hub.api.permits import allow_picture
from hub.api.places import standing_of
from hub.api.reach import Within, refuse_outside
from hub.api.references import check_camera, rules_by_id
from hub.api.schemas import Limit, Page
from hub.api.searches import note_export, note_search
from hub.grids import service as grids
from hub.ingest import service as sources
from hub.ingest.hosts import cameras_at, leads_of, refuse_moved_password
from hub.ingest.probe import probe
from hub.ingest.roster import RowOutcome, apply_sheet, export_yaml, plan_sheet
from hub.ingest.sheet import read_cameras
from hub.ingest.source import SourceError
from hub.privacy.places import refuse_place
from hub.types.media import StreamRole
from hub.types.site import CameraSpec

SHEET_BYTES_MAX = 16 << 20

router = domain("cameras")


@router.get("/cameras")
def list_cameras(
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_READ)],
    within: Within,
    text: Annotated[str, Query(max_length=100)] = "",
    after: str = "",
    limit: Limit = 100,
    reason: LookReason = LookReason.MAINTENANCE,
) -> Page[CameraOut]:
    """Cameras by id; `text` is looked for in id, name and owner, and noted in the register."""
    note_search(hub, who, Action.CAMERAS_READ, "cameras", {"text": text} if text else {}, reason)
    with hub.db.read() as tx:
        found = sources.cameras().list(
            tx, text=text, after_id=after, limit=limit + 1, within=within
        )
        standing = grids.mounted(tx)
    shown, states = found[:limit], states_of(hub.heartbeats)
    more = shown[-1].spec.id if len(found) > limit else None
    items = [CameraOut.of(e, states.get(e.spec.id), standing.get(e.spec.id)) for e in shown]
    return Page(items=items, next=more)


@router.get(
    "/cameras/export",
    response_class=PlainTextResponse,
    responses={200: {"content": {"application/yaml": {}}, "description": "cameras.yaml"}},
)
def export_cameras(
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_EXPORT)],
    within: Within,
    reason: LookReason = LookReason.MAINTENANCE,
) -> PlainTextResponse:
    """The cameras as `cameras.yaml`, noted; passwords become names of environment variables."""
    note_export(hub, who, Action.CAMERAS_EXPORT, "cameras", reason)
    with hub.db.read() as tx:
        text = export_yaml(sources.cameras().list(tx, within=within))
    return PlainTextResponse(text, media_type="application/yaml")


@router.get("/cameras/states")
def list_states(
    hub: Hub, _who: Annotated[Subject, may(Action.CAMERAS_READ)], within: Within
) -> StatesOut:
    """How the pictures of all cameras are now; a camera nobody speaks of is missing."""
    states = states_of(hub.heartbeats)
    if not within.everywhere:
        with hub.db.read() as tx:
            known = sources.cameras().known(tx, states.keys(), within=within)
        states = {camera: states[camera] for camera in states.keys() & known}
    return StatesOut(states={camera: health.state for camera, health in states.items()})


@router.post("/cameras/import", max_body_size=SHEET_BYTES_MAX, openapi_extra=described("text/csv"))
def import_cameras(
    body: Raw,
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_IMPORT)],
    dry_run: bool = False,
) -> ImportOut:
    """Register the cameras of a CSV sheet, all or none; each bad row is named by its line.

    What is refused of one camera alone (`owner_is_asked`, `password_wanted`) is refused of a row.
    """
    register, rows, now = sources.cameras(hub.secrets), read_cameras(body), hub.clock.now()
    with hub.db.read() as tx:
        plan = plan_sheet(tx, register, rows, _Check(hub, tx, who, Action.CAMERAS_IMPORT).camera)
    applied = not (dry_run or plan.refused)
    if applied:
        # Surveyed before the transaction: whoever else wants to write waits for its end.
        binder = hub.binder()
        grounds = [binder.ground(spec) for spec, _ in plan.wanted]
        with hub.write() as tx:
            apply_sheet(tx, register, plan, now)
            _note(tx, who, Action.CAMERAS_IMPORT, plan.told, now)
            grids.bind_all(tx, grounds, now)
    return ImportOut(
        applied=applied,
        created=plan.count(RowOutcome.CREATE),
        updated=plan.count(RowOutcome.UPDATE),
        same=plan.count(RowOutcome.SAME),
        refused=plan.count(RowOutcome.REFUSED),
        rows=tuple(RowOut.model_validate(row) for row in plan.rows),
    )


@router.post("/cameras", status_code=201)
def create_camera(
    body: CameraIn, hub: Hub, who: Annotated[Subject, may(Action.CAMERAS_CREATE)], within: Within
) -> CameraOut:
    """Register a camera.

    403 `outside_jurisdiction` for one that stands elsewhere, or has the stream of one that does;
    `owner_is_asked` for the stream of a camera whose owner is asked, under another's name.
    """
    spec, now, binder = body.spec(), hub.clock.now(), hub.binder()
    refuse_outside(within, standing_of(spec, binder))
    with hub.write() as tx:
        told = _Check(hub, tx, who, Action.CAMERAS_CREATE).camera(None, spec)
        _note(tx, who, Action.CAMERAS_CREATE, told, now)
        entry = sources.cameras(hub.secrets).create(tx, spec, now)
        grids.bind_camera(tx, entry.spec, binder, now)
    return CameraOut.of(entry, None)


@router.get("/cameras/{camera_id}")
def read_camera(
    camera_id: str, hub: Hub, _who: Annotated[Subject, may(Action.CAMERAS_READ)], within: Within
) -> CameraOut:
    """One camera with its state."""
    with hub.db.read() as tx:
        entry = sources.cameras().get(tx, camera_id, within=within)
        standing = grids.mounted(tx, camera_id)
    health = states_of(hub.heartbeats).get(camera_id)
    return CameraOut.of(entry, health, standing.get(camera_id))


@router.put("/cameras/{camera_id}")
def update_camera(
    camera_id: str,
    body: CameraIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_UPDATE)],
    within: Within,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> CameraOut:
    """Replace a registration; with `version` only if it is still at that version.

    403 `outside_jurisdiction` for one that would stand elsewhere then, `owner_is_asked` for one
    that would have another owner then, by somebody who does not put consents on file; and both as
    for a new camera where it gets another stream.
    """
    spec, now, binder = body.named(camera_id), hub.clock.now(), hub.binder()
    with hub.write() as tx:
        before = sources.cameras().get(tx, camera_id, within=within).spec
        refuse_outside(within, standing_of(spec, binder))
        told = _Check(hub, tx, who, Action.CAMERAS_UPDATE).camera(before, spec)
        _note(tx, who, Action.CAMERAS_UPDATE, told, now)
        entry = sources.cameras(hub.secrets).update(tx, spec, now, version=version)
        grids.bind_camera(tx, entry.spec, binder, now)
    return CameraOut.of(entry, states_of(hub.heartbeats).get(camera_id))


@router.delete("/cameras/{camera_id}", status_code=204)
def delete_camera(
    camera_id: str, hub: Hub, who: Annotated[Subject, may(Action.CAMERAS_DELETE)], within: Within
) -> None:
    """Take a camera out of the register; its alerts stay.

    403 `owner_is_asked` for a school's or firm's by somebody who does not put consents on file.
    """
    now = hub.clock.now()
    with hub.write() as tx:
        before = sources.cameras().get(tx, camera_id, within=within).spec
        told = Owners(tx, who, Action.CAMERAS_DELETE, now).delete(before)
        _note(tx, who, Action.CAMERAS_DELETE, told, now)
        sources.cameras(hub.secrets).delete(tx, camera_id, now)
        grids.unbind_cameras(tx, [camera_id], now)


@router.post("/cameras/{camera_id}/probe")
def probe_camera(
    camera_id: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_PROBE)],
    within: Within,
    role: StreamRole = StreamRole.MAIN,
    reason: LookReason = LookReason.MAINTENANCE,
) -> ProbeOut:
    """Connect to a camera now and show one picture, if its owner agrees; it is noted who looked."""
    with hub.db.read() as tx:
        allow_picture(hub, tx, who, Action.CAMERAS_PROBE, camera_id)
        camera = sources.cameras(hub.secrets).unlocked(tx, camera_id, within=within)
    leads_of(camera, hub.policy)
    return _probe(hub, camera, role, who, reason, [camera_id])


@router.post("/cameras/probe")
def probe_draft(
    body: CameraIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERAS_CREATE)],
    within: Within,
    role: StreamRole = StreamRole.MAIN,
) -> ProbeOut:
    """The same before a camera is registered; nothing of it is stored but who looked.

    An address that is registered already is that camera's: it is shown to whom that one is shown,
    behind its masks, and noted as a look at it.
    """
    spec = body.spec()
    refuse_place(spec)
    refuse_outside(within, standing_of(spec, hub.binder()))
    leads = leads_of(spec, hub.policy)
    with hub.db.read() as tx:
        there = cameras_at(tx, leads)
        for camera_id in there:
            allow_picture(hub, tx, who, Action.CAMERAS_PROBE, camera_id)
        known = [sources.cameras().get(tx, camera_id).spec for camera_id in there]
    masks = dict.fromkeys(mask for camera in (spec, *known) for mask in camera.masks)
    behind = spec.model_copy(update={"masks": tuple(masks)})
    return _probe(hub, behind, role, who, LookReason.MAINTENANCE, there or [spec.id])


def _probe(
    hub: Deps,
    camera: CameraSpec,
    role: StreamRole,
    who: Subject,
    reason: LookReason,
    seen_of: Sequence[str],
) -> ProbeOut:
    """`seen_of`: the cameras whose picture it is."""
    stream = camera.sub if role is StreamRole.SUB and camera.sub else camera.main
    began = hub.clock.monotonic()
    try:
        seen = probe(stream, camera, opener=hub.opener, clock=hub.clock)
    except SourceError as error:
        return ProbeOut.failed(error, hub.clock.monotonic() - began)
    with hub.write() as tx:
        looks = [(f"probe/{camera_id}", reason) for camera_id in seen_of]
        access.note_looks(tx, who, Action.CAMERAS_PROBE, looks, hub.clock.now())
    return ProbeOut(
        reachable=True,
        codec=seen.codec.value,
        width=seen.width,
        height=seen.height,
        fps=seen.fps,
        took_s=hub.clock.monotonic() - began,
        error=None,
        picture_jpeg=base64.b64encode(seen.jpeg).decode("ascii"),
        gop=seen.gop or None,
        reordered=seen.reordered,
    )


def _note(tx: Connection, who: Subject, action: Action, told: Iterable[str], now: float) -> None:
    """Write into the register of looks through whose hands cameras went; each time counts."""
    lines = [(line, LookReason.MAINTENANCE) for line in told]
    access.note_looks(tx, who, action, lines, now, same_s=0.0)


class _Check:
    """All that is asked of cameras before they are written; what is on file is read once."""

    def __init__(self, hub: Deps, tx: Connection, who: Subject, action: Action) -> None:
        self._policy = hub.policy
        self._rules = rules_by_id(tx)
        self._models = {model.id for model in hub.models()}
        self._owners = Owners(tx, who, action, hub.clock.now())

    def camera(self, before: CameraSpec | None, after: CameraSpec) -> list[str]:
        """Raises HubError for one that may not be; what the register of looks is told of it."""
        leads = leads_of(after, self._policy)
        check_camera(after, self._rules, self._models)
        if before is not None:
            refuse_moved_password(before, after)
        return self._owners.write(before, after, leads)
