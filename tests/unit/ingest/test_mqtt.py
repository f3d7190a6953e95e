"""One connection for all sensors of a broker: no topic of one of them is the others' trouble."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import cast

import aiomqtt
import pytest

from hub.ingest.sensing import topic_fault
from hub.ingest.sources.mqtt import MqttListener
from hub.kit.clock import SimClock
from hub.kit.metrics import Metrics
from hub.types.scene import HealthChanged, HealthState, Reading
from hub.types.site import BrokerSpec, OwnerKind, ReadingMap, SensorSpec

REFUSED = 0x80


@dataclass
class Broker:
    """What a client asks of a broker; `denies` are the topics its access list has not."""

    denies: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)

    async def subscribe(self, topics: list[tuple[str, int]]) -> tuple[int, ...]:
        self.asked = [topic for topic, _ in topics]
        return tuple(REFUSED if topic in self.denies else qos for topic, qos in topics)

    @property
    def _client(self) -> Broker:
        return self

    def ack(self, mid: int, _qos: int) -> None:
        self.acknowledged.append(mid)


@dataclass
class Ears:
    """A listener and what it tells."""

    listener: MqttListener
    metrics: Metrics
    readings: list[Reading]
    health: list[HealthChanged]

    def connect(self, broker: Broker) -> None:
        refused = asyncio.run(self.listener._subscribe(cast(aiomqtt.Client, broker)))
        self.health += self.listener._unheard(refused)

    def hear(self, broker: Broker, topic: str) -> None:
        payload = json.dumps({"v": 1}).encode()
        message = aiomqtt.Message(topic, payload, 1, False, 7, None)
        self.listener._take(cast(aiomqtt.Client, broker), [message])


def listener(*sensors: SensorSpec) -> Ears:
    readings: list[Reading] = []
    health: list[HealthChanged] = []
    metrics = Metrics()
    made = MqttListener(
        BrokerSpec(id="county", host="10.0.0.9"),
        sensors,
        clock=SimClock(),
        on_reading=readings.extend,
        on_health=health.append,
        metrics=metrics,
    )
    return Ears(made, metrics, readings, health)


def sensor(name: str, topic: str, will: str | None = None) -> SensorSpec:
    return SensorSpec(
        id=name,
        name=name,
        owner_kind=OwnerKind.PUBLIC,
        owner="county",
        topic=topic,
        will_topic=will,
        readings=(ReadingMap(quantity="v", path="v"),),
    )


@pytest.mark.parametrize(
    "topic",
    ["#", "a/+/b", "a#", "", " ", "a\0b", "a\nb", "$share/x/a/b", "$SYS/x", "x" * 256, "/" * 100],
)
def test_a_topic_that_is_not_one_sensors_alone_is_none(topic: str) -> None:
    assert topic_fault(topic) is not None


@pytest.mark.parametrize("topic", ["a", "/a", "a b/c", "县/柳溪/烟感-1", "a/$b"])
def test_any_other_is_one(topic: str) -> None:
    assert topic_fault(topic) is None


@pytest.mark.parametrize("bad", ["a#", "#", "$share/x/town/smoke-1", "a\0b"])
def test_a_bad_topic_is_not_asked_for_and_the_others_are_heard(bad: str) -> None:
    broker, ears = Broker(), listener(sensor("good", "town/smoke-1"), sensor("bad", bad))
    ears.connect(broker)
    assert broker.asked == ["town/smoke-1"]
    assert ears.metrics.get("hub_sensor_topics_refused_total", sensor="bad") == 1
    (change,) = ears.health
    assert (change.source, change.state) == ("bad", HealthState.OFFLINE)
    assert change.detail == "topic refused"
    ears.hear(broker, "town/smoke-1")
    assert [reading.source for reading in ears.readings] == ["good"], "# hears nothing of others"
    assert broker.acknowledged == [7]


def test_what_the_broker_denies_to_one_ends_no_connection() -> None:
    broker = Broker(denies=frozenset({"else/where", "b/will"}))
    ears = listener(sensor("a", "else/where"), sensor("b", "b", "b/will"), sensor("c", "c"))
    ears.connect(broker)
    assert [change.source for change in ears.health] == ["a"], "b is heard, only not its will"
    for name, refused in (("a", 1), ("b", 1), ("c", 0)):
        assert ears.metrics.get("hub_sensor_topics_refused_total", sensor=name) == refused


def test_a_broker_that_denies_all_is_no_connection() -> None:
    ears = listener(sensor("a", "a"), sensor("b", "b"))
    with pytest.raises(aiomqtt.MqttError, match="all 2"):
        ears.connect(Broker(denies=frozenset({"a", "b"})))


def test_nothing_to_ask_for_is_still_a_connection() -> None:
    ears = listener(sensor("bad", "#"))
    ears.connect(Broker())
    assert [change.source for change in ears.health] == ["bad"]
