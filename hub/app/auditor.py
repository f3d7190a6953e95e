"""The step of the active centre that looks each minute for what the clocks should have seen.

It shares nothing with the clocks but the database. That it looks at all is watched by another
process: the api reads its beat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.app.desk import Desk
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import GRAVE, ROUND_S, Beat, Finding, Kind
from hub.dispatch.calls import Call, Caller
from hub.kit.clock import Clock
from hub.kit.errors import HubError, Retryable
from hub.kit.metrics import Metrics
from hub.store import marks
from hub.store.db import Database
from hub.types.finding import RuleKind, Severity
from hub.types.scene import SourceKind

log = logging.getLogger(__name__)

SOURCE = "auditor"
"""The source of its alerts."""

Bodies = Callable[[], Mapping[str, Mapping[str, Any]]]
"""What the workers last said of themselves. Raises Retryable without Redis."""


class Auditor:
    """`step` is one round; it remembers only what the spools held in the round before.

    `aside` names the rows that the clock has put aside because they raise.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        fence: Callable[[Connection], None],
        bodies: Bodies,
        metrics: Metrics,
        caller: Caller,
        aside: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._db = db
        self._clock = clock
        self._fence = fence
        self._bodies = bodies
        self._metrics = metrics
        self._caller = caller
        self._aside = aside
        self._stood: tuple[Mapping[str, int], frozenset[str]] = ({}, frozenset())

    def step(self, desk: Desk, config: AuditorConfig) -> float:
        """Look, tell, and write the beat; returns the pause."""
        began = self._clock.monotonic()
        now = desk.steady() if desk.steady is not None else self._clock.now()
        pending = self._pending()
        with self._db.read() as tx:
            found = audit.findings(tx, now, config)
            found += self._not_taken(marks.read(tx), pending)
            found += self._set_aside()
            before = audit.last_beat(tx)
        took_s = self._clock.monotonic() - began
        rounds = 1 if before is None else before.rounds + 1
        with self._db.write() as tx:
            self._fence(tx)
            tell(tx, desk, found)
            audit.put_beat(tx, Beat(self._clock.now(), rounds, took_s, tuple(found)))
        for kind in Kind:
            count = next((each.count for each in found if each.kind is kind), 0)
            self._metrics.put("hub_auditor_found", count, kind=kind.value)
        self._metrics.put("hub_auditor_seconds", took_s)
        self._call(config)
        return ROUND_S

    def _pending(self) -> frozenset[str]:
        """The workers whose spools hold records; without Redis nobody knows."""
        try:
            bodies = self._bodies()
        except Retryable:
            return frozenset()
        return frozenset(name for name, body in bodies.items() if body.get("spool_pending"))

    def _not_taken(self, reached: Mapping[str, int], pending: frozenset[str]) -> list[Finding]:
        """Records waited a round ago, wait now, and not one of any producer was taken between."""
        stood, waited = self._stood
        self._stood = (reached, pending)
        still = sorted(pending & waited)
        if not still or reached != stood:
            return []
        return [Finding(Kind.NOT_TAKEN, len(still), still[0])]

    def _set_aside(self) -> list[Finding]:
        """What the clock cannot work on; why stands in the log of this process."""
        named = self._aside()
        return [Finding(Kind.SET_ASIDE, len(named), named[0])] if named else []

    def _call(self, config: AuditorConfig) -> None:
        """The dead man's switch: one that is not called any more alarms by itself."""
        if config.call is None:
            return
        call = Call("GET", config.call, {}, b"", config.call_timeout_s)
        try:
            answer = asyncio.run(self._caller.call(call))
        except HubError as error:
            # The address may hold a secret: only what the error says.
            log.warning("the auditor's call failed: %s", error)
            self._metrics.add("hub_auditor_calls_failed_total")
            return
        if not 200 <= answer.status < 300:
            log.warning("the auditor's call was answered with HTTP %d", answer.status)
            self._metrics.add("hub_auditor_calls_failed_total")


def tell(tx: Connection, desk: Desk, found: Sequence[Finding]) -> None:
    """One alert for each kind of finding; it clears when nothing of the kind is left.

    It is for the wall and makes no case: what is wrong here is how cases are made.
    """
    now, wrong = desk.clock.now(), {each.kind.value for each in found}
    for place in alerts.live_own_places(tx, RuleKind.AUDIT) - wrong:
        alerts.clear_own(tx, RuleKind.AUDIT, SOURCE, place=place, now=now)
    for each in found:
        alerts.raise_own(
            tx,
            RuleKind.AUDIT,
            SOURCE,
            SourceKind.HUB,
            desk.snapshot.binder.bind_named(None),
            place=each.kind.value,
            severity=Severity.P1 if each.kind in GRAVE else Severity.P3,
            facts={"count": each.count, "first": each.first},
            now=now,
            ids=desk.ids,
        )
