"""What a sensor must say of itself to be heard, and alone: asked of files and of the API."""

from __future__ import annotations

from collections.abc import Iterator

from hub.ingest.readings import steps
from hub.types.site import SensorSpec

Key = tuple[str | int, ...]
"""Where in the entry a fault stands: `("readings", 0, "path")`."""

_CHARACTERS_MAX = 255
_LEVELS_MAX = 100
"""Brokers end a connection that subscribes to more: mosquitto above 200 levels, EMQX above 128."""


def faults(sensor: SensorSpec) -> Iterator[tuple[Key, str]]:
    """All that is wrong with its broker, its topics and its paths."""
    yield from _links(sensor)
    yield from _paths(sensor)


def topics_of(sensor: SensorSpec) -> frozenset[str]:
    """What its broker is asked for on its behalf."""
    return frozenset(topic for topic in (sensor.topic, sensor.will_topic) if topic is not None)


def topic_fault(topic: str) -> str | None:
    """Why a sensor cannot have this topic, None if it can.

    All sensors of a broker share one connection, so a topic that the broker does not take, or that
    matches others' too, is no matter of one sensor alone.
    """
    if set("+#") & set(topic):
        return "a topic of one sensor has no wildcards"
    if topic.startswith("$"):
        return "topics that begin with $ are the broker's own"  # $share/x/# is another's topic too
    if not topic.strip() or not topic.isprintable():
        return "a topic is made of characters that can be printed"
    if len(topic) > _CHARACTERS_MAX or topic.count("/") >= _LEVELS_MAX:
        return f"a topic has at most {_CHARACTERS_MAX} characters and {_LEVELS_MAX} levels"
    return None


def _links(sensor: SensorSpec) -> Iterator[tuple[Key, str]]:
    if sensor.protocol == "http":
        for key in ("broker", "topic", "will_topic"):
            if getattr(sensor, key) is not None:
                yield (key,), f"an http sensor has no {key}"
        return
    for key in ("broker", "topic"):
        if getattr(sensor, key) is None:
            yield (key,), f"an mqtt sensor wants a {key}"
    for key in ("topic", "will_topic"):
        topic = getattr(sensor, key)
        if topic is not None and (wrong := topic_fault(topic)) is not None:
            yield (key,), wrong


def _paths(sensor: SensorSpec) -> Iterator[tuple[Key, str]]:
    quantities: set[str] = set()
    for number, reading in enumerate(sensor.readings):
        if reading.quantity in quantities:
            yield ("readings", number, "quantity"), f"{reading.quantity} is read twice"
        quantities.add(reading.quantity)
        if (wrong := _path_fault(reading.path)) is not None:
            yield ("readings", number, "path"), wrong
    if sensor.time_path is not None and (wrong := _path_fault(sensor.time_path)) is not None:
        yield ("time_path",), wrong


def _path_fault(path: str) -> str | None:
    try:
        steps(path)
    except ValueError as error:
        return str(error)
    return None
