"""An hour of a centre in milliseconds: what producers say, and what becomes of it."""

from __future__ import annotations

import pytest

from hub.alerts import service as alerts
from hub.alerts.mute import MuteDraft
from hub.kit.errors import Conflict
from hub.store import marks
from hub.store.spool import RecordKind
from hub.types.finding import Life, Phase, RuleKind, Verdict
from hub.types.scene import HealthState
from hub.types.work import IncidentState
from tests.flow.centre import API, HERE, THERE, WORKER, Centre

OPENED, UPDATED, CLOSED = Phase.OPENED, Phase.UPDATED, Phase.CLOSED


def test_an_intruder_comes_stays_and_goes(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, evidence_id="ev-1"))
    alert = centre.alert()
    assert (alert.life, alert.binding.grid_code) == (Life.ACTIVE, HERE)
    assert centre.tasks() == [(alert.id,)], "P1 waits for nobody: task and alert are one commit"
    for _ in range(3):
        centre.wait(10)
        centre.take(centre.finding(UPDATED))
    centre.wait(5)
    centre.take(centre.finding(CLOSED))
    alert = centre.alert()
    assert (alert.life, alert.findings, alert.evidence_id) == (Life.CLEARED, 5, "ev-1")
    assert centre.story() == [
        ("opened", "new"),
        *[("merged", "update")] * 3,
        ("merged", "close"),
    ]
    assert len(centre.tasks()) == 1
    with centre.db.read() as tx:
        assert marks.read(tx) == {WORKER: 5}


def test_verify_first_waits_for_a_person(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, rule_id="verify"))
    alert = centre.alert()
    assert alert.life is Life.PENDING
    centre.take(centre.finding(UPDATED, rule_id="verify"))
    centre.wait(20, every_s=5)
    assert centre.incidents() == ()
    centre.judge(alert.id, Verdict.CONFIRMED)
    assert centre.tasks() == [(alert.id,)]
    with pytest.raises(Conflict):
        centre.judge(alert.id, Verdict.FALSE)


def test_a_false_alarm_never_reaches_the_queue(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, rule_id="verify"))
    centre.judge(centre.alert().id, Verdict.FALSE)
    centre.take(centre.finding(UPDATED, rule_id="verify"))
    centre.wait(20, every_s=5)
    assert centre.incidents() == ()
    centre.judge(centre.alert().id, Verdict.CONFIRMED)
    assert len(centre.tasks()) == 1, "a mistake may be put right"


def test_two_cameras_of_one_grid_make_one_task(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"))
    centre.wait(12)
    centre.take(centre.finding(OPENED, "yard", "slow"), centre.finding(OPENED, "far", "slow"))
    centre.wait(17)
    assert centre.tasks() == [], "P3 waits 30 s for others of its grid and kind"
    centre.wait(1)
    together = (centre.alert("gate").id, centre.alert("yard").id)
    assert [set(task) for task in centre.tasks()] == [set(together)]
    centre.wait(12)
    assert centre.tasks()[1:] == [(centre.alert("far").id,)], "another grid, another task"
    assert {i.grid_code for i in centre.incidents()} == {HERE, THERE}


def test_who_comes_after_the_task_went_out_opens_the_next(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"))
    centre.wait(31, every_s=31)
    centre.take(centre.finding(OPENED, "yard", "slow"))
    centre.wait(31, every_s=31)
    assert centre.tasks() == [(centre.alert("gate").id,), (centre.alert("yard").id,)]


def test_what_was_dismissed_within_its_wait_is_void(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"))
    centre.judge(centre.alert().id, Verdict.FALSE)
    centre.wait(31, every_s=31)
    assert centre.tasks() == []
    assert [incident.state for incident in centre.incidents()] == [IncidentState.VOID]


def test_a_mute_bars_new_alerts_and_lets_live_ones_go_on(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate"))
    now = centre.clock.now()
    with centre.db.write() as tx:
        draft = MuteDraft("fair", "town office", now, now + 60, grid_prefix=HERE[:12])
        alerts.mute(tx, draft, actor=alerts.Actor("desk"), now=now, ids=centre.ids)
    centre.wait(1)
    centre.take(centre.finding(OPENED, "yard"), centre.finding(UPDATED, "gate"))
    assert centre.story() == [("opened", "new"), ("muted", "mute"), ("merged", "update")]
    assert centre.alerts("yard") == []
    centre.wait(60, every_s=10)
    centre.take(centre.finding(OPENED, "yard", episode_id="later"))
    assert len(centre.alerts("yard")) == 1


def test_a_blind_camera_sees_no_intruder(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "off"))
    centre.wait(1)
    centre.take(centre.finding(OPENED, "gate"), centre.finding(OPENED, "yard"))
    assert centre.story()[1:] == [("muted", "inhibited_offline"), ("opened", "new")]
    centre.wait(1)
    centre.take(centre.finding(CLOSED, "gate", "off"), centre.finding(UPDATED, "gate"))
    zone = [a for a in centre.alerts("gate") if a.rule_kind is RuleKind.ZONE_INTRUSION]
    assert [alert.life for alert in zone] == [Life.ACTIVE], "and sees it again with its picture"


def test_smoke_is_held_over_a_restart_of_the_centre(centre: Centre) -> None:
    centre.take(centre.reading(20))
    centre.take(centre.reading(95))
    centre.wait(1)
    assert centre.alerts() == []
    centre.start()
    centre.wait(1)
    alert = centre.alert("attic")
    assert (alert.dwell_s, alert.binding.grid_code) == (2.0, HERE)
    centre.take(centre.reading(75))
    centre.wait(3)
    assert centre.alert("attic").life is Life.ACTIVE, "75 is not 10 below 80"
    centre.start()
    centre.take(centre.reading(69))
    centre.wait(10)
    assert centre.alert("attic").life is Life.CLEARED
    centre.take(centre.reading(95))
    centre.wait(3)
    assert len(centre.alerts("attic")) == 2
    with centre.db.read() as tx:
        assert marks.read(tx) == {API: 5}


def test_a_sensor_that_falls_silent_is_an_alert_of_its_own(centre: Centre) -> None:
    centre.take(centre.link(HealthState.OFFLINE))
    centre.wait(20, every_s=5)
    assert [a.rule_kind for a in centre.alerts("attic")] == [RuleKind.CAMERA_OFFLINE]
    centre.take(centre.link(HealthState.ONLINE))
    centre.wait(10)
    assert centre.alert("attic").life is Life.CLEARED


@pytest.mark.parametrize("kind", list(RecordKind))
def test_what_cannot_be_read_is_rejected_by_name(centre: Centre, kind: RecordKind) -> None:
    centre.take(centre.record(kind, {"what": "is this"}), centre.finding(OPENED))
    assert sorted(centre.story()) == [("opened", "new"), ("rejected", "unreadable")]
    with centre.db.read() as tx:
        assert marks.read(tx) == {WORKER: 2}


def test_strangers_are_rejected_by_name(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "nobody"))
    centre.wait(1)
    centre.take(centre.finding(OPENED, "gate", "no-such-rule"))
    centre.take(centre.record(RecordKind.READING, centre.reading(99, "unknown").body))
    assert centre.story() == [("rejected", "unknown_source"), ("rejected", "unknown_rule")]
    assert centre.alerts() == []


def test_an_episode_nobody_speaks_of_any_more_is_over(centre: Centre) -> None:
    centre.take(centre.finding(OPENED))
    centre.wait(29, every_s=29)
    assert centre.alert().life is Life.ACTIVE
    centre.wait(2)
    assert centre.alert().life is Life.CLEARED
    centre.wait(60, every_s=10)
    centre.take(centre.finding(UPDATED))
    assert centre.alert().life is Life.ACTIVE, "it was only out of reach"
    assert len(centre.tasks()) == 1


def test_silence_means_nothing_to_a_centre_that_has_not_caught_up(centre: Centre) -> None:
    centre.awake_since = None
    centre.take(centre.finding(OPENED))
    centre.wait(90, every_s=10)
    assert centre.alert().life is Life.ACTIVE
    centre.awake_since = centre.clock.now()
    centre.wait(29, every_s=29)
    assert centre.alert().life is Life.ACTIVE
    centre.wait(2)
    assert centre.alert().life is Life.CLEARED


def test_a_record_taken_twice_changes_nothing(centre: Centre) -> None:
    first = centre.finding(OPENED)
    centre.take(first)
    before = centre.alert()
    with pytest.raises(Conflict) as caught:
        centre.take(first, centre.finding(UPDATED))
    assert caught.value.code == "stale_marks"
    assert centre.alert() == before
    assert centre.story() == [("opened", "new")]
