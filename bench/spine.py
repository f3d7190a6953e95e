"""`make bench`: what the hub costs over the bare floor, and how many cameras one core carries.

In turn, as pairs, one after the other on the same simulated cameras: the whole hub (the CPU of
worker, centre and Valkey counts), then the bare floor (see `bench.floor`), with as many calls of
the model as the hub has just made. Ratios of one run are worth something on a busy machine, single
numbers are not. See docs/design/performance.md.
"""

from __future__ import annotations

import argparse
import json
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
from bench.street import CONFIGS, FPS, Street
from hub.analytics.catalog.pull import pull
from hub.app.demo.stage import Extras, Folders
from hub.app.run import Hub
from hub.app.setup import Setup
from hub.config import load_or_refuse
from hub.kit.clock import RealClock
from hub.kit.places import cache_dir
from hub.store.stream import Heartbeats, connect

Json = dict[str, Any]

BOUND = 1.25
CORE_SHARE = 0.7
BUSY_SHARE = 0.01
SETTLE_S = 8.0
"""After the last camera came online: models are loaded, the gates know their scenes."""
COUNTED = ("worker-0", "centre", "valkey")


@dataclass(frozen=True, slots=True)
class Cost:
    """The hub, watched for `camera_s` camera-seconds (pictures that came / frame rate).

    `cpu_s` by process; of that time the `analysed` frames, the model's `calls`, the frames
    `replaced` by newer ones before the model came to them, and the `findings` spooled.
    """

    camera_s: float
    cpu_s: dict[str, float]
    analysed: float
    calls: float
    replaced: float
    findings: float

    @property
    def ms(self) -> float:
        """CPU milliseconds per camera-second."""
        return 1000.0 * sum(self.cpu_s.values()) / self.camera_s

    @property
    def detector_share(self) -> float:
        """Model calls by analysed frames."""
        return self.calls / self.analysed


@dataclass(frozen=True, slots=True)
class Floor:
    """CPU milliseconds of a camera-second of bare video, and of one bare call of the model."""

    video_ms: float
    call_ms: float

    def ms(self, hub: Cost) -> float:
        """CPU milliseconds per camera-second with as many calls as the hub made."""
        return self.video_ms + self.call_ms * hub.calls / hub.camera_s


@dataclass(frozen=True, slots=True)
class Pair:
    """The hub, and the two floors right after it."""

    hub: Cost
    live: Floor
    stored: Floor

    @property
    def over_live(self) -> float:
        """How much dearer than reading the same cameras with plain loops: the bound is on this."""
        return self.hub.ms / self.live.ms(self.hub)

    @property
    def over_stored(self) -> float:
        """How much dearer than decoding the same packets from files, no network at all."""
        return self.hub.ms / self.stored.ms(self.hub)


class Bench:
    """The simulated cameras, and one after the other the hub and the floor on them."""

    def __init__(self, folder: Path, cameras: int, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._street = Street(cameras)
        self._extras = Extras(Folders(folder))
        self._clock = RealClock()
        self._config = folder / "configs"
        self._packets = folder / "packets"
        self._urls: dict[str, str] = {}
        models = load_or_refuse(CONFIGS, None).models
        card = next(card for card in models.models if card.id == models.default)
        self.model = card.id
        self._graph = pull(card, cache_dir())

    def start(self) -> None:
        """Start the cameras and keep some of their packets for the second floor."""
        for made in (self._config, self._packets):
            made.mkdir()
        scenario = self._street.scenario(self._folder)
        command = [sys.executable, "-m", "hub", "simulate", "--scenario", str(scenario)]
        self._extras.start("simulator", command, {})
        log = Folders(self._folder).log("simulator")
        until(lambda: "ready:" in log.read_text("utf-8", "replace"), "the simulator")
        port = re.search(r"on port (\d+)", log.read_text("utf-8"))
        assert port is not None
        base = f"rtsp://127.0.0.1:{port[1]}"
        self._urls = {camera_id: f"{base}/{camera_id}/main" for camera_id in self._street.ids}
        self._street.configs(self._config, self._urls)
        self._floor("live", list(self._urls.values()), 1, "--keep", str(self._packets))

    def stop(self) -> None:
        """Switch the cameras off."""
        self._extras.stop("simulator")

    def pair(self) -> Pair:
        """The hub, then both floors with its number of calls."""
        hub = self._hub(self._seconds)
        calls = max(1, round(hub.calls))
        live = self._floor("live", list(self._urls.values()), calls)
        files = sorted(str(path) for path in self._packets.iterdir())
        return Pair(hub, live, self._floor("stored", files, calls))

    def warm_up(self) -> None:
        """Once for nothing, so that the first pair finds programs and files in memory too."""
        self._hub(seconds=1.0)

    def _hub(self, seconds: float) -> Cost:
        """Start the hub, watch it for a while, stop it."""
        data = Path(tempfile.mkdtemp(dir=self._folder, prefix="data-"))
        setup = Setup(
            config=self._config,
            profile=None,
            data=data,
            cache=cache_dir(),
            host="127.0.0.1",
            port=free_port(),
            workers=1,
            log_level="WARNING",
            redis_url=None,
            database_url=None,
        )
        hub = Hub(setup, self._clock, self._folder / "hub.log")
        hub.prepare()
        try:
            hub.start()
            beats = Heartbeats(connect(hub.setup.redis_url or ""))
            until(lambda: online(beats) == len(self._urls), "the hub's cameras")
            time.sleep(SETTLE_S)
            return self._watched(hub, beats, seconds)
        finally:
            hub.stop()

    def _watched(self, hub: Hub, beats: Heartbeats, seconds: float) -> Cost:
        pids = {**hub.engine.pids, "valkey": hub.valkey_pid}
        processes = {name: psutil.Process(pids[name]) for name in COUNTED}
        first, begun, before = _beat(beats), time.monotonic(), _cpu_s(processes)
        time.sleep(seconds)
        last, ended, after = _beat(beats), time.monotonic(), _cpu_s(processes)
        # The counters are those of the newest heartbeat: their rate is exact, their moment is not.
        stretch = (ended - begun) / max(0.5, last["at"] - first["at"])
        passed = {
            key: stretch * (last[key] - first[key]) for key in ("frames", "analysed", "looked")
        }
        return Cost(
            camera_s=passed["frames"] / FPS,
            cpu_s={name: after[name] - before[name] for name in COUNTED},
            calls=passed["looked"],
            analysed=passed["analysed"],
            replaced=last["replaced"] - first["replaced"],
            findings=last["findings"] - first["findings"],
        )

    def _floor(self, kind: str, places: Sequence[str], calls: int, *more: str) -> Floor:
        """Run the floor as a process of its own."""
        command = [
            *(sys.executable, "-m", "bench.floor", kind, *places, "--model", str(self._graph)),
            *("--calls", str(calls), "--seconds", str(self._seconds), *more),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the floor failed: {done.stderr}")
        said = json.loads(done.stdout.splitlines()[-1])
        return Floor(
            1000.0 * said["video_cpu_s"] * FPS / said["frames"],
            1000.0 * said["model_cpu_s"] / said["calls"],
        )


def _beat(beats: Heartbeats) -> dict[str, float]:
    """Moment and sums of the newest heartbeat."""
    (body,) = beats.all().values()
    cameras = body["cameras"]
    return {
        "at": body["at"],
        "frames": sum(camera["frames_decoded"] for camera in cameras),
        "analysed": sum(camera["frames_analysed"] for camera in cameras),
        "looked": sum(camera["looked"] for camera in cameras),
        "replaced": _counted(body, "hub_analysis_dropped_frames_total"),
        "findings": _counted(body, "hub_findings_spooled_total"),
    }


def _counted(body: Json, name: str) -> float:
    return sum(float(value) for counter, _, value in body["metrics"] if counter == name)


def _cpu_s(processes: dict[str, psutil.Process]) -> dict[str, float]:
    times = {name: process.cpu_times() for name, process in processes.items()}
    return {name: float(spent.user + spent.system) for name, spent in times.items()}


def result(pairs: Sequence[Pair]) -> Json:
    """Medians over the pairs, and whether the bound holds."""
    ratio = statistics.median(pair.over_live for pair in pairs)
    ms = statistics.median(pair.hub.ms for pair in pairs)
    return {
        "ratio": ratio,
        "bound": BOUND,
        "holds": ratio <= BOUND,
        "ratio_to_stored": statistics.median(pair.over_stored for pair in pairs),
        "hub_ms_per_camera_s": ms,
        "detector_share": statistics.median(pair.hub.detector_share for pair in pairs),
        "replaced_share": statistics.median(
            pair.hub.replaced / pair.hub.analysed for pair in pairs
        ),
        "cameras_per_core": int(1000.0 * CORE_SHARE / ms),
        "pairs": [
            asdict(pair) | {"ratio": pair.over_live, "ratio_to_stored": pair.over_stored}
            for pair in pairs
        ],
    }


def table(pairs: Sequence[Pair]) -> Table:
    """One line a pair, CPU milliseconds per camera-second."""
    made = Table(title="CPU, ms per camera-second", box=box.SIMPLE_HEAD, padding=0)
    for heading in (
        *("pair", "worker", "centre", "valkey", "hub", "live\nfloor", "hub/\nfloor"),
        *("stored\nfloor", "hub/\nfloor", "model\nshare", "find-\nings"),
    ):
        made.add_column(heading, justify="right", no_wrap=True)
    for number, pair in enumerate(pairs, start=1):
        hub = pair.hub
        made.add_row(
            str(number),
            *(f"{1000.0 * hub.cpu_s[name] / hub.camera_s:.2f}" for name in COUNTED),
            f"{hub.ms:.2f}",
            f"{pair.live.ms(hub):.2f}",
            f"{pair.over_live:.3f}",
            f"{pair.stored.ms(hub):.2f}",
            f"{pair.over_stored:.3f}",
            f"{100 * hub.detector_share:.1f} %",
            f"{hub.findings:.0f}",
        )
    return made


def verdict(said: Json) -> str:
    """What came out, in words."""
    judged = "holds" if said["holds"] else "DOES NOT HOLD"
    lines = [
        f"hub / floor (live): {said['ratio']:.3f}, bound {BOUND}: {judged}",
        f"hub / floor (stored): {said['ratio_to_stored']:.3f}, for information",
        f"the model looked at {said['detector_share']:.1%} of the analysed frames",
        f"one core carries {said['cameras_per_core']} such cameras at {CORE_SHARE:.0%} load",
    ]
    if said["replaced_share"] > BUSY_SHARE:
        lines.append(
            f"the machine is too busy to judge by: {said['replaced_share']:.1%} of the analysed "
            "frames waited for the model until a newer one replaced them"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 when the bound does not hold."""
    parser = argparse.ArgumentParser(prog="bench.spine", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each half of a pair")
    parser.add_argument("--cameras", type=int, default=20)
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    parser.add_argument("--no-judge", action="store_true", help="end with 0 whatever comes out")
    args = parser.parse_args(arguments)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        bench = Bench(Path(folder), args.cameras, args.seconds)
        console.print(
            f"{args.cameras} cameras, 640x360 H.264 at {FPS} fps, 5 fps analysed, {bench.model}; "
            f"{args.pairs} pairs of {args.seconds:.0f} s"
        )
        try:
            bench.start()
            bench.warm_up()
            pairs = [bench.pair() for _ in range(max(1, args.pairs))]
        finally:
            bench.stop()
    said = result(pairs)
    console.print(table(pairs))
    console.print(verdict(said), highlight=False)
    if args.report:
        args.report.write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    return 0 if said["holds"] or args.no_judge else 1


if __name__ == "__main__":
    raise SystemExit(main())
