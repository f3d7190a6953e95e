"""What a task says to people, out of the body of its queue entry and the registers' names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from hub.api.dispatch.schemas import DueOut, SourceOut, TaskBrief, TaskOut
from hub.api.schemas import Place
from hub.grids.tree import GridTree
from hub.ingest import service as sources
from hub.kit.clock import from_iso
from hub.kit.errors import NotFound
from hub.types.finding import GridWhy
from hub.types.scene import SourceKind
from hub.types.site import Line, Zone
from hub.types.work import DispatchTask

Json = Mapping[str, Any]
Places = Mapping[tuple[str, str], str]
"""Names of zones and lines by camera and id."""

_EXACT = (
    GridWhy.GROUND_POINT,
    GridWhy.GROUND_POINT_OUTSIDE,
    GridWhy.SENSOR_POSITION,
    GridWhy.REPORTED_POSITION,
)


def told(
    tx: Connection, tasks: Iterable[DispatchTask], tree: GridTree, *, message: bool = True
) -> list[TaskOut]:
    """The tasks as they are told; without `message` the body of the queue entry stays away."""
    listed = list(tasks)
    places = _places(tx, (task.message for task in listed))
    return [_told(task, tree, places, message) for task in listed]


def _told(task: DispatchTask, tree: GridTree, places: Places, message: bool) -> TaskOut:
    fields = {name: getattr(task, name) for name in DispatchTask.__slots__}
    body = fields.pop("message")
    return TaskOut(**fields, message=body if message else {}, brief=_brief(body, tree, places))


def _brief(body: Json, tree: GridTree, places: Places) -> TaskBrief:
    source, place, position = body["source"], body["place"], body["position"]
    path = tuple(body["grid"]["path"])
    return TaskBrief(
        severity=body["severity"],
        exercise=body["exercise"],
        rule_kind=body["rule"]["kind"],
        rule_name=body["rule"]["name"],
        source=SourceOut(**{key: source[key] for key in ("id", "kind", "name", "owner")}),
        place=places.get((source["id"], place), place) if place else None,
        position=Place(lon=position["lon"], lat=position["lat"]) if position else None,
        exact=body["grid"]["why"] in _EXACT,
        grid_path=path,
        grid_names=tuple(tree.get(code).name for code in path if code in tree),
        evidence_ids=tuple(each["id"] for each in body["evidence"]),
        captured_at=from_iso(body["times"]["captured_at"]),
        due=DueOut(**{key: at and from_iso(at) for key, at in body["due"].items()}),
        facts=body["facts"],
        alerts=len(body["alert_ids"]),
    )


def _places(tx: Connection, bodies: Iterable[Json]) -> Places:
    seen = {
        body["source"]["id"]
        for body in bodies
        if body["place"] and body["source"]["kind"] == SourceKind.CAMERA
    }
    names: dict[tuple[str, str], str] = {}
    for camera_id in sorted(seen):
        with suppress(NotFound):  # taken out of the register since
            spec = sources.cameras().get(tx, camera_id).spec
            parts: list[Zone | Line] = [*spec.zones, *spec.lines]
            names.update({(camera_id, part.id): part.name for part in parts if part.name})
    return names
