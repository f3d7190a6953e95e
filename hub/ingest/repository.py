"""The registers of sources: which table holds which."""

from __future__ import annotations

from hub.store.managed import Managed
from hub.store.secrets import SecretBox
from hub.store.tables import sources


def cameras(box: SecretBox | None = None) -> Managed:
    """Cameras; the secret is the camera's password."""
    return Managed(sources.cameras, "camera", box)


def sensors(box: SecretBox | None = None) -> Managed:
    """Sensors; the secret is the sensor's own token."""
    return Managed(sources.sensors, "sensor", box)


def brokers(box: SecretBox | None = None) -> Managed:
    """MQTT brokers; the secret is our password there."""
    return Managed(sources.brokers, "broker", box)
