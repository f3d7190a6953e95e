"""A whole running hub for tests: real processes, simulated cameras, everything on free ports."""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from hub.access.consent import Mode, Terms
from hub.app.demo.consents import AGREED, give_consents
from hub.app.run import Hub
from hub.app.setup import Setup
from hub.ingest.simulate import Simulator, load_scenario
from hub.ingest.simulate.scenario import CameraSim
from hub.kit.clock import RealClock
from hub.kit.places import cache_dir
from hub.store.stream import Heartbeats, connect

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "configs/profiles/demo"
Json = dict[str, Any]
T = TypeVar("T")
LENT = tuple(Terms(terms.owner, Mode.ALWAYS) for terms in AGREED)
"""What the owners in the shipped files agree to where tests look at pictures."""


@dataclass(frozen=True)
class Running:
    """A running hub. `api` carries the administrator's token."""

    hub: Hub
    setup: Setup
    api: httpx.Client
    simulator: Simulator
    folder: Path

    def get(self, path: str, **query: Any) -> Json:
        answer = self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def state(self, camera: str) -> str:
        health = self.get(f"/cameras/{camera}")["health"] or {}
        return str(health.get("state", "not watched"))

    def heartbeat(self, camera: str) -> Json:
        """What its worker last said of a camera."""
        beats = Heartbeats(connect(self.hub.setup.redis_url or "")).all()
        shown = [c for body in beats.values() for c in body["cameras"] if c["id"] == camera]
        found: Json = shown[0]
        return found


def eventually(what: str, look: Callable[[], T], limit_s: float = 60.0) -> T:
    """The first true answer of `look`; fails naming `what` when none came in time."""
    until = time.monotonic() + limit_s
    last = look()
    while time.monotonic() < until:
        last = look()
        if last:
            return last
        time.sleep(0.2)
    raise AssertionError(f"not within {limit_s:.0f} s: {what} (last look: {last!r})")


def free_ports(count: int) -> list[int]:
    """Ports that are free now, and different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


def own_configs(folder: Path, rtsp: int, mqtt: int, cameras: tuple[str, ...]) -> Path:
    """The shipped configuration with the demo's profile on other ports and fewer cameras."""
    configs = folder / "configs"
    shutil.copytree(ROOT / "configs", configs)
    for path in (configs / "profiles/demo").glob("*.yaml"):
        text = path.read_text("utf-8").replace("18554", str(rtsp)).replace("18883", str(mqtt))
        path.write_text(text, "utf-8")
    overlay = configs / "profiles/demo/cameras.yaml"
    text = overlay.read_text("utf-8")
    for name in set(re.findall(r"- id: (\S+)", text)) - set(cameras):
        text = text.replace(f"- id: {name}", f"- id: {name}\n    enabled: false", 1)
    overlay.write_text(text, "utf-8")
    return configs


@contextmanager
def running_hub(
    folder: Path,
    *,
    simulated: tuple[str, ...],
    enabled: tuple[str, ...],
    database_url: str | None = None,
    redis_url: str | None = None,
    more: tuple[CameraSim, ...] = (),
) -> Iterator[Running]:
    """Simulator, then hub; both ended in reverse. `enabled`: the cameras of the files.

    `more`: simulated cameras of the demo's clips, of which the hub knows nothing yet.
    """
    rtsp, mqtt, control, port = free_ports(4)
    configs = own_configs(folder, rtsp, mqtt, enabled)
    scenario = load_scenario(configs / "profiles/demo/simulation.yaml")
    scenario = scenario.model_copy(
        update={
            "control_port": control,
            "cameras": tuple(
                camera.model_copy(update={"faults": ()})
                for camera in scenario.cameras
                if camera.id in simulated
            )
            + more,
            "buttons": (),
        }
    )
    simulator = Simulator(scenario, cache=cache_dir(), log_file=folder / "sent.jsonl")
    setup = Setup(
        config=configs,
        profile="demo",
        data=folder / "data",
        cache=cache_dir(),
        host="127.0.0.1",
        port=port,
        workers=1,
        log_level="INFO",
        redis_url=redis_url,
        database_url=database_url,
    )
    hub = Hub(setup, RealClock(), folder / "hub.log")
    started = hub.prepare()
    give_consents(hub.setup.database, time.time(), LENT)
    simulator.start()
    hub.start()
    client = httpx.Client(
        base_url=f"{started.address}/api/v1",
        headers={"Authorization": f"Bearer {started.token}"},
        timeout=20.0,
    )
    try:
        eventually("the api answers", lambda: _answers(started.address))
        yield Running(hub, setup, client, simulator, folder)
    finally:
        client.close()
        hub.stop()
        simulator.stop()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2.0).status_code == 200
    except httpx.TransportError:
        return False
