"""Sensors against their brokers, their readings and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hub.alerts.rules import misplaced, permitted
from hub.config.draft import Draft
from hub.config.node import Problem
from hub.ingest.sensing import faults
from hub.types.scene import SourceKind


def brokers(draft: Draft) -> Iterator[Problem]:
    """What a broker's certificates need."""
    for broker in draft.brokers:
        ca_file = broker.value.ca_file
        if ca_file is not None and not Path(ca_file).is_file():
            yield broker.problem(f"there is no file {ca_file}", "ca_file")
        if ca_file is not None and not broker.value.tls:
            yield broker.problem("a certificate without `tls: true` protects nothing", "ca_file")


def entries(draft: Draft) -> Iterator[Problem]:
    """Each can be heard, by its broker and topics, or needs neither; and something is read."""
    for sensor in draft.sensors:
        if not sensor.value.readings:
            yield sensor.problem("nothing is read from its messages", "readings")
        for key, fault in faults(sensor.value):
            yield sensor.problem(fault, *key)


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
