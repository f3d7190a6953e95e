"""What a worker has to do: its cameras and sensors, with all that they refer to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from hub.alerts.rules import RuleSpec
from hub.analytics.catalog.cards import Card
from hub.ingest.addresses import AddressPolicy
from hub.types.site import BrokerSpec, CameraSpec, SensorSpec


class PlannedCamera(BaseModel):
    """One camera with its rules. `secret` is the password as ciphertext.

    `card` is a digest of the model's card: a card that changes is a change of its cameras.
    """

    model_config = ConfigDict(frozen=True)

    camera: CameraSpec
    secret: str | None
    rules: tuple[RuleSpec, ...]
    model: str | None
    card: str = ""


class PlannedBroker(BaseModel):
    """One MQTT broker with the sensors behind it. `secret` is the password as ciphertext."""

    model_config = ConfigDict(frozen=True)

    broker: BrokerSpec
    secret: str | None
    sensors: tuple[SensorSpec, ...]


class WorkerPlan(BaseModel):
    """All of one worker's work."""

    model_config = ConfigDict(frozen=True)

    cameras: tuple[PlannedCamera, ...]
    brokers: tuple[PlannedBroker, ...]
    cards: tuple[Card, ...]
    policy: AddressPolicy
    time_zone: str = "UTC"


def digest(value: BaseModel) -> str:
    """Short digest of a value's content; secrets count by their ciphertext."""
    text = json.dumps(value.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def changed(
    old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]
) -> tuple[set[str], set[str]]:
    """(to stop, to start) by id: gone or different, and new or different."""
    same = {key for key in old.keys() & new.keys() if digest(old[key]) == digest(new[key])}
    return set(old) - same, set(new) - same


def share_out(ids: Iterable[str], workers: Sequence[str]) -> dict[str, list[str]]:
    """Each id to one worker by rendezvous hashing: a worker lost moves only its own cameras.

    Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
    """
    shares: dict[str, list[str]] = {worker: [] for worker in workers}
    for item in ids if workers else ():
        owner = max(workers, key=lambda w: hashlib.sha256(f"{w}\0{item}".encode()).digest())
        shares[owner].append(item)
    return shares
