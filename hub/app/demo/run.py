"""`hub demo`: the simulator, the hub, a consumer of its own; a live table or a report."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psutil

from hub.app.demo import report
from hub.app.demo.consents import give_consents
from hub.app.demo.eyes import Eyes
from hub.app.demo.logins import make_logins
from hub.app.demo.ports import Ports, refuse_taken
from hub.app.demo.stage import Extras, Folders, consumer_command, simulator_command
from hub.app.demo.table import View
from hub.app.run import Hub, Started
from hub.app.setup import Setup
from hub.config.settings import Site
from hub.kit.clock import Clock
from hub.kit.errors import Misconfigured, Retryable
from hub.store.db import Database
from hub.store.spooled import read_spools

Json = dict[str, Any]

READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may ask of the demo. `ports` None: those that the scenario names."""

    setup: Setup
    folders: Folders
    scenario: Path
    centres: tuple[str, ...]
    empty: bool = False
    ports: Ports | None = None
    site: Site = field(default_factory=Site)


class Demo:
    """One run of the demo. `start` … `view` as often as wanted … `finish` gives the report."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._extras = Extras(options.folders)
        self.hub = Hub(options.setup, clock, options.folders.log("hub"))
        self._eyes: Eyes | None = None
        self._started: Started | None = None
        self._cameras: dict[str, Json] = {}
        self._cpu_s: dict[str, float] = {}
        self._started_at = clock.monotonic()
        self._ran_s = 0.0

    def start(self, stopped: threading.Event) -> Started:
        """Start everything; returns when the simulator serves and the api answers.

        The cameras come first, as in life: a hub that starts finds them there.
        """
        options = self._options
        if options.ports is not None:
            refuse_taken(options.ports, options.setup.host)
        started = self.hub.prepare()
        logins = make_logins(self.hub.setup.database, self._clock.now())
        give_consents(self.hub.setup.database, self._clock.now())
        self._started = started = replace(started, logins=logins)
        simulator = simulator_command(
            options.scenario,
            options.folders.send_log,
            started.address,
            options.empty,
            options.ports,
        )
        self._extras.start("simulator", simulator, {"HUB_TOKEN": started.token or ""})
        self._wait(lambda: self._says("simulator", "ready:"), "the simulator", stopped)
        self.hub.start()
        with httpx.Client(timeout=5.0) as http:
            health = f"{started.address}/healthz"
            self._wait(lambda: _answers(http, health), "the api", stopped)
        url = self.hub.setup.redis_url or ""
        for centre in options.centres:
            out = options.folders.consumed(centre)
            self._extras.start(f"consumer-{centre}", consumer_command(url, centre, out), {})
        consumed = {centre: options.folders.consumed(centre) for centre in options.centres}
        self._eyes = Eyes(started.address, started.token or "", url, consumed)
        self._started_at = self._clock.monotonic()
        return started

    def _wait(self, ready: Callable[[], bool], what: str, stopped: threading.Event) -> None:
        until = self._clock.monotonic() + READY_S
        while not ready():
            if self._clock.monotonic() > until:
                raise Retryable(f"{what} did not start within {READY_S:.0f} s", code="not_ready")
            if self._clock.wait(stopped, 0.1):
                raise KeyboardInterrupt

    def _says(self, name: str, word: str) -> bool:
        """Whether a process has printed this yet. Raises Retryable when it has ended."""
        code = self._extras.ended(name)
        if code is not None:
            log_file = self._options.folders.log(name)
            last = log_file.read_text("utf-8", "replace").rstrip().rpartition("\n")[2]
            raise Retryable(f"{name} ended with {code}: {last} ({log_file})", code="not_ready")
        return word in self._options.folders.log(name).read_text("utf-8", "replace")

    @property
    def elapsed_s(self) -> float:
        """Seconds since everything ran."""
        return self._clock.monotonic() - self._started_at

    def watch(self, seconds: float, stopped: threading.Event) -> None:
        """Run for `seconds` without a screen, noting the cameras' numbers."""
        while self.elapsed_s < seconds and not self._clock.wait(stopped, 1.0):
            self._sample()

    def view(self) -> View:
        """What the live table shows now."""
        self._sample()
        site = self._options.site
        restarts = {**self.hub.engine.restarts, "valkey": self.hub.valkey_restarts}
        seen = self._seen().view(site.name, ZoneInfo(site.time_zone), self.elapsed_s, restarts)
        return seen if self._started is None else replace(seen, logins=self._started.logins)

    def _seen(self) -> Eyes:
        assert self._eyes is not None  # noqa: S101 - set by start
        return self._eyes

    def _sample(self) -> None:
        """Newest numbers of the cameras, and CPU so far."""
        if self._eyes is None:
            return
        self._cameras = self._eyes.cameras()
        pids = {name.split("-")[0]: pid for name, pid in self.hub.engine.pids.items()}
        others = {"valkey": self.hub.valkey_pid, "simulator": self._extras.pid("simulator")}
        for name, pid in {**pids, **others}.items():
            self._cpu_s[name] = _cpu_s(pid) or self._cpu_s.get(name, 0.0)

    def finish(self) -> Json:
        """Stop everything in order and make the report."""
        self.stop()
        return self.collect()

    def stop(self) -> None:
        """Stop everything in order; after a start that failed as well."""
        self._ran_s = self.elapsed_s
        self._sample()
        self.hub.stop()
        for name in ("simulator", *(f"consumer-{c}" for c in self._options.centres)):
            self._extras.stop(name)

    def collect(self) -> Json:
        """What came of it, once everything stands still."""
        folders, setup = self._options.folders, self.hub.setup
        consumed = [folders.consumed(centre) for centre in self._options.centres]
        db = Database(setup.database)
        try:
            with db.read() as tx:
                spooled = read_spools(setup.spools)
                return {
                    "seconds": round(self._ran_s, 1),
                    "cameras": [report.camera_entry(c) for _, c in sorted(self._cameras.items())],
                    **report.queue_part(tx, consumed, report.SendLog(folders.send_log)),
                    "ledger": report.ledger_part(tx, spooled),
                    "cpu_s": {name: round(value, 2) for name, value in self._cpu_s.items()},
                }
        finally:
            db.close()


def _cpu_s(pid: int | None) -> float | None:
    if pid is None:
        return None
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


def fresh(folder: Path) -> Folders:
    """An empty folder for one run. Raises Misconfigured for one that is not the demo's own."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / ".demo").exists():
            raise Misconfigured(f"{folder} holds something else; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / ".demo").touch()
    return Folders(folder)


def write(path: Path, content: Json) -> None:
    """The report as a file."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
