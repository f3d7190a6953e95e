"""Grids as an administrator brings them: a GeoJSON collection whose datum is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field, field_validator
from shapely.geometry import MultiPolygon, Polygon

from hub.grids.codes import DEFAULT_SCHEME, SCHEMES
from hub.grids.tree import Grid, GridKind
from hub.kit.datum import to_wgs84
from hub.types.site import Datum, Spec

Vertex = Annotated[tuple[float, ...], Field(min_length=2, max_length=3)]
"""Longitude, latitude and an ignored height, degrees in the collection's datum."""
GeoRing = Annotated[tuple[Vertex, ...], Field(min_length=4)]
"""A GeoJSON ring: the first vertex is repeated at the end."""
Rings = Annotated[tuple[GeoRing, ...], Field(min_length=1)]


class PolygonShape(Spec):
    """A GeoJSON Polygon: the outer ring, then holes."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonShape(Spec):
    """A GeoJSON MultiPolygon, for a grid of several pieces."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[tuple[Rings, ...], Field(min_length=1)]


class GridProperties(Spec):
    """What is known of one grid besides its ground.

    `parent` left out is derived from the code by the scheme; `null` makes the grid a root.
    `centre` names the dispatch centre of dispatch.yaml that serves this grid and all below it.
    """

    code: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1)
    kind: GridKind = GridKind.CIVIL
    scheme: str = DEFAULT_SCHEME
    parent: str | None = None
    centre: str | None = None

    @field_validator("scheme")
    @classmethod
    def _known(cls, scheme: str) -> str:
        if scheme not in SCHEMES:
            raise ValueError(f"there is no scheme {scheme!r}; known: {', '.join(SCHEMES)}")
        return scheme


class GridFeature(Spec):
    """One grid: its ground and its properties."""

    type: Literal["Feature"]
    properties: GridProperties
    geometry: Annotated[PolygonShape | MultiPolygonShape, Field(discriminator="type")]


class GridCollection(BaseModel):
    """A GeoJSON FeatureCollection with one member of ours: `datum`, without which it is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["FeatureCollection"]
    datum: Datum
    name: str = ""
    description: str = ""
    features: tuple[GridFeature, ...] = ()


def grids_of(collection: GridCollection) -> Iterator[Grid]:
    """The collection's grids in WGS-84, parents derived; geometry may still be invalid."""
    vertices = _Vertices(collection.datum)
    for feature in collection.features:
        given = feature.properties
        named = "parent" in given.model_fields_set
        yield Grid(
            code=given.code,
            name=given.name,
            kind=given.kind,
            scheme=given.scheme,
            parent_code=given.parent if named else SCHEMES[given.scheme].parent(given.code),
            centre=given.centre,
            geometry=_ground(feature.geometry, vertices),
        )


class _Vertices:
    """Vertices in WGS-84. Neighbours share them, and the shift is dear: each is worked out once."""

    def __init__(self, datum: Datum) -> None:
        self._datum = datum
        self._known: dict[tuple[float, float], tuple[float, float]] = {}

    def __call__(self, given: Vertex) -> tuple[float, float]:
        lon, lat = given[0], given[1]
        found = self._known.get((lon, lat))
        if found is None:
            at = to_wgs84(lon, lat, self._datum)
            found = self._known[lon, lat] = (at.lon, at.lat)
        return found


def _ground(
    shape: PolygonShape | MultiPolygonShape, vertices: _Vertices
) -> shapely.Polygon | shapely.MultiPolygon:
    if isinstance(shape, PolygonShape):
        return _polygon(shape.coordinates, vertices)
    return MultiPolygon([_polygon(rings, vertices) for rings in shape.coordinates])


def _polygon(rings: Rings, vertices: _Vertices) -> Polygon:
    outer, *holes = ([vertices(vertex) for vertex in ring] for ring in rings)
    return Polygon(outer, holes)
