"""One row that raises stops no other: it is counted, told, tried again, and done once mended."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, insert, select, update

from hub.alerts import repository as alerts
from hub.app.auditor import Auditor
from hub.app.intake import overtaken
from hub.app.notices import check_address
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.calls import Caller
from hub.dispatch.timers import repository as clocks
from hub.dispatch.timers.rows import Level
from hub.dispatch.whistles.clock import WhistleDue, planned
from hub.flow import clock_flow
from hub.kit.errors import Conflict, Retryable
from hub.kit.metrics import Metrics
from hub.kit.supervise import Aside
from hub.store.tables.alerts import alerts as alert_table
from hub.store.tables.dispatch import incidents
from hub.store.tables.rules import rule_states
from hub.store.tables.timers import timers
from hub.store.tables.whistles import whistles
from hub.types.finding import Life, Phase, RuleKind, Severity
from hub.types.work import IncidentState
from tests.flow.centre import CONFIG, Centre

COUNT = 20
MINUTE_S = 60.0


class Town:
    """A centre whose clock puts aside what raises, and the auditor beside it."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.metrics = centre, Metrics()
        self.aside = Aside(centre.clock, self.metrics, overtaken)
        self.auditor = Auditor(
            centre.db,
            centre.clock,
            centre.fence,
            dict,
            self.metrics,
            Caller(check_address),
            aside=lambda: self.aside.named,
        )

    def tick(self, after_s: float = 0.0) -> None:
        self.centre.clock.advance(after_s)
        clock_flow(self.centre.db, self.centre.desk.stages(), self.aside)

    def twenty(self, rule_id: str = "zone") -> list[str]:
        """The incidents of as many alerts, in the order of their ids."""
        said = [
            self.centre.finding(Phase.OPENED, rule_id=rule_id, episode_id=f"e{n}", place=f"p{n}")
            for n in range(COUNT)
        ]
        for record in said:  # each a case of its own: those of one batch would join
            self.centre.take(record)
        with self.centre.db.read() as tx:
            return sorted(tx.execute(select(incidents.c.id)).scalars())

    def spoil(self, statement: Callable[[Connection], None]) -> None:
        with self.centre.db.write() as tx:
            statement(tx)

    def failed(self, kind: str) -> float:
        return self.metrics.get("hub_clock_failed_total", kind=kind)


@pytest.fixture
def town(centre: Centre) -> Town:
    return Town(centre)


def set_incident(town: Town, one: str, **values: object) -> None:
    with town.centre.db.write() as tx:
        tx.execute(update(incidents).where(incidents.c.id == one).values(**values))


def fired(town: Town) -> dict[str, set[str]]:
    """The levels of the step `accept` that have fired, by incident."""
    query = select(timers.c.subject_id, timers.c.level).where(
        timers.c.step == "accept", timers.c.fired_at.is_not(None)
    )
    found: dict[str, set[str]] = {}
    with town.centre.db.read() as tx:
        for one, level in tx.execute(query):
            found.setdefault(one, set()).add(level)
    return found


def test_one_clock_among_twenty_cases(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    cases = town.twenty()
    assert len(cases) == COUNT
    bad = cases[7]
    set_incident(town, bad, severity="P9")
    with caplog.at_level(logging.ERROR):
        for _ in range(12):
            town.tick(10)
    assert fired(town).keys() == set(cases) - {bad}, "all others had theirs in the same tick"
    assert all({"yellow", "red"} <= levels for levels in fired(town).values())
    assert 2 < town.failed("timer") < 12, "tried again, ever more seldom"
    assert town.metrics.get("hub_clock_aside", kind="timer") == 2, "its yellow and its red"
    said = [each.getMessage() for each in caplog.records if bad in each.getMessage()]
    assert len(said) == len(set(said)) == 2, "each row once in the log"

    town.auditor.step(town.centre.desk, AuditorConfig())
    with town.centre.db.read() as tx:
        beat = audit.last_beat(tx)
        own = [a for a in alerts.all_alerts(tx) if a.rule_kind is RuleKind.AUDIT]
    assert beat is not None
    assert {each.kind.value: each.count for each in beat.found}["set_aside"] == 2
    assert any(a.place == "set_aside" and a.life is Life.ACTIVE for a in own)

    set_incident(town, bad, severity="P1")
    for _ in range(30):
        town.tick(10)
    assert {"yellow", "red"} <= fired(town)[bad], "mended, it is done without a hand"
    assert town.aside.named == ()
    assert town.metrics.get("hub_clock_aside", kind="timer") == 0


def test_one_group_wait_among_twenty(town: Town) -> None:
    cases = town.twenty("slow")
    # P3 waits for others of its group: make them twenty matters of their own.
    if len(cases) < COUNT:
        with town.centre.db.write() as tx:
            row = tx.execute(select(incidents)).mappings().one()
            more = [{**row, "id": f"case-{n}", "group_key": f"g{n}"} for n in range(COUNT - 1)]
            tx.execute(insert(incidents), more)
        cases = [row["id"], *(each["id"] for each in more)]
    set_incident(town, cases[3], rule_kind="poison")
    town.tick(31)
    with town.centre.db.read() as tx:
        states = dict(tx.execute(select(incidents.c.id, incidents.c.state)).all())
    assert states.pop(cases[3]) == IncidentState.FILED
    assert set(states.values()) == {IncidentState.DISPATCHED}
    assert town.failed("wait") == 1
    set_incident(town, cases[3], rule_kind="zone_intrusion")
    town.tick(5)
    with town.centre.db.read() as tx:
        found = select(incidents.c.state).where(incidents.c.id == cases[3])
        assert tx.execute(found).scalar_one() == IncidentState.DISPATCHED


def test_one_case_to_be_filed_away_among_twenty(town: Town) -> None:
    cases = town.twenty()
    with town.centre.db.write() as tx:
        closed = {"state": IncidentState.CLOSED.value, "closed_at": 1.0}
        tx.execute(update(incidents).values(**closed))
        tx.execute(update(timers).values(state="cancelled"))
        tx.execute(update(incidents).where(incidents.c.id == cases[0]).values(origin="poison"))
    town.tick(1)
    with town.centre.db.read() as tx:
        states = dict(tx.execute(select(incidents.c.id, incidents.c.state)).all())
    assert states.pop(cases[0]) == IncidentState.CLOSED
    assert set(states.values()) == {IncidentState.ARCHIVED}
    assert town.failed("archive") == 1


def test_one_whistle_among_twenty(town: Town) -> None:
    [case, *_] = town.twenty()
    now = town.centre.clock.now()
    row = {
        "incident_id": case, "part": "joint", "state": "called", "note": "", "called_at": now,
        "called_by": "x", "sign_by": now + 5, "contact_by": now + 9, "report_by": now + 9,
        "reason": "", "answer": "", "reports": [], "updated_at": now, "version": 1,
    }  # fmt: skip
    with town.centre.db.write() as tx:
        tx.execute(insert(whistles), [{**row, "id": f"w{n}", "unit": "fire"} for n in range(COUNT)])
        due = WhistleDue(now + 5, now + 9, now + 9, now + 5, now + 9, now + 9)
        for n in range(COUNT):
            rows = planned(f"w{n}", Severity.P1, now, due, CONFIG)
            clocks.write(tx, [], [row for row in rows if row.level is Level.RED])
        tx.execute(update(whistles).where(whistles.c.id == "w4").values(part="poison"))
    town.tick(6)
    with town.centre.db.read() as tx:
        mine = select(timers.c.subject_id, timers.c.state).where(
            timers.c.subject == "whistle", timers.c.step == "sign"
        )
        states = dict(tx.execute(mine).all())
    assert states.pop("w4") == "waiting"
    assert set(states.values()) == {"fired"}
    assert town.failed("timer") == 1


def test_one_sensor_among_others(town: Town) -> None:
    with town.centre.db.write() as tx:
        spoiled = {"source": "aa-broken", "state": {"no": "engine"}, "updated_at": 0.0}
        tx.execute(insert(rule_states).values(**spoiled))
    town.centre.take(town.centre.reading(200.0))
    for _ in range(3):
        town.tick(1)
    assert [alert.source for alert in town.centre.alerts()] == ["attic"]
    assert town.failed("reading") > 0
    assert town.aside.named == ("reading/aa-broken",)


def test_one_silent_episode_among_twenty(town: Town) -> None:
    town.twenty()
    ids = sorted(each.id for each in town.centre.alerts())
    with town.centre.db.write() as tx:
        bad = update(alert_table).where(alert_table.c.id == ids[5])
        tx.execute(bad.values(ack="poison"))
    town.tick(31)
    query = select(alert_table.c.id, alert_table.c.life).where(alert_table.c.source == "gate")
    with town.centre.db.read() as tx:
        lives = dict(tx.execute(query).all())
    assert lives.pop(ids[5]) != Life.CLEARED
    assert set(lives.values()) == {Life.CLEARED}
    assert town.failed("silence") == 1


def test_another_centre_is_no_fault_of_a_row(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.twenty()

    def fenced(_tx: Connection) -> None:
        raise Conflict("another holds it", code="fenced")

    monkeypatch.setattr(Centre, "fence", lambda _self, tx: fenced(tx))
    town.centre.start()
    with pytest.raises(Conflict):
        town.tick(MINUTE_S * 3)
    assert town.aside.named == ()
    assert town.failed("timer") == 0


def test_a_row_that_somebody_holds_waits_and_is_no_trouble(town: Town) -> None:
    done: list[str] = []

    def work(keys: object) -> None:
        assert isinstance(keys, list)
        if ("held",) in keys:
            raise Retryable("locked", code="database_busy")
        done.extend(one for (one,) in keys)

    with pytest.raises(Retryable):
        town.aside.run("timer", [("held",), ("a",), ("b",)], work)
    town.aside.run("timer", [("held",), ("a",), ("b",)], work)
    assert done == ["a", "b"], "the next turn goes on with the others"
    assert town.aside.named == ()
    assert town.failed("timer") == 0
