"""Grids, faults and changes as they are told."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from hub.api.grids.schemas import GeoJson, GridChangeOut, GridFaultOut, GridOut
from hub.api.grids.shapes import TOLERANCE_DEG, rounded
from hub.api.schemas import Place
from hub.grids.change import Change, ChangeKind
from hub.grids.repository import StoredGrid
from hub.grids.topology import Fault


def told_grid(row: StoredGrid, path: tuple[str, ...], geometry: bool) -> GridOut:
    """One grid of its time, whole or without its ground."""
    grid = row.grid
    return GridOut(
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        scheme=grid.scheme,
        parent_code=grid.parent_code,
        path=path,
        centre=grid.centre,
        managed_by=row.managed_by,
        origin=row.origin,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        version=row.version,
        geometry=shapely.geometry.mapping(grid.geometry) if geometry else None,
    )


def told_fault(fault: Fault) -> GridFaultOut:
    """One fault with what is drawn of it."""
    return GridFaultOut(
        kind=fault.kind,
        codes=fault.codes,
        text=fault.text,
        area_m2=fault.area_m2,
        at=Place(lon=fault.at.lon, lat=fault.at.lat) if fault.at else None,
        excusable=fault.excusable,
        geometry=shapely.geometry.mapping(rounded(fault.shape)) if fault.shape else None,
    )


def told_change(change: Change) -> GridChangeOut:
    """One change; the old ground only where it is another or no more."""
    before, after = change.before, change.after
    known = after or before
    assert known is not None  # noqa: S101 - a change has a side
    other = after is None or ChangeKind.RESHAPED in change.kinds
    return GridChangeOut(
        code=change.code,
        kinds=change.kinds,
        grid_kind=known.kind,
        name_before=before.name if before else None,
        name=after.name if after else None,
        parent_before=before.parent_code if before else None,
        parent=after.parent_code if after else None,
        centre_before=before.centre if before else None,
        centre=after.centre if after else None,
        area_before_m2=change.area_before_m2,
        area_after_m2=change.area_after_m2,
        moved=change.moved,
        heirs=change.heirs,
        origins=change.origins,
        geometry_before=_drawn(before.geometry) if before and other else None,
        geometry=_drawn(after.geometry) if after else None,
    )


def _drawn(geometry: BaseGeometry) -> GeoJson:
    return dict(shapely.geometry.mapping(rounded(shapely.simplify(geometry, TOLERANCE_DEG))))
