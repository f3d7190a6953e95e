"""Whether sensors can be heard: the state of each link, as changes of health."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.types.scene import HealthChanged, HealthState, SourceKind
from hub.types.site import SensorSpec


@dataclass(slots=True)
class _Link:
    spec: SensorSpec
    state: HealthState | None = None
    heard_s: float = 0.0
    by_broker: bool = False


class SensorLinks:
    """Online or offline, for each sensor of one broker.

    `now_s` is monotonic and decides; `at` (UTC epoch seconds) is only told. A sensor goes
    offline by its last will, by silence longer than its `silent_after_s`, where its topic is
    refused, or when the broker has been lost for `grace_s`; in the last case it is online again
    with the broker.
    """

    def __init__(self, sensors: Iterable[SensorSpec], now_s: float, grace_s: float) -> None:
        self._links = {spec.id: _Link(spec, heard_s=now_s) for spec in sensors}
        self._grace_s = grace_s
        self._lost_s: float | None = None

    def heard(self, sensor: str, now_s: float, at: float) -> list[HealthChanged]:
        """It sent something."""
        link = self._links[sensor]
        link.heard_s = now_s
        return self._set(link, HealthState.ONLINE, at, "")

    def left(self, sensor: str, at: float) -> list[HealthChanged]:
        """Its last will came."""
        return self._set(self._links[sensor], HealthState.OFFLINE, at, "last will")

    def unheard(self, sensor: str, at: float) -> list[HealthChanged]:
        """The broker is there, but gives us nothing of its topic."""
        return self._set(self._links[sensor], HealthState.OFFLINE, at, "topic refused")

    def broker_back(self, now_s: float, at: float) -> list[HealthChanged]:
        """The broker is there: whom only its absence had silenced is taken as online."""
        self._lost_s = None
        changes: list[HealthChanged] = []
        for link in self._links.values():
            link.heard_s = now_s
            if link.by_broker:
                changes += self._set(link, HealthState.ONLINE, at, "broker is back")
        return changes

    def broker_lost(self, now_s: float) -> None:
        """The connection broke, or could not be made; counts from the first time."""
        if self._lost_s is None:
            self._lost_s = now_s

    def due(self, now_s: float, at: float) -> list[HealthChanged]:
        """What the mere passing of time has changed."""
        changes: list[HealthChanged] = []
        if self._lost_s is not None:
            if now_s - self._lost_s >= self._grace_s:
                for link in self._links.values():
                    if link.state is not HealthState.OFFLINE:
                        changes += self._set(link, HealthState.OFFLINE, at, "broker lost")
                        link.by_broker = True
            return changes
        for link in self._links.values():
            limit = link.spec.silent_after_s
            if limit is not None and now_s - link.heard_s >= limit:
                changes += self._set(link, HealthState.OFFLINE, at, f"silent for {limit:g} s")
        return changes

    def _set(self, link: _Link, state: HealthState, at: float, detail: str) -> list[HealthChanged]:
        link.by_broker = False
        if link.state is state:
            return []
        link.state = state
        return [HealthChanged(link.spec.id, SourceKind.SENSOR, state, at, detail=detail)]
