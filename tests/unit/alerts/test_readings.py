"""Rules on readings in the centre: their memory is stored, their ids come from the record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from hub.alerts import readings, service
from hub.alerts.admission import Incoming
from hub.alerts.page import AlertFilter
from hub.alerts.readings import Identified
from hub.alerts.rule import RuleBinding
from hub.kit.ids import random_id
from hub.store.db import Database
from hub.store.tables.rules import rule_states
from hub.types.finding import Life, Phase
from hub.types.scene import Reading
from tests.unit.alerts.desk import bind
from tests.unit.alerts.scenes import T0, bound, reading

SMOKE = [bound("sensor_threshold", id="smoke", quantity="smoke", above=50.0, hold_s=10.0)]
PANIC = [bound("panic_button", id="panic", quantity="pressed", clear_after_s=30.0)]


def observe(
    db: Database, record_id: str, told: Reading, rules: Sequence[RuleBinding]
) -> list[Identified]:
    with db.write() as tx:
        return readings.observe(tx, record_id, told, rules, now=told.received_at, ids=random_id)


def tick(db: Database, at: float, rules: Sequence[RuleBinding]) -> list[Identified]:
    with db.write() as tx:
        return readings.tick(tx, lambda _: rules, now=T0 + at, ids=random_id)


def essence(found: list[Identified]) -> list[tuple[str, Phase]]:
    return [(finding_id, finding.phase) for finding_id, finding in found]


def remembered(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.execute(select(rule_states.c.source)).scalars())


def test_an_ordinary_reading_leaves_nothing(db: Database) -> None:
    assert observe(db, "w:1", reading(0, 10), SMOKE) == []
    assert observe(db, "w:2", reading(1, 99), []) == []
    assert remembered(db) == []


def test_hold_time_over_several_transactions(db: Database) -> None:
    assert observe(db, "w:1", reading(0, 60), SMOKE) == []
    assert remembered(db) == ["s1"]
    assert observe(db, "w:2", reading(9, 61), SMOKE) == []
    assert essence(observe(db, "w:3", reading(10, 62), SMOKE)) == [("w:3/smoke", Phase.OPENED)]
    assert essence(observe(db, "w:4", reading(20, 10), SMOKE)) == [("w:4/smoke", Phase.CLOSED)]
    assert remembered(db) == []


def test_time_alone_trips_and_its_finding_names_the_last_record(db: Database) -> None:
    observe(db, "w:7", reading(0, 60), SMOKE)
    assert tick(db, 9, SMOKE) == []
    assert essence(tick(db, 10, SMOKE)) == [("w:7/smoke", Phase.OPENED)]
    assert tick(db, 500, SMOKE) == [], "the episode goes on without a word"


def test_one_record_and_what_time_makes_of_it_never_share_an_id(db: Database) -> None:
    assert essence(observe(db, "w:1", reading(0, 1, "pressed"), PANIC)) == [
        ("w:1/panic", Phase.OPENED)
    ]
    assert essence(tick(db, 31, PANIC)) == [("w:1/panic~1", Phase.CLOSED)]
    assert remembered(db) == []
    assert tick(db, 32, PANIC) == []


def test_an_alert_of_a_sensor_stays_until_its_rule_ends_it_or_is_gone(db: Database) -> None:
    def admit(found: list[Identified], at: float) -> None:
        batch = [Incoming(i, f, SMOKE[0].rule) for i, f in found]
        with db.write() as tx:
            service.admit_all(tx, batch, bind=bind, now=T0 + at, ids=random_id)

    def lives(at: float) -> list[Life]:
        with db.write() as tx:
            service.close_silent_episodes(tx, T0 + at)
            return [a.life for a in service.list_alerts(tx, AlertFilter()).items]

    observe(db, "w:1", reading(0, 60), SMOKE)
    admit(tick(db, 10, SMOKE), 10)
    assert lives(3600) == [Life.ACTIVE]
    tick(db, 3601, [])
    assert lives(3602) == [Life.CLEARED], "the rule was taken away"
