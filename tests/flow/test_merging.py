"""Two alerts are said to be one matter, or two after all: what goes out, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from hub.alerts import group, merging
from hub.alerts import service as alerts
from hub.alerts.merging import Pair
from hub.dispatch import merging as incidents
from hub.dispatch import service as dispatch
from hub.flow import merge_flow
from hub.kit.errors import Conflict
from hub.privacy.exports import repository as exports
from hub.privacy.holds import service as holds
from hub.privacy.retention import repository as retention
from hub.store import feed
from hub.types.finding import Alert, Phase, Verdict
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, Receipt, TaskAction
from tests.flow.centre import CONFIG, Centre

OPENED, CLOSED = Phase.OPENED, Phase.CLOSED
BY = "duty officer"


def merge(centre: Centre, duplicate: Alert, into: Alert, version: int | None = None) -> None:
    now = centre.clock.now()

    def say(tx: Connection) -> Pair:
        by = alerts.Actor(BY)
        return merging.merge(tx, duplicate.id, into.id, actor=by, now=now, version=version)

    def follow(tx: Connection, pair: Pair) -> None:
        incidents.join(tx, pair.duplicate.id, pair.into.id, by=BY, now=now)

    with centre.db.write() as tx:
        merge_flow(tx, say, follow)


def unmerge(centre: Centre, duplicate: Alert, version: int | None = None) -> None:
    now = centre.clock.now()

    def say(tx: Connection) -> Pair:
        by = alerts.Actor(BY)
        return merging.unmerge(tx, duplicate.id, actor=by, now=now, version=version)

    def follow(tx: Connection, pair: Pair) -> None:
        grouped = group.plan(pair.duplicate)
        incidents.part(
            tx,
            pair.duplicate,
            group_key=grouped.key,
            wait_s=grouped.wait_s,
            config=CONFIG,
            by=BY,
            now=now,
            ids=centre.ids,
        )

    with centre.db.write() as tx:
        merge_flow(tx, say, follow)


def refused(centre: Centre, duplicate: Alert, into: Alert) -> str:
    """The code of the refusal; nothing may have changed."""
    before = (centre.alerts(), centre.incidents())
    with pytest.raises(Conflict) as caught:
        merge(centre, duplicate, into)
    assert (centre.alerts(), centre.incidents()) == before
    return caught.value.code


def open_two(centre: Centre, rule_id: str = "slow") -> tuple[Alert, Alert]:
    """One alert in each of two grids, so that two incidents wait."""
    centre.take(centre.finding(OPENED, "gate", rule_id), centre.finding(OPENED, "far", rule_id))
    return centre.alert("gate"), centre.alert("far")


def of(centre: Centre, source: str) -> Incident:
    incident_id = centre.alert(source).incident_id
    with centre.db.read() as tx:
        return dispatch.incident(tx, incident_id or "")


def act(centre: Centre, incident: Incident, *actions: TaskAction) -> None:
    with centre.db.write() as tx:
        [task] = [t for t in dispatch.tasks(tx).items if t.incident_id == incident.id]
        for action in actions:
            receipt = Receipt(task.id, action, centre.clock.now(), "Wang", f"key-{action}", "done")
            dispatch.act(tx, replace(receipt, roles=frozenset({Role.WORKER})))


def test_two_that_wait_go_out_as_one(centre: Centre) -> None:
    gate, far = open_two(centre)
    merge(centre, far, gate)
    duplicate = centre.alert("far")
    assert (duplicate.verdict, duplicate.merged_into) == (Verdict.DUPLICATE, gate.id)
    states = sorted((i.state.value, set(i.alert_ids)) for i in centre.incidents())
    assert states == [("filed", {gate.id, far.id}), ("merged", set())]
    centre.wait(31, every_s=31)
    assert [set(task) for task in centre.tasks()] == [{gate.id, far.id}]
    with centre.db.read() as tx:
        [task] = dispatch.tasks(tx).items
        told = {report["alert_id"] for report in task.message["alerts"]}  # type: ignore[attr-defined]
    assert told == {gate.id, far.id}, "the worker hears of both"


def test_both_sides_have_it_in_their_logs_and_the_feed_tells_both(centre: Centre) -> None:
    gate, far = open_two(centre)
    with centre.db.read() as tx:
        seen = feed.latest(tx)
    merge(centre, far, gate)
    with centre.db.read() as tx:
        logs = {
            one.id: [(m.what, m.actor) for m in alerts.history(tx, one.id)][-1]
            for one in (gate, far)
        }
        told = {(c.topic, c.entity_id) for c in feed.after(tx, seen)}
    assert logs == {gate.id: (f"merge:{far.id}", BY), far.id: (f"merge_into:{gate.id}", BY)}
    assert {("alert", gate.id), ("alert", far.id)} <= told
    assert {kind for kind, _ in told} == {"alert", "incident"}


def test_the_others_of_an_incident_stay_in_it(centre: Centre) -> None:
    gate, far = open_two(centre)
    centre.take(centre.finding(OPENED, "yard", "slow"))
    merge(centre, centre.alert("yard"), far)
    centre.wait(31, every_s=31)
    assert sorted(map(sorted, centre.tasks())) == sorted(
        [[gate.id], sorted([far.id, centre.alert("yard").id])]
    )


def test_what_joins_an_errand_under_way_makes_no_second_one(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"))
    centre.wait(31, every_s=31)
    centre.take(centre.finding(OPENED, "far", "slow"))
    gate, far = centre.alert("gate"), centre.alert("far")
    act(centre, of(centre, "gate"), TaskAction.ACCEPT)
    merge(centre, far, gate)
    centre.wait(31, every_s=31)
    assert centre.tasks() == [(gate.id,)]
    assert of(centre, "gate").alert_ids == (gate.id, far.id)
    assert of(centre, "gate").state is IncidentState.ACCEPTED


def test_what_is_with_a_worker_is_refused(centre: Centre) -> None:
    gate, far = open_two(centre)
    centre.wait(31, every_s=31)
    assert refused(centre, gate, far) == "incident_is_dispatched"
    act(centre, of(centre, "far"), TaskAction.ACCEPT, TaskAction.ON_SCENE)
    assert refused(centre, far, gate) == "incident_is_on_scene"


def test_a_matter_that_was_dealt_with_takes_nothing_new(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"))
    centre.wait(31, every_s=31)
    act(centre, of(centre, "gate"), TaskAction.ACCEPT, TaskAction.DONE)
    centre.take(centre.finding(OPENED, "far", "slow"))
    assert refused(centre, centre.alert("far"), centre.alert("gate")) == "into_is_over"


def test_an_errand_never_waits_for_the_verdict_on_another_alert(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "verify"), centre.finding(OPENED, "far", "slow"))
    assert refused(centre, centre.alert("far"), centre.alert("gate")) == "into_waits"


def test_the_clocks_of_the_graver_alert_are_not_lost(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "verify"), centre.finding(OPENED, "far", "slow"))
    gate, far = centre.alert("gate"), centre.alert("far")
    assert refused(centre, gate, far) == "into_is_less_severe"


def test_an_alert_that_waits_for_a_verdict_is_simply_a_duplicate(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "verify"), centre.finding(OPENED, "far", "verify"))
    gate, far = centre.alert("gate"), centre.alert("far")
    merge(centre, far, gate)
    centre.judge(gate.id, Verdict.CONFIRMED)
    assert centre.tasks() == [(gate.id,)]
    with pytest.raises(Conflict) as caught:
        centre.judge(far.id, Verdict.CONFIRMED)
    assert caught.value.code == "merged"


def test_what_is_no_pair_is_refused(centre: Centre) -> None:
    gate, far = open_two(centre)
    assert refused(centre, gate, gate) == "same_alert"
    merge(centre, far, gate)
    assert refused(centre, far, gate) == "merged"
    centre.take(centre.finding(OPENED, "yard", "slow"))
    yard = centre.alert("yard")
    assert refused(centre, yard, far) == "into_is_dismissed"
    assert refused(centre, gate, yard) == "has_duplicates"


def test_a_merge_taken_back_lets_the_alert_go_out_by_itself(centre: Centre) -> None:
    gate, far = open_two(centre)
    merge(centre, far, gate)
    centre.wait(31, every_s=31)
    unmerge(centre, far)
    parted = centre.alert("far")
    assert (parted.verdict, parted.merged_into) == (None, None)
    assert of(centre, "far").state is IncidentState.FILED
    assert of(centre, "gate").alert_ids == (gate.id,)
    centre.wait(31, every_s=31)
    assert [sorted(task) for task in centre.tasks()] == [sorted([gate.id, far.id]), [far.id]]
    with pytest.raises(Conflict) as caught:
        unmerge(centre, far)
    assert caught.value.code == "not_merged"


def test_alerts_of_one_incident_stay_in_it_whatever_is_said(centre: Centre) -> None:
    centre.take(centre.finding(OPENED, "gate", "slow"), centre.finding(OPENED, "yard", "slow"))
    gate, yard = centre.alert("gate"), centre.alert("yard")
    merge(centre, yard, gate)
    unmerge(centre, yard)
    centre.wait(31, every_s=31)
    assert [set(task) for task in centre.tasks()] == [{gate.id, yard.id}]


def test_who_looks_at_an_old_version_is_told(centre: Centre) -> None:
    gate, far = open_two(centre)
    for wrong in (far.version + 1, far.version - 1):
        with pytest.raises(Conflict) as caught:
            merge(centre, far, gate, version=wrong)
        assert caught.value.code == "stale_version"
    merge(centre, far, gate, version=far.version)
    with pytest.raises(Conflict) as caught:
        unmerge(centre, far, version=far.version)
    assert caught.value.code == "stale_version"
    unmerge(centre, far, version=centre.alert("far").version)


def test_findings_of_a_duplicate_go_on_being_its_own(centre: Centre) -> None:
    gate, far = open_two(centre)
    merge(centre, far, gate)
    centre.take(centre.finding(CLOSED, "far", "slow"))
    duplicate = centre.alert("far")
    assert (duplicate.findings, duplicate.merged_into) == (2, gate.id)
    assert duplicate.cleared_at is not None


# -- a duplicate without an incident of its own ---------------------------------------------------


def wait_for_verdicts(centre: Centre) -> tuple[Alert, Alert]:
    """Two alerts with a picture each, neither with an incident."""
    centre.take(
        centre.finding(OPENED, "gate", "verify", evidence_id="pic-gate"),
        centre.finding(OPENED, "far", "verify", evidence_id="pic-far"),
    )
    return centre.alert("gate"), centre.alert("far")


@pytest.mark.parametrize("merged_first", [True, False])
def test_a_duplicate_shares_the_incident_of_the_other(centre: Centre, merged_first: bool) -> None:
    gate, far = wait_for_verdicts(centre)
    if merged_first:
        merge(centre, far, gate)
        assert centre.alert("far").incident_id is None, "there is none yet"
        centre.judge(gate.id, Verdict.CONFIRMED)
    else:
        centre.judge(gate.id, Verdict.CONFIRMED)
        merge(centre, far, gate)
    [case] = centre.incidents()
    assert set(case.alert_ids) == {gate.id, far.id}
    assert centre.tasks() == [(gate.id,)], "who was sent goes to what was confirmed"

    with centre.db.write() as tx:
        assert exports.evidence_of(tx, case.id) == ["pic-far", "pic-gate"]
        word = holds.Word("court", centre.clock.now(), "case 12")
        holds.place(tx, case.id, holds.HoldReason.COURT, None, word, centre.ids)
    later = centre.clock.now() + 400 * 86400.0
    with centre.db.write() as tx:
        lone = retention.pick(tx, retention.lone_alerts(31.0, later), 10)
        with_case = retention.pick(tx, retention.of_incidents(later, later), 10)
    assert (lone, with_case) == ({}, {}), "a court's hold keeps the pictures of both"


def test_a_duplicate_that_is_none_after_all_waits_for_a_verdict_again(centre: Centre) -> None:
    gate, far = wait_for_verdicts(centre)
    centre.judge(gate.id, Verdict.CONFIRMED)
    merge(centre, far, gate)
    unmerge(centre, far)
    assert centre.alert("far").incident_id is None
    assert of(centre, "gate").alert_ids == (gate.id,)
    centre.judge(far.id, Verdict.CONFIRMED)
    assert centre.tasks() == [(gate.id,), (far.id,)], "it goes out by itself"
