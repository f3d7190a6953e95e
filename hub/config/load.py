"""From a folder of files to one typed tree, or to all that is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.alerts.rules import RuleSpec
from hub.analytics.catalog.cards import ModelsFile
from hub.config import draft as read
from hub.config.checks import CHECKS, NOTES
from hub.config.draft import Draft
from hub.config.geojson import GeoJsonFile
from hub.config.node import Node, Place, Problem, overlay
from hub.config.settings import HubSettings
from hub.config.yaml import read_yaml
from hub.dispatch.config import DispatchConfig
from hub.duty.config import DutyConfig
from hub.grids.collection import GridCollection
from hub.kit.errors import Misconfigured
from hub.types.site import BrokerSpec, CameraSpec, SensorSpec, Spec

GRIDS = "grids.geojson"
READERS: tuple[tuple[str, Callable[[Draft, Node], None], bool], ...] = (
    ("hub.yaml", read.read_settings, False),
    ("dispatch.yaml", read.read_dispatch, True),
    ("duty.yaml", read.read_duty, False),
    ("models.yaml", read.read_models, True),
    ("rules.yaml", read.read_rules, True),
    ("cameras.yaml", read.read_cameras, True),
    ("sensors.yaml", read.read_sensors, False),
)
"""File, its reader, and whether it must be there."""
OTHERS = ("simulation.yaml",)
"""Files that stand in the same folders and are read by other parts (`hub simulate`)."""


def all_files(directory: Path, profile: str | None = None) -> tuple[Path, ...]:
    """Every file a configuration may be read from, there or not."""
    names = (*(name for name, _, _ in READERS), GRIDS)
    return tuple(folder / name for folder in _folders(directory, profile) for name in names)


def _folders(directory: Path, profile: str | None) -> list[Path]:
    return [directory] if profile is None else [directory, directory / "profiles" / profile]


class HubConfig(Spec):
    """All that the files say. Each stage is given its own piece of it."""

    settings: HubSettings
    cameras: tuple[CameraSpec, ...]
    brokers: tuple[BrokerSpec, ...]
    sensors: tuple[SensorSpec, ...]
    rules: tuple[RuleSpec, ...]
    models: ModelsFile
    grids: GridCollection
    dispatch: DispatchConfig
    duty: DutyConfig = DutyConfig()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading: a configuration, or problems. Notes are no reason to refuse."""

    config: HubConfig | None
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def refused(self) -> Misconfigured:
        """What a start raises that finds no configuration: all problems, one a line."""
        told = "\n".join(str(problem) for problem in self.problems)
        return Misconfigured(f"the configuration is refused:\n{told}")


def load(
    directory: Path, profile: str | None = None, environment: Mapping[str, str] | None = None
) -> Loaded:
    """Read the folder, lay `profiles/<profile>` over it, and check all of it at once."""
    given = os.environ if environment is None else environment
    folders = _folders(directory, profile)
    draft = Draft()
    for folder in folders:
        draft.problems += _folder_faults(folder)
    _read_files(draft, folders, given)
    for check in CHECKS:
        draft.problems += check(draft)
    problems = tuple(sorted(set(draft.problems), key=_order))
    if problems:
        return Loaded(None, problems, ())
    notes = tuple(note for check in NOTES for note in check(draft))
    return Loaded(_tree(draft), (), notes)


def load_or_refuse(
    directory: Path, profile: str | None = None, environment: Mapping[str, str] | None = None
) -> HubConfig:
    """`load` for a start: raises Misconfigured with all problems, one a line."""
    loaded = load(directory, profile, environment)
    if loaded.config is None:
        raise loaded.refused()
    return loaded.config


def _order(problem: Problem) -> tuple[str, int, str, str]:
    return (problem.place.file, problem.place.line, problem.key, problem.message)


def _folder_faults(folder: Path) -> list[Problem]:
    """A folder that is not there, and files nobody would read because of a wrong name."""
    if not folder.is_dir():
        return [Problem(Place(str(folder), 1), "", "there is no such folder")]
    known = {GRIDS, *OTHERS, *(name for name, _, _ in READERS)}
    return [
        Problem(Place(str(path), 1), "", f"no file of this name is read; known: {_listed(known)}")
        for path in sorted(folder.iterdir())
        if path.suffix in {".yaml", ".yml", ".geojson"} and path.name not in known
    ]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _read_files(draft: Draft, folders: list[Path], environment: Mapping[str, str]) -> None:
    for name, reader, required in READERS:
        found = [folder / name for folder in folders if (folder / name).exists()]
        if required and not found:
            draft.problems.append(Problem(Place(str(folders[0] / name), 1), "", "is missing"))
        root: Node | None = None
        for path in found:
            node, problems = read_yaml(path, str(path), environment)
            draft.problems += problems
            root = node if root is None else overlay(root, node)
        if root is not None:
            reader(draft, root)
    # A profile may bring grids of its own; they take the place of all others.
    shapes = [folder / GRIDS for folder in folders if (folder / GRIDS).exists()]
    if shapes:
        read.read_grids(draft, GeoJsonFile(shapes[-1], str(shapes[-1])))
    else:
        draft.problems.append(Problem(Place(str(folders[0] / GRIDS), 1), "", "is missing"))


def _tree(draft: Draft) -> HubConfig:
    if draft.models is None or draft.grids is None or draft.dispatch is None:
        raise Misconfigured("a required file was neither read nor refused")
    return HubConfig(
        settings=draft.settings,
        cameras=tuple(entry.value for entry in draft.cameras),
        brokers=tuple(entry.value for entry in draft.brokers),
        sensors=tuple(entry.value for entry in draft.sensors),
        rules=tuple(entry.value for entry in draft.rules),
        models=draft.models,
        grids=draft.grids,
        dispatch=draft.dispatch,
        duty=draft.duty,
    )
