"""Files of cameras 一机一档: the list, one, writing a version, the sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from fastapi.responses import PlainTextResponse

from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.camera_files.schemas import (
    CameraFileDetailOut,
    CameraFileIn,
    CameraFileOut,
    CameraFilesOut,
)
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within
from hub.api.schemas import Limit
from hub.api.searches import note_export
from hub.kit.clock import iso
from hub.privacy.files import service
from hub.privacy.files.service import CameraFile, FileShow

router = domain("camera_files")

COLUMNS = (
    *("camera", "name", "owner", "owner_kind", "place_class", "place", "purpose", "location"),
    *("sign_posted", "sign_posted_at", "filing_number", "retention_days", "retention_ground"),
    *("consent_id", "percent", "missing", "version", "written_at"),
)


@router.get("/camera-files")
def list_camera_files(
    hub: Hub,
    _who: Annotated[Subject, may(Action.CAMERA_FILES_READ)],
    within: Within,
    show: FileShow = FileShow.ALL,
    text: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Limit = 100,
) -> CameraFilesOut:
    """Files, the least complete first; a camera without one stands at 0 percent.

    `after` is where a page ended.
    """
    now = hub.clock.now()
    with hub.db.read() as tx:
        files = service.listed(
            tx, now, show=show, text=text, after=after, limit=limit, within=within
        )
    return CameraFilesOut(
        items=[CameraFileOut.of(each) for each in files.items],
        next=files.next,
        total=files.total,
        incomplete=files.incomplete,
    )


@router.get(
    "/camera-files/export",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "The files as a sheet"}},
)
def export_camera_files(
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERA_FILES_READ)],
    within: Within,
    show: FileShow = FileShow.ALL,
    reason: LookReason = LookReason.MAINTENANCE,
) -> PlainTextResponse:
    """The files as CSV, for the authority they are filed with; who took it away is noted."""
    note_export(hub, who, Action.CAMERA_FILES_READ, "camera_files", reason)
    with hub.db.read() as tx:
        files = service.listed(tx, hub.clock.now(), show=show, within=within)
    name = 'attachment; filename="camera-files.csv"'
    # The mark tells spreadsheets that it is UTF-8.
    text = "\ufeff" + _sheet(files.items)
    return PlainTextResponse(text, media_type="text/csv", headers={"Content-Disposition": name})


def _sheet(files: Sequence[CameraFile]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for file in files:
        told = CameraFileOut.of(file).model_dump(mode="json")
        told |= told.pop("content")
        told["missing"] = ";".join(told["missing"])
        told["written_at"] = None if file.written_at is None else iso(file.written_at)
        writer.writerow([_cell(told[column]) for column in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    """As text. A spreadsheet would take what begins so for a formula, and run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@router.get("/camera-files/{camera_id}")
def read_camera_file(
    camera_id: str,
    hub: Hub,
    _who: Annotated[Subject, may(Action.CAMERA_FILES_READ)],
    within: Within,
) -> CameraFileDetailOut:
    """One file with all its versions."""
    with hub.db.read() as tx:
        file = service.get(tx, camera_id, hub.clock.now(), within=within)
        return CameraFileDetailOut.told(file, service.versions(tx, camera_id))


@router.put("/camera-files/{camera_id}")
def write_camera_file(
    camera_id: str,
    body: CameraFileIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.CAMERA_FILES_WRITE)],
    within: Within,
) -> CameraFileDetailOut:
    """Write a new version of a file; the ones before stay."""
    with hub.write() as tx:
        file = service.put(
            tx,
            camera_id,
            body.content(),
            version=body.version,
            by=who.name,
            now=hub.clock.now(),
            ids=hub.ids,
            within=within,
        )
        return CameraFileDetailOut.told(file, service.versions(tx, camera_id))
