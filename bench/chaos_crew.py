"""The processes around the hub in a run: simulator, extra producer, one consumer a centre."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.chaos_site import Site
from hub.kit.parent import spawn_tied

ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class _Member:
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]


@dataclass(slots=True)
class Crew:
    """Starts them, starts again what was killed, ends them."""

    site: Site
    _members: dict[str, _Member] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], *, keep: bool
    ) -> None:
        """Start `python <arguments>`; with `keep` it is started again whenever it ends."""
        command = [sys.executable, *arguments]
        with self._lock:
            process = self._spawn(name, command, environment)
            self._members[name] = _Member(command, environment, process)
            if keep:
                self._kept.add(name)

    def _spawn(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with self.site.log(name).open("ab") as out:
            return spawn_tied(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def keep_running(self) -> float:
        """One look; returns the pause before the next, seconds."""
        with self._lock:
            for name in self._kept:
                member = self._members[name]
                if member.process.poll() is not None:
                    member.process = self._spawn(name, member.command, member.environment)
        return 0.1

    def pid(self, name: str) -> int | None:
        """Process id while it runs."""
        member = self._members.get(name)
        running = member is not None and member.process.poll() is None
        return member.process.pid if running and member is not None else None

    def stop(self, name: str, timeout_s: float) -> bool:
        """SIGTERM and wait; False if it had to be killed or ended with an error."""
        with self._lock:
            self._kept.discard(name)
            member = self._members.pop(name, None)
        if member is None:
            return True
        member.process.send_signal(signal.SIGTERM)
        try:
            return member.process.wait(timeout_s) in (0, -signal.SIGTERM)
        except subprocess.TimeoutExpired:
            member.process.kill()
            member.process.wait(5.0)
            return False
