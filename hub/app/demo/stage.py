"""Everything around the hub in the demo: the simulator and a consumer that is not the hub's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.app.demo.ports import Ports
from hub.kit.errors import Misconfigured
from hub.kit.parent import spawn_tied

CONSUMER = Path("examples/centre_consumer.py")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where one run of the demo leaves its files."""

    root: Path

    @property
    def send_log(self) -> Path:
        """When the simulator sent each frame."""
        return self.root / "simulator.jsonl"

    def consumed(self, centre: str) -> Path:
        """What the consumer of one centre read, and when."""
        return self.root / f"consumed-{centre}.jsonl"

    @property
    def data(self) -> Path:
        """The hub's own data folder."""
        return self.root / "data"

    def log(self, name: str) -> Path:
        """Output of one process."""
        return self.root / f"{name}.log"


class Extras:
    """Processes of the demo that are not the hub's; each logs to a file of its own."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        """Start one, in a session of its own."""
        with self._folders.log(name).open("wb") as out:
            self._processes[name] = spawn_tied(
                command,
                env={**os.environ, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def pid(self, name: str) -> int | None:
        """Process id, None if it was never started."""
        process = self._processes.get(name)
        return process.pid if process else None

    def ended(self, name: str) -> int | None:
        """Exit code, None while it runs."""
        return self._processes[name].poll()

    def stop(self, name: str, timeout_s: float = 5.0) -> None:
        """SIGTERM, then SIGKILL."""
        process = self._processes.get(name)
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout_s)


def simulator_command(
    scenario: Path, send_log: Path, hub_url: str, empty: bool, ports: Ports | None = None
) -> list[str]:
    """The simulated cameras and sensors as a process of their own."""
    command = [
        *(sys.executable, "-m", "hub", "simulate"),
        *("--scenario", str(scenario), "--log", str(send_log), "--hub-url", hub_url),
    ]
    if ports is not None:
        command += ["--port", str(ports.rtsp), "--control-port", str(ports.orders)]
        command += ["--mqtt-port", str(ports.mqtt)] if ports.mqtt is not None else []
    return [*command, "--empty"] if empty else command


def consumer_command(url: str, centre: str, out: Path) -> list[str]:
    """The centre's own program from `examples/`: plain redis-py, nothing of the hub.

    Raises Misconfigured where the examples are not at hand (an installed package).
    """
    if not CONSUMER.exists():
        raise Misconfigured(f"{CONSUMER} is missing: start the demo from the project's folder")
    return [sys.executable, str(CONSUMER), "--url", url, "--centre", centre, "--out", str(out)]
