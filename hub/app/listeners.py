"""The MQTT brokers of one worker, kept as its plan says; readings go straight to the spool."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from hub.app.plan import PlannedBroker, changed
from hub.ingest.sources.mqtt import MqttListener
from hub.kit.clock import Clock
from hub.kit.errors import HubError
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.store.records import health_to_json, reading_to_json
from hub.store.secrets import SecretBox
from hub.store.spool import RecordKind, Spool
from hub.types.scene import HealthChanged, Reading
from hub.types.site import BrokerSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """One broker that is listened to."""

    planned: PlannedBroker
    listener: MqttListener
    stop: threading.Event


class Listeners:
    """Starts, stops and replaces MQTT listeners.

    A message is acknowledged to its broker only after the spool has committed it, so what is
    lost with this process is sent again by the broker.
    """

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        secrets: SecretBox,
        supervisor: Supervisor,
        metrics: Metrics,
    ) -> None:
        self._spool = spool
        self._metrics = metrics
        self._clock = clock
        self._secrets = secrets
        self._supervisor = supervisor
        self._listening: dict[str, Listening] = {}

    def apply(self, brokers: Sequence[PlannedBroker]) -> None:
        """Bring what runs in line with the plan."""
        new = {planned.broker.id: planned for planned in brokers}
        old = {key: listening.planned for key, listening in self._listening.items()}
        to_stop, to_start = changed(old, new)
        for key in to_stop:
            self._halt(self._listening.pop(key))
        for key in sorted(to_start):
            try:
                self._listening[key] = self._start(new[key])
            except HubError as error:
                # The other brokers are listened to all the same.
                log.error("broker %s is not listened to: %s: %s", key, error.code, error)

    def _start(self, planned: PlannedBroker) -> Listening:
        listener = MqttListener(
            self._with_password(planned),
            planned.sensors,
            clock=self._clock,
            on_reading=self._on_reading,
            on_health=self._on_health,
            metrics=self._metrics,
        )
        stop = threading.Event()
        self._supervisor.loop(f"mqtt-{planned.broker.id}", listener.step, stop=stop)
        return Listening(planned, listener, stop)

    def _with_password(self, planned: PlannedBroker) -> BrokerSpec:
        if planned.secret is None:
            return planned.broker
        password = SecretStr(self._secrets.decrypt(planned.secret))
        return planned.broker.model_copy(update={"password": password})

    def _on_reading(self, readings: Sequence[Reading]) -> None:
        self._spool.append(RecordKind.READING, [reading_to_json(one) for one in readings])

    def _on_health(self, change: HealthChanged) -> None:
        self._spool.append(RecordKind.HEALTH, [health_to_json(change)])

    def _halt(self, listening: Listening) -> None:
        listening.stop.set()
        listening.listener.stop()

    def stop(self) -> None:
        """Stop all listeners."""
        for listening in self._listening.values():
            self._halt(listening)
        self._listening.clear()
