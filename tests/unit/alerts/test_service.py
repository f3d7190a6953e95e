"""From findings to alerts, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, update

from hub.alerts import repository, service
from hub.alerts.mute import MuteDraft
from hub.alerts.page import AlertFilter
from hub.alerts.service import Actor
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import random_id
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.alerts import alerts
from hub.types.finding import (
    Ack,
    Life,
    Outcome,
    Reason,
    RuleKind,
    Severity,
    Verdict,
)
from tests.unit.alerts.desk import (
    BOUND,
    CLOSED,
    NOWHERE,
    OPENED,
    RULES,
    UPDATED,
    Tell,
    finding,
)
from tests.unit.alerts.scenes import T0

WANG = Actor("wang", "desk-3")


def bodies(tx: Connection, topic: str = "alert") -> list[feed.Change]:
    return feed.after(tx, 0, 10_000, [topic])


def test_an_episode_from_beginning_to_end(db: Database, tell: Tell) -> None:
    opened = tell(finding(OPENED, 0))
    assert (opened.outcome, opened.reason, opened.dispatch) == (Outcome.OPENED, Reason.NEW, True)
    assert opened.alert is not None
    updated = tell(replace(finding(UPDATED, 10), facts={"count": 3}))
    closed = tell(finding(CLOSED, 15))
    assert (updated.reason, closed.reason) == (Reason.UPDATE, Reason.CLOSE)
    assert not updated.dispatch
    with db.read() as tx:
        alert = service.get(tx, opened.alert.id)
        log = service.history(tx, alert.id)
        changes = bodies(tx)
    assert alert == closed.alert
    assert (alert.life, alert.cleared_at, alert.version) == (Life.CLEARED, T0 + 15, 3)
    assert (alert.captured_at, alert.dwell_s, alert.raised_at) == (T0 - 2, 2.0, T0)
    assert (alert.findings, alert.facts, alert.binding) == (3, {"count": 3}, BOUND)
    assert [(move.what, move.from_state, move.to_state) for move in log] == [
        ("open", None, "active"),
        ("clear", "active", "cleared"),
    ]
    assert [change.body["version"] for change in changes] == [1, 2, 3]
    assert changes[0].body["grid_path"] == list(BOUND.grid_path)


def test_a_finding_told_again_changes_nothing(db: Database, tell: Tell) -> None:
    first = tell(finding(OPENED, 0), "w1.aaaa:1")
    again = tell(finding(OPENED, 0), "w1.aaaa:1")
    assert (again.outcome, again.reason, again.alert) == (first.outcome, first.reason, first.alert)
    assert not again.dispatch
    with db.read() as tx:
        assert len(bodies(tx)) == 1
        assert service.ledger(tx).total == 1


def test_an_episode_opened_again_after_a_crash_joins_and_its_close_clears(
    db: Database, tell: Tell
) -> None:
    opened = tell(finding(OPENED, 0, "before"))
    joined = tell(finding(OPENED, 8, "after"))
    stray = tell(finding(CLOSED, 9, "before"))
    assert (joined.outcome, joined.reason, joined.dispatch) == (
        Outcome.MERGED,
        Reason.REPEAT,
        False,
    )
    assert stray.reason is Reason.STRAY
    assert stray.alert is not None
    assert stray.alert.life is Life.ACTIVE
    closed = tell(finding(CLOSED, 20, "after"))
    assert opened.alert is not None
    assert closed.alert is not None
    assert (closed.alert.id, closed.alert.life) == (opened.alert.id, Life.CLEARED)
    assert closed.alert.evidence_id == "ev-before", "the first picture stays"


def test_soon_again_reopens_later_is_another(tell: Tell) -> None:
    first = tell(finding(OPENED, 0)).alert
    tell(finding(CLOSED, 10))
    again = tell(finding(OPENED, 60, "e2"))
    assert (again.outcome, again.reason, again.dispatch) == (Outcome.MERGED, Reason.REOPENED, False)
    assert again.alert is not None
    assert first is not None
    assert (again.alert.id, again.alert.life, again.alert.cleared_at) == (
        first.id,
        Life.ACTIVE,
        None,
    )
    tell(finding(CLOSED, 70, "e2"))
    later = tell(finding(OPENED, 200, "e3"))
    assert (later.outcome, later.dispatch) == (Outcome.OPENED, True)
    assert later.alert is not None
    assert later.alert.id != first.id


def test_another_zone_or_camera_is_another_alert(tell: Tell) -> None:
    told = [
        finding(OPENED, 0, "a"),
        finding(OPENED, 0, "b", place="right"),
        finding(OPENED, 0, "c", source="cam2"),
    ]
    admitted = [tell(one).alert for one in told]
    assert len({alert.id for alert in admitted if alert is not None}) == 3


def test_what_cannot_be_placed_is_rejected_by_name(db: Database, tell: Tell) -> None:
    assert tell(finding(OPENED, 0, rule_id="gone")).reason is Reason.UNKNOWN_RULE
    assert tell(finding(OPENED, 0, source="stray")).reason is Reason.UNKNOWN_SOURCE
    assert tell(finding(CLOSED, 0)).reason is Reason.STRAY
    with db.write() as tx:
        assert service.reject(tx, "w1.aaaa:9", Reason.UNREADABLE, now=T0).alert is None
        assert service.reject(tx, "w1.aaaa:1", Reason.UNREADABLE, now=T0).reason is (
            Reason.UNKNOWN_RULE
        ), "the outcome that stands is kept"
        assert service.ledger(tx).counts == {
            (Outcome.REJECTED, reason): 1
            for reason in (
                Reason.UNKNOWN_RULE,
                Reason.UNKNOWN_SOURCE,
                Reason.STRAY,
                Reason.UNREADABLE,
            )
        }


def test_a_live_alert_is_closed_though_its_rule_is_gone(tell: Tell) -> None:
    RULES["short-lived"] = RULES["zone"].model_copy(update={"id": "short-lived"})
    tell(finding(OPENED, 0, rule_id="short-lived"))
    del RULES["short-lived"]
    closed = tell(finding(CLOSED, 5, rule_id="short-lived"))
    assert closed.reason is Reason.CLOSE


def test_outside_all_grids_it_is_kept_and_listed(db: Database, tell: Tell) -> None:
    opened = tell(finding(OPENED, 0, source="far1"))
    assert opened.alert is not None
    assert (opened.alert.binding, opened.dispatch) == (NOWHERE, True)
    with db.read() as tx:
        assert service.list_alerts(tx, AlertFilter(unbound=True)).items == (opened.alert,)


# -- mutes and blind cameras --------------------------------------------------------------------


def _mute(db: Database, **selectors: str) -> str:
    draft = MuteDraft("roadworks", "wang", T0, T0 + 100, **selectors)
    with db.write() as tx:
        return service.mute(tx, draft, actor=WANG, now=T0, ids=random_id).id


def test_a_mute_stops_new_alerts_until_it_ends(db: Database, tell: Tell) -> None:
    mute_id = _mute(db, grid_prefix="370682100")
    muted = tell(finding(OPENED, 5))
    assert (muted.outcome, muted.reason, muted.alert) == (Outcome.MUTED, Reason.MUTE, None)
    with db.write() as tx:
        service.end_mute(tx, mute_id, actor=WANG, now=T0 + 12, reason="works done")
    after = tell(finding(UPDATED, 15))
    assert after.outcome is Outcome.OPENED, "it still goes on when the mute ends: nothing is lost"
    with db.write() as tx, pytest.raises(Conflict, match="over already"):
        service.end_mute(tx, mute_id, actor=WANG, now=T0 + 20)
    with db.read() as tx:
        assert [change.body["what"] for change in bodies(tx, "mute")] == ["mute", "end_mute"]
        assert service.list_mutes(tx, on_at=T0 + 20) == []
        assert [mute.id for mute in service.list_mutes(tx)] == [mute_id]


def test_a_mute_runs_out_by_itself(db: Database, tell: Tell) -> None:
    _mute(db, source="cam")
    assert tell(finding(OPENED, 98, "a")).outcome is Outcome.MUTED
    assert tell(finding(OPENED, 101, "b")).outcome is Outcome.OPENED


def test_a_mute_without_reason_is_refused_and_leaves_no_trace(db: Database) -> None:
    with pytest.raises(Refused), db.write() as tx:
        service.mute(
            tx, MuteDraft(" ", "wang", T0, T0 + 9, source="c"), actor=WANG, now=T0, ids=random_id
        )
    with db.read() as tx:
        assert service.list_mutes(tx) == []
    with pytest.raises(NotFound), db.write() as tx:
        service.end_mute(tx, "nobody", actor=WANG, now=T0)


def test_an_offline_camera_inhibits_its_own_picture_rules(tell: Tell) -> None:
    tell(finding(OPENED, 0, "off", rule_id="off"))
    blind = tell(finding(OPENED, 5, "e1"))
    assert (blind.outcome, blind.reason) == (Outcome.MUTED, Reason.INHIBITED_OFFLINE)
    assert tell(finding(OPENED, 5, "e2", source="cam2")).outcome is Outcome.OPENED
    tell(finding(CLOSED, 9, "off", rule_id="off"))
    assert tell(finding(UPDATED, 15, "e1")).outcome is Outcome.OPENED


# -- what people do -----------------------------------------------------------------------------


def test_verify_first_waits_for_the_verdict(db: Database, tell: Tell) -> None:
    opened = tell(finding(OPENED, 0, rule_id="verify"))
    assert opened.alert is not None
    assert (opened.alert.life, opened.dispatch) == (Life.PENDING, False)
    with db.write() as tx:
        judged = service.verdict(tx, opened.alert.id, Verdict.CONFIRMED, actor=WANG, now=T0 + 9)
    assert judged.dispatch
    assert judged.alert is not None
    assert (judged.alert.life, judged.alert.ack) == (Life.ACTIVE, Ack.ACKED)
    with db.read() as tx:
        move = service.history(tx, opened.alert.id)[-1]
    assert (move.what, move.actor, move.device) == ("verdict:confirmed", "wang", "desk-3")
    with db.write() as tx, pytest.raises(Conflict) as caught:
        service.verdict(tx, opened.alert.id, Verdict.FALSE, actor=WANG, now=T0 + 10)
    assert caught.value.code == "already_judged"


def test_acknowledging(db: Database, tell: Tell) -> None:
    alert = tell(finding(OPENED, 0)).alert
    assert alert is not None
    with db.write() as tx, pytest.raises(Conflict) as stale:
        service.acknowledge(tx, alert.id, actor=WANG, now=T0, version=7)
    assert stale.value.code == "stale_version"
    with db.write() as tx:
        acked = service.acknowledge(tx, alert.id, actor=WANG, now=T0 + 3, version=1)
    assert (acked.ack, acked.life, acked.version) == (Ack.ACKED, Life.ACTIVE, 2)
    with db.write() as tx, pytest.raises(NotFound):
        service.acknowledge(tx, "nobody", actor=WANG, now=T0)
    assert tell(finding(UPDATED, 10)).alert == replace(
        acked, findings=2, version=3, updated_at=T0 + 10.5, facts={"count": 1}
    ), "a later finding does not undo what a person did"


def test_a_finding_and_a_person_at_the_same_moment_do_not_undo_each_other(
    db: Database, tell: Tell
) -> None:
    alert = tell(finding(OPENED, 0)).alert
    assert alert is not None
    centre = threading.Thread(target=tell, args=(finding(UPDATED, 10),))
    with db.write() as tx:
        service.acknowledge(tx, alert.id, actor=WANG, now=T0 + 10)
        centre.start()
        centre.join(0.3)
        assert centre.is_alive(), "the centre waits for the person's transaction"
    centre.join(10)
    with db.read() as tx:
        after = service.get(tx, alert.id)
    assert (after.ack, after.findings, after.version) == (Ack.ACKED, 2, 3)


def test_the_link_to_the_incident_is_another_room_s_to_write(db: Database, tell: Tell) -> None:
    alert = tell(finding(OPENED, 0)).alert
    assert alert is not None
    with db.write() as tx:
        tx.execute(update(alerts).values(incident_id="i1"))
        repository.update_alerts(tx, [alert])
    updated = tell(finding(UPDATED, 10)).alert
    assert updated is not None
    assert updated.incident_id == "i1"


def test_pages_and_filters(db: Database, tell: Tell) -> None:
    for number in range(7):
        tell(finding(OPENED, number // 2, f"e{number}", source=f"cam{number}"))
    tell(finding(CLOSED, 9, "e3", source="cam3"))

    def sources(wanted: AlertFilter, limit: int = 50, cursor: str | None = None) -> list[str]:
        with db.read() as tx:
            return [a.source for a in service.list_alerts(tx, wanted, limit, cursor).items]

    with db.read() as tx:
        first = service.list_alerts(tx, AlertFilter(), 3)
        rest = service.list_alerts(tx, AlertFilter(), 10, first.next)
    assert rest.next is None
    listed = [a.source for a in (*first.items, *rest.items)]
    assert sorted(listed) == sorted(f"cam{n}" for n in range(7))
    assert [a.raised_at for a in first.items] == [T0 + 3, T0 + 2, T0 + 2]
    assert sources(AlertFilter(live=False)) == ["cam3"]
    assert len(sources(AlertFilter(live=True))) == 6
    assert sources(AlertFilter(source="cam5")) == ["cam5"]
    assert sources(AlertFilter(life=Life.CLEARED, severity=Severity.P3)) == ["cam3"]
    assert len(sources(AlertFilter(grid="370682100000000"))) == 7
    assert sources(AlertFilter(grid="370682")) == [], "whole codes only"
    assert sources(AlertFilter(raised_from=T0 + 3)) == ["cam6"]
    assert len(sources(AlertFilter(raised_before=T0 + 1))) == 2
    assert sources(AlertFilter(judged=True)) == []
    assert sources(AlertFilter(exercise=True)) == []
    assert sources(AlertFilter(rule_kind=RuleKind.CROWD)) == []
    with db.read() as tx, pytest.raises(Refused):
        service.list_alerts(tx, AlertFilter(), 5, "nonsense")
