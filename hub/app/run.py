"""`hub run`: all processes of one machine."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from hub.app.first_start import prepare
from hub.app.setup import Setup
from hub.engine.local import PROGRAM, LocalEngine, Role
from hub.kit.clock import Clock
from hub.kit.supervise import Supervisor
from hub.store.valkey import EmbeddedValkey

log = logging.getLogger(__name__)

WORKER_STOP_S = 40.0
CENTRE_STOP_S = 15.0
API_STOP_S = 15.0
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Started:
    """What the person who started the hub wants to know.

    `token` is set on the first start only; `logins` (login and password) in the demo.
    """

    address: str
    token: str | None
    logins: tuple[tuple[str, str], ...] = ()


class Hub:
    """Valkey (unless given), centre, api and workers; started in this order, stopped in reverse.

    The workers stop first and hand over what is in their spools, then the api, then the centre,
    which delivers what is in the outbox; the queue server stops last.
    """

    def __init__(
        self,
        setup: Setup,
        clock: Clock,
        output: Path | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """`output`: file for the lines of all processes; None shares this terminal.

        `program`: what Python is to run for each of them.
        """
        self._valkey: EmbeddedValkey | None = None
        if setup.redis_url is None:
            self._valkey = EmbeddedValkey(setup.data / "valkey")
            setup = replace(setup, redis_url=self._valkey.url)
        self.setup = setup
        self._clock = clock
        self.engine = LocalEngine(clock, output, program)
        self._supervisor = Supervisor(clock)
        self._valkey_restarts = 0

    @property
    def valkey_pid(self) -> int | None:
        """Process id of the embedded server."""
        return self._valkey.pid if self._valkey else None

    @property
    def valkey_restarts(self) -> int:
        """How often the embedded server was started again."""
        return self._valkey_restarts

    def prepare(self) -> Started:
        """Folders, tables, configuration, first token; nothing runs yet.

        Raises Misconfigured when the configuration is refused.
        """
        token = prepare(self.setup, self._clock)
        return Started(f"http://{self.setup.host}:{self.setup.port}", token)

    def start(self) -> None:
        """Start all processes, and look after them from now on."""
        if self._valkey:
            self._valkey.start()
        self.engine.start(self._roles())
        self._supervisor.loop("processes", self.engine.keep_running)
        if self._valkey:
            self._supervisor.loop("valkey", self._keep_valkey)

    def _keep_valkey(self) -> float:
        # A queue server that was killed starts again with all it had (append-only file).
        if self._valkey and self._valkey.pid is None:
            log.warning("the embedded Valkey died; starting it again")
            self._valkey.start()
            self._valkey_restarts += 1
        return LOOK_S

    def _roles(self) -> list[Role]:
        addresses = {"REDIS_URL": self.setup.redis}
        if self.setup.database_url:
            addresses["DATABASE_URL"] = self.setup.database_url
        names = ["centre", "api", *(f"worker-{n}" for n in range(self.setup.workers))]
        return [
            Role(
                name,
                (name.split("-")[0], "--name", name, *self.setup.arguments()),
                addresses,
            )
            for name in names
        ]

    def stop(self) -> bool:
        """Stop in reverse order; True when every process ended by itself."""
        workers = [f"worker-{n}" for n in range(self.setup.workers)]
        # All at once: one that stays would be given the cameras of those that went before.
        with ThreadPoolExecutor(max_workers=max(1, len(workers))) as pool:
            clean = list(pool.map(lambda name: self.engine.stop(name, WORKER_STOP_S), workers))
        clean.append(self.engine.stop("api", API_STOP_S))
        clean.append(self.engine.stop("centre", CENTRE_STOP_S))
        self._supervisor.stop()
        if self._valkey:
            self._valkey.stop()
        return all(clean)
