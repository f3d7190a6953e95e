"""`hub check`: what is wrong with a configuration, all of it, or what is in it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.config import HubConfig, Loaded, Problem, load
from hub.grids.collection import grids_of
from hub.grids.topology import survey
from hub.grids.tree import GridKind, GridTree


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check`."""
    parser = commands.add_parser("check", help="say what is wrong with a configuration")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("configs"), metavar="DIR")
    parser.add_argument("--profile", help="overlay in DIR/profiles/<name>, such as demo")
    parser.set_defaults(run=check)


def check(args: argparse.Namespace) -> int:
    """Print the problems and return 1, or a summary and return 0."""
    console = Console()
    loaded = load(args.folder, args.profile)
    _tell(console, args.folder, loaded)
    return 0 if loaded.config is not None else 1


def _tell(console: Console, folder: Path, loaded: Loaded) -> None:
    if loaded.config is None:
        count = len(loaded.problems)
        _list(console, f"{folder}: {count} problem{'s' * (count != 1)}", loaded.problems)
        return
    console.print(_summary(folder, loaded.config))
    console.print(_grids(loaded.config))
    if loaded.notes:
        _list(console, "Worth a look", loaded.notes)


def _list(console: Console, title: str, problems: Iterable[Problem]) -> None:
    """A table on a terminal; elsewhere a problem a line, as `file:line: key: message`."""
    if not console.is_terminal:
        for line in (f"{title}:", *(str(problem) for problem in problems)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    table = Table("where", "key", "what", title=title, title_justify="left")
    table.columns[0].no_wrap = True
    table.columns[1].overflow = "fold"
    for problem in problems:
        where = f"{problem.place.file}:{problem.place.line}"
        # Keys have square brackets, which Rich would take for its own marks.
        table.add_row(escape(where), escape(problem.key), escape(problem.message))
    console.print(table)


def _summary(folder: Path, config: HubConfig) -> Table:
    owners = Counter(camera.owner_kind.value for camera in config.cameras)
    kinds = Counter(rule.kind.value for rule in config.rules)
    table = Table("what", "how many", "which", title=f"{folder}: sound", title_justify="left")
    table.add_row("cameras", str(len(config.cameras)), _counted(owners))
    protocols = Counter[str](sensor.protocol for sensor in config.sensors)
    table.add_row("sensors", str(len(config.sensors)), _counted(protocols))
    table.add_row("rules", str(len(config.rules)), _counted(kinds))
    models = [card.id for card in config.models.models]
    table.add_row(
        "models", str(len(models)), f"{', '.join(models)}; default {config.models.default}"
    )
    centres = [f"{centre.id} ({centre.name})" for centre in config.dispatch.centres]
    table.add_row("centres", str(len(centres)), ", ".join(centres))
    return table


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


def _grids(config: HubConfig) -> Table:
    grids = list(grids_of(config.grids))
    tree = GridTree(grids)
    faults = survey(grids, config.settings.grids.sliver_m)
    title = f"grids ({config.grids.datum.value}), topology: {_verdict(len(faults))}"
    table = Table("kind", "tiers", "grids", title=title, title_justify="left")
    for kind in GridKind:
        tiers = Counter(tree.tier(grid.code) for grid in tree if grid.kind is kind)
        if tiers:
            by_tier = " → ".join(str(tiers[tier]) for tier in sorted(tiers))
            table.add_row(kind.value, by_tier, str(tiers.total()))
    return table


def _verdict(faults: int) -> str:
    return f"{faults} faults accepted by the written exception" if faults else "sound"
