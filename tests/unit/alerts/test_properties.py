"""Whatever findings come in whatever order: one outcome each, and no impossible alert."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from hub.alerts import repository, service
from hub.alerts.admission import Incoming
from hub.alerts.page import AlertFilter
from hub.kit.errors import Conflict
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.tables import alerts as tables
from hub.store.tables import ops
from hub.types.finding import Ack, Alert, Life, Outcome, Phase, Policy, Verdict
from tests.unit.alerts.desk import RULES, bind, finding
from tests.unit.alerts.scenes import T0

TOLD = st.tuples(
    st.sampled_from(Phase),
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["zone", "verify", "off", "gone"]),
    st.sampled_from(["cam", "cam2", "stray"]),
)
ACTION = st.one_of(
    TOLD,
    st.tuples(st.just("ack"), st.integers(0, 5)),
    st.tuples(st.just("silence"), st.integers(0, 200)),
    st.sampled_from([("verdict", verdict) for verdict in Verdict]),
)


def _empty(db: Database) -> None:
    with db.write() as tx:
        for table in (tables.alerts, tables.outcomes, tables.transitions, ops.feed):
            tx.execute(delete(table))


def impossible(alert: Alert) -> list[str]:
    """What is wrong with the state of an alert, in words."""
    confirmed = alert.verdict is Verdict.CONFIRMED
    live = {Policy.AUTO_DISPATCH: Life.ACTIVE, Policy.VERIFY_FIRST: Life.PENDING}[alert.policy]
    wrong = {
        "cleared without a time": (alert.life is Life.CLEARED) != (alert.cleared_at is not None),
        "judged but not acknowledged": alert.verdict is not None and alert.ack is Ack.UNACKED,
        "in the wrong state of life": alert.life
        not in (Life.CLEARED, Life.ACTIVE if confirmed else live),
        "no findings": alert.findings < 1,
        "begun after it was raised": alert.captured_at > alert.raised_at,
    }
    return [name for name, holds in wrong.items() if holds]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=st.lists(ACTION, max_size=25), cut=st.integers(1, 8))
def test_one_outcome_for_each_and_no_impossible_state(
    db: Database, actions: list[tuple[object, ...]], cut: int
) -> None:
    _empty(db)
    ids, now = counted_ids("a"), T0
    told: list[str] = []
    batch: list[Incoming] = []

    def send() -> None:
        if not batch:
            return
        with db.write() as tx:
            first = service.admit_all(tx, batch, bind=bind, now=now, ids=ids)
        with db.write() as tx:
            again = service.admit_all(tx, batch, bind=bind, now=now, ids=ids)
        assert [a.outcome for a in first] == [a.outcome for a in again]
        assert not any(a.dispatch for a in again)
        batch.clear()

    for number, action in enumerate(actions):
        now += 1.0
        if isinstance(action[0], Phase):
            phase, episode, rule_id, source = action
            made = finding(phase, 0, episode, rule_id=rule_id, source=source)  # type: ignore[arg-type]
            one = Incoming(
                f"w:{number}",
                replace(made, captured_at=now - 2, raised_at=now),
                RULES.get(made.rule_id),
            )
            told.append(one.finding_id)
            batch.append(one)
            if len(batch) >= cut:
                send()
        else:
            send()
            now += _act(db, action, now)
    send()
    with db.read() as tx:
        ledger = service.ledger(tx)
        found = service.list_alerts(tx, AlertFilter(), 500).items
        logs = {alert.id: repository.moves_of(tx, "alert", alert.id) for alert in found}
    assert sorted(i for ids_ in ledger.ids.values() for i in ids_) == sorted(told)
    assert len(ledger.ids[Outcome.OPENED]) == len(found)
    assert [wrong for alert in found for wrong in impossible(alert)] == []
    marks = [alert.fingerprint for alert in found if alert.life is not Life.CLEARED]
    assert len(marks) == len(set(marks)), "one live alert for each fingerprint"
    for alert in found:
        assert logs[alert.id][0].what == "open"
        assert logs[alert.id][-1].version <= alert.version


def _act(db: Database, action: tuple[object, ...], now: float) -> float:
    with db.write() as tx:
        if action[0] == "silence":
            gap = float(action[1])  # type: ignore[arg-type]
            service.close_silent_episodes(tx, now + gap)
            return gap
        found = service.list_alerts(tx, AlertFilter(), 50).items
        for alert in found[:2]:
            with suppress(Conflict):
                if isinstance(action[1], Verdict):
                    service.verdict(tx, alert.id, action[1], actor=service.Actor("w"), now=now)
                else:
                    service.acknowledge(tx, alert.id, actor=service.Actor("w"), now=now)
    return 0.0
