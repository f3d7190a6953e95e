"""What each bench needs of a hub that it starts: a port, patience, its cameras online."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from hub.store.stream import Heartbeats

READY_S = 120.0


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait for it; ends the run when it takes too long."""
    deadline = time.monotonic() + READY_S
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not start within {READY_S:.0f} s")
        time.sleep(0.2)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def online(beats: Heartbeats) -> int:
    """How many cameras the workers call online."""
    cameras = [camera for body in beats.all().values() for camera in body["cameras"]]
    return sum(camera["state"] == "online" for camera in cameras)
