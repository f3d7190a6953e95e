"""`hub models`: what the catalog offers, fetched, checked, measured and tried on a picture."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Column, Table

from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card, ModelsFile
from hub.analytics.catalog.detector import GraphDetector
from hub.analytics.catalog.pull import present, pull
from hub.analytics.still import StillPicture
from hub.config.draft import Draft, read_models
from hub.config.yaml import read_yaml
from hub.kit import fetch
from hub.kit.errors import HubError, Misconfigured, NotFound
from hub.kit.metrics import Metrics
from hub.kit.places import cache_dir
from hub.types.media import U8, Frame
from hub.types.scene import Detections

Act = Callable[[argparse.Namespace], int]
_GREEN, _DARK = (80, 220, 80), (20, 20, 20)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` and its sub-commands."""
    group = commands.add_parser("models", help="list, pull, verify, bench and try models")
    group.add_argument("--config", type=Path, default=Path("configs"), help="folder of models.yaml")
    actions = group.add_subparsers(dest="action", required=True)
    _action(actions, "list", "the catalog, and which models are here", _list)
    for name, told, act in (
        ("pull", "fetch models", _pull),
        ("verify", "fetch models and check that each fits its card", _verify),
    ):
        parser = _action(actions, name, told, act)
        parser.add_argument(
            "models", nargs="*", metavar="MODEL", help="ids (all, if none is named)"
        )
    bench = _action(actions, "bench", "measure one model on this machine, one thread", _bench)
    bench.add_argument("model", metavar="MODEL")
    bench.add_argument("picture", nargs="?", type=Path, help="image or clip (noise, if not named)")
    bench.add_argument("--runs", type=int, default=20)
    trial = _action(actions, "try", "what one model sees in a picture", _try)
    trial.add_argument("model", metavar="MODEL")
    trial.add_argument("picture", type=Path, help="image or clip")
    trial.add_argument("--at", type=float, default=0.0, help="seconds into the clip")
    trial.add_argument("--out", type=Path, help="write the picture with boxes drawn to this PNG")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, told: str, act: Act
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=told)
    parser.set_defaults(run=act)
    return parser


def _catalog_file(folder: Path) -> ModelsFile:
    """models.yaml alone, so that a fault in another file does not keep models from being pulled."""
    path = folder / "models.yaml"
    if not path.is_file():
        raise Misconfigured(f"{path}: there is no such file")
    draft = Draft()
    root, problems = read_yaml(path, str(path), os.environ)
    draft.problems += problems
    read_models(draft, root)
    if draft.problems or draft.models is None:
        raise Misconfigured("\n".join(str(problem) for problem in draft.problems))
    return draft.models


def _cards(args: argparse.Namespace) -> list[Card]:
    """The cards named on the command line, all if none is."""
    models = _catalog_file(args.config).models
    if unknown := sorted(set(args.models) - {card.id for card in models}):
        raise NotFound(f"there is no model {', '.join(unknown)} in {args.config / 'models.yaml'}")
    return [card for card in models if not args.models or card.id in args.models]


def _list(args: argparse.Namespace) -> int:
    file = _catalog_file(args.config)
    cache = cache_dir()
    table = Table(Column("model", no_wrap=True), "task", "licence", "here", "kinds", "source")
    for card in file.models:
        table.add_row(
            f"{card.id} (default)" if card.id == file.default else card.id,
            card.task.value,
            card.licence,
            "yes" if present(card, cache) else "no",
            ", ".join(sorted({kind.value for kind in card.kinds.values()})),
            card.source,
        )
    Console().print(table)
    return 0


def _pull(args: argparse.Namespace) -> int:
    def act(card: Card, progress: fetch.Progress) -> str:
        return str(pull(card, cache_dir(), progress))

    return _each(_cards(args), act)


def _verify(args: argparse.Namespace) -> int:
    def act(card: Card, progress: fetch.Progress) -> str:
        detector = Catalog([card], cache_dir(), Metrics(), progress).detector(card.id)
        return f"fits its card, runs on {detector.device}"

    return _each(_cards(args), act)


def _each(cards: Sequence[Card], act: Callable[[Card, fetch.Progress], str]) -> int:
    """Do it to every card, whatever becomes of the others; 1 when one failed."""
    console, failed = Console(), 0
    for card in cards:
        try:
            with _bar(console) as progress:
                told = act(card, progress)
            console.print(f"[green]ok[/]      {card.id}: {told}", highlight=False, soft_wrap=True)
        except HubError as error:
            failed += 1
            console.print(f"[red]refused[/] {card.id}: ", end="")
            console.print(f"{error.code}: {error}", markup=False, highlight=False, soft_wrap=True)
    return 1 if failed else 0


@contextmanager
def _bar(console: Console) -> Iterator[fetch.Progress]:
    """A bar that shows itself at the first byte and goes away at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(*columns, console=console, transient=True)
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int | None) -> None:
        bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=None)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            bar.stop()


def _bench(args: argparse.Namespace) -> int:
    detector = _detector(args)
    noise = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    picture = StillPicture(_read(args.picture, 0.0) if args.picture else noise)
    rows: list[tuple[float, ...]] = []
    for _ in range(max(1, args.runs) + 1):
        marks = [time.thread_time()]
        feed, place = detector.prepare(picture)
        marks.append(time.thread_time())
        outputs = detector.run(feed)
        marks.append(time.thread_time())
        detector.read(outputs, place)
        marks.append(time.thread_time())
        rows.append(tuple(1000 * (b - a) for a, b in pairwise(marks)))
    medians = [statistics.median(column) for column in zip(*rows[1:], strict=True)]
    table = Table("model", "device", "prepare ms", "run ms", "read ms", "all ms")
    numbers = [f"{value:.2f}" for value in (*medians, sum(medians))]
    table.add_row(detector.model_id, detector.device, *numbers)
    Console().print(table)
    return 0


def _try(args: argparse.Namespace) -> int:
    detector = _detector(args)
    pixels = _read(args.picture, args.at)
    frame = Frame(str(args.picture), 0, args.at, args.at, args.at, StillPicture(pixels))
    found = detector.detect(frame)
    table = Table("kind", "score", "x1", "y1", "x2", "y2")
    for kind, score, box in zip(found.kinds, found.scores, found.xyxy, strict=True):
        table.add_row(kind.value, f"{score:.2f}", *(f"{side:.3f}" for side in box))
    Console().print(table)
    if args.out:
        if args.out.suffix.lower() != ".png" or not cv2.imwrite(
            str(args.out), _drawn(pixels, found)
        ):
            raise Misconfigured(f"{args.out}: cannot be written as a PNG")
        Console().print(f"written: {args.out}", highlight=False)
    return 0


def _detector(args: argparse.Namespace) -> GraphDetector:
    with _bar(Console()) as progress:
        models = _catalog_file(args.config).models
        return Catalog(models, cache_dir(), Metrics(), progress).detector(args.model)


def _read(path: Path, at_s: float) -> U8:
    """The image, or the clip's picture `at_s` seconds into it."""
    if not path.is_file():
        raise NotFound(f"{path}: there is no such file")
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        clip = cv2.VideoCapture(str(path))
        clip.set(cv2.CAP_PROP_POS_MSEC, 1000 * at_s)
        pixels = clip.read()[1]
        clip.release()
    if pixels is None:
        raise NotFound(f"{path}: no picture can be read from it at {at_s} s")
    return np.asarray(pixels, np.uint8)


def _drawn(pixels: U8, found: Detections) -> U8:
    """The picture with a box and a label for each detection."""
    drawn = pixels.copy()
    height, width = drawn.shape[:2]
    size = max(0.4, width / 1800)
    for box, kind, score in zip(found.xyxy, found.kinds, found.scores, strict=True):
        x1, y1, x2, y2 = (int(v) for v in np.rint(box * (width, height, width, height)))
        cv2.rectangle(drawn, (x1, y1), (x2, y2), _GREEN, 2)
        label = f"{kind.value} {score:.2f}"
        (wide, high), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        top = max(high + 6, y1)
        cv2.rectangle(drawn, (x1, top - high - 6), (x1 + wide + 4, top), _GREEN, -1)
        at = (x1 + 2, top - 4)
        cv2.putText(drawn, label, at, cv2.FONT_HERSHEY_SIMPLEX, size, _DARK, 1, cv2.LINE_AA)
    return drawn
