"""`make bench-wall`: what it costs to show sixteen cameras to twenty operators.

The hub runs with real simulated cameras (640x360, 10 fps). In turn, as pairs: `hub wall-load`
opens the walls and the CPU of the whole api process counts (also what it does besides); then a
bare loop writes messages of the same sizes at the same moments to as many sockets (see
`bench.wall_floor`). Ratios of one run are worth something on a busy machine, single numbers are
not. See docs/design/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.ready import free_port, online, until
from bench.street import Street
from hub.app.demo.stage import Extras, Folders
from hub.app.run import Hub
from hub.app.setup import Setup
from hub.kit.clock import RealClock
from hub.kit.places import cache_dir
from hub.store.stream import Heartbeats, connect

Json = dict[str, Any]

OPERATORS, TILES = 20, 16
FPS, KBPS = 10, 540
"""facts of a wall: 173 Mbit/s for 320 tiles of 360p at 10 fps."""
RATIO_MAX = 2.5
SHARE_MAX = 0.06
FIRST_PICTURE_S_MAX = 1.0
IDLE_S = 5.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One figure beside its bound, for the table and the verdict."""

    name: str
    value: float
    bound: float
    shown: str

    @property
    def holds(self) -> bool:
        """Whether the figure keeps to the bound."""
        return self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Pair:
    """The hub, and the bare loop with its bytes right after it. Shares are of one core."""

    hub_share: float
    bare_share: float
    mbps: float
    first_picture_s: float
    delay_s: float
    dropped: int

    @property
    def ratio(self) -> float:
        """How much dearer than the bare loop."""
        return self.hub_share / self.bare_share


class Bench:
    """The simulated cameras, the hub on them, and one after the other walls and bare loop."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._street = Street(TILES, FPS, KBPS, analysed=False)
        self._extras = Extras(Folders(folder))
        self._hub: Hub | None = None
        self._address = ""
        self._token = ""

    def start(self) -> None:
        """Cameras, then the hub; until it sees them all."""
        config = self._folder / "configs"
        config.mkdir()
        scenario = self._street.scenario(self._folder)
        command = [sys.executable, "-m", "hub", "simulate", "--scenario", str(scenario)]
        self._extras.start("simulator", command, {})
        log = Folders(self._folder).log("simulator")
        until(lambda: "ready:" in log.read_text("utf-8", "replace"), "the simulator")
        port = re.search(r"on port (\d+)", log.read_text("utf-8"))
        assert port is not None
        base = f"rtsp://127.0.0.1:{port[1]}"
        self._street.configs(config, {id_: f"{base}/{id_}/main" for id_ in self._street.ids})
        setup = Setup(
            config=config,
            profile=None,
            data=self._folder / "data",
            cache=cache_dir(),
            host="127.0.0.1",
            port=free_port(),
            workers=1,
            log_level="WARNING",
            redis_url=None,
            database_url=None,
        )
        self._hub = hub = Hub(setup, RealClock(), self._folder / "hub.log")
        started = hub.prepare()
        self._address, self._token = started.address, started.token or ""
        hub.start()
        beats = Heartbeats(connect(hub.setup.redis_url or ""))
        until(lambda: online(beats) == TILES, "the hub's cameras")

    def stop(self) -> None:
        """Hub, then cameras."""
        if self._hub is not None:
            self._hub.stop()
        self._extras.stop("simulator")

    @property
    def _api(self) -> int:
        assert self._hub is not None
        return next(pid for name, pid in self._hub.engine.pids.items() if name.startswith("api"))

    def idle_share(self) -> float:
        """The api process while nobody looks."""
        process = psutil.Process(self._api)
        before = process.cpu_times()
        time.sleep(IDLE_S)
        after = process.cpu_times()
        return (after.user + after.system - before.user - before.system) / IDLE_S

    def pair(self, seconds: float | None = None) -> Pair:
        """The walls, then the bare loop with what the walls were sent."""
        report = self._folder / "report.json"
        self._run(
            *("hub", "wall-load", "--url", self._address, "--report", str(report)),
            *("--operators", str(OPERATORS), "--tiles", str(TILES), "--pid", str(self._api)),
            *("--seconds", str(seconds or self._seconds)),
        )
        said = json.loads(report.read_text("utf-8"))
        trace = self._folder / "trace.json"
        trace.write_text(json.dumps(said["trace"]), "utf-8")
        bare = json.loads(self._run("bench.wall_floor", str(trace), str(OPERATORS)))
        return Pair(
            hub_share=said["cpu_share"],
            bare_share=bare["cpu_s"] / bare["seconds"],
            mbps=said["mbps"],
            first_picture_s=said["first_picture_s"]["p95"],
            delay_s=said["delay_s"]["p95"],
            dropped=said["dropped"],
        )

    def _run(self, module: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HUB_TOKEN": self._token},
        )
        if done.returncode:
            raise SystemExit(f"{module} failed: {done.stdout}{done.stderr}")
        return done.stdout


def sending(pairs: Sequence[Pair]) -> list[Judged]:
    """The sending side, by medians; what browsers see is judged beside it by the same class."""
    ratio = statistics.median(pair.ratio for pair in pairs)
    share = statistics.median(pair.hub_share for pair in pairs)
    first = max(pair.first_picture_s for pair in pairs)
    return [
        Judged("CPU, hub / bare loop", ratio, RATIO_MAX, f"{ratio:.2f}"),
        Judged("CPU, share of a core", share, SHARE_MAX, f"{share:.1%}"),
        Judged("first picture, p95", first, FIRST_PICTURE_S_MAX, f"{first:.2f} s"),
    ]


def table(pairs: Sequence[Pair]) -> Table:
    """One line a pair."""
    made = Table(title=f"{OPERATORS} operators x {TILES} tiles", box=box.SIMPLE_HEAD, padding=0)
    for heading in ("pair", "Mbit/s", "hub", "bare", "hub/bare", "first p95", "delay p95", "lost"):
        made.add_column(heading, justify="right", no_wrap=True)
    for number, pair in enumerate(pairs, start=1):
        made.add_row(
            str(number),
            f"{pair.mbps:.0f}",
            f"{pair.hub_share:.1%}",
            f"{pair.bare_share:.1%}",
            f"{pair.ratio:.2f}",
            f"{pair.first_picture_s:.2f} s",
            f"{pair.delay_s:.2f} s",
            str(pair.dropped),
        )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(prog="bench.wall", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each half of a pair")
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    parser.add_argument("--no-judge", action="store_true", help="end with 0 whatever comes out")
    args = parser.parse_args(arguments)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        bench = Bench(Path(folder), args.seconds)
        try:
            bench.start()
            idle = bench.idle_share()
            bench.pair(seconds=1.0)  # for nothing, so that the first pair finds all in memory
            pairs = [bench.pair() for _ in range(max(1, args.pairs))]
        finally:
            bench.stop()
    judged = sending(pairs)
    console.print(table(pairs))
    console.print(f"the api process with nobody looking: {idle:.1%} of a core", highlight=False)
    for each in judged:
        verdict = "holds" if each.holds else "DOES NOT HOLD"
        console.print(f"{each.name}: {each.shown}, bound {each.bound}: {verdict}", highlight=False)
    if args.report:
        said: Json = {
            "pairs": [asdict(pair) | {"ratio": pair.ratio} for pair in pairs],
            "idle_share": idle,
            "judged": [asdict(each) | {"holds": each.holds} for each in judged],
        }
        args.report.write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    return 0 if args.no_judge or all(each.holds for each in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
