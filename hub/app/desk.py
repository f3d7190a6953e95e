"""What the centre decides with: the stages of its flow, over one snapshot of the registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.alerts import group, readings
from hub.alerts import service as alerts
from hub.alerts.admission import Admission, Incoming
from hub.app.registry import Snapshot
from hub.dispatch import service as dispatch
from hub.dispatch.config import DispatchConfig
from hub.flow import CentreStages
from hub.kit.clock import Clock
from hub.kit.errors import Permanent
from hub.kit.ids import Ids
from hub.store import marks, media
from hub.store.records import finding_from_json, health_from_json, reading_from_json
from hub.store.spool import Record, RecordKind
from hub.types.finding import Alert, Finding, Reason


@dataclass(frozen=True, slots=True)
class Desk:
    """All decisions of one version of the registers; made anew when they change.

    `awake_since`: when the centre had worked off its backlog (before that silence of an
    episode means nothing), None as long as it has not.
    """

    snapshot: Snapshot
    config: DispatchConfig
    clock: Clock
    ids: Ids
    fence: Callable[[Connection], None]
    awake_since: Callable[[], float | None]

    def stages(self) -> CentreStages:
        """The stages, in the order of the flow."""
        return CentreStages(
            fence=self.fence,
            read=self.read,
            tick=self.tick,
            admit=self.admit,
            file=self.file,
            mark=self.mark,
            expire=self.expire,
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

    def tick(self, tx: Connection) -> Iterable[Incoming]:
        """What time alone makes of the sensors' rules."""
        found = readings.tick(tx, self.snapshot.sensor_rules, now=self.clock.now(), ids=self.ids)
        return [self._incoming(finding_id, finding) for finding_id, finding in found]

    def _incoming(self, finding_id: str, finding: Finding) -> Incoming:
        return Incoming(finding_id, finding, self.snapshot.rules.get(finding.rule_id))

    def admit(self, tx: Connection, incoming: Sequence[Incoming]) -> Sequence[Admission]:
        """One outcome for each finding; evidence of an alert is linked, so that it is kept."""
        if not incoming:
            return []
        now = self.clock.now()
        admissions = alerts.admit_all(tx, incoming, bind=self.snapshot.bind, now=now, ids=self.ids)
        for item, admission in zip(incoming, admissions, strict=True):
            if admission.alert is not None and item.finding.evidence_id is not None:
                media.link(tx, item.finding.evidence_id, f"alert:{admission.alert.id}", now)
        return admissions

    def file(self, tx: Connection, alert: Alert, grouped: group.Group) -> None:
        """Incident, and where nobody waits also task and outbox row."""
        dispatch.file(
            tx,
            alert,
            group_key=grouped.key,
            wait_s=grouped.wait_s,
            source=self.snapshot.card(alert.source),
            rule_name=self.snapshot.rule_name(alert.rule_id),
            config=self.config,
            now=self.clock.now(),
            ids=self.ids,
        )

    def mark(self, tx: Connection, records: Sequence[Record]) -> None:
        """The high-water marks, in the same transaction as the outcomes."""
        highest = {record.producer: record.seq for record in records}
        marks.put(tx, highest, self.clock.now())

    def expire(self, tx: Connection) -> None:
        """Group waits that are over, and episodes nobody speaks of any more."""
        now = self.clock.now()
        dispatch.dispatch_due(tx, config=self.config, now=now, ids=self.ids)
        awake_since = self.awake_since()
        if awake_since is not None:
            alerts.close_silent_episodes(tx, now, awake_since=awake_since)
