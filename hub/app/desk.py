"""What the centre decides with: the stages of its flow, over one snapshot of the registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.alerts import group, readings
from hub.alerts import service as alerts
from hub.alerts.admission import HUB, STORMS, Admission, Incoming
from hub.alerts.storms.plan import StormConfig
from hub.app.chores import chores, keys, names
from hub.app.registry import Snapshot
from hub.app.unobserved import Unwatched, by_grid
from hub.dispatch import merging, worsening
from hub.dispatch import service as dispatch
from hub.dispatch.config import DispatchConfig
from hub.dispatch.matter import Filing
from hub.dispatch.message import report
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.routing import nobody
from hub.dispatch.timers import service as clocks
from hub.flow import CentreStages
from hub.kit.clock import Clock
from hub.kit.errors import Conflict, Permanent
from hub.kit.ids import Ids
from hub.kit.supervise import Key
from hub.store import marks, media
from hub.store.records import finding_from_json, health_from_json, reading_from_json
from hub.store.spool import Record, RecordKind
from hub.types.duty import Roster
from hub.types.finding import Alert, Finding, Outcome, Reason, RuleKind, Severity
from hub.types.scene import SourceKind

WORKERS = "workers"
"""The source of the alerts about cameras that no worker watches."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All decisions of one version of the registers; made anew when they change.

    `awake_since`: when the centre had worked off its backlog (before that silence of an
    episode means nothing), None as long as it has not. `steady`: the time that clocks fire by,
    the wall clock's unless told.
    """

    snapshot: Snapshot
    config: DispatchConfig
    clock: Clock
    ids: Ids
    fence: Callable[[Connection], None]
    awake_since: Callable[[], float | None]
    steady: Callable[[], float] | None = None
    roster: Roster = nobody
    storms: StormConfig = STORMS

    def steady_now(self) -> float:
        """The time that clocks fire by."""
        return self.clock.now() if self.steady is None else self.steady()

    def stages(self) -> CentreStages:
        """The stages, in the order of the flow."""
        return CentreStages(
            fence=self.fence,
            read=self.read,
            remembering=lambda tx, limit: keys(readings.remembering(tx, limit)),
            tick=self.tick,
            admit=self.admit,
            file=self.file,
            mark=self.mark,
            chores=chores(self),
            fold=self.fold,
            worsen=self.worsen,
        )

    def read(self, tx: Connection, record: Record) -> Iterable[Incoming]:
        """The findings of one record; one that cannot be read is rejected by name."""
        try:
            if record.kind is RecordKind.FINDING:
                return [self._incoming(record.id, finding_from_json(record.body))]
            reading = record.kind is RecordKind.READING
            load = reading_from_json if reading else health_from_json
            observation = load(record.body)
        except Permanent:
            alerts.reject(tx, record.id, Reason.UNREADABLE, now=self.clock.now())
            return []
        rules = self.snapshot.sensor_rules(observation.source)
        found = readings.observe(
            tx, record.id, observation, rules, now=self.clock.now(), ids=self.ids
        )
        return [self._incoming(finding_id, finding) for finding_id, finding in found]

    def tick(self, tx: Connection, sources: Sequence[Key]) -> Iterable[Incoming]:
        """What time alone makes of the rules of these sensors."""
        rules, now, only = self.snapshot.sensor_rules, self.clock.now(), names(sources)
        found = readings.tick(tx, rules, now=now, ids=self.ids, only=only)
        return [self._incoming(finding_id, finding) for finding_id, finding in found]

    def _incoming(self, finding_id: str, finding: Finding) -> Incoming:
        rule = self.snapshot.rules.get(finding.rule_id)
        if rule is not None and rule.policy is None:
            of = self.config.classes.of_rule(rule.kind, rule.id)
            rule = rule.model_copy(update={"policy": of.policy})
        return Incoming(finding_id, finding, rule)

    def admit(self, tx: Connection, incoming: Sequence[Incoming]) -> Sequence[Admission]:
        """One outcome for each finding; evidence of an alert is linked, so that it is kept."""
        if not incoming:
            return []
        now = self.clock.now()
        admissions = alerts.admit_all(
            tx, incoming, bind=self.snapshot.bind, now=now, ids=self.ids, storms=self.storms
        )
        shown = [
            (item.finding.evidence_id, f"alert:{admission.alert.id}")
            for item, admission in zip(incoming, admissions, strict=True)
            if admission.alert is not None and item.finding.evidence_id is not None
        ]
        media.link(tx, shown, now)
        opened = [e.alert for e in admissions if e.alert and e.outcome is Outcome.OPENED]
        clocks.begin_verdicts(tx, opened, self.config)
        again = {e.alert.id: e.alert for e in admissions if e.alert and e.again}
        clocks.resume_verdicts(tx, list(again.values()), self.config, now)
        return admissions

    def file(self, tx: Connection, grouped: Sequence[tuple[Alert, group.Group]]) -> None:
        """Incidents, and where nobody waits also tasks and outbox rows."""
        filings = [Filing(alert, self._report(alert), to.key, to.wait_s) for alert, to in grouped]
        now = self.clock.now()
        dispatch.file(tx, filings, config=self.config, now=now, ids=self.ids, roster=self.roster)

    def fold(self, tx: Connection, pairs: Sequence[tuple[str, str]]) -> None:
        """Alerts that a storm took bring it their incidents; what has been sent out stays so."""
        for duplicate_id, into_id in pairs:
            clocks.end_verdict(tx, duplicate_id, self.clock.now())
            with suppress(Conflict):  # nothing was written then
                merging.join(tx, duplicate_id, into_id, by=HUB, now=self.clock.now())

    def worsen(self, tx: Connection, alerts: Sequence[Alert]) -> None:
        """Alerts that grew, a storm above all: their incidents and clocks are as grave as they."""
        now = self.clock.now()
        for alert in alerts:
            clocks.hasten_verdict(tx, alert, self.config, now)
            worsening.worsen(tx, alert, config=self.config, now=now)

    def _report(self, alert: Alert) -> dict[str, Any]:
        card, rule_name = self.snapshot.card(alert.source), self.snapshot.rule_name(alert.rule_id)
        return report(alert, card, rule_name, self.config.evidence_path)

    def mark(self, tx: Connection, records: Sequence[Record]) -> None:
        """The high-water marks, in the same transaction as the outcomes.

        Raises Conflict (`stale_marks`) when one of the records was taken before: another centre
        was active in between, and what the caller knows of the marks is old.
        """
        reached = marks.read(tx)
        for record in records:
            if record.seq <= reached.get(record.producer, 0):
                raise Conflict(f"{record.id} was taken before", code="stale_marks")
        highest = {record.producer: record.seq for record in records}
        marks.put(tx, highest, self.clock.now())

    # -- what the hub says of itself -----------------------------------------------------------

    def tell_unobserved(self, tx: Connection, seen: Unwatched) -> None:
        """One alert for each grid with cameras that nobody has watched for longer than the grace.

        It clears when the grid's last one is watched again, not while one has its grace.
        """
        now, binder = self.clock.now(), self.snapshot.binder
        grid_of = {c: binder.ground(self.snapshot.cameras[c]).camera_grid for c in seen.missing}
        gaps = {gap.grid_code or group.UNBOUND: gap for gap in by_grid(seen.overdue, grid_of)}
        lasting = {code or group.UNBOUND for code in grid_of.values()}
        for place in alerts.live_own_places(tx, RuleKind.UNOBSERVED) - lasting:
            alerts.clear_own(tx, RuleKind.UNOBSERVED, WORKERS, place=place, now=now)
        for place, gap in gaps.items():
            raised = alerts.raise_own(
                tx,
                RuleKind.UNOBSERVED,
                WORKERS,
                SourceKind.WORKER,
                binder.bind_named(gap.grid_code),
                place=place,
                since=gap.since,
                facts={"cameras": len(gap.cameras), "first": gap.cameras[0]},
                now=now,
                ids=self.ids,
            )
            if raised.dispatch and raised.alert is not None:
                self.file(tx, [(raised.alert, group.plan(raised.alert))])

    def tell_undelivered(self, tx: Connection, letters: Sequence[DeadLetter]) -> None:
        """A dead letter is an alarm on the wall; the queue that failed would not carry it."""
        for letter in letters:
            alerts.raise_own(
                tx,
                RuleKind.UNDELIVERED,
                f"centre-{letter.centre}",
                SourceKind.HUB,
                self.snapshot.binder.bind_named(None),
                severity=Severity.P1,
                facts={"task": letter.task_id, "error": letter.error},
                now=self.clock.now(),
                ids=self.ids,
            )


def unfenced(_tx: Connection) -> None:
    """For who needs no lease: people's actions, which any api may take, and a replay."""
