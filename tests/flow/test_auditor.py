"""What the clocks should have seen is named, and an auditor that stops is noticed elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from hub.alerts import repository as alerts
from hub.app.auditor import Auditor
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import ROUND_S
from hub.dispatch.calls import Answer, Call, Caller
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store import marks
from hub.store.tables.alerts import producers
from hub.store.tables.timers import timers
from hub.types.finding import Life, Phase, RuleKind, Severity
from tests.flow.centre import Centre

MINUTE_S = 60.0


class Gate(Caller):
    """A dead man's switch, in memory."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def call(self, call: Call) -> Answer:
        self.asked.append(f"{call.method} {call.url}")
        if self.away:
            raise Retryable("unreachable (ConnectError)", code="unreachable")
        return Answer(204, b"", None)


class Watch:
    """An auditor over a centre, and what its workers say."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.bodies: dict[str, Any] = {}
        self.gate, self.metrics = Gate(), Metrics()
        self.config = AuditorConfig()
        self.auditor = Auditor(
            centre.db, centre.clock, centre.fence, lambda: self.bodies, self.metrics, self.gate
        )

    def round(self, after_s: float = 0.0) -> dict[str, tuple[int, str]]:
        self.centre.clock.advance(after_s)
        assert self.auditor.step(self.centre.desk, self.config) == ROUND_S
        with self.centre.db.read() as tx:
            beat = audit.last_beat(tx)
        assert beat is not None
        assert beat.at == self.centre.clock.now()
        return {each.kind.value: (each.count, each.first) for each in beat.found}

    def live(self) -> dict[str, Severity]:
        with self.centre.db.read() as tx:
            own = [a for a in alerts.all_alerts(tx) if a.rule_kind is RuleKind.AUDIT]
        return {a.place: a.severity for a in own if a.life is Life.ACTIVE}


@pytest.fixture
def watch(centre: Centre) -> Watch:
    return Watch(centre)


def test_a_case_without_a_clock_is_named_until_it_has_one(centre: Centre, watch: Watch) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    assert watch.round() == {}
    with centre.db.write() as tx:
        tx.execute(delete(timers))
    assert watch.round(2 * MINUTE_S) == {"no_clock": (1, case.id)}
    assert watch.live() == {"no_clock": Severity.P1}
    assert watch.round(MINUTE_S) == {"no_clock": (1, case.id)}
    with centre.db.read() as tx:
        raised = [a for a in alerts.all_alerts(tx) if a.rule_kind is RuleKind.AUDIT]
    assert len(raised) == 1, "one for each kind, however often it looks"
    assert len(centre.incidents()) == 1, "it makes no case"


def test_clocks_that_stand_still_are_named(centre: Centre, watch: Watch) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    found = watch.round(9 * MINUTE_S)
    assert found["not_fired"][1] == case.id
    assert watch.live() == {"not_fired": Severity.P1}
    centre.wait(1)
    assert watch.round() == {}
    assert watch.live() == {}


def test_an_errand_that_no_queue_takes_is_named(centre: Centre, watch: Watch) -> None:
    centre.take(centre.finding(Phase.OPENED))
    for _ in range(11):
        centre.wait(MINUTE_S, every_s=MINUTE_S)
    assert "outbox" in watch.round()


def test_records_that_nobody_takes_are_named(centre: Centre, watch: Watch) -> None:
    watch.bodies = {"worker-0": {"spool_pending": 3}}
    assert watch.round() == {}, "they may have come just now"
    assert watch.round(MINUTE_S) == {"not_taken": (1, "worker-0")}
    with centre.db.write() as tx:
        tx.execute(delete(producers))
        marks.put(tx, {"worker.aaaa": 9}, centre.clock.now())
    assert watch.round(MINUTE_S) == {}, "something was taken meanwhile"
    watch.bodies = {}
    assert watch.round(MINUTE_S) == {}


def test_whoever_is_called_each_round_may_be_away(watch: Watch) -> None:
    watch.round()
    assert watch.gate.asked == []
    watch.config = AuditorConfig(call="https://beats.example/abc")
    watch.round(MINUTE_S)
    watch.gate.away = True
    watch.round(MINUTE_S)
    assert watch.gate.asked == ["GET https://beats.example/abc"] * 2
    names = {name: value for name, _, value in watch.metrics.snapshot()}
    assert names["hub_auditor_calls_failed_total"] == 1


def test_two_rounds_are_counted(watch: Watch) -> None:
    watch.round()
    watch.round(MINUTE_S)
    with watch.centre.db.read() as tx:
        beat = audit.last_beat(tx)
    assert beat is not None
    assert beat.rounds == 2
