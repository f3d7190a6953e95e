"""Sensors over MQTT: readings, last wills, silence; acknowledged only once they are kept."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import aiomqtt

from hub.ingest.links import SensorLinks
from hub.ingest.readings import BadReading, parse
from hub.ingest.sensing import topic_fault, topics_of
from hub.kit.clock import Clock
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.types.scene import HealthChanged, Quality, Reading
from hub.types.site import BrokerSpec, SensorSpec

log = logging.getLogger(__name__)

BROKER_GRACE_S = 10.0
_KEEPALIVE_S = 15
_LOOK_EVERY_S = 0.5
_BATCH_MAX = 256
_QUEUE_MAX = 100_000
"""Bounds what unacknowledged messages take of memory. What does not fit is not acknowledged
either: the broker sends it again on the next connection."""


class MqttListener:
    """Listens to the sensors of one broker; `step` runs one connection until it breaks.

    The session is kept by the broker (fixed client id, no clean start), and a message is
    acknowledged after `on_reading` returned: what comes while we are away, or dies with us
    before it was spooled, is sent again. `on_reading` gets the readings of one or several
    messages; what it or `on_health` raises ends the connection, and nothing is acknowledged.
    A bad message is counted, told in the log and acknowledged: it would be no better again.
    A topic that nobody may have, or that the broker refuses, is one sensor's trouble: it is
    counted, told, and the others are heard.
    """

    def __init__(
        self,
        broker: BrokerSpec,
        sensors: Sequence[SensorSpec],
        *,
        clock: Clock,
        on_reading: Callable[[tuple[Reading, ...]], None],
        on_health: Callable[[HealthChanged], None],
        metrics: Metrics | None = None,
        grace_s: float = BROKER_GRACE_S,
    ) -> None:
        self._broker = broker
        self._sensors = tuple(s for s in sensors if s.enabled and s.topic is not None)
        self._by_topic: dict[str, list[SensorSpec]] = {}
        for sensor in self._sensors:
            for topic in topics_of(sensor):
                self._by_topic.setdefault(topic, []).append(sensor)
        self._clock, self._on_reading, self._on_health = clock, on_reading, on_health
        self._metrics = metrics or Metrics()
        self._links = SensorLinks(self._sensors, clock.monotonic(), grace_s)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._stopped = False

    def step(self) -> float:
        """One connection, until it breaks. Raises Retryable; returns only after `stop`."""
        if self._stopped:
            return 1.0
        try:
            asyncio.run(self._connection())
        except (aiomqtt.MqttError, OSError) as error:
            self._links.broker_lost(self._clock.monotonic())
            raise Retryable(f"broker {self._broker.id}: {error}", code="broker_lost") from error
        finally:
            self._tell(self._links.due(self._clock.monotonic(), self._clock.now()))
        return 0.0

    def stop(self) -> None:
        """End the running step, and all later ones at once; from any thread."""
        self._stopped = True
        loop, ended = self._loop, self._ended
        if loop is not None and ended is not None and not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)

    async def _connection(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        if self._stopped:
            return
        client = self._client()
        # aiomqtt acknowledges when it queues a message; only the paho client below can wait.
        client._client.manual_ack_set(True)
        async with client:
            refused = await self._subscribe(client)
            log.info("broker %s: connected, %d sensors", self._broker.id, len(self._sensors))
            self._tell(self._links.broker_back(self._clock.monotonic(), self._clock.now()))
            self._tell(self._unheard(refused))
            await self._listen(client, self._ended)

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=None if broker.password is None else broker.password.get_secret_value(),
            identifier=broker.client_id or client_id(broker),
            clean_session=False,
            keepalive=_KEEPALIVE_S,
            tls_context=ssl.create_default_context(cafile=broker.ca_file) if broker.tls else None,
            max_queued_incoming_messages=_QUEUE_MAX,
        )

    async def _subscribe(self, client: aiomqtt.Client) -> set[str]:
        """Ask for all topics; the refused ones. They are no matter of the others' connection.

        Raises MqttError where the broker refuses every one that is sound.
        """
        asked = {topic for sensor in self._sensors for topic in topics_of(sensor)}
        sound = sorted(topic for topic in asked if topic_fault(topic) is None)
        if not sound:
            return asked
        granted = await client.subscribe([(topic, 1) for topic in sound])
        heard = {t for t, code in zip(sound, granted, strict=True) if not _is_failure(code)}
        if not heard:
            raise aiomqtt.MqttError(f"all {len(sound)} subscriptions refused")
        return asked - heard

    def _unheard(self, refused: Collection[str]) -> list[HealthChanged]:
        """Tell of the sensors that have a refused topic; who cannot be read is offline."""
        changes: list[HealthChanged] = []
        for sensor in self._sensors:
            for topic in topics_of(sensor) & set(refused):
                log.warning("sensor %s: the topic %r is refused", sensor.id, topic)
                self._metrics.add("hub_sensor_topics_refused_total", sensor=sensor.id)
            if sensor.topic in refused:
                changes += self._links.unheard(sensor.id, self._clock.now())
        return changes

    async def _listen(self, client: aiomqtt.Client, ended: asyncio.Event) -> None:
        messages = client.messages
        end = asyncio.ensure_future(ended.wait())
        first: asyncio.Future[aiomqtt.Message] | None = None
        try:
            while not ended.is_set():
                if first is None:
                    first = asyncio.ensure_future(anext(messages))
                await asyncio.wait(
                    (first, end), timeout=_LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                if first.done():
                    batch = [first.result()]
                    first = None
                    while len(messages) and len(batch) < _BATCH_MAX:
                        batch.append(await anext(messages))
                    self._take(client, batch)
                self._tell(self._links.due(self._clock.monotonic(), self._clock.now()))
        finally:
            end.cancel()
            if first is not None:
                first.cancel()

    def _take(self, client: aiomqtt.Client, batch: Sequence[aiomqtt.Message]) -> None:
        """Hand a batch on, and acknowledge it once that is done."""
        readings: list[Reading] = []
        changes: list[HealthChanged] = []
        for message in batch:
            topic = str(message.topic)
            for sensor in self._by_topic.get(topic, ()):
                if topic == sensor.will_topic:
                    changes += self._will(sensor, message)
                else:
                    readings += self._read(sensor, message)
                    changes += self._heard(sensor, message)
        if readings:
            self._on_reading(tuple(readings))
        self._tell(changes)
        for message in batch:
            client._client.ack(message.mid, message.qos)

    def _will(self, sensor: SensorSpec, message: aiomqtt.Message) -> list[HealthChanged]:
        at = self._clock.now()
        if message.payload.decode("utf-8", "replace").strip() == sensor.will_offline:
            return self._links.left(sensor.id, at)
        return self._links.heard(sensor.id, self._clock.monotonic(), at)

    def _heard(self, sensor: SensorSpec, message: aiomqtt.Message) -> list[HealthChanged]:
        if message.retain:
            return []
        return self._links.heard(sensor.id, self._clock.monotonic(), self._clock.now())

    def _read(self, sensor: SensorSpec, message: aiomqtt.Message) -> tuple[Reading, ...]:
        try:
            readings = parse(sensor, message.payload, self._clock.now())
        except BadReading as error:
            self._metrics.add("hub_readings_bad_total", sensor=sensor.id, code=error.code)
            log.warning("%s: %s", error.code, error)
            return ()
        self._metrics.add("hub_readings_total", len(readings), sensor=sensor.id)
        if message.retain and sensor.time_path is None:
            # What the broker had kept is of any age, and nothing in it says of which.
            return tuple(replace(reading, quality=Quality.UNCERTAIN) for reading in readings)
        return readings

    def _tell(self, changes: Sequence[HealthChanged]) -> None:
        for change in changes:
            self._on_health(change)


def client_id(broker: BrokerSpec) -> str:
    """A client id that never changes, so that the broker's session for us is found again.

    Whoever takes a broker over from a dead worker gets the session with it; a broker must
    therefore have one listener at a time. 23 characters are what every broker takes (MQTT
    3.1.1, 3.1.3.1).
    """
    return f"hub-{hashlib.sha256(broker.id.encode()).hexdigest()[:19]}"


def _is_failure(code: object) -> bool:
    """A SUBACK code of 0x80 or more, however the library wraps it."""
    value = getattr(code, "value", code)
    return isinstance(value, int) and value >= 0x80
