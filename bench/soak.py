"""`make soak`: eight cameras with random faults for half an hour; what ages, what comes back.

The demo's town on the real processes. Faults are drawn from `--seed` before the start and given to
the simulator while it runs; memory, threads and descriptors are read from outside every 5 s, the
cameras' states from the workers' heartbeats.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from bench import soak_verdict as verdict
from bench.soak_picture import draw
from bench.soak_plan import Order, Pace, timetable
from bench.soak_town import Kinds, Town
from bench.soak_watch import Recovery, Sample, Sight, recoveries, sample
from hub.app.demo.run import Demo
from hub.ingest.simulate import FaultKind
from hub.ingest.simulate.control import ask
from hub.kit.clock import Clock, RealClock
from hub.store.stream import Heartbeats, connect
from hub.types.scene import HealthState

Json = dict[str, Any]

LOOK_S = 0.5
SAMPLE_S = 5.0
TELL_S = 60.0


@dataclass(slots=True)
class Seen:
    """Everything noted during a run."""

    seconds: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    sights: dict[str, list[Sight]] = field(default_factory=dict)
    numbers: str = ""
    """The last answer of /metrics."""


class Soak:
    """One run of a town under its timetable of faults."""

    def __init__(self, town: Town, orders: Sequence[Order], clock: Clock, console: Console) -> None:
        self._town = town
        self._orders = list(orders)
        self._clock = clock
        self._console = console
        self._demo: Demo = town.demo(clock)
        self._stopped = threading.Event()
        self._begun_at = 0.0
        self._token: str | None = None
        self.seen = Seen()

    def run(self, seconds: float, patience_s: float = 0.0) -> Json:
        """Start all, watch for `seconds`, stop all; returns the demo's report.

        Where not all cameras are well then, it goes on until they are, for `patience_s` more.
        """
        try:
            self._token = self._demo.start(self._stopped).token
            self._begun_at = self._clock.now()
            self._watch(seconds, patience_s)
            self.seen.seconds = self._demo.elapsed_s
        finally:
            report = self._demo.finish()
        return report

    def _watch(self, seconds: float, patience_s: float) -> None:
        beats = Heartbeats(connect(self._demo.hub.setup.redis_url or ""))
        waiting = list(self._orders)
        sample_at, tell_at = 0.0, TELL_S
        while (at_s := self._demo.elapsed_s) < seconds + (0.0 if self._well() else patience_s):
            while waiting and waiting[0].at_s <= at_s:
                self._give(waiting.pop(0))
            self._look(beats)
            if at_s >= sample_at:
                sample_at += SAMPLE_S
                self._sample(at_s)
            if at_s >= tell_at:
                tell_at += TELL_S
                self._tell(at_s)
            self._clock.wait(self._stopped, LOOK_S)
        self.seen.numbers = self._numbers()

    def _give(self, order: Order) -> None:
        fault = order.fault.model_dump(mode="json")
        answer = ask(
            self._town.control_port, {"do": "fault", "camera": order.camera, "fault": fault}
        )
        if not answer["ok"]:
            raise SystemExit(f"the simulator refuses {order}: {answer['why']}")

    def _look(self, beats: Heartbeats) -> None:
        for body in beats.all().values():
            for camera in body["cameras"]:
                mine = self.seen.sights.setdefault(camera["id"], [])
                at_s = body["at"] - self._begun_at
                if not mine or at_s > mine[-1].at_s:
                    picture_at = camera["last_picture_at"]
                    age_s = None if picture_at is None else body["at"] - picture_at
                    mine.append(Sight(at_s, HealthState(camera["state"]), age_s))

    def _well(self) -> bool:
        return all(mine[-1].well for mine in self.seen.sights.values())

    def _sample(self, at_s: float) -> None:
        # Somebody looks at the screens meanwhile: what the api does must not grow either.
        self._demo.view()
        hub = self._demo.hub
        pids = {name.split("-")[0]: pid for name, pid in hub.engine.pids.items()}
        self.seen.samples += sample({**pids, "valkey": hub.valkey_pid}, at_s)

    def _tell(self, at_s: float) -> None:
        newest = verdict.by_process(self.seen.samples)
        memory = "   ".join(f"{name} {mine[-1].pss_mib:.0f}" for name, mine in newest.items())
        well = sum(mine[-1].well for mine in self.seen.sights.values())
        self._console.print(
            f"{at_s / 60:5.1f} min   {well} of {len(self.seen.sights)} well   MiB: {memory}",
            highlight=False,
        )

    def _numbers(self) -> str:
        setup = self._demo.hub.setup
        return httpx.get(
            f"http://{setup.host}:{setup.port}/metrics",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=5.0,
        ).text


def judged(
    seen: Seen,
    found: Sequence[Recovery],
    report: Json,
    log: str,
    gop_s: float,
    limits: verdict.Limits = verdict.Limits(),
) -> list[verdict.Bound]:
    """All bounds."""
    recovered = (
        verdict.back(seen.sights)
        if limits.recovery_s is None
        else verdict.recovered(found, limits.recovery_s + gop_s)
    )
    return [
        *verdict.ageing(seen.samples, limits),
        *verdict.at_rest(seen.samples, min(one.order.at_s for one in found)),
        *recovered,
        *verdict.nothing_lost(report["ledger"]),
        *verdict.quiet_log(log, seen.seconds / 60.0),
    ]


def written(
    seen: Seen, found: Sequence[Recovery], report: Json, bounds: Sequence[verdict.Bound]
) -> Json:
    """The report as a file."""
    return {
        "seconds": seen.seconds,
        "bounds": [asdict(bound) for bound in bounds],
        "recoveries": [
            {
                "camera": one.order.camera,
                "at_s": round(one.order.at_s, 1),
                "fault": one.order.fault.model_dump(mode="json"),
                "states": [state.value for state in one.states],
                "seconds": one.seconds,
            }
            for one in found
        ],
        "lost": [
            line
            for line in seen.numbers.splitlines()
            if not line.startswith("#") and any(word in line for word in ("dropped", "abandoned"))
        ],
        "samples": [asdict(one) for one in seen.samples],
        **{key: report[key] for key in ("ledger", "cameras", "cpu_s", "latency_ms")},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything as JSON")
    parser.add_argument("--folder", type=Path, help="keep the run's files here; must not exist")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="memory over time")
    args = parser.parse_args(arguments)
    console = Console()
    with _folder(args.folder) as folder:
        town = Town(folder)
        kinds: Kinds = {camera: tuple(FaultKind) for camera in town.cameras}
        town.only_ordered(kinds)
        town.make_ready()
        orders = timetable(random.Random(args.seed), kinds, 60.0 * args.minutes, Pace())
        _announce(console, args.seed, orders)
        soak = Soak(town, orders, RealClock(), console)
        report = soak.run(60.0 * args.minutes)
        log = town.folders.log("hub").read_text("utf-8", "replace")
    found = recoveries(orders, soak.seen.sights)
    bounds = judged(soak.seen, found, report, log, town.gop_s)
    console.print(verdict.recovery_table(found))
    console.print(verdict.bound_table(bounds))
    if args.report:
        content = {"seed": args.seed, **written(soak.seen, found, report, bounds)}
        args.report.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if args.picture:
        draw(soak.seen.samples, args.picture)
    return 0 if all(bound.holds for bound in bounds) else 1


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hub-soak-") as folder:
        yield Path(folder)


def _announce(console: Console, seed: int, orders: Sequence[Order]) -> None:
    console.print(f"seed {seed}: {len(orders)} faults", highlight=False)
    counts: Mapping[str, int] = {
        kind.value: sum(order.fault.kind is kind for order in orders) for kind in FaultKind
    }
    console.print("   ".join(f"{kind} {count}" for kind, count in counts.items()), highlight=False)


if __name__ == "__main__":
    raise SystemExit(main())
