"""`make chaos`: the real hub under SIGKILL, and what was lost: ids compared from both ends.

    python -m bench.chaos [--rounds 10] [--seed N] [--report FILE]
        [--database-url postgresql+psycopg://…] [--redis-url redis://…]

Worker, centre, api, queue server and an extra producer are each killed `--rounds` times, in random
order with random pauses, while findings and readings flow. A Redis given by URL is wiped instead.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import httpx
from rich.console import Console
from rich.table import Table

from bench.chaos_client import Posting
from bench.chaos_crew import ROOT, Crew
from bench.chaos_ledger import (
    Figure,
    ledger_figures,
    queue_figures,
    read_consumed,
    read_promised,
)
from bench.chaos_site import LEVEL_RULE, Site, make_site
from bench.chaos_targets import PRODUCER, QUEUES, Target, targets
from hub.app.run import Hub
from hub.app.setup import Setup
from hub.dispatch.outbox import repository as outbox
from hub.kit.clock import Clock, RealClock
from hub.kit.log import start_logging
from hub.kit.supervise import Supervisor
from hub.store import marks
from hub.store.db import Database
from hub.store.spooled import read_spools

CENTRES = ("county", "nanpo")
READY_S = 240.0
DRAIN_S = 120.0
PAUSE_S = (0.3, 3.0)
QUIET_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Options:
    """One run. `rate`: findings a second of the extra producer; `posts`: readings over HTTP."""

    folder: Path
    rounds: int = 10
    seed: int = 0
    rate: float = 40.0
    posts: float = 10.0
    pause_s: tuple[float, float] = PAUSE_S
    database_url: str | None = None
    redis_url: str | None = None
    producer: tuple[str, ...] = ("-m", "bench.chaos_producer")


class NotReady(Exception):
    """Something did not come up or did not come to rest in time."""


@dataclass(slots=True)
class Chaos:
    """One run: `start`, `harm`, `finish`; `figures` afterwards."""

    options: Options
    site: Site
    hub: Hub
    crew: Crew
    db: Database
    address: str
    posting: Posting
    supervisor: Supervisor
    kills: dict[str, int] = field(default_factory=dict)
    back_s: dict[str, list[float]] = field(default_factory=dict)
    queue_struck_at: list[float] = field(default_factory=list)
    drained_s: float = 0.0
    clean: bool = True

    def start(self) -> None:
        """Simulator first, as cameras are there before a hub; then everything else."""
        site, url = self.site, self.hub.setup.redis_url or ""
        simulate = ["-m", "hub", "simulate", "--scenario", str(site.scenario)]
        self.crew.start("simulator", simulate, {"HUB_CACHE": str(site.cache)}, keep=False)
        self.hub.start()
        until(lambda: answers(f"{self.address}/healthz"), READY_S, "the api")
        until(self._simulated, READY_S, "the simulator")
        for centre in CENTRES:
            consumer = [
                *(str(ROOT / "examples/centre_consumer.py"), "--url", url, "--centre", centre),
                *("--out", str(site.consumed(centre)), "--reclaim-after", "3"),
            ]
            self.crew.start(f"consumer-{centre}", consumer, {}, keep=False)
        producer = [
            *(*self.options.producer, "--promised", str(site.promised)),
            *("--spool", str(self.hub.setup.spools / "extra.sqlite")),
            *("--rate", str(self.options.rate)),
        ]
        self.crew.start(PRODUCER, producer, {"REDIS_URL": url}, keep=True)
        self.supervisor.loop("crew", self.crew.keep_running)
        self.supervisor.loop("post", self.posting.step)

    def _simulated(self) -> bool:
        if self.crew.pid("simulator") is None:
            raise NotReady(f"the simulator has ended, see {self.site.log('simulator')}")
        return "ready:" in _text(self.site.log("simulator"))

    def harm(self, told: Callable[[str], None]) -> None:
        """Strike every target `rounds` times, each only after it has come back."""
        rng = random.Random(self.options.seed)
        struck = targets(self.hub, self.crew, self.db, self.address)
        order = [target for target in struck for _ in range(self.options.rounds)]
        rng.shuffle(order)
        watch = Watch()
        self.supervisor.loop("watch", watch.step)
        for target in order:
            time.sleep(rng.uniform(*self.options.pause_s))
            watch.wait_back(target.name)
            until(partial(_is_alive, target), READY_S, target.name)
            before = target.life()
            if target.name in QUEUES:
                self.queue_struck_at.append(time.time())
            target.strike()
            told(f"{target.name}: struck")
            self.kills[target.name] = self.kills.get(target.name, 0) + 1
            if not target.name.endswith("wiped"):
                watch.add(target, before)
        for target in struck:
            watch.wait_back(target.name)
        self.back_s = watch.back_s

    def finish(self) -> None:
        """Stop what makes work, wait until all of it is done, then stop the hub in its order."""
        ended_at = time.monotonic()
        self.supervisor.stop(40.0)
        clean = [self.crew.stop(PRODUCER, 150.0), self.crew.stop("simulator", 15.0)]
        quiet = 0

        def at_rest() -> bool:
            nonlocal quiet
            quiet = quiet + 1 if self._settled() else 0
            return quiet >= QUIET_LOOKS

        until(at_rest, DRAIN_S, "the backlog", pause_s=0.5)
        self.drained_s = time.monotonic() - ended_at
        clean.append(self.hub.stop())
        clean += [self.crew.stop(f"consumer-{centre}", 15.0) for centre in CENTRES]
        self.clean = all(clean)

    def _settled(self) -> bool:
        """Every spooled record is committed, every task is acknowledged by its consumer."""
        last = read_spools(self.hub.setup.spools).last
        with self.db.read() as tx:
            reached = marks.read(tx)
            open_rows = [row for row in outbox.deliveries(tx) if row["acked_at"] is None]
        return not open_rows and all(reached.get(p, 0) >= n for p, n in last.items())

    def figures(self) -> list[Figure]:
        """Everything that was counted, with its bounds."""
        spools = self.hub.setup.spools
        consumed = read_consumed(
            [self.site.consumed(centre) for centre in CENTRES],
            [self.site.log(f"consumer-{centre}") for centre in CENTRES],
        )
        with self.db.read() as tx:
            found = [
                *ledger_figures(
                    tx,
                    read_spools(spools),
                    read_promised(self.site.promised),
                    self.posting.promises,
                ),
                *queue_figures(tx, consumed, self.queue_struck_at, wiped=QUEUES[1] in self.kills),
            ]
        found.append(Figure("spools set aside", len(list(spools.glob("*.corrupt-*"))), 0))
        found.append(Figure("processes that had to be killed at the end", int(not self.clean), 0))
        for name, times in sorted(self.back_s.items()):
            found.append(Figure(f"{name} back, median", round(median(times), 1), None, "s"))
            found.append(Figure(f"{name} back, longest", round(max(times), 1), None, "s"))
        found += [Figure(f"{name}: struck", n) for name, n in sorted(self.kills.items())]
        found.append(Figure("backlog worked off after", round(self.drained_s, 1), 120.0, "s"))
        return found


@dataclass(slots=True)
class Watch:
    """Sees how long each struck process takes until it works again."""

    back_s: dict[str, list[float]] = field(default_factory=dict)
    _gone: dict[str, tuple[Target, object | None, float]] = field(default_factory=dict)

    def add(self, target: Target, life: object | None) -> None:
        """`life`: as it was before the strike."""
        self._gone[target.name] = (target, life, time.monotonic())

    def step(self) -> float:
        """One look at all that are gone."""
        for name, (target, before, since) in list(self._gone.items()):
            life = target.life()
            if life is not None and life != before:
                self.back_s.setdefault(name, []).append(time.monotonic() - since)
                del self._gone[name]
        return 0.1

    def wait_back(self, name: str) -> None:
        """Until it works again. Raises NotReady."""
        until(lambda: name not in self._gone, READY_S, name)


def until(ready: Callable[[], bool], limit_s: float, what: str, pause_s: float = 0.1) -> None:
    """Wait for something. Raises NotReady."""
    deadline = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > deadline:
            raise NotReady(f"{what} was not there within {limit_s:.0f} s")
        time.sleep(pause_s)


def _is_alive(target: Target) -> bool:
    return target.alive() is not None


def answers(url: str) -> bool:
    """Whether somebody answers there, with 200."""
    try:
        return httpx.get(url, timeout=2.0).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def prepare(options: Options, make_hub: Callable[[Setup, Clock, Path], Hub] = Hub) -> Chaos:
    """Files, tables and addresses of a run; nothing runs yet."""
    site = make_site(options.folder)
    setup = Setup(
        config=site.config,
        profile=None,
        data=site.data,
        cache=site.cache,
        host="127.0.0.1",
        port=site.api_port,
        workers=1,
        log_level="INFO",
        redis_url=options.redis_url,
        database_url=options.database_url,
    )
    clock = RealClock()
    hub = make_hub(setup, clock, site.log("hub"))
    started = hub.prepare()
    posting = Posting(started.address, started.token or "", LEVEL_RULE, options.posts)
    db = Database(setup.database)
    return Chaos(options, site, hub, Crew(site), db, started.address, posting, Supervisor(clock))


def run(options: Options, told: Callable[[str], None]) -> list[Figure]:
    """One whole run."""
    chaos = prepare(options)
    with contextlib.ExitStack() as at_failure:
        at_failure.callback(chaos.hub.stop)
        at_failure.callback(chaos.supervisor.stop)
        chaos.start()
        chaos.harm(told)
        chaos.finish()
        at_failure.pop_all()
    figures = chaos.figures()
    chaos.db.close()
    return figures


def table(figures: list[Figure]) -> Table:
    """figure | bound | measured."""
    shown = Table("figure", "bound", "measured")
    for figure in figures:
        style = "bold red" if figure.broken else ""
        bound = "" if figure.bound is None else f"≤ {figure.bound:g} {figure.unit}"
        shown.add_row(figure.name, bound, f"{figure.measured:g} {figure.unit}", style=style)
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="kills of each")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--rate", type=float, default=40.0, help="extra findings a second")
    parser.add_argument("--posts", type=float, default=10.0, help="readings a second over HTTP")
    parser.add_argument("--database-url", help="PostgreSQL instead of SQLite; an empty database")
    parser.add_argument("--redis-url", help="a Redis that is wiped instead of killed")
    parser.add_argument("--folder", type=Path, help="kept; a temporary one if left out")
    parser.add_argument("--report", type=Path, metavar="FILE")
    args = parser.parse_args()
    console = Console()
    console.print(f"seed {args.seed}")
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        start_logging("chaos", "WARNING", folder / "chaos.log")
        options = Options(
            folder, args.rounds, args.seed, args.rate, args.posts, PAUSE_S,
            args.database_url, args.redis_url,
        )  # fmt: skip
        began, lock = time.monotonic(), threading.Lock()

        def told(line: str) -> None:
            with lock:
                console.print(f"{time.monotonic() - began:7.1f} s  {line}", highlight=False)

        figures = run(options, told)
    console.print(table(figures))
    if args.report is not None:
        content = {"seed": args.seed, "figures": [asdict(figure) for figure in figures]}
        args.report.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return 1 if any(figure.broken for figure in figures) else 0


if __name__ == "__main__":
    raise SystemExit(main())
