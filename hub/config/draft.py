"""The files of a configuration, each entry checked by itself and kept with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from hub.alerts.rules import RuleSpec
from hub.analytics.catalog.cards import ModelsFile
from hub.config.geojson import GeoJsonFile
from hub.config.node import Node, Place, Problem, Step
from hub.config.settings import HubSettings
from hub.dispatch.config import DispatchConfig
from hub.duty.config import DutyConfig
from hub.grids.collection import GridCollection
from hub.types.site import BrokerSpec, CameraSpec, SensorSpec

T = TypeVar("T")
At = Callable[[Sequence[Step]], tuple[Place, str]]


@dataclass(frozen=True, slots=True)
class Written:
    """One camera, rule, … as it is written, sound or not; `where` names it."""

    node: Node
    where: str

    def problem(self, message: str, *path: Step) -> Problem:
        """A problem of this entry at a path inside it."""
        place, key = self.node.at(path)
        return Problem(place, ".".join(part for part in (self.where, key) if part), message)


@dataclass(frozen=True, slots=True)
class Entry(Written, Generic[T]):
    """One that is sound in itself, with its value."""

    value: T


@dataclass(slots=True)
class Draft:
    """All files. What is wrong in itself stands only in `written`, and its id in `named`."""

    problems: list[Problem] = field(default_factory=list)
    settings: HubSettings = field(default_factory=HubSettings)
    cameras: list[Entry[CameraSpec]] = field(default_factory=list)
    brokers: list[Entry[BrokerSpec]] = field(default_factory=list)
    sensors: list[Entry[SensorSpec]] = field(default_factory=list)
    rules: list[Entry[RuleSpec]] = field(default_factory=list)
    models: ModelsFile | None = None
    grids: GridCollection | None = None
    grids_file: GeoJsonFile | None = None
    dispatch: DispatchConfig | None = None
    duty: DutyConfig = field(default_factory=DutyConfig)
    written: dict[str, list[Written]] = field(default_factory=dict)
    named: dict[str, set[str]] = field(default_factory=dict)


def read_settings(draft: Draft, root: Node) -> None:
    """hub.yaml."""
    draft.settings = _whole(draft, root, TypeAdapter(HubSettings)) or HubSettings()


def read_cameras(draft: Draft, root: Node) -> None:
    """cameras.yaml."""
    draft.cameras = _entries(draft, root, "cameras", TypeAdapter(CameraSpec))
    _only(draft, root, ("cameras",))


def read_sensors(draft: Draft, root: Node) -> None:
    """sensors.yaml."""
    draft.brokers = _entries(draft, root, "brokers", TypeAdapter(BrokerSpec))
    draft.sensors = _entries(draft, root, "sensors", TypeAdapter(SensorSpec))
    _only(draft, root, ("brokers", "sensors"))


def read_rules(draft: Draft, root: Node) -> None:
    """rules.yaml."""
    draft.rules = _entries(draft, root, "rules", TypeAdapter(RuleSpec))
    _only(draft, root, ("rules",))


def read_models(draft: Draft, root: Node) -> None:
    """models.yaml."""
    draft.models = _whole(draft, root, TypeAdapter(ModelsFile))
    _name(draft, root, "models")


def read_dispatch(draft: Draft, root: Node) -> None:
    """dispatch.yaml."""
    draft.dispatch = _whole(draft, root, TypeAdapter(DispatchConfig))
    _name(draft, root, "centres")


def read_duty(draft: Draft, root: Node) -> None:
    """duty.yaml."""
    draft.duty = _whole(draft, root, TypeAdapter(DutyConfig)) or DutyConfig()
    _name(draft, root, "shifts")


def read_grids(draft: Draft, file: GeoJsonFile) -> None:
    """grids.geojson."""
    draft.problems += file.problems
    draft.grids_file = file
    if file.problems:
        return
    try:
        draft.grids = GridCollection.model_validate(file.value)
    except ValidationError as error:
        draft.problems += _told(error, file.at)


def _entries(draft: Draft, root: Node, key: str, adapter: TypeAdapter[T]) -> list[Entry[T]]:
    _name(draft, root, key)
    listed = root.mapping.get(key)
    if listed is None or listed.value is None:
        return []
    if not isinstance(listed.value, list):
        draft.problems.append(Problem(listed.place, key, "must be a list"))
        return []
    entries: list[Entry[T]] = []
    written = draft.written.setdefault(key, [])
    for number, node in enumerate(listed.items):
        where = f"{key}[{node.text('id') or number}]"
        written.append(Written(node, where))
        try:
            entries.append(Entry(node, where, adapter.validate_python(node.plain())))
        except ValidationError as error:
            draft.problems += _told(error, node.at, where)
    return entries


def _name(draft: Draft, root: Node, key: str) -> None:
    """Note the ids of a list, and refuse those given twice."""
    listed = root.mapping.get(key)
    first: dict[str, Node] = {}
    for name, node in listed.ids() if listed else ():
        if name in first:
            place, _ = node.at(["id"])
            before = first[name].at(["id"])[0]
            text = f"the id {name} is given twice (first in {before.file}:{before.line})"
            draft.problems.append(Problem(place, f"{key}[{name}].id", text))
        first.setdefault(name, node)
    draft.named[key] = set(first)


def _only(draft: Draft, root: Node, known: Iterable[str]) -> None:
    for key, node in root.mapping.items():
        if key not in known:
            draft.problems.append(Problem(node.place, key, "unknown key"))


def _whole(draft: Draft, root: Node, adapter: TypeAdapter[T]) -> T | None:
    try:
        return adapter.validate_python(root.plain())
    except ValidationError as error:
        draft.problems += _told(error, root.at)
        return None


_WORDS = {"extra_forbidden": "unknown key", "missing": "is missing"}


def _told(error: ValidationError, at: At, where: str = "") -> list[Problem]:
    """pydantic's errors with places. Never the given value: it may be a password."""
    problems = []
    for item in error.errors(include_input=False, include_url=False):
        location, said = _real(item["loc"]), item["msg"].removeprefix("Value error, ")
        if item["type"].startswith("union_tag"):
            location = (*location, item["ctx"]["discriminator"].strip("'"))
            known = re.findall(r"'(\w+)'", item["ctx"].get("expected_tags", ""))
            said = f"no such kind; known: {', '.join(known)}" if known else "is missing"
        place, key = at(location)
        said = _WORDS.get(item["type"], said)
        joined = ".".join(part for part in (where, key) if part)
        problems.append(Problem(place, joined, said))
    return problems


def _real(location: tuple[Any, ...]) -> tuple[Step, ...]:
    """Without the tags of unions of models, which stand in no file."""
    return tuple(step for step in location if not (isinstance(step, str) and "[" in step))
