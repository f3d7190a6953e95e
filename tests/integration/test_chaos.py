"""The short form of `make chaos`: the running hub under SIGKILL, ids compared from both ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.chaos import Options, run
from bench.chaos_crew import ROOT
from bench.chaos_ledger import Figure
from bench.chaos_site import make_site
from tests import servers
from tests.harness import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAUSE_S = (1.0, 2.0)


def sound(figures: list[Figure]) -> None:
    measured = {(figure.name, figure.unit): figure.measured for figure in figures}
    # A share of one per cent says something over the long run's thousands. Here one strike repeats
    # what is on its way, more on a slow machine; the figure that a strike explains each stays.
    share = ("repeated notices", "%")
    broken = [f for f in figures if f.broken and (f.name, f.unit) != share]
    assert not broken, measured
    # And something did happen.
    assert measured["findings with an outcome", ""] > 100
    assert measured["findings those must lead to", ""] > 10
    assert measured["tasks", ""] > 10


def test_one_machine(short_folder: Path) -> None:
    folder = short_folder / "chaos"
    folder.mkdir()
    figures = run(Options(folder, rounds=1, seed=4, pause_s=PAUSE_S), print)
    sound(figures)
    struck = {figure.name for figure in figures if figure.name.endswith("struck")}
    assert struck == {f"{n}: struck" for n in ("worker", "centre", "api", "valkey", "producer")}


@pytest.mark.redis
def test_a_county(
    short_folder: Path,
    postgresql_server: str,
    redis_url: str,
) -> None:
    """PostgreSQL, and a Redis that loses everything it has."""
    folder = short_folder / "chaos-county"
    folder.mkdir()
    database_url = servers.create_database(postgresql_server, "chaos")
    options = Options(folder, 1, 5, pause_s=PAUSE_S, database_url=database_url, redis_url=redis_url)
    sound(run(options, print))


@pytest.fixture
def hub_run(short_folder: Path) -> list[str]:
    """The command that starts a hub on a folder of its own."""
    folder = short_folder / "killed"
    folder.mkdir()
    site = make_site(folder)
    return [
        *(sys.executable, "-m", "hub", "run", "--config", str(site.config)),
        *("--data", str(site.data), "--port", str(site.api_port)),
    ]


def test_a_hub_that_is_killed_takes_its_processes_along_and_starts_again(
    hub_run: list[str],
) -> None:
    first = subprocess.Popen(hub_run, cwd=ROOT, stdout=subprocess.DEVNULL)
    mine = psutil.Process(first.pid)
    eventually("four processes", lambda: len(mine.children()) == 4, 60.0)
    children = mine.children()
    time.sleep(1.0)  # somewhere within their start
    first.kill()
    first.wait()
    second = subprocess.Popen(hub_run, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        eventually("the first one's processes end", lambda: not _alive(children), 30.0)
        port = int(hub_run[-1])
        eventually("the second one answers", lambda: _listens(port, second.pid), 90.0)
    finally:
        second.terminate()
        assert second.wait(60.0) == 0, "and stops in order"


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _listens(port: int, hub: int) -> bool:
    """Whether a child of this hub, not of an earlier one, listens on the port."""
    for child in psutil.Process(hub).children():
        if any(c.laddr.port == port for c in child.net_connections() if c.status == "LISTEN"):
            return True
    return False
