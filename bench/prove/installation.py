"""What the proof runs on: servers of its own (`real`), or what the hub brings (`embedded`)."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import redis

from bench.chaos import Options, until
from hub.app.run import LOOK_S, Hub
from hub.app.setup import Setup
from hub.kit.clock import Clock, RealClock
from hub.kit.parent import spawn_tied
from hub.kit.supervise import Supervisor
from hub.store.db import Database
from hub.store.migrations import upgrade
from tests import servers

READY_S = 30.0


class Kind(StrEnum):
    """`real`: PostgreSQL and Redis; `embedded`: SQLite and the embedded Valkey."""

    REAL = "real"
    EMBEDDED = "embedded"

    @property
    def parts(self) -> str:
        """Its parts by name."""
        real = self is Kind.REAL
        return "PostgreSQL and Redis" if real else "SQLite and the embedded Valkey"


class OwnRedis:
    """A redis-server over a folder, append-only as a county runs it; killed and started again."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise servers.Missing("redis-server is missing: apt-get install -y redis-server")
        folder.mkdir(parents=True)
        self._folder = folder
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        self.held = threading.Event()
        self.url = f"unix://{folder / 'redis.sock'}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def start(self) -> None:
        """Start it, and wait until it answers; nothing happens while it runs."""
        if self.pid is not None:
            return
        flags = ["--port", "0", "--unixsocket", "redis.sock", "--save", "", "--appendonly", "yes"]
        with (self._folder / "log").open("ab") as log:
            self._process = spawn_tied(
                [self._binary, *flags, "--dir", str(self._folder)],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        until(self._answers, READY_S, "redis", pause_s=0.02)

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis(unix_socket_path=str(self._folder / "redis.sock")).ping())
        except redis.ConnectionError:
            return False

    def keep_running(self) -> float:
        """One look of who looks after it."""
        if not self.held.is_set():
            self.start()
        return LOOK_S

    def wipe_files(self) -> None:
        """What a server that is down has on its disk is gone."""
        shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)

    def stop(self) -> None:
        """End it."""
        self.held.set()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class HeldHub(Hub):
    """A hub that leaves its Valkey down while `held` is set."""

    def __init__(self, setup: Setup, clock: Clock, output: Path, program: tuple[str, ...]) -> None:
        super().__init__(setup, clock, output, program)
        self.held = threading.Event()

    def _keep_valkey(self) -> float:
        return LOOK_S if self.held.is_set() else super()._keep_valkey()

    def wipe_files(self) -> None:
        """What a server that is down has on its disk is gone."""
        shutil.rmtree(self.setup.data / "valkey" / "appendonlydir", ignore_errors=True)


@dataclass
class Installation:
    """One of the two kinds; every figure gets a folder, a database and an empty queue server."""

    kind: Kind
    folder: Path
    stack: ExitStack
    postgresql: str | None = None
    _count: int = 0

    def place(self, name: str) -> Path:
        """A new folder."""
        self._count += 1
        folder = self.folder / f"{self._count}{name}"
        folder.mkdir()
        return folder

    def database(self, folder: Path) -> str | None:
        """The URL of a new database without tables; None where SQLite serves."""
        if self.postgresql is None:
            return None
        return servers.create_database(self.postgresql, f"{folder.name}")

    def redis(self, folder: Path) -> OwnRedis | None:
        """A running Redis of its own; None where the hub brings one along."""
        if self.kind is Kind.EMBEDDED:
            return None
        server = OwnRedis(folder / "redis")
        self.stack.callback(server.stop)
        server.start()
        keeper = Supervisor(RealClock())
        self.stack.callback(keeper.stop)
        keeper.loop("redis", server.keep_running)
        return server

    def options(self, name: str, **more: object) -> tuple[Options, OwnRedis | None]:
        """Of a run of the whole hub."""
        folder = self.place(name)
        server = self.redis(folder)
        url = server.url if server else None
        site = folder / "site"
        site.mkdir()
        given = {"database_url": self.database(folder), "redis_url": url}
        return Options(site, **given, **more), server  # type: ignore[arg-type]

    @contextmanager
    def tables(self, name: str) -> Iterator[Database]:
        """A new database with its tables, for a figure that needs no processes."""
        folder = self.place(name)
        db = Database(self.database(folder) or f"sqlite:///{folder / 'hub.sqlite'}")
        try:
            upgrade(db)
            yield db
        finally:
            db.close()


@contextmanager
def installation(kind: Kind, folder: Path) -> Iterator[Installation]:
    """Servers up, and down afterwards. Raises tests.servers.Missing."""
    with ExitStack() as stack:
        made = Installation(kind, folder, stack)
        if kind is Kind.REAL:
            home = folder / "pg"
            home.mkdir()
            made.postgresql = stack.enter_context(servers.postgresql(home))
        yield made
