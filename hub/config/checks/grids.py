"""Grids against each other, against the dispatch centres, and against where cameras stand."""

from __future__ import annotations

from collections.abc import Iterator

from hub.config.draft import Draft, Entry
from hub.config.node import Problem, Step
from hub.grids.binding import Binder
from hub.grids.collection import grids_of
from hub.grids.topology import Fault, survey
from hub.grids.tree import GridKind, GridTree
from hub.kit.datum import position_wgs84
from hub.types.site import CameraSpec, SensorSpec


def centres(draft: Draft) -> Iterator[Problem]:
    """The centre that a grid names is one of dispatch.yaml."""
    if draft.grids is None or "centres" not in draft.named:
        return
    for number, feature in enumerate(draft.grids.features):
        centre = feature.properties.centre
        if centre is not None and centre not in draft.named["centres"]:
            text = f"there is no centre {centre} in dispatch.yaml"
            yield _problem(draft, text, number, "properties", "centre")


def topology(draft: Draft) -> Iterator[Problem]:
    """Every fault of the grids, unless it is excused by the written exception."""
    excused = bool(draft.settings.grids.exception.strip())
    for fault in _faults(draft):
        if not (excused and fault.excusable):
            yield _problem(draft, str(fault), _number(draft, fault))


def excused(draft: Draft) -> Iterator[Problem]:
    """Faults that the written exception of hub.yaml accepts."""
    if not (reason := draft.settings.grids.exception.strip()):
        return
    for fault in _faults(draft):
        if fault.excusable:
            yield _problem(draft, f"{fault} (accepted: {reason})", _number(draft, fault))


def unbound(draft: Draft) -> Iterator[Problem]:
    """Cameras and sensors that stand in no civil grid: for the centre's own list."""
    if draft.grids is None:
        return
    binder = Binder(GridTree(grids_of(draft.grids)))
    entries: list[Entry[CameraSpec] | Entry[SensorSpec]] = [*draft.cameras, *draft.sensors]
    for entry in entries:
        position = entry.value.position
        if position is None:
            yield entry.problem("no position: its alerts belong to no grid", "position")
        elif GridKind.CIVIL not in binder.index.locate(position_wgs84(position)):
            yield entry.problem("stands outside all grids", "position")


def _faults(draft: Draft) -> tuple[Fault, ...]:
    if draft.grids is None:
        return ()
    return survey(list(grids_of(draft.grids)), draft.settings.grids.sliver_m)


def _number(draft: Draft, fault: Fault) -> int:
    """Which feature to point at: the last with the fault's first code (of two, the later)."""
    features = draft.grids.features if draft.grids is not None else ()
    found = [i for i, f in enumerate(features) if f.properties.code == fault.codes[0]]
    return found[-1] if found else 0


def _problem(draft: Draft, message: str, number: int, *path: Step) -> Problem:
    if draft.grids_file is None:
        raise ValueError("grids without their file")
    place, key = draft.grids_file.at(["features", number, *path])
    return Problem(place, key, message)
