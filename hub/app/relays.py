"""The relays of a centre process: one for each governance centre of the configuration."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection

from hub.dispatch import queue
from hub.dispatch.config import CentreConfig, DispatchConfig
from hub.dispatch.outbox import repository as outbox
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.relay import RELAY_BACKOFF, Relay
from hub.kit.clock import Clock
from hub.kit.metrics import Metrics
from hub.store.db import Database

log = logging.getLogger(__name__)

REST_S = 2.0
"""Pause of the loop of a centre that there is no more."""


class Relays:
    """A loop for each centre there is. What is open for one there is no more goes to its heir.

    `loop(name, step, backoff=, wake=)` starts one.
    """

    def __init__(
        self,
        db: Database,
        queues: queue.Client,
        clock: Clock,
        *,
        fence: Callable[[Connection], None],
        on_dead: Callable[[Connection, Sequence[DeadLetter]], None],
        metrics: Metrics,
        loop: Callable[..., object],
    ) -> None:
        self._db = db
        self._queues = queues
        self._fence = fence
        self._make = partial(Relay, db, clock=clock, fence=fence, on_dead=on_dead, metrics=metrics)
        self._loop = loop
        self._config: DispatchConfig | None = None
        self._known: dict[str, CentreConfig] = {}
        self._relays: dict[str, Relay] = {}
        self._wakes: dict[str, threading.Event] = {}

    def follow(self, config: DispatchConfig) -> None:
        """Go by this configuration. Raises Retryable, and Conflict when another centre is active.

        To be called again and again: an api that has not read the files yet may still file
        errands for a centre that has gone.
        """
        if config is not self._config:
            self._config = config
            self._serve(config)
        self._bequeath(config)

    def wake(self) -> None:
        """Something was committed: look now."""
        for wake in self._wakes.values():
            wake.set()

    def _serve(self, config: DispatchConfig) -> None:
        centres = {centre.id: centre for centre in config.centres}
        self._known |= centres
        self._relays = {
            id_: self._make(queue=queue.Queue(self._queues, centre), config=config)
            for id_, centre in centres.items()
        }
        for id_ in centres.keys() - self._wakes.keys():
            wake = threading.Event()
            self._wakes = {**self._wakes, id_: wake}
            self._loop(f"relay-{id_}", partial(self._step, id_), backoff=RELAY_BACKOFF, wake=wake)

    def _step(self, centre: str) -> float:
        relay = self._relays.get(centre)
        return REST_S if relay is None else relay.step()

    def _bequeath(self, config: DispatchConfig) -> None:
        with self._db.read() as tx:
            gone = outbox.astray(tx, [centre.id for centre in config.centres])
        for id_ in gone:
            to = heir(self._known.get(id_) or CentreConfig(id=id_, name=id_), config)
            with self._db.write() as tx:
                self._fence(tx)
                count = outbox.redirect(tx, id_, to.id)
            log.warning("there is no centre %s any more: %d errands go to %s", id_, count, to.id)
        if gone:
            self.wake()


def heir(gone: CentreConfig, config: DispatchConfig) -> CentreConfig:
    """Who gets the errands of a centre there is no more: whoever reads its stream now, as after a
    change of its name; else the default centre, as what no grid claims."""
    readers = (centre for centre in config.centres if centre.stream == gone.stream)
    return next(readers, config.fallback)
