"""Processes of one machine: started in order, restarted when they die, stopped in reverse.

Each process is a fresh interpreter (`python -m hub <role>`), never a fork: threads and native
libraries do not survive one. A child asks the kernel to be told when its parent dies
(`PR_SET_PDEATHSIG`), so that a killed `hub run` leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hub.kit.clock import Clock
from hub.kit.parent import spawn_tied

log = logging.getLogger(__name__)

PROGRAM = ("-m", "hub")


@dataclass(frozen=True, slots=True)
class Role:
    """One process: name, arguments after `python -m hub`, what is added to the environment."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """Keeps the hub's processes running somewhere."""

    def start(self, roles: Sequence[Role]) -> None:
        """Start the roles in this order."""
        ...

    def keep_running(self) -> float:
        """One look: start again what has died. Returns the pause before the next look, seconds."""
        ...

    def stop(self, name: str, timeout_s: float) -> bool:
        """Ask one role to end; False if it had to be killed."""
        ...


@dataclass(slots=True)
class _Child:
    role: Role
    process: subprocess.Popen[bytes]
    started_at: float
    restarts: int = 0
    quick_deaths: int = 0
    not_before: float = 0.0


class LocalEngine:
    """The roles as child processes of this one.

    A child that dies is started again at once; one that keeps dying within `QUICK_S` of its
    start waits 1, 2, 4 … at most 30 seconds.
    """

    QUICK_S = 10.0

    def __init__(
        self, clock: Clock, output: Path | None = None, program: Sequence[str] = PROGRAM
    ) -> None:
        """`output`: file that the children's lines are added to; None shares this terminal.

        `program`: what Python is to run with the arguments of a role.
        """
        self._clock = clock
        self._output = output
        self._program = tuple(program)
        self._children: dict[str, _Child] = {}
        self._stopping: set[str] = set()
        # A child must not be started again by the one thread while another stops it.
        self._lock = threading.Lock()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by role name."""
        return {name: child.process.pid for name, child in self._children.items()}

    @property
    def restarts(self) -> dict[str, int]:
        """How often each role was started again."""
        return {name: child.restarts for name, child in self._children.items()}

    def start(self, roles: Sequence[Role]) -> None:
        """Start the roles in this order."""
        for role in roles:
            self._children[role.name] = _Child(role, self._spawn(role), self._clock.monotonic())

    def keep_running(self) -> float:
        """One look over all children; a dead one is started again."""
        with self._lock:
            for name, child in self._children.items():
                code = child.process.poll()
                if code is not None and name not in self._stopping:
                    self._revive(child, code, self._clock.monotonic())
        return 0.2

    def _revive(self, child: _Child, code: int, now: float) -> None:
        if child.not_before == 0.0:
            self._schedule(child, code, now)
        if now >= child.not_before:
            child.process = self._spawn(child.role)
            child.started_at, child.not_before = now, 0.0
            child.restarts += 1

    def _schedule(self, child: _Child, code: int, now: float) -> None:
        lived_s = now - child.started_at
        child.quick_deaths = child.quick_deaths + 1 if lived_s < self.QUICK_S else 0
        pause_s = min(30.0, 2.0 ** (child.quick_deaths - 1)) if child.quick_deaths > 1 else 0.0
        child.not_before = now + pause_s
        log.warning(
            "process %s ended with %d after %.1f s; starts again in %.0f s",
            child.role.name, code, lived_s, pause_s,
        )  # fmt: skip

    def stop(self, name: str, timeout_s: float) -> bool:
        """SIGTERM, then SIGKILL after `timeout_s`; False if it had to be killed."""
        with self._lock:
            self._stopping.add(name)
            child = self._children.get(name)
        if child is None or child.process.poll() is not None:
            return True
        child.process.send_signal(signal.SIGTERM)
        try:
            child.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            log.error("process %s did not stop within %.0f s: killed", name, timeout_s)
            child.process.kill()
            child.process.wait(5.0)
            return False
        return True

    def _spawn(self, role: Role) -> subprocess.Popen[bytes]:
        with contextlib.ExitStack() as stack:
            lines = stack.enter_context(self._output.open("ab")) if self._output else None
            return spawn_tied(
                [sys.executable, *self._program, *role.arguments],
                env={**os.environ, **role.environment},
                stdout=lines,
                stderr=lines,
            )
