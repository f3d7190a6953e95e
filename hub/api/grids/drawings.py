"""Redrawing the grids: previewed, brought in as a version, listed, taken back while planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from hub.access.actions import Action, Subject
from hub.api.bodies import Raw, described
from hub.api.grids.schemas import (
    GridImportOut,
    GridPreviewOut,
    GridVersionDetail,
    GridVersionOut,
)
from hub.api.grids.stakes import grants_on, moves, stakes
from hub.api.grids.told import told_change, told_fault
from hub.api.guard import Hub, domain, may
from hub.api.places import bind_all
from hub.api.schemas import Page, When
from hub.grids import redraw, service
from hub.grids.collection import GridCollection
from hub.grids.plan import Missing, Terms
from hub.grids.redraw import Preview
from hub.grids.versions import service as versions
from hub.grids.versions.version import Version, VersionState

Number = Annotated[int, Path(ge=0, lt=2**31)]
"""Of a version."""

IMPORT_BYTES_MAX = 64 << 20
GEOJSON_BODY = described("application/geo+json", {"type": "object"})

router = domain("grids")


def _collection(body: Raw) -> GridCollection:
    try:
        return GridCollection.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from error


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import is asked to do."""

    dry_run: bool
    exception: str
    terms: Terms


def _asked(
    dry_run: bool = False,
    exception: Annotated[str, Query(max_length=500)] = "",
    missing: Missing = Missing.STAY,
    under: str | None = None,
    valid_from: When | None = None,
    why: Annotated[str, Query(max_length=500)] = "",
    seen: str | None = None,
) -> Asked:
    moment = valid_from.timestamp() if valid_from is not None else None
    return Asked(dry_run, exception, Terms(moment, why, missing, under, seen))


@router.post("/grids/preview", max_body_size=IMPORT_BYTES_MAX, openapi_extra=GEOJSON_BODY)
def preview_grids(
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_IMPORT)],  # noqa: ARG001 - asked for, not looked at
    collection: Annotated[GridCollection, Depends(_collection)],
    missing: Missing = Missing.STAY,
    under: str | None = None,
) -> GridPreviewOut:
    """What an import of this collection would change, move and strand; nothing is written.

    It is drawn upon the newest version, planned ones included. `missing=end`: grids made here that
    the collection leaves out end, of the kinds it names, and only below `under` if that is given.
    """
    with hub.db.read() as tx:
        found = redraw.preview(tx, collection, terms=Terms(missing=missing, under=under))
        moved, standing = moves(tx, found), stakes(tx, found, hub.clock.now())
    return GridPreviewOut(
        seen=found.seen,
        sound=found.sound,
        faults=tuple(told_fault(fault) for fault in found.faults),
        files=found.redraw.files,
        changes=tuple(told_change(change) for change in found.changes),
        added=len(found.redraw.added),
        changed=len(found.redraw.changed),
        retired=len(found.redraw.gone),
        unchanged=_unchanged(found),
        moves=moved,
        stakes=standing,
        newest=found.newest.no if found.newest else None,
        not_before=found.newest.valid_from if found.newest else None,
    )


def _unchanged(found: Preview) -> int:
    same = found.redraw
    return len(same.incoming) - len(same.added) - len(same.changed)


@router.post("/grids/import", max_body_size=IMPORT_BYTES_MAX, openapi_extra=GEOJSON_BODY)
def import_grids(
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_IMPORT)],
    collection: Annotated[GridCollection, Depends(_collection)],
    asked: Annotated[Asked, Depends(_asked)],
) -> GridImportOut:
    """Bring in a GeoJSON collection that names its datum; its faults are listed either way.

    `missing` and `under` as in the preview, whose word is `seen`: 409 `grids_changed` if anything
    is another since. `valid_from` later than now plans it; never before the newest version.
    """
    now = hub.clock.now()
    bound, unbound = 0, 0
    with hub.write() as tx:
        report = service.import_features(
            tx,
            collection,
            now=now,
            ids=hub.ids,
            managed_by=service.API,
            exception=asked.exception,
            actor=who.name,
            dry_run=asked.dry_run,
            terms=asked.terms,
        )
        stranded = len(grants_on(tx, report.retired, now))
        if report.accepted and report.wrote and not asked.dry_run and not report.planned:
            bound, unbound = bind_all(tx, now)
    return GridImportOut(
        accepted=report.accepted,
        dry_run=asked.dry_run,
        faults=tuple(told_fault(fault) for fault in report.faults),
        added=report.added,
        changed=report.changed,
        retired=report.retired,
        unchanged=report.unchanged,
        exception=report.exception,
        version=report.version,
        planned=report.planned,
        cameras_bound=bound,
        cameras_unbound=unbound,
        grants_stranded=stranded,
    )


@router.get("/grids/versions")
def list_versions(
    hub: Hub, _who: Annotated[Subject, may(Action.GRIDS_IMPORT)]
) -> Page[GridVersionOut]:
    """All versions of the whole set, newest first."""
    with hub.db.read() as tx:
        listed = versions.versions(tx)
    return Page(items=[_told(each, state) for each, state in listed])


@router.get("/grids/versions/{no}")
def read_version(
    no: Number, hub: Hub, _who: Annotated[Subject, may(Action.GRIDS_IMPORT)]
) -> GridVersionDetail:
    """One version with what it changed; nothing is left of one that was withdrawn."""
    with hub.db.read() as tx:
        found, state = versions.version(tx, no)
        changes = versions.changes(tx, no)
    told = _told(found, state).model_dump()
    return GridVersionDetail(**told, changes=tuple(told_change(change) for change in changes))


@router.post("/grids/versions/{no}/withdraw")
def withdraw_version(
    no: Number, hub: Hub, who: Annotated[Subject, may(Action.GRIDS_IMPORT)]
) -> GridVersionOut:
    """Take back the newest planned version before it counts."""
    with hub.write() as tx:
        versions.withdraw(tx, no, who.name, hub.clock.now(), hub.ids)
        found, state = versions.version(tx, no)
    return _told(found, state)


def _told(found: Version, state: VersionState) -> GridVersionOut:
    fields = {name: getattr(found, name) for name in Version.__slots__}
    return GridVersionOut(**fields, state=state)
