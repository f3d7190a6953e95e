"""`make prove`: is nothing lost? Each figure, its bound, what was measured.

    python -m bench.prove [--installation real|embedded|both] [--figures 1,2,…] [--short]
        [--seed N] [--report FILE] [--folder FOLDER]

Ends with 1 when a bound does not hold. See docs/design/proof.md.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from bench.chaos import NotReady
from bench.prove import auditor, clocks, ground, once, outage, phone, standby, storm, stuck
from bench.prove.figures import Line, table
from bench.prove.installation import Installation, Kind, installation
from hub.kit.log import start_logging

Told = Callable[[str], None]
Proof = Callable[[Installation, bool, int, Told], list[Line]]


def _storm(place: Installation, short: bool, seed: int, told: Told) -> list[Line]:
    return storm.storm(place, storm.SHORT if short else storm.Size(), seed, told)


def _outage(place: Installation, short: bool, _seed: int, told: Told) -> list[Line]:
    return outage.outage(place, outage.SHORT if short else outage.Size(), told)


def _standby(place: Installation, short: bool, _seed: int, told: Told) -> list[Line]:
    return standby.standby(place, standby.SHORT if short else standby.Size(), told)


def _once(place: Installation, _short: bool, _seed: int, _told: Told) -> list[Line]:
    return once.once(place)


def _phone(place: Installation, _short: bool, seed: int, _told: Told) -> list[Line]:
    return phone.phone(place, seed)


def _vanish(place: Installation, _short: bool, _seed: int, _told: Told) -> list[Line]:
    return ground.vanish(place)


def _brute(_place: Installation, _short: bool, _seed: int, _told: Told) -> list[Line]:
    return ground.brute()


def _timing(place: Installation, _short: bool, seed: int, _told: Told) -> list[Line]:
    return clocks.timing(place, seed)


def _heartbeat(place: Installation, short: bool, _seed: int, told: Told) -> list[Line]:
    return [*stuck.stuck(place), *auditor.heartbeat(place, short, told)]


PROOFS: tuple[tuple[tuple[int, ...], Proof], ...] = (
    ((1, 2), _storm),
    ((3,), _outage),
    ((4,), _standby),
    ((5,), _once),
    ((6,), _phone),
    ((7,), _timing),
    ((9,), _vanish),
    ((10,), _brute),
    ((11,), _heartbeat),
)
"""Which figures a proof gives; one run of the hub gives two of them."""
FIGURES = tuple(figure for figures, _ in PROOFS for figure in figures)


def prove(
    kind: Kind, figures: Sequence[int], short: bool, seed: int, folder: Path, told: Told
) -> list[Line]:
    """All lines of one installation."""
    found: list[Line] = []
    with installation(kind, folder) as place:
        for gives, proof in PROOFS:
            if set(gives) & set(figures):
                told(f"figure {', '.join(map(str, gives))}")
                try:
                    shown = proof(place, short, seed, told)
                except NotReady as error:
                    shown = [Line(gives[0], f"did not come to its end: {error}", 1, 0)]
                wanted = [line for line in shown if line.figure in figures]
                for line in wanted:
                    told(str(line))
                found += wanted
    return found


def _figures(text: str) -> tuple[int, ...]:
    chosen = tuple(int(part) for part in text.split(","))
    unknown = set(chosen) - set(FIGURES)
    if unknown:
        raise argparse.ArgumentTypeError(f"there are {FIGURES}, not {sorted(unknown)}")
    return chosen


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="bench.prove", description=__doc__)
    parser.add_argument("--installation", choices=["real", "embedded", "both"], default="both")
    parser.add_argument("--figures", type=_figures, default=FIGURES, metavar="1,2,…")
    parser.add_argument("--short", action="store_true", help="few faults, short outages")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--folder", type=Path, help="kept; a temporary one if left out")
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    args = parser.parse_args()
    kinds = list(Kind) if args.installation == "both" else [Kind(args.installation)]
    console, began, lock = Console(), time.monotonic(), threading.Lock()

    def told(line: str) -> None:
        with lock:
            console.print(f"{time.monotonic() - began:8.1f} s  {line}", highlight=False)

    console.print(f"seed {args.seed}")
    results: dict[str, list[Line]] = {}
    with tempfile.TemporaryDirectory(prefix="prove-") as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        start_logging("prove", "ERROR", folder / "prove.log")
        for kind in kinds:
            own = folder / kind.value
            own.mkdir()
            told(f"on {kind.parts}")
            results[kind.value] = prove(kind, args.figures, args.short, args.seed, own, told)
            console.print(table(f"Nothing lost: {kind.parts}", results[kind.value]))
    if args.report is not None:
        content = {
            "seed": args.seed,
            "short": args.short,
            "lines": {
                name: [asdict(line) | {"holds": line.holds} for line in found]
                for name, found in results.items()
            },
        }
        args.report.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(line.holds for found in results.values() for line in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
