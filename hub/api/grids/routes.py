"""Grids: list, one, by point, import."""

from __future__ import annotations

import hashlib
from typing import Annotated

import shapely
from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from hub.access.actions import Action, Subject
from hub.api.bodies import Raw, described
from hub.api.deps import Deps
from hub.api.grids.schemas import FaultOut, GridImportOut, GridOut, HereOut
from hub.api.grids.shapes import GEOJSON, shapes_of
from hub.api.grids.sight import Sight
from hub.api.guard import Hub, domain, may
from hub.api.places import bind_all
from hub.api.reach import ground
from hub.api.schemas import Page, Place
from hub.grids import service
from hub.grids.collection import GridCollection
from hub.grids.repository import StoredGrid
from hub.grids.tree import GridKind, GridTree
from hub.types.site import LonLat
from hub.types.staff import Jurisdiction

IMPORT_BYTES_MAX = 64 << 20

router = domain("grids")


@router.get("/grids")
def list_grids(
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_READ)],
    kind: GridKind | None = None,
    under: str | None = None,
    geometry: bool = False,
) -> Page[GridOut]:
    """Grids valid now, by code; of one kind, or one grid and all below it.

    Of the grids that one's own ground lies in only what they are called.
    """
    with hub.db.read() as tx:
        tree = service.load_tree(tx)
        sight = Sight.of(ground(Action.GRIDS_READ, who), tree)
        if under is not None and not sight.knows(under):
            raise service.no_grid(under)
        stored = service.list_grids(tx, kind=kind, under=under)
    seen = [row for row in stored if sight.knows(row.grid.code)]
    return Page(items=[_out(row, tree, geometry and sight.sees(row.grid.code)) for row in seen])


@router.get("/grids/at")
def locate_grid(
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_READ)],
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> HereOut:
    """The most detailed grid of each kind at a WGS-84 position."""
    binder = hub.binder()
    sight = Sight.of(ground(Action.GRIDS_READ, who), binder.tree)
    located = binder.index.locate(LonLat(lon, lat))
    found = {kind: code for kind, code in located.items() if sight.sees(code)}
    paths = {kind: binder.tree.path(code) for kind, code in found.items()}
    return HereOut(position=Place(lon=lon, lat=lat), grids=found, paths=paths)


@router.get(
    "/grids/shapes",
    response_class=Response,
    responses={
        200: {"content": {GEOJSON: {}}, "description": "GeoJSON in WGS-84"},
        304: {"description": "The grids are those of the `If-None-Match`"},
    },
)
def read_shapes(
    request: Request, hub: Hub, who: Annotated[Subject, may(Action.GRIDS_READ)]
) -> Response:
    """The grids valid now as one small GeoJSON to draw, not to measure with; by ETag.

    Those that one's own ground lies in are named and have no shape.
    """
    own = ground(Action.GRIDS_READ, who)
    with hub.db.read() as tx:
        tag = f'W/"{service.stamp(tx)}/{_word(own)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    tree = hub.binder().tree
    shapes = shapes_of(tree, Sight.of(own, tree))
    return Response(shapes, media_type=GEOJSON, headers=headers)


def _word(own: Jurisdiction) -> str:
    """A word for a ground, in a header: codes may have any letters."""
    return "" if own.everywhere else hashlib.sha256(repr(sorted(own.roots)).encode()).hexdigest()


@router.get("/grids/{code}")
def read_grid(code: str, hub: Hub, who: Annotated[Subject, may(Action.GRIDS_READ)]) -> GridOut:
    """One grid with its geometry."""
    with hub.db.read() as tx:
        tree = service.load_tree(tx)
        sight = Sight.of(ground(Action.GRIDS_READ, who), tree)
        if not sight.knows(code):
            raise service.no_grid(code)
        return _out(service.get_grid(tx, code), tree, sight.sees(code))


@router.post(
    "/grids/import",
    max_body_size=IMPORT_BYTES_MAX,
    openapi_extra=described("application/geo+json", {"type": "object"}),
)
def import_grids(
    body: Raw,
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_IMPORT)],
    dry_run: bool = False,
    exception: Annotated[str, Query(max_length=500)] = "",
) -> GridImportOut:
    """Bring in a GeoJSON collection that names its datum; its faults are listed either way."""
    try:
        collection = GridCollection.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from error
    return _import(hub, collection, who, dry_run, exception)


def _import(
    hub: Deps, collection: GridCollection, who: Subject, dry_run: bool, exception: str
) -> GridImportOut:
    now = hub.clock.now()
    bound, unbound = 0, 0
    with hub.write() as tx:
        report = service.import_features(
            tx,
            collection,
            now=now,
            ids=hub.ids,
            managed_by=service.API,
            exception=exception,
            actor=who.name,
            dry_run=dry_run,
        )
        if report.accepted and report.wrote and not dry_run:
            bound, unbound = bind_all(tx, now)
    return GridImportOut(
        accepted=report.accepted,
        dry_run=dry_run,
        faults=tuple(FaultOut.model_validate(fault) for fault in report.faults),
        added=report.added,
        changed=report.changed,
        retired=report.retired,
        unchanged=report.unchanged,
        exception=report.exception,
        cameras_bound=bound,
        cameras_unbound=unbound,
    )


def _out(row: StoredGrid, tree: GridTree, geometry: bool) -> GridOut:
    grid = row.grid
    return GridOut(
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        scheme=grid.scheme,
        parent_code=grid.parent_code,
        path=tree.path(grid.code),
        centre=grid.centre,
        managed_by=row.managed_by,
        origin=row.origin,
        valid_from=row.valid_from,
        geometry=shapely.geometry.mapping(grid.geometry) if geometry else None,
    )
