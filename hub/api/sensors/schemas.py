"""What callers send about sensors and what they are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from hub.api.schemas import Answer, Body, Moment
from hub.ingest.service import Registered
from hub.kit.errors import Refused
from hub.types.site import (
    Identifier,
    OwnerKind,
    PlaceClass,
    Position,
    ReadingMap,
    SensorSpec,
)


class SensorHead(Body):
    """What sender and receiver of a sensor have in common."""

    id: Identifier
    name: str = Field(min_length=1, max_length=200)
    owner_kind: OwnerKind
    owner: str = Field(min_length=1, max_length=200)
    place_class: PlaceClass = PlaceClass.STREET
    kind: Literal["sensor", "panic_button"] = "sensor"
    protocol: Literal["mqtt", "http"] = "mqtt"
    broker: Identifier | None = None
    topic: str | None = None
    will_topic: str | None = None
    will_offline: str = "offline"
    readings: tuple[ReadingMap, ...] = ()
    time_path: str | None = None
    position: Position | None = None
    rules: tuple[Identifier, ...] = ()
    silent_after_s: float | None = Field(default=None, gt=0)
    tags: tuple[str, ...] = ()
    enabled: bool = True


class SensorIn(SensorHead):
    """A sensor to register; a token left out at an update stays as it is."""

    token: SecretStr | None = Field(default=None, max_length=200)

    def spec(self) -> SensorSpec:
        """As the register wants it."""
        head = {name: getattr(self, name) for name in SensorHead.model_fields}
        return SensorSpec(**head, token=self.token)

    def named(self, sensor_id: str) -> SensorSpec:
        """The same for an entry named by its path. Raises Refused (`other_id`)."""
        if self.id != sensor_id:
            raise Refused(f"the body speaks of {self.id}, the path of {sensor_id}", code="other_id")
        return self.spec()


class SensorOut(SensorHead):
    """A sensor as registered; its token never comes out."""

    token_set: bool
    managed_by: str
    origin: str | None
    version: int
    updated_at: Moment

    @classmethod
    def of(cls, entry: Registered[SensorSpec]) -> SensorOut:
        """An entry as told."""
        head = {name: getattr(entry.spec, name) for name in SensorHead.model_fields}
        return cls(
            **{**head, "enabled": entry.enabled},
            token_set=entry.secret_set,
            managed_by=entry.managed_by,
            origin=entry.origin,
            version=entry.version,
            updated_at=entry.updated_at,
        )


class Spooled(Answer):
    """The readings are on our disk: whatever happens now, they will be judged."""

    readings: int
    records: tuple[str, ...]
