"""A centre without processes: the real flow, a real database, a fake clock, records in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from hub.alerts import register as rule_register
from hub.alerts import repository as alert_rows
from hub.alerts import service as alerts
from hub.alerts.rule import RuleConfig
from hub.app import registry
from hub.app.desk import Desk
from hub.dispatch import service as dispatch
from hub.dispatch.config import DispatchConfig
from hub.dispatch.outbox import repository as outbox
from hub.flow import centre_flow, clock_flow, judge_flow
from hub.grids import service as grids
from hub.ingest import service as sources
from hub.kit.clock import SimClock
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.records import finding_to_json, health_to_json, reading_to_json
from hub.store.spool import Record, RecordKind
from hub.store.tables.alerts import outcomes
from hub.types.finding import Alert, Finding, Phase, RuleKind, Severity, Verdict
from hub.types.scene import Box, HealthChanged, HealthState, Reading, SourceKind
from hub.types.site import Datum, OwnerKind, Position, ReadingMap, SensorSpec
from hub.types.work import Incident
from tests.unit.alerts.scenes import rule
from tests.unit.grids import town

HERE, THERE = "990101100201001", "990101100201002"
"""Two base grids: `gate` and `yard` stand in the first, `far` in the second."""
CAMERAS = {"gate": (200, 200), "yard": (300, 300), "far": (700, 200)}
WORKER, API = "worker.aaaa", "api.bbbb"

CONFIG = DispatchConfig.model_validate(
    {
        "centres": [{"id": "county", "name": "County"}],
        "default_centre": "county",
        "departments": [{"id": "fire", "name": "Fire and rescue"}],
    }
)
RULES: dict[str, RuleConfig] = {
    one.id: one
    for one in (
        rule("zone_intrusion", id="zone", severity="P1", repeat_within_s=0),
        rule("zone_intrusion", id="verify", severity="P1", policy="verify_first"),
        rule("zone_intrusion", id="slow", severity="P3", repeat_within_s=0),
        rule("camera_offline", id="off", severity="P1", repeat_within_s=0),
        rule(
            "sensor_threshold",
            id="smoke",
            severity="P1",
            quantity="ppm",
            above=80,
            hysteresis=10,
            hold_s=2,
            repeat_within_s=0,
        ),
    )
}


class Centre:
    """One county of town squares. `told` numbers the records of each producer."""

    def __init__(self, db: Database, clock: SimClock) -> None:
        self.db = db
        self.clock = clock
        self.ids = counted_ids("id")
        self.awake_since: float | None = clock.now()
        self._seq: dict[str, int] = {}
        with db.write() as tx:
            _register(tx, clock.now())
        self.desk = self.start()

    def start(self) -> Desk:
        """A centre that starts: everything it knows comes from the database."""
        with self.db.read() as tx:
            snapshot = registry.load(tx)
        self.desk = Desk(
            snapshot, CONFIG, self.clock, self.ids, self.fence, lambda: self.awake_since
        )
        return self.desk

    def fence(self, tx: Connection) -> None:
        """Nobody else wants to be the centre here."""

    # -- what producers say ------------------------------------------------------------------

    def record(self, kind: RecordKind, body: dict[str, Any], producer: str = WORKER) -> Record:
        """The producer's next record."""
        self._seq[producer] = self._seq.get(producer, 0) + 1
        return Record(producer, self._seq[producer], kind, body, self.clock.now())

    def finding(
        self, phase: Phase, camera: str = "gate", rule_id: str = "zone", **more: Any
    ) -> Record:
        """A finding raised now; its condition began two seconds ago unless told otherwise."""
        return self.record(
            RecordKind.FINDING, finding_to_json(self.found(phase, camera, rule_id, **more))
        )

    def found(self, phase: Phase, camera: str, rule_id: str, **more: Any) -> Finding:
        known, now = RULES.get(rule_id), self.clock.now()
        kind = known.kind if known else RuleKind.ZONE_INTRUSION
        seen = kind is RuleKind.ZONE_INTRUSION
        fields: dict[str, Any] = {
            "episode_id": f"episode-{camera}-{rule_id}",
            "phase": phase,
            "rule_id": rule_id,
            "rule_kind": kind,
            "source": camera,
            "source_kind": SourceKind.CAMERA,
            "place": "door" if seen else "",
            "severity": known.severity if known else Severity.P1,
            "captured_at": now - 2.0,
            "raised_at": now,
            "dwell_s": 2.0,
            "picture_point": (0.5, 0.5) if seen else None,
            "box": Box(0.4, 0.2, 0.6, 0.5) if seen else None,
        }
        return Finding(**(fields | more))

    def reading(self, value: float, sensor: str = "attic") -> Record:
        """A reading posted now."""
        now = self.clock.now()
        said = Reading(sensor, "ppm", value, "ppm", now, now)
        return self.record(RecordKind.READING, reading_to_json(said), API)

    def link(self, state: HealthState, sensor: str = "attic") -> Record:
        """A sensor's link changed."""
        change = HealthChanged(sensor, SourceKind.SENSOR, state, self.clock.now(), None)
        return self.record(RecordKind.HEALTH, health_to_json(change))

    # -- what the centre does ----------------------------------------------------------------

    def take(self, *records: Record) -> None:
        """One batch through the flow."""
        centre_flow(self.db, self.desk.stages(), records)

    def wait(self, seconds: float, every_s: float = 1.0) -> None:
        """Time passes, and the clock loop notices once a second."""
        for _ in range(round(seconds / every_s)):
            self.clock.advance(every_s)
            clock_flow(self.db, self.desk.stages())

    def judge(self, alert_id: str, verdict: Verdict) -> None:
        """A person decides, in the api."""
        now, by = self.clock.now(), alerts.Actor("duty officer")
        with self.db.write() as tx:
            judge_flow(
                tx,
                lambda tx: alerts.verdict(tx, alert_id, verdict, actor=by, now=now),
                self.desk.file,
            )

    # -- what came of it ---------------------------------------------------------------------

    def alerts(self, source: str | None = None) -> list[Alert]:
        with self.db.read() as tx:
            found = alert_rows.all_alerts(tx)
        return [alert for alert in found if source in (None, alert.source)]

    def alert(self, source: str = "gate") -> Alert:
        [one] = self.alerts(source)
        return one

    def incidents(self) -> Sequence[Incident]:
        with self.db.read() as tx:
            return dispatch.incidents(tx).items

    def tasks(self) -> list[tuple[str, ...]]:
        """The alerts' ids of every task, oldest task first."""
        with self.db.read() as tx:
            return [tuple(row["alert_ids"]) for row in outbox.deliveries(tx)]

    def story(self) -> list[tuple[str, str]]:
        """Outcome and reason of every finding, in their order."""
        with self.db.read() as tx:
            rows = tx.execute(
                select(outcomes.c.outcome, outcomes.c.reason).order_by(
                    outcomes.c.at, outcomes.c.seq
                )
            )
            return [(row.outcome, row.reason) for row in rows]


def _register(tx: Connection, now: float) -> None:
    grids.import_features(
        tx, town.collection(), now=now, ids=counted_ids("grid"), origin="grids.geojson"
    )
    specs = {one.id: one.model_dump(mode="json") for one in RULES.values()}
    rule_register.rules().sync_file(tx, specs, "rules.yaml", now)
    cameras = [town.camera(east, north, id=name) for name, (east, north) in CAMERAS.items()]
    sources.cameras().sync_file(tx, cameras, "cameras.yaml", now)
    where = town.at(200, 250)
    attic = SensorSpec(
        id="attic",
        name="attic",
        owner_kind=OwnerKind.SCHOOL,
        owner="school",
        protocol="http",
        readings=(ReadingMap(quantity="ppm", path="ppm"),),
        position=Position(lon=where.lon, lat=where.lat, datum=Datum.WGS84),
        rules=("smoke", "off"),
    )
    sources.sensors().sync_file(tx, [attic], "sensors.yaml", now)
