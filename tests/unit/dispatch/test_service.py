"""From an alert to a task and from a worker's word to a handled matter, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from hub.dispatch import repository, service
from hub.dispatch.outbox import repository as outbox
from hub.dispatch.page import IncidentFilter, TaskFilter
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import counted_ids
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import outbox as outbox_table
from hub.store.tables.dispatch import task_actions, tasks
from hub.types.finding import Severity, Verdict
from hub.types.work import DispatchTask, Incident, IncidentState, TaskAction, TaskState
from tests.unit.dispatch.given import (
    CONFIG,
    NOW,
    NOWHERE,
    PATH,
    a_filing,
    a_receipt,
    an_alert,
    file,
    store_alert,
    store_grid,
)


def only_task(tx: Connection, incident: Incident) -> DispatchTask:
    (task,) = service.tasks(tx, TaskFilter(incident_id=incident.id)).items
    return task


def rows(tx: Connection, table: Any) -> Sequence[Any]:
    return tx.execute(select(table)).all()


def told(tx: Connection) -> list[tuple[str, str]]:
    return [(each.topic, each.body["state"]) for each in feed.after(tx, 0)]


def test_with_no_wait_incident_task_and_outbox_row_come_in_one_transaction(db: Database) -> None:
    with db.write() as tx:
        store_grid(tx, PATH[1], "town")
        incident = file(tx, an_alert())
    with db.read() as tx:
        task = only_task(tx, incident)
        (row,) = rows(tx, outbox_table)
        assert incident.state is IncidentState.DISPATCHED
        assert incident.alert_ids == ("alert-1",)
        assert (task.state, task.centre, task.grid_code) == (TaskState.QUEUED, "town", PATH[-1])
        assert (row.task_id, row.centre, row.number, row.sent) == (task.id, "town", None, False)
        assert tx.execute(select(alerts.c.incident_id)).scalar() == incident.id
        log = [(each.entity, each.what, each.to_state) for each in rows(tx, transitions)]
        assert log == [
            ("incident", "file", "filed"),
            ("incident", "dispatch", "dispatched"),
            ("task", "dispatch", "queued"),
        ]
        assert told(tx) == [("incident", "dispatched"), ("task", "queued")]


def test_nothing_remains_of_a_transaction_that_fails(db: Database) -> None:
    def half_way() -> None:
        with db.write() as tx:
            file(tx, an_alert())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with db.read() as tx:
        assert not rows(tx, outbox_table)
        assert not service.incidents(tx).items


def test_alerts_of_one_group_that_wait_become_one_incident(db: Database) -> None:
    ids = counted_ids("id")
    with db.write() as tx:
        first = file(tx, an_alert("a", severity=Severity.P3), wait_s=30, ids=ids)
        second = file(tx, an_alert("b", severity=Severity.P2), now=NOW + 20, wait_s=10, ids=ids)
        other = file(tx, an_alert("c"), wait_s=30, group_key="gate", ids=ids)
    assert first.state is IncidentState.FILED
    assert second.id == first.id != other.id
    assert second.severity is Severity.P2
    assert second.due.accept_by == NOW + 20 + 10 + 300
    with db.write() as tx:
        assert service.dispatch_due(tx, config=CONFIG, now=NOW + 29.9, ids=ids) == []
        sent = service.dispatch_due(tx, config=CONFIG, now=NOW + 30, ids=ids)
        assert {each.id for each in sent} == {first.id, other.id}
        assert service.dispatch_due(tx, config=CONFIG, now=NOW + 31, ids=ids) == []
        message = only_task(tx, first).message
        assert message["alert_ids"] == ["a", "b"]
        assert message["severity"] == "P2"
    with db.write() as tx:  # the window is over: the next one opens its own
        assert file(tx, an_alert("d"), now=NOW + 40, wait_s=30, ids=ids).id != first.id


def test_an_alert_that_cannot_wait_takes_the_waiting_ones_with_it(db: Database) -> None:
    ids = counted_ids("id")
    with db.write() as tx:
        file(tx, an_alert("a", severity=Severity.P3), wait_s=30, ids=ids)
        urgent = file(tx, an_alert("b"), now=NOW + 5, wait_s=0, ids=ids)
    assert urgent.state is IncidentState.DISPATCHED
    assert urgent.alert_ids == ("a", "b")


def test_an_alert_is_filed_once(db: Database) -> None:
    ids = counted_ids("id")
    alert = an_alert()
    with db.write() as tx:
        first = file(tx, alert, ids=ids)
        twice = [a_filing(alert), a_filing(alert)]
        assert service.file(tx, twice, config=CONFIG, now=NOW + 1, ids=ids) == [first, first]
        assert len(rows(tx, outbox_table)) == 1


def test_a_batch_is_filed_as_if_one_by_one(db: Database) -> None:
    ids = counted_ids("id")
    batch = [
        a_filing(an_alert("a", severity=Severity.P3), "yard", 30),
        a_filing(an_alert("b"), "gate", 0),
        a_filing(an_alert("c"), "yard", 30),
        a_filing(an_alert("d"), "yard", 0),  # takes those that wait with it
        a_filing(an_alert("e"), "yard", 0),  # too late for that: its own
    ]
    with db.write() as tx:
        for each in batch:
            store_alert(tx, each.alert)
        made = service.file(tx, batch, config=CONFIG, now=NOW, ids=ids)
        assert [each.alert_ids for each in made] == [
            ("a", "c", "d"), ("b",), ("a", "c", "d"), ("a", "c", "d"), ("e",),
        ]  # fmt: skip
        assert {each.state for each in made} == {IncidentState.DISPATCHED}
        assert made[0].severity is Severity.P1
        assert [service.incident(tx, each.id) for each in made] == made
        assert len(rows(tx, outbox_table)) == len(rows(tx, tasks)) == 3
        said = select(transitions.c.what).where(transitions.c.entity_id == made[0].id)
        words = list(tx.execute(said.order_by(transitions.c.version)).scalars())
        assert words == ["file", "join", "join", "dispatch"]


def test_an_alert_twice_in_a_batch_is_filed_once(db: Database) -> None:
    alert = an_alert("a")
    with db.write() as tx:
        store_alert(tx, alert)
        made = service.file(
            tx, [a_filing(alert), a_filing(alert)], config=CONFIG, now=NOW, ids=counted_ids("id")
        )
        assert made[0] == made[1]
        assert len(rows(tx, outbox_table)) == 1


def test_a_hundred_alerts_cost_no_more_statements_than_two(db: Database) -> None:
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    counts = []
    for first, number in ((0, 2), (2, 100)):
        batch = [a_filing(an_alert(f"a{n}"), f"key-{n}") for n in range(first, first + number)]
        with db.write() as tx:
            for each in batch:
                store_alert(tx, each.alert)
            said.clear()
            service.file(tx, batch, config=CONFIG, now=NOW, ids=counted_ids(f"of-{number}"))
            counts.append(len(said))
    assert counts[0] == counts[1] <= 15


def test_a_matter_whose_alerts_were_all_dismissed_while_it_waited_is_void(db: Database) -> None:
    ids = counted_ids("id")
    with db.write() as tx:
        file(tx, an_alert("a"), wait_s=10, ids=ids)
        file(tx, an_alert("b"), wait_s=10, group_key="gate", ids=ids)
        file(tx, an_alert("c"), wait_s=10, group_key="gate", ids=ids)
        dismissed = update(alerts).where(alerts.c.id.in_(["a", "b"]))
        tx.execute(dismissed.values(verdict=Verdict.FALSE.value))
        touched = service.dispatch_due(tx, config=CONFIG, now=NOW + 10, ids=ids)
    assert [each.state for each in touched] == [IncidentState.VOID, IncidentState.DISPATCHED]


def test_the_unbound_are_dispatched_to_the_default_centre_and_can_be_listed(db: Database) -> None:
    with db.write() as tx:
        file(tx, an_alert("bound"), group_key="x")
        lost = file(tx, an_alert("lost", binding=NOWHERE), group_key="y")
        assert only_task(tx, lost).centre == "city"
        listed = service.incidents(tx, IncidentFilter(unbound=True)).items
        assert [each.id for each in listed] == [lost.id]


def test_what_is_open_is_listed_though_newer_matters_have_ended(db: Database) -> None:
    with db.write() as tx:
        first = file(tx, an_alert("first"), group_key="x")
        newer = file(tx, an_alert("newer"), group_key="y")
        repository.update_incident(tx, newer.id, state=IncidentState.VOID.value)
        (still,) = service.incidents(tx, IncidentFilter(open=True), limit=1).items
        (over,) = service.incidents(tx, IncidentFilter(open=False), limit=1).items
        assert (still.id, over.id) == (first.id, newer.id)


def test_a_worker_accepts_arrives_and_finishes(db: Database) -> None:
    with db.write() as tx:
        incident = file(tx, an_alert())
        task = only_task(tx, incident)
    steps = [
        (TaskAction.ACCEPT, {}),
        (TaskAction.ON_WAY, {}),
        (TaskAction.ON_SCENE, {}),
        (TaskAction.DONE, {"note": "已处置", "photo_ids": ("p1", "p2")}),
    ]
    states = []
    for action, changes in steps:
        with db.write() as tx:
            receipt = a_receipt(task.id, action, f"k-{action}", **changes)
            states.append(service.act(tx, receipt, now=NOW + 60).state.value)
    assert states == ["accepted", "on_way", "on_scene", "handled"]
    with db.read() as tx:
        (row,) = rows(tx, tasks)
        assert (row.state, row.assignee, row.note) == ("done", "网格员小王", "已处置")
        assert row.photo_ids == ["p1", "p2"]
        assert [row.accepted_at, row.on_way_at, row.on_scene_at, row.done_at] == [NOW + 30] * 4
        mine = [each for each in rows(tx, transitions) if each.entity == "task"]
        assert [each.version for each in mine] == [1, 2, 3, 4, 5]
        assert {each.actor for each in mine[1:]} == {"网格员小王"}


def test_the_same_key_twice_gives_the_same_answer_and_does_nothing_twice(db: Database) -> None:
    with db.write() as tx:
        task = only_task(tx, file(tx, an_alert()))
        accept = a_receipt(task.id, TaskAction.ACCEPT, "k-1")
        first = service.act(tx, accept)
        service.act(tx, a_receipt(task.id, TaskAction.ON_SCENE, "k-2"))
        before = (len(rows(tx, transitions)), told(tx), rows(tx, tasks))
        assert service.act(tx, accept) == first  # as it was then, though it went on since
        assert (len(rows(tx, transitions)), told(tx), rows(tx, tasks)) == before
        assert len(rows(tx, task_actions)) == 2


def test_a_key_belongs_to_one_action(db: Database) -> None:
    with db.write() as tx:
        one = only_task(tx, file(tx, an_alert("a"), group_key="x"))
        two = only_task(tx, file(tx, an_alert("b"), group_key="y"))
        service.act(tx, a_receipt(one.id, TaskAction.ACCEPT, "k-1"))
        for wrong in (
            a_receipt(one.id, TaskAction.ON_SCENE, "k-1"),
            a_receipt(two.id, TaskAction.ACCEPT, "k-1"),
            a_receipt(one.id, TaskAction.ACCEPT, "k-1", by="somebody else"),
        ):
            with pytest.raises(Conflict) as refused:
                service.act(tx, wrong)
            assert refused.value.code == "key_reused"


def test_another_order_is_a_named_conflict_and_changes_nothing(db: Database) -> None:
    with db.write() as tx:
        task = only_task(tx, file(tx, an_alert()))
        for action in (TaskAction.ON_SCENE, TaskAction.DONE):
            with pytest.raises(Conflict) as refused:
                service.act(tx, a_receipt(task.id, action, f"early-{action}"))
            assert refused.value.code == "task_is_queued"
        service.act(tx, a_receipt(task.id, TaskAction.ACCEPT, "k-1"))
        with pytest.raises(Conflict) as refused:
            service.act(tx, a_receipt(task.id, TaskAction.ACCEPT, "k-2"))
        assert refused.value.code == "task_is_accepted"
        with pytest.raises(Refused) as silent:
            service.act(tx, a_receipt(task.id, TaskAction.DONE, "k-3"))
        assert silent.value.code == "note_needed"
        with pytest.raises(NotFound) as missing:
            service.act(tx, a_receipt("no-such", TaskAction.ACCEPT, "k-4"))
        assert missing.value.code == "no_such_task"
        assert service.task(tx, task.id).state is TaskState.ACCEPTED
        assert len(rows(tx, task_actions)) == 1
        done = service.act(tx, a_receipt(task.id, TaskAction.DONE, "k-5", note="电话已核实"))
        assert done.state is IncidentState.HANDLED


def test_a_phone_whose_clock_runs_behind_did_not_act_before_the_task_was_made(db: Database) -> None:
    with db.write() as tx:
        task = only_task(tx, file(tx, an_alert()))
        service.act(tx, a_receipt(task.id, TaskAction.ACCEPT, "k", at=NOW - 3600), now=NOW + 5)
        assert tx.execute(select(tasks.c.accepted_at)).scalar() == NOW


def test_lists_are_filtered_and_paged_without_gaps_or_repeats(db: Database) -> None:
    with db.write() as tx:
        for number in range(25):  # several share one moment: the id decides
            severity = Severity.P1 if number % 2 else Severity.P4
            alert = an_alert(f"a{number:02}", severity=severity)
            file(tx, alert, now=NOW + number // 4, group_key=f"g{number}")
    with db.read() as tx:
        everything = service.incidents(tx, limit=100)
        assert everything.next is None
        assert len(everything.items) == 25
        seen: list[str] = []
        after = None
        while True:
            page = service.incidents(tx, after=after, limit=10)
            seen += [each.id for each in page.items]
            after = page.next
            if after is None:
                break
        assert seen == [each.id for each in everything.items]
        grave = service.incidents(tx, IncidentFilter(severity=Severity.P1), limit=100)
        assert len(grave.items) == 12
        for code, count in ((PATH[1], 25), (PATH[3], 25), (PATH[3][:-1], 0), ("%", 0)):
            assert len(service.incidents(tx, IncidentFilter(grid=code), limit=100).items) == count
        assert len(service.tasks(tx, TaskFilter(centre="city"), limit=7).items) == 7
        assert not service.tasks(tx, TaskFilter(centre="town")).items
        assert not service.tasks(tx, TaskFilter(state=TaskState.DONE)).items
        with pytest.raises(Refused) as refused:
            service.incidents(tx, after="rubbish")
        assert refused.value.code == "bad_cursor"
        with pytest.raises(NotFound):
            service.incident(tx, "no-such")


def test_numbers_are_handed_out_when_picked_and_anew_in_a_new_epoch(db: Database) -> None:
    with db.write() as tx:
        for number in range(5):
            file(tx, an_alert(f"a{number}"), group_key=f"g{number}")
        outbox.open_epoch(tx, "city", 1, NOW)
        outbox.number(tx, "city", 3, NOW)
        outbox.number(tx, "city", 3, NOW)  # three may go already: no more are numbered
        first = outbox.parcels(tx, "city", 10)
        assert [str(each.id) for each in first] == ["1-1", "1-2", "1-3"]
        outbox.mark_sent(tx, first, NOW + 1)
        outbox.number(tx, "city", 3, NOW)
        second = outbox.parcels(tx, "city", 10)
        assert [str(each.id) for each in second] == ["1-4", "1-5"]
        mark = outbox.mark(tx, "city")
        assert mark is not None
        assert (mark.assigned, mark.sent, mark.waiting, mark.unacked_from) == (5, 3, True, 1)
        outbox.mark_acked(tx, [first[0].row_id], NOW + 2)
        assert outbox.trim_bound(tx, "city", 1, NOW) == 1  # acknowledged, but only just
        assert outbox.trim_bound(tx, "city", 1, NOW + 2) == 2
        assert outbox.open_epoch(tx, "city", 2, NOW + 3) == 2
        outbox.number(tx, "city", 10, NOW + 3)
        again = outbox.parcels(tx, "city", 10)
        assert [str(each.id) for each in again] == ["2-1", "2-2", "2-3", "2-4"]
        assert [each.task_id for each in again] == [each.task_id for each in (first + second)[1:]]
        outbox.mark_sent(tx, second, NOW + 4)  # numbers of the old epoch: nothing happens
        assert not [row for row in rows(tx, outbox_table) if row.sent and row.epoch == 2]
        left = outbox.backlog(tx, "city")
        assert (left.unsent, left.unacked, left.acked, left.dead) == (4, 0, 1, 0)
        assert left.oldest_unacked_at == NOW


def test_the_report_knows_every_task_with_its_alerts(db: Database) -> None:
    with db.write() as tx:
        incident = file(tx, an_alert())
        (row,) = outbox.deliveries(tx)
        task = only_task(tx, incident)
    assert (row["task_id"], row["incident_id"]) == (task.id, incident.id)
    assert list(row["alert_ids"]) == ["alert-1"]
    assert (row["grid_code"], row["queued_at"], row["acked_at"]) == (PATH[-1], None, None)
