"""Sensors against their brokers, their readings and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hub.alerts.rules import misplaced, permitted
from hub.config.draft import Draft, Entry
from hub.config.node import Problem
from hub.ingest.readings import steps
from hub.types.scene import SourceKind
from hub.types.site import SensorSpec


def links(draft: Draft) -> Iterator[Problem]:
    """An MQTT sensor names its broker and topic; an HTTP one needs neither."""
    for broker in draft.brokers:
        ca_file = broker.value.ca_file
        if ca_file is not None and not Path(ca_file).is_file():
            yield broker.problem(f"there is no file {ca_file}", "ca_file")
        if ca_file is not None and not broker.value.tls:
            yield broker.problem("a certificate without `tls: true` protects nothing", "ca_file")
    for sensor in draft.sensors:
        spec = sensor.value
        if spec.protocol == "mqtt":
            yield from _mqtt(sensor)
            continue
        for key in ("broker", "topic", "will_topic"):
            if getattr(spec, key) is not None:
                yield sensor.problem(f"an http sensor has no {key}", key)


def _mqtt(sensor: Entry[SensorSpec]) -> Iterator[Problem]:
    for key in ("broker", "topic"):
        if getattr(sensor.value, key) is None:
            yield sensor.problem(f"an mqtt sensor wants a {key}", key)
    for key in ("topic", "will_topic"):
        if set("+#") & set(getattr(sensor.value, key) or ""):
            yield sensor.problem("a topic of one sensor has no wildcards", key)


def readings(draft: Draft) -> Iterator[Problem]:
    """Something is read, by paths that are paths, each quantity once."""
    for sensor in draft.sensors:
        if not sensor.value.readings:
            yield sensor.problem("nothing is read from its messages", "readings")
        quantities: set[str] = set()
        for number, reading in enumerate(sensor.value.readings):
            if reading.quantity in quantities:
                text = f"{reading.quantity} is read twice"
                yield sensor.problem(text, "readings", number, "quantity")
            quantities.add(reading.quantity)
            if (wrong := _path_fault(reading.path)) is not None:
                yield sensor.problem(wrong, "readings", number, "path")
        time_path = sensor.value.time_path
        if time_path is not None and (wrong := _path_fault(time_path)) is not None:
            yield sensor.problem(wrong, "time_path")


def _path_fault(path: str) -> str | None:
    try:
        steps(path)
    except ValueError as error:
        return str(error)
    return None


def references(draft: Draft) -> Iterator[Problem]:
    """What a sensor names exists: its broker, its rules. Asked of faulty sensors as well."""
    for sensor in draft.written.get("sensors", []):
        broker = sensor.node.text("broker")
        if broker is not None and broker not in draft.named.get("brokers", set()):
            yield sensor.problem(f"there is no broker {broker} above", "broker")
        listed = sensor.node.child("rules")
        for number, rule in enumerate(listed.items if listed is not None else ()):
            if isinstance(rule.value, str) and rule.value not in draft.named.get("rules", set()):
                text = f"there is no rule {rule.value} in rules.yaml"
                yield sensor.problem(text, "rules", number)


def uses(draft: Draft) -> Iterator[Problem]:
    """Each rule of a sensor fits a sensor and its place, and speaks of what is read."""
    rules = {rule.value.id: rule.value for rule in draft.rules}
    for sensor in draft.sensors:
        spec = sensor.value
        read = {reading.quantity for reading in spec.readings}
        for number, name in enumerate(spec.rules):
            if name in spec.rules[:number]:
                yield sensor.problem(f"the rule {name} is used twice here", "rules", number)
            if (rule := rules.get(name)) is None:
                continue
            wrong = misplaced(rule, SourceKind.SENSOR, zone=False, line=False)
            for message in filter(None, (wrong, permitted(rule, spec.place_class))):
                yield sensor.problem(message, "rules", number)
            wanted = getattr(rule, "quantity", None)
            if wanted is not None and wanted not in read:
                text = f"the rule {name} is about {wanted}, which this sensor does not read"
                yield sensor.problem(text, "rules", number)


def names(draft: Draft) -> Iterator[Problem]:
    """Cameras and sensors are both sources of alerts: no id may mean one of each."""
    cameras = draft.named.get("cameras", set())
    for sensor in draft.sensors:
        if sensor.value.id in cameras:
            yield sensor.problem("a camera has the same id", "id")


def idle(draft: Draft) -> Iterator[Problem]:
    """Sensors without a rule, rules nobody uses."""
    used = {use.rule for camera in draft.cameras for use in camera.value.rules}
    for sensor in draft.sensors:
        used.update(sensor.value.rules)
        if not sensor.value.rules:
            yield sensor.problem("the sensor has no rule: nothing ever comes of it", "id")
    for rule in draft.rules:
        if rule.value.id not in used:
            yield rule.problem("no camera and no sensor uses this rule", "id")
