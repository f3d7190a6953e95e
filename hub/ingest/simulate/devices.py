"""Simulated sensors over MQTT, panic buttons over HTTP, and the broker between."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import socket
from collections.abc import Sequence

import aiomqtt
import httpx
from amqtt.broker import Broker

from hub.ingest.simulate.scenario import BrokerSim, ButtonSim, SensorSim
from hub.ingest.simulate.sendlog import SendLog
from hub.ingest.simulate.timetable import Timetable
from hub.kit.clock import Clock
from hub.kit.errors import Retryable

log = logging.getLogger(__name__)

_NOISE_SHARE = 0.01
_REPEAT_S = 0.2
_POST_S = 5.0


def embedded_broker(spec: BrokerSim) -> Broker:
    """An MQTT broker of this process, open to everybody on its address; not yet started."""
    return Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{spec.host}:{spec.port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )


def value_at(course: Sequence[tuple[float, float]], second: float) -> float:
    """The value of a course of (seconds, value) corners: straight between, constant outside."""
    before = course[0]
    for corner in course:
        if corner[0] > second:
            if corner is before:
                return corner[1]
            part = (second - before[0]) / (corner[0] - before[0])
            return before[1] + part * (corner[1] - before[1])
        before = corner
    return before[1]


class Sensor:
    """Publishes its course; one `step` is one connection to the broker, until it breaks."""

    def __init__(
        self,
        spec: SensorSim,
        broker: BrokerSim,
        *,
        clock: Clock,
        timetable: Timetable,
        sent: SendLog,
        rng: random.Random,
    ) -> None:
        self._spec, self._broker = spec, broker
        self._clock, self._timetable, self._sent, self._rng = clock, timetable, sent, rng
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    def step(self) -> float:
        """Connect and publish. Raises Retryable when the broker is not there or gone."""
        if self._away():
            return _REPEAT_S
        try:
            asyncio.run(self._connected())
        except aiomqtt.MqttError as error:
            raise Retryable(f"sensor {self._spec.id}: {error}") from error
        return _REPEAT_S

    def stop(self) -> None:
        """End the running step; from any thread."""
        if self._loop is not None and self._ended is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)

    def _away(self) -> bool:
        second = self._timetable.second()
        return any(begin <= second < end for begin, end in self._spec.away)

    async def _connected(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        will = None
        if self._spec.will_topic is not None:
            will = aiomqtt.Will(self._spec.will_topic, "offline", qos=1, retain=True)
        async with aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            identifier=f"simulated-{self._spec.id}",
            will=will,
            keepalive=10,
        ) as client:
            if self._spec.will_topic is not None:
                await client.publish(self._spec.will_topic, "online", qos=1, retain=True)
            while not self._ended.is_set():
                if self._away():
                    _hang_up(client)
                    return
                await self._publish(client)
                await _either(self._ended, self._spec.every_s)

    async def _publish(self, client: aiomqtt.Client) -> None:
        value = value_at(self._spec.course, self._timetable.second())
        value = round(value * (1 + self._rng.uniform(-_NOISE_SHARE, _NOISE_SHARE)), 3)
        at = self._clock.now()
        said = {"device": self._spec.id, "data": {self._spec.quantity: value}, "ts": round(at, 3)}
        await client.publish(self._spec.topic, json.dumps(said), qos=1)
        self._sent.event("reading_sent", at, device=self._spec.id, value=value)


async def _either(ended: asyncio.Event, timeout_s: float) -> None:
    """Wait for the end, or for the time to pass."""
    try:
        await asyncio.wait_for(ended.wait(), timeout_s)
    except TimeoutError:
        return


def _hang_up(client: aiomqtt.Client) -> None:
    """Cut the connection without a farewell, so that the broker sends the last will."""
    # aiomqtt offers no way to leave impolitely; its paho client hands out the socket.
    open_socket = client._client.socket()
    if isinstance(open_socket, socket.socket):
        open_socket.shutdown(socket.SHUT_RDWR)


class Button:
    """Presses its button at its times; `step` presses when it is due."""

    def __init__(
        self,
        spec: ButtonSim,
        hub_url: str,
        token: str | None,
        *,
        clock: Clock,
        timetable: Timetable,
        sent: SendLog,
    ) -> None:
        self._spec, self._clock, self._timetable, self._sent = spec, clock, timetable, sent
        self._url = hub_url.rstrip("/") + spec.path.format(id=spec.id)
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._pressed = 0
        self._turn = timetable.turn

    def step(self) -> float:
        """Press if due. Raises Retryable if the hub did not take it, to be tried again."""
        if self._turn != self._timetable.turn:
            self._turn, self._pressed = self._timetable.turn, 0
        due = sorted(self._spec.at_s)[self._pressed :]
        if due and due[0] <= self._timetable.second():
            self._press()
            self._pressed += 1
        return _REPEAT_S

    def _press(self) -> None:
        at = self._clock.now()
        said = {"device": self._spec.id, "pressed": 1, "ts": round(at, 3)}
        try:
            answer = httpx.post(self._url, json=said, headers=self._headers, timeout=_POST_S)
        except httpx.HTTPError as error:
            raise Retryable(f"button {self._spec.id}: {error}") from error
        self._sent.event(
            "button_pressed", at, device=self._spec.id, status=float(answer.status_code)
        )
        if answer.status_code >= 400:
            raise Retryable(f"button {self._spec.id}: the hub answered {answer.status_code}")
