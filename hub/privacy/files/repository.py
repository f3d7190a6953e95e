"""Queries on files of cameras, beside the register they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.ground import Standing, sources_inside
from hub.store.tables.consents import consents
from hub.store.tables.privacy import camera_files
from hub.store.tables.sources import cameras
from hub.types.staff import Jurisdiction

Found = Row[Any]
"""A row as the database has it."""
AT_ONCE = 500
"""Names in one question."""


_SPEC = cameras.c.spec
_STANDING = (
    cameras.c.id.label("camera"),
    _SPEC["owner"].as_string().label("owner"),
    _SPEC["owner_kind"].as_string().label("owner_kind"),
    _SPEC["place"].as_string().label("place"),
    _SPEC["position"]["datum"].as_string().label("map_point"),
)
"""What the register says of a camera, as its file is measured by it."""
COUNTED = (
    *("purpose", "location", "sign_posted", "sign_posted_at"),
    *("filing_number", "retention_days", "retention_ground"),
)
"""What of a file is looked at to say how complete it is."""
_WHOLE = (
    *_STANDING,
    cameras.c.enabled,
    _SPEC["name"].as_string().label("name"),
    _SPEC["place_class"].as_string().label("place_class"),
    *camera_files.c,
)


def _cameras(*columns: ColumnElement[Any]) -> Select[Any]:
    """Each camera with what its file needs to know of it, and its newest file."""
    newest = (
        select(camera_files.c.camera_id, func.max(camera_files.c.version).label("version"))
        .group_by(camera_files.c.camera_id)
        .subquery()
    )
    return (
        select(*columns)
        .select_from(cameras)
        .outerjoin(newest, newest.c.camera_id == cameras.c.id)
        .outerjoin(
            camera_files,
            and_(
                camera_files.c.camera_id == cameras.c.id,
                camera_files.c.version == newest.c.version,
            ),
        )
    )


def counted(tx: Connection, within: Jurisdiction, text: str) -> list[Found]:
    """All cameras of a ground, with what says how complete their files are, by id.

    Each row: camera, owner, owner_kind, place, map_point, version, and what `COUNTED` names.
    `text` is part of id, name or owner.
    """
    kept = (camera_files.c[name] for name in COUNTED)
    query = _cameras(*_STANDING, camera_files.c.version, *kept).order_by(cameras.c.id)
    inside = sources_inside(Standing.CAMERA, within)
    if inside is not None:
        query = query.where(cameras.c.id.in_(inside))
    if text:
        spec = cameras.c.spec
        named = (cameras.c.id, spec["name"].as_string(), spec["owner"].as_string())
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in named)))
    return list(tx.execute(query))


def whole(tx: Connection, camera_ids: Sequence[str]) -> list[Found]:
    """These cameras, in no order."""
    found: list[Found] = []
    for first in range(0, len(camera_ids), AT_ONCE):
        chosen = cameras.c.id.in_(camera_ids[first : first + AT_ONCE])
        found += tx.execute(_cameras(*_WHOLE).where(chosen))
    return found


def get(tx: Connection, camera_id: str, within: Jurisdiction) -> Found | None:
    """One camera of a ground."""
    query = _cameras(*_WHOLE).where(cameras.c.id == camera_id)
    inside = sources_inside(Standing.CAMERA, within)
    return tx.execute(query if inside is None else query.where(cameras.c.id.in_(inside))).first()


def versions(tx: Connection, camera_id: str) -> list[Found]:
    """All versions of a camera's file, newest first."""
    mine = select(camera_files).where(camera_files.c.camera_id == camera_id)
    return list(tx.execute(mine.order_by(camera_files.c.version.desc())))


def insert_file(tx: Connection, row: Mapping[str, object]) -> bool:
    """Write a version; False if somebody else has written this one just now."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    taken = (camera_files.c.camera_id, camera_files.c.version)
    first = dialect.insert(camera_files).values(**row).on_conflict_do_nothing(index_elements=taken)
    return tx.execute(first.returning(camera_files.c.id)).first() is not None


def consented(tx: Connection, now: float) -> tuple[set[str], set[str]]:
    """Owners, and single cameras, of whom a consent is in force."""
    live = and_(
        consents.c.starts_at <= now, or_(consents.c.ended_at.is_(None), consents.c.ended_at > now)
    )
    rows = tx.execute(select(consents.c.owner, consents.c.camera).where(live)).all()
    return (
        {row.owner for row in rows if row.camera is None},
        {row.camera for row in rows if row.camera is not None},
    )


def has_consent(tx: Connection, consent_id: str, owner: str) -> bool:
    """Whether there is such a consent of this owner, in force or not."""
    mine = (consents.c.id == consent_id, consents.c.owner == owner)
    return tx.execute(select(consents.c.id).where(*mine)).first() is not None
