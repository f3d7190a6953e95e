"""Files of cameras: one for each, kept in versions; nothing is written over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.privacy.files import repository
from hub.privacy.files.completeness import (
    Completeness,
    Content,
    Purpose,
    RetentionGround,
    Standing,
    completeness,
)
from hub.types.site import OwnerKind
from hub.types.staff import EVERYWHERE, Jurisdiction

_CONTENT = tuple(field.name for field in fields(Content))
_NOTHING = Content()


class FileShow(StrEnum):
    """Which files of a list are wanted."""

    ALL = "all"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class CameraFile:
    """The newest file of a camera; version 0 and nobody: there is none yet."""

    camera: str
    name: str
    owner: str
    owner_kind: OwnerKind
    place_class: str
    place: str | None
    content: Content
    complete: Completeness
    version: int
    written_at: float | None
    written_by: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """What was written into a file at some time."""

    version: int
    content: Content
    written_at: float
    written_by: str


@dataclass(frozen=True, slots=True)
class Files:
    """A page of files. `next`: where it ended, None at the end; the numbers are of all."""

    items: tuple[CameraFile, ...]
    next: str | None
    total: int
    incomplete: int


def listed(
    tx: Connection,
    now: float,
    *,
    show: FileShow = FileShow.ALL,
    text: str = "",
    after: str = "",
    limit: int | None = None,
    within: Jurisdiction = EVERYWHERE,
) -> Files:
    """The files of a ground: the least complete first, then by id; after `after`, at most `limit`.

    All are measured to be put in order, but only those of the page are read.
    """
    owners, single = repository.consented(tx, now)
    measured = [_measured(row, owners, single) for row in repository.counted(tx, within, text)]
    if show is not FileShow.ALL:
        wants_all = show is FileShow.COMPLETE
        measured = [each for each in measured if (not each[1].missing) == wants_all]
    places = sorted(f"{complete.percent:03d}~{camera}" for camera, complete in measured)
    rest = places[bisect_right(places, after) :]
    chosen = [place.partition("~")[2] for place in rest[:limit]]
    known = {row.camera: row for row in repository.whole(tx, chosen)}
    more = limit is not None and len(rest) > limit
    return Files(
        items=tuple(_file(known[camera], owners, single) for camera in chosen),
        next=rest[limit - 1] if more and limit else None,
        total=len(measured),
        incomplete=sum(bool(complete.missing) for _, complete in measured),
    )


def _measured(
    row: repository.Found, owners: Collection[str], single: Collection[str]
) -> tuple[str, Completeness]:
    values: tuple[Any, ...] = tuple(row)
    camera, owner, kind, place, datum, version = values[:6]
    standing = Standing(
        OwnerKind(kind), place, datum is not None, owner in owners or camera in single
    )
    said = dict(zip(repository.COUNTED, values[6:], strict=True))
    content = _NOTHING if version is None else _content(said)
    return camera, completeness(content, standing)


def get(
    tx: Connection, camera_id: str, now: float, *, within: Jurisdiction = EVERYWHERE
) -> CameraFile:
    """One file. Raises NotFound as for a camera that does not exist."""
    row = repository.get(tx, camera_id, within)
    if row is None:
        raise NotFound(f"there is no camera {camera_id}")
    owners, single = repository.consented(tx, now)
    return _file(row, owners, single)


def versions(tx: Connection, camera_id: str) -> list[Version]:
    """All that was ever written into it, newest first."""
    rows = repository.versions(tx, camera_id)
    return [Version(r.version, _row_content(r), r.written_at, r.written_by) for r in rows]


def put(
    tx: Connection,
    camera_id: str,
    content: Content,
    *,
    version: int,
    by: str,
    now: float,
    ids: Ids,
    within: Jurisdiction = EVERYWHERE,
) -> CameraFile:
    """Write a new version over the one that was looked at (0: there was none).

    Raises NotFound, Conflict (`stale_version`), Refused (`no_such_consent`, `bad_time`).
    """
    before = get(tx, camera_id, now, within=within)
    if before.version != version:
        raise _stale(f"the file is at version {before.version}")
    known = content.consent_id is None or repository.has_consent(
        tx, content.consent_id, before.owner
    )
    if not known:
        text = f"{before.owner} has no consent {content.consent_id} on file"
        raise Refused(text, code="no_such_consent")
    if content.sign_posted_at is not None and content.sign_posted_at > now:
        raise Refused("the sign is put up already, or not yet posted", code="bad_time")
    row = {"id": ids(), "camera_id": camera_id, "version": version + 1, **asdict(content)}
    if not repository.insert_file(tx, {**row, "written_at": now, "written_by": by}):
        raise _stale("somebody else wrote it just now")
    return get(tx, camera_id, now)


def _stale(text: str) -> Conflict:
    return Conflict(text, code="stale_version")


def _file(row: repository.Found, owners: Collection[str], single: Collection[str]) -> CameraFile:
    content = _NOTHING if row.version is None else _row_content(row)
    kind = OwnerKind(row.owner_kind)
    standing = Standing(
        owner_kind=kind,
        place=row.place,
        map_point=row.map_point is not None,
        consented=row.owner in owners or row.camera in single,
    )
    return CameraFile(
        camera=row.camera,
        name=row.name,
        owner=row.owner,
        owner_kind=kind,
        place_class=row.place_class,
        place=row.place,
        content=content,
        complete=completeness(content, standing),
        version=row.version or 0,
        written_at=row.written_at,
        written_by=row.written_by,
    )


def _row_content(row: repository.Found) -> Content:
    return _content({name: getattr(row, name) for name in _CONTENT})


def _content(said: dict[str, Any]) -> Content:
    """What a row says of a file, whole or in part."""
    purpose, ground = said["purpose"], said["retention_ground"]
    said["purpose"] = None if purpose is None else Purpose(purpose)
    said["retention_ground"] = None if ground is None else RetentionGround(ground)
    return Content(**said)
