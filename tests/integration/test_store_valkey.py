"""The embedded Valkey: what it keeps, how it starts again, and that it dies with its hub."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from hub.kit.errors import Misconfigured
from hub.store.stream import connect
from hub.store.valkey import EmbeddedValkey

HUB = """
import sys, time
from pathlib import Path
from hub.store.valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def until(condition: Callable[[], bool], limit_s: float = 30.0) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_it_is_ours_alone_and_persists(server: EmbeddedValkey) -> None:
    client = connect(server.url)
    settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["port"] == "0"
    socket = Path(server.url.removeprefix("unix://"))
    assert socket.stat().st_mode & 0o777 == 0o700
    assert server.pid is not None
    assert os.getsid(server.pid) == server.pid, "Ctrl-C in the terminal must not reach it"


def test_killed_and_started_again_it_has_everything(server: EmbeddedValkey) -> None:
    client = connect(server.url)
    for n in range(200):
        client.xadd("s", {"n": n})
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert until(lambda: server.pid is None)
    with pytest.raises(redis.ConnectionError):
        client.ping()
    server.start()
    assert client.xlen("s") == 200


def test_stopped_and_started_again_it_has_everything(server: EmbeddedValkey) -> None:
    client = connect(server.url)
    client.set("k", "v")
    server.stop()
    assert server.pid is None
    server.start()
    server.start()
    assert client.get("k") == "v"


def test_one_hub_a_folder(server: EmbeddedValkey, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        EmbeddedValkey(tmp_path / "valkey").start()
    assert caught.value.code == "valkey_in_use"
    assert connect(server.url).ping()


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / ("县" * 40) / "valkey")
    server.start()
    try:
        assert connect(server.url).ping()
        assert len(server.url.removeprefix("unix://").encode()) <= 107
        assert str(connect(server.url).config_get("dir")["dir"]).endswith("县/valkey")
    finally:
        server.stop()


def test_it_dies_with_its_hub(tmp_path: Path) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", HUB, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert hub.stdout is not None
    pid = int(hub.stdout.readline())
    assert not gone(pid)
    hub.kill()
    hub.wait()
    assert until(lambda: gone(pid))


def test_a_survivor_is_stopped_and_its_data_taken_over(tmp_path: Path) -> None:
    first = EmbeddedValkey(tmp_path)
    first.start()
    connect(first.url).set("k", "v")
    survivor = first.pid
    assert survivor is not None
    assert first._lock is not None
    first._lock.close()  # as if its hub had died and the signal had been missed
    second = EmbeddedValkey(tmp_path)
    second.start()
    try:
        assert gone(survivor)
        assert second.pid != survivor
        assert connect(second.url).get("k") == "v"
    finally:
        second.stop()


def test_a_pid_file_that_names_somebody_else_harms_nobody(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    (tmp_path / "valkey.pid").write_text(str(bystander.pid))
    server = EmbeddedValkey(tmp_path)
    server.start()
    try:
        assert bystander.poll() is None
    finally:
        server.stop()
        bystander.kill()
        bystander.wait()
