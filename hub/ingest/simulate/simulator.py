"""The whole simulation: cameras, broker, sensors and buttons on one timetable."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from amqtt.broker import Broker

from hub.ingest.simulate.camera import SimCamera, recipes
from hub.ingest.simulate.control import Control
from hub.ingest.simulate.devices import Button, Sensor, embedded_broker
from hub.ingest.simulate.footage import Footage
from hub.ingest.simulate.rtsp import RtspServer
from hub.ingest.simulate.scenario import Fault, Scenario
from hub.ingest.simulate.sendlog import SendLog
from hub.ingest.simulate.timetable import Timetable
from hub.kit.clock import Clock, RealClock
from hub.kit.errors import NotFound
from hub.kit.fetch import Progress
from hub.kit.supervise import Backoff, Supervisor

log = logging.getLogger(__name__)

_CALL_S = 120.0
_FLUSH_S = 0.25
_DEVICE_BACKOFF = Backoff(first_s=0.2, eager_cap_s=1.0, cap_s=5.0)
T = TypeVar("T")


class Simulator:
    """Runs a scenario: an asyncio loop in one thread, and a thread for each sensor and button.

    All methods may be called from any thread.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        cache: Path,
        log_file: Path | None = None,
        clock: Clock | None = None,
        progress: Progress | None = None,
        told: Callable[[str], None] = lambda _: None,
        seed: int | None = None,
    ) -> None:
        self._scenario = scenario
        self._clock = clock or RealClock()
        self._told = told
        self._rng = random.Random(seed)
        self._sent = SendLog(log_file)
        self._footage = Footage(scenario.clips, cache, progress)
        self._cameras: dict[str, SimCamera] = {}
        self._server: RtspServer | None = None
        self._control = Control(self._obey)
        self._broker: Broker | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator")
        self._thread.daemon = True
        self._timetable = Timetable(self._clock)
        self._devices = Supervisor(self._clock)
        self._sensors: list[Sensor] = []

    @property
    def port(self) -> int:
        """The RTSP port in use."""
        return 0 if self._server is None else self._server.port

    @property
    def control_port(self) -> int:
        """The port that takes orders."""
        return self._control.port

    def prepare(self) -> None:
        """Pull and prepare the footage; `start` does it too, this only does it sooner."""
        self._footage.prepare(
            (
                recipe
                for camera in self._scenario.cameras
                for recipe in recipes(camera, [fault.kind for fault in camera.faults])
            ),
            self._told,
        )

    def start(self) -> None:
        """Prepare the footage, open the ports and begin.

        Raises Misconfigured or what a pull raises for the footage, OSError for a taken port.
        """
        self.prepare()
        self._thread.start()
        self._call(self._open())
        self._start_devices()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End everything and free the ports."""
        self._devices.stopping.set()
        for sensor in self._sensors:
            sensor.stop()
        self._devices.stop(timeout_s)
        if self._thread.is_alive():
            self._call(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout_s)
            self._loop.close()
        self._sent.close()

    def begin(self) -> None:
        """Second 0 of playlists, faults, sensors and buttons again; the streams go on."""
        self._call(self._begin())

    def order(self, camera: str, fault: Fault) -> None:
        """Order a fault that begins `fault.at_s` from now; what it shows is prepared first.

        Raises NotFound for an unknown camera.
        """
        self._call(self._order(camera, fault))

    def clear(self, camera: str) -> None:
        """End the camera's faults. Raises NotFound for an unknown camera."""
        self._call(self._clear(camera))

    def url(self, camera: str, stream: str = "main", *, password: bool = False) -> str:
        """The RTSP address, with name and password if asked for. Raises NotFound."""
        spec = self._camera(camera).spec
        secret = quote(spec.password.get_secret_value(), safe="")
        user = f"{quote(spec.username, safe='')}:{secret}@"
        who = user if password and spec.auth != "none" else ""
        return f"rtsp://{who}{self._scenario.host}:{self.port}/{camera}/{stream}"

    def status(self) -> dict[str, Any]:
        """Per camera its active faults, clients and the frames dropped for slow ones."""
        return self._call(self._status())

    def _camera(self, camera: str) -> SimCamera:
        try:
            return self._cameras[camera]
        except KeyError:
            raise NotFound(f"no simulated camera {camera!r}") from None

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_S)

    async def _open(self) -> None:
        scenario = self._scenario
        self._cameras = {
            spec.id: SimCamera(
                spec, self._footage, self._clock, self._sent, random.Random(self._rng.random())
            )
            for spec in scenario.cameras
        }
        self._server = RtspServer(self._cameras, self._clock, self._rng)
        await self._server.open(scenario.host, scenario.port)
        await self._control.open(scenario.control_port)
        if scenario.broker is not None and scenario.broker.embedded:
            self._broker = embedded_broker(scenario.broker)
            await self._broker.start()
        for camera in self._cameras.values():
            camera.start()
        await self._begin()
        self._flush()

    async def _close(self) -> None:
        for camera in self._cameras.values():
            camera.stop()
        self._control.close()
        if self._server is not None:
            await self._server.close()
        if self._broker is not None:
            await self._broker.shutdown()

    def _flush(self) -> None:
        self._sent.flush()
        self._loop.call_later(_FLUSH_S, self._flush)

    async def _begin(self) -> None:
        self._timetable.begin()
        self._sent.event("begin", self._clock.now())
        for camera in self._cameras.values():
            camera.begin()

    async def _order(self, name: str, fault: Fault) -> None:
        camera = self._camera(name)
        needed = recipes(camera.spec, [fault.kind])
        await asyncio.to_thread(self._footage.prepare, needed, self._told)
        camera.order(fault)

    async def _clear(self, name: str) -> None:
        self._camera(name).clear()

    async def _status(self) -> dict[str, Any]:
        return {
            "second": round(self._timetable.second(), 3),
            "cameras": {name: camera.status() for name, camera in self._cameras.items()},
        }

    async def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        match order:
            case {"do": "fault", "camera": str(name), "fault": dict(fault)}:
                await self._order(name, Fault.model_validate(fault))
            case {"do": "clear", "camera": str(name)}:
                await self._clear(name)
            case {"do": "begin"}:
                await self._begin()
            case {"do": "status"}:
                return await self._status()
            case _:
                raise NotFound(f"no such order: {order.get('do')!r}")
        return {}

    def _start_devices(self) -> None:
        scenario = self._scenario
        for spec in scenario.sensors:
            if scenario.broker is None:
                continue
            sensor = Sensor(
                spec,
                scenario.broker,
                clock=self._clock,
                timetable=self._timetable,
                sent=self._sent,
                rng=random.Random(self._rng.random()),
            )
            self._sensors.append(sensor)
            self._devices.loop(f"sensor {spec.id}", sensor.step, backoff=_DEVICE_BACKOFF)
        for pressed in scenario.buttons:
            if scenario.hub_url is None:
                log.warning("button %s: no hub URL, it will not be pressed", pressed.id)
                continue
            token = pressed.token or scenario.hub_token
            button = Button(
                pressed,
                scenario.hub_url,
                None if token is None else token.get_secret_value(),
                clock=self._clock,
                timetable=self._timetable,
                sent=self._sent,
            )
            self._devices.loop(f"button {pressed.id}", button.step, backoff=_DEVICE_BACKOFF)


@contextmanager
def simulated(
    scenario: Scenario, *, cache: Path, log_file: Path | None = None
) -> Iterator[Simulator]:
    """A running simulator for the length of a `with`."""
    simulator = Simulator(scenario, cache=cache, log_file=log_file)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
