"""Findings on their way to the spool, and the evidence that belongs to them.

Analysis threads only put into a channel that waits when it is full: a slow disk slows the
analysis, a full one stops it, and no finding is dropped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from hub.kit.channel import Channel, Closed, WhenFull
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store.records import finding_to_json
from hub.store.spool import RecordKind, Spool
from hub.types.finding import Finding

log = logging.getLogger(__name__)

CAPACITY = 4096
BATCH = 256


class Keeper:
    """Moves findings from a bounded channel into the spool, in batches; `step` is its loop.

    A spool that refuses (full disk) keeps the batch at hand and is tried again by the supervisor.
    `idle` is set while nothing that was taken is still on its way.
    """

    def __init__(self, spool: Spool, metrics: Metrics) -> None:
        self._spool = spool
        self._metrics = metrics
        self._channel: Channel[Finding] = Channel(CAPACITY, WhenFull.WAIT)
        self._batch: list[Finding] = []
        self._counting = threading.Lock()
        self._waiting = 0
        self.idle = threading.Event()
        self.idle.set()

    def keep(self, findings: Sequence[Finding]) -> None:
        """Take findings for good; waits as long as it must."""
        for finding in findings:
            self._count(1)
            while not self._channel.put(finding, timeout_s=5.0):
                self._metrics.add("hub_keeper_waits_total")
                log.error("findings wait for the spool: analysis stands still")

    def step(self) -> float:
        """One batch, durable on return."""
        if not self._batch:
            self._batch = self._gather()
        if not self._batch:
            return 0.0
        try:
            self._spool.append(RecordKind.FINDING, [finding_to_json(f) for f in self._batch])
        except Retryable:
            self._metrics.add("hub_spool_refusals_total")
            raise
        self._metrics.add("hub_findings_spooled_total", len(self._batch))
        self._count(-len(self._batch))
        self._batch = []
        return 0.0

    def _count(self, change: int) -> None:
        with self._counting:
            self._waiting += change
            (self.idle.clear if self._waiting else self.idle.set)()

    def _gather(self) -> list[Finding]:
        batch: list[Finding] = []
        try:
            first = self._channel.get(timeout_s=0.5)
            while first is not None:
                batch.append(first)
                first = self._channel.get(timeout_s=0.0) if len(batch) < BATCH else None
        except Closed:
            pass
        return batch
