"""A connection that never falls silent and never gives a picture: cut, and made anew."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from hub.ingest.simulate import Scenario, simulated
from hub.types.scene import HealthState
from tests.integration.test_bad_cameras import FPS, clip, on, watched
from tests.integration.watch import Watch, planned, until, watching

pytestmark = [pytest.mark.timeout(180), pytest.mark.slow]

DRIP_S = 0.3


class Tap(ThreadingTCPServer):
    """Stands before a server; while `drips` is set one byte comes through now and then."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Pipe)
        self.behind = ("127.0.0.1", port)
        self.drips = threading.Event()


class Pipe(BaseRequestHandler):
    def handle(self) -> None:
        tap = self.server
        assert isinstance(tap, Tap)
        with socket.create_connection(tap.behind) as behind, suppress(OSError):
            up = threading.Thread(target=pump, args=(self.request, behind), daemon=True)
            up.start()
            while data := behind.recv(65536):
                for part in [data[n : n + 1] for n in range(len(data))]:
                    if not tap.drips.is_set():
                        break
                    self.request.sendall(part)
                    time.sleep(DRIP_S)
                else:
                    continue
                self.request.sendall(data)


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def tapped(port: int) -> Iterator[Tap]:
    with Tap(port) as tap:
        serving = threading.Thread(target=tap.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        yield tap
        tap.shutdown()
        serving.join()


def cut_off(watch: Watch, name: str) -> bool:
    return watch.stats(name).last_error == "main: timeout: nothing came in time"


def test_a_dripping_camera_is_cut_and_costs_no_thread(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(
        {
            "port": 0,
            "control_port": 0,
            "clips": {"walk": {"source": f"file:{clip(tmp_path / 'walk.mp4')}"}},
            "cameras": [
                {
                    "id": name,
                    "playlist": [{"clip": "walk"}],
                    "main": {"width": 160, "height": 90, "kbps": 100},
                    "sub": None,
                    "fps": FPS,
                    "gop_s": 1.0,
                }
                for name in ("drips", "well")
            ],
        }
    )
    with (
        simulated(scenario, cache=tmp_path) as simulator,
        tapped(simulator.port) as tap,
        watching(tmp_path) as watch,
    ):
        through = simulator.url("drips").replace(f":{simulator.port}", f":{tap.server_address[1]}")
        watch.lanes.apply([planned("drips", through), planned("well", simulator.url("well"))])
        for name in ("drips", "well"):
            until(f"{name} is online", partial(watched, watch, name))
        before = watch.stats("well")
        tap.drips.set()
        until("it says that nothing comes", partial(cut_off, watch, "drips"))
        assert watch.stats("drips").state is not HealthState.ONLINE
        tap.drips.clear()
        until("it is online again", partial(on, watch, watch.stats("drips")))
        assert watch.stats("drips").abandoned == 0
        assert watch.stats("drips").reconnects >= 1
        until("the other was watched on", partial(on, watch, before))
        assert watch.stats("well").reconnects == before.reconnects
