"""A relay over workers with pretended cameras, joined by real sockets."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hub.kit.clock import RealClock
from hub.kit.masks import Mask
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.live.items import Item
from hub.live.readers import Queue
from hub.live.relay import Relay
from hub.live.server import Server
from hub.live.tap import Offer, Rendition, Tap
from hub.live.wire import Key
from hub.types.media import Packet, StreamInfo, StreamRole
from tests.unit.live.test_tap import PretendedRendition

MAIN, SUB = StreamRole.MAIN, StreamRole.SUB
LIMIT_S = 20.0


def start_rendition(key: Key, masks: Sequence[Mask]) -> Rendition:
    return PretendedRendition(key)


class Worker:
    """A tap and its server; `begin` gives it a camera, `send` the camera's next packets."""

    def __init__(self, folder: Path, name: str = "w") -> None:
        clock = RealClock()
        self.metrics = Metrics()
        self.tap = Tap(start_rendition, clock)
        self.path = folder / f"{name}.sock"
        self.address = f"unix:{self.path}"
        self.server = Server(self.address, self.tap, self.metrics)
        self._supervisor = Supervisor(clock)
        self._supervisor.loop("live", self.server.step)
        self._wait_until_it_listens()
        self._kept: dict[Key, list[Packet]] = {}
        self._infos: dict[Key, StreamInfo] = {}

    def _wait_until_it_listens(self) -> None:
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            with socket.socket(socket.AF_UNIX) as knock, suppress(OSError):
                knock.connect(str(self.path))
                return
            time.sleep(0.01)

    def begin(self, camera: str, info: StreamInfo, *roles: StreamRole, masks: Any = ()) -> None:
        for role in roles:
            self._kept[camera, role] = []
            self._infos[camera, role] = info
        recent = {role: self._recent((camera, role)) for role in roles}
        self.tap.begin(camera, Offer(recent, masks))

    def _recent(self, key: Key) -> Callable[[], tuple[StreamInfo, Sequence[Packet]] | None]:
        return lambda: (self._infos[key], tuple(self._kept[key])) if self._kept[key] else None

    def send(self, packets: Sequence[Packet], camera: str = "c1", role: StreamRole = SUB) -> None:
        for packet in packets:
            sent = packet._replace(source=camera, role=role)
            self._kept[camera, role].append(sent)
            self.tap.offer(sent, self._infos[camera, role])

    def stop(self) -> None:
        self.server.stop()
        assert self._supervisor.stop(5.0) == []

    @property
    def sent(self) -> float:
        return self.metrics.get("hub_live_messages_total")


class Town:
    """A relay over workers that can be looked up; `where` is what heartbeats would say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where: dict[str, str] = {}
        self.workers: list[Worker] = []
        self.relay = Relay(self.find, RealClock(), grace_s=0.2)
        self.looks = 0

    async def find(self, camera: str) -> str | None:
        self.looks += 1
        return self.where.get(camera)

    def worker(self, name: str = "w", *cameras: str) -> Worker:
        made = Worker(self.folder, name)
        self.workers.append(made)
        self.where |= dict.fromkeys(cameras, made.address)
        return made

    async def stop(self) -> None:
        await self.relay.close()
        for worker in self.workers:
            await asyncio.to_thread(worker.stop)


def told(folder: Path, story: Callable[[Town], Awaitable[None]]) -> None:
    """Run one story against a relay of its own."""

    async def run() -> None:
        town = Town(Path(tempfile.mkdtemp(dir=folder)))
        try:
            async with asyncio.timeout(60):
                await story(town)
        finally:
            await town.stop()

    asyncio.run(run())


async def some(reader: Queue[Any], count: int) -> list[Any]:
    """The next `count` items."""
    async with asyncio.timeout(LIMIT_S):
        return [await anext(reader) for _ in range(count)]


async def until(what: str, true: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)


def times(items: Sequence[Item]) -> list[float]:
    return [round(item.media_s, 3) for item in items if isinstance(item, Packet)]
