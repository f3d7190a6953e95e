"""Grids: list, one, by point, what they were."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from hub.access.actions import Action, Subject
from hub.api.deps import Deps
from hub.api.grids.schemas import GridOut, HereOut
from hub.api.grids.shapes import GEOJSON, shapes_of
from hub.api.grids.sight import Sight
from hub.api.grids.told import told_grid
from hub.api.guard import Hub, domain, may
from hub.api.reach import ground
from hub.api.schemas import Page, Place, When
from hub.grids import service
from hub.grids.repository import StoredGrid
from hub.grids.tree import GridKind, GridTree
from hub.grids.versions import service as versions
from hub.types.site import LonLat
from hub.types.staff import Jurisdiction

router = domain("grids")


@router.get("/grids")
def list_grids(
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_READ)],
    kind: GridKind | None = None,
    under: str | None = None,
    geometry: bool = False,
    at: When | None = None,
) -> Page[GridOut]:
    """Grids in force now, or at a moment gone by or to come, by code.

    Of one kind, or one grid and all below it. Of the grids that one's own ground lies in only what
    they are called.
    """
    drawn = _drawn(hub, at)
    tree = GridTree(row.grid for row in drawn)
    sight = Sight.of(ground(Action.GRIDS_READ, who), tree)
    if under is not None and not sight.knows(under):
        raise service.no_grid(under)
    chosen = service.select(drawn, kind=kind, under=under)
    seen = [row for row in chosen if sight.knows(row.grid.code)]
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
def read_grid(
    code: str,
    hub: Hub,
    who: Annotated[Subject, may(Action.GRIDS_READ)],
    at: When | None = None,
) -> GridOut:
    """One grid with its geometry, as it is now or was at a moment, such as an alert's."""
    drawn = _drawn(hub, at)
    tree = GridTree(row.grid for row in drawn)
    sight = Sight.of(ground(Action.GRIDS_READ, who), tree)
    for row in drawn:
        if row.grid.code == code and sight.knows(code):
            return _out(row, tree, sight.sees(code))
    raise service.no_grid(code)


@router.get("/grids/{code}/history")
def read_history(
    code: str, hub: Hub, who: Annotated[Subject, may(Action.GRIDS_READ)]
) -> Page[GridOut]:
    """What a grid was called and how it was drawn, is, and will be; newest first.

    Only of the times when it lay in one's own ground.
    """
    own = ground(Action.GRIDS_READ, who)
    with hub.db.read() as tx:
        found = [past for past in versions.history(tx, code) if own.covers(past.path)]
    if not found:
        raise service.no_grid(code)
    return Page(items=[told_grid(past.stored, past.path, geometry=True) for past in found])


def _out(row: StoredGrid, tree: GridTree, geometry: bool) -> GridOut:
    return told_grid(row, tree.path(row.grid.code), geometry)


def _drawn(hub: Deps, at: datetime | None) -> list[StoredGrid]:
    known = hub.binder().tree
    with hub.db.read() as tx:
        return service.drawing(tx, at.timestamp() if at is not None else None, known)
