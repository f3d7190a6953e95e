"""The relay against real servers: sending, acknowledgement, dead letters, receipts, trimming."""

from __future__ import annotations

import time
from typing import Any

import pytest
import redis
from sqlalchemy import select, update

from hub.dispatch import photos, service
from hub.dispatch.outbox import repository as outbox
from hub.kit.clock import iso
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import queue_epochs, tasks
from hub.types.work import TaskPhoto, TaskState
from tests.integration.dispatch_desk import CENTRE, Desk, Hub
from tests.unit.dispatch.given import CONFIG, NOW

DRAIN_S = 120.0
"""Within which the backlog of ten minutes must be gone."""


@pytest.fixture(params=["valkey", pytest.param("redis_server", marks=pytest.mark.redis)])
def server(request: pytest.FixtureRequest) -> redis.Redis:
    client: redis.Redis = request.getfixturevalue(request.param)
    return client


@pytest.fixture
def hub(db: Database, server: redis.Redis) -> Hub:
    return Hub(db, server)


def test_every_task_reaches_the_desk_once_and_is_seen_to(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    filed = hub.file_alerts(20) | hub.file(100)
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0
    assert hub.states() == {TaskState.DELIVERED.value}
    rows = hub.rows()
    assert [row.number for row in rows] == list(range(1, 121))
    assert all(NOW <= row.queued_at <= row.acked_at and row.deliveries == 1 for row in rows)
    with hub.db.read() as tx:
        delivered = tx.execute(
            select(transitions.c.entity_id).where(transitions.c.what == "deliver")
        )
        assert set(delivered.scalars()) == filed
    assert hub.metrics.get("hub_dispatch_sent_total", centre=CENTRE.id) == 120


def test_acknowledgement_is_seen_within_a_second(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    hub.file(3)
    hub.turn(relay)
    entries = desk.read(ack=False)
    for _ in range(20):
        hub.turn(relay)
    assert len(hub.open()) == 3  # delivered is not acknowledged
    desk.acknowledge(entries[:1])
    at = hub.clock.now()
    while len(hub.open()) == 3:
        hub.turn(relay)
    seen = [row.acked_at for row in hub.rows() if row.acked_at is not None]
    assert len(seen) == 1
    assert seen[0] - at <= 1.0


def test_the_pending_list_is_read_page_by_page(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    look = relay._queue.look
    relay._queue.look = lambda epoch, after=0, limit=7: look(epoch, after, 7)  # type: ignore[method-assign]
    filed = hub.file(40)
    hub.turn(relay)
    entries = desk.read(ack=False)
    acked = set(entries[::3])
    desk.acknowledge(sorted(acked))
    hub.turn(relay)
    assert {f"{row.epoch}-{row.number}" for row in hub.rows() if row.acked_at} == acked
    desk.acknowledge(entries)
    hub.turn(relay)
    assert not hub.open()
    assert desk.task_ids == filed


def test_a_poisonous_task_becomes_a_dead_letter_with_an_alarm(
    hub: Hub, server: redis.Redis
) -> None:
    desk, relay = Desk(server), hub.relay()
    hub.file(3)
    hub.turn(relay)
    first, poison, last = desk.read(ack=False)
    desk.acknowledge([first, last])
    desk.reclaim()  # the second delivery of three
    hub.turn(relay)
    assert [row.deliveries for row in hub.rows()] == [1, 2, 1]
    desk.reclaim()
    hub.config = CONFIG.model_copy(update={"redelivery_idle_s": 60.0})
    assert not hub.relay().turn().dead  # the last delivery still has its time
    time.sleep(CONFIG.redelivery_idle_s)
    turn = relay.turn()
    (dead,) = turn.dead
    assert [letter.task_id for letter in hub.alarms] == [dead.task_id]
    ((_, fields),) = desk.entries(CENTRE.dead_stream)
    assert fields["task_id"] == dead.task_id
    assert fields["entry_id"] == poison
    assert fields["error"] == "handed out 3 times, last to desk"
    (row,) = [row for row in hub.rows() if row.dead_at is not None]
    assert (row.task_id, row.acked_at) == (dead.task_id, None)
    assert desk.redis.xpending(CENTRE.stream, CENTRE.group)["pending"] == 0
    assert poison not in dict(desk.entries())
    assert not hub.open()
    more = hub.file(2)  # and the queue goes on
    hub.settle(relay, desk)
    assert desk.task_ids == more
    assert hub.metrics.get("hub_dispatch_epochs_total", centre=CENTRE.id) == 0


def test_a_void_errand_is_no_dead_letter(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    hub.file(1)
    hub.turn(relay)
    desk.read(ack=False)
    for _ in range(2):
        desk.reclaim()
    with hub.db.write() as tx:
        tx.execute(update(tasks).values(state=TaskState.VOID.value))
    time.sleep(CONFIG.redelivery_idle_s)
    assert relay.turn().dead == ()
    hub.turn(relay)
    assert not hub.open()
    assert hub.states() == {TaskState.VOID.value}
    assert desk.entries(CENTRE.dead_stream) == []


def test_a_void_errand_is_not_handed_out_once_more(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    first, second = hub.file(2)
    hub.turn(relay)
    desk.read(ack=False)  # both are with a desk that then falls silent
    with hub.db.write() as tx:
        void = update(tasks).where(tasks.c.id == first).values(state=TaskState.VOID.value)
        tx.execute(void)
    hub.turn(relay)
    (left,) = desk.redis.xpending_range(CENTRE.stream, CENTRE.group, "-", "+", 10)
    entry = desk.redis.xrange(CENTRE.stream, left["message_id"], left["message_id"])
    assert second in str(entry), "who comes next is given no other"
    hub.turn(relay)
    assert hub.open() == [second]


def test_a_task_nobody_took_is_no_dead_letter(hub: Hub) -> None:
    relay = hub.relay()
    hub.file(1)
    for _ in range(10):
        hub.turn(relay)
    hub.clock.advance(86400)
    hub.turn(relay)
    assert len(hub.open()) == 1
    with hub.db.read() as tx:
        assert outbox.backlog(tx, CENTRE.id).oldest_unacked_at == NOW


def test_trimming_never_eats_what_is_not_acknowledged(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    hub.file(10)
    hub.turn(relay)
    entries = desk.read(6, ack=False)
    desk.acknowledge([*entries[:2], *entries[3:6]])  # 1-3 stays with the desk, 7…10 unread
    for _ in range(5):
        hub.turn(relay)
        hub.clock.advance(60)
    assert [key for key, _ in desk.entries()] == [f"1-{number}" for number in range(3, 11)]
    desk.acknowledge(["1-3"])
    for _ in range(3):
        hub.turn(relay)
        hub.clock.advance(60)
    assert [key for key, _ in desk.entries()] == [f"1-{number}" for number in range(7, 11)]
    hub.settle(relay, desk)
    hub.clock.advance(60)
    hub.turn(relay)
    assert desk.redis.xlen(CENTRE.stream) == 0
    more = hub.file(1)  # an empty stream is no lost stream
    hub.settle(relay, desk)
    assert desk.task_ids == more
    assert desk.repeats == 0


def report(desk: Desk, task_id: str, action: str, key: str, **more: str) -> str:
    fields: dict[Any, Any] = {
        "task_id": task_id, "action": action, "by": "小王", "key": key, **more
    }  # fmt: skip
    return str(desk.redis.xadd(CENTRE.receipts_stream, fields))


def test_receipts_act_once_and_bad_ones_stop_nothing(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    (task_id,) = hub.file_alerts(1)
    hub.settle(relay, desk)
    report(desk, task_id, "on_scene", "too-early")
    report(desk, task_id, "explode", "k-0")
    report(desk, "no-such", "accept", "k-9")
    raw = redis.Redis(unix_socket_path=desk.redis.connection_pool.connection_kwargs["path"])
    raw.xadd(CENTRE.receipts_stream, {b"\xff\x00": b"\xfe", "task_id": task_id})
    report(desk, task_id, "accept", "k-1", at=iso(hub.clock.now() - 5))
    report(desk, task_id, "accept", "k-1")
    report(desk, task_id, "on_scene", "k-2")
    last = report(desk, task_id, "done", "k-3", note="已处置", photo_ids="p1,p2")
    assert relay.turn().heard == 8
    assert relay.turn().heard == 0
    with hub.db.read() as tx:
        assert service.task(tx, task_id).state is TaskState.DONE
        assert tx.execute(select(queue_epochs.c.receipts_after)).scalar() == last
    counted = {
        outcome: hub.metrics.get("hub_dispatch_receipts_total", centre=CENTRE.id, outcome=outcome)
        for outcome in ("done", "unreadable_receipt", "no_such_task", "task_is_delivered")
    }
    assert counted == {
        "done": 4,
        "unreadable_receipt": 2,
        "no_such_task": 1,
        "task_is_delivered": 1,
    }


def test_a_receipt_keeps_only_photos_of_its_own_task(
    hub: Hub, server: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    desk, relay = Desk(server), hub.relay()
    mine, other = hub.file_alerts(2)
    hub.settle(relay, desk)
    with hub.db.write() as tx:
        for task_id, photo_id in ((mine, "p1"), (other, "p2")):
            photos.add(tx, TaskPhoto(task_id, photo_id, "wang", f"k-{photo_id}"), hub.clock.now())
    report(desk, mine, "accept", "k-1")
    report(desk, mine, "done", "k-2", note="已处置", photo_ids="p1,p2,evidence-7")
    relay.turn()
    with hub.db.read() as tx:
        done = service.task(tx, mine)
    assert (done.state, done.photo_ids) == (TaskState.DONE, ("p1",))
    assert "no photos of it: evidence-7, p2" in caplog.text


def test_a_receipt_may_come_before_the_acknowledgement_is_seen(
    hub: Hub, server: redis.Redis
) -> None:
    desk, relay = Desk(server), hub.relay()
    (task_id,) = hub.file_alerts(1)
    relay.turn()
    entries = desk.read(ack=False)
    report(desk, task_id, "accept", "k-1")
    relay.turn()
    desk.acknowledge(entries)
    relay.turn()
    with hub.db.read() as tx:
        assert service.task(tx, task_id).state is TaskState.ACCEPTED  # not back to delivered
    assert not hub.open()


def test_receipts_written_after_a_wipe_are_heard(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    (task_id,) = hub.file_alerts(1)
    hub.settle(relay, desk)
    desk.redis.xadd(CENTRE.receipts_stream, {"x": "y"}, id="9999999999999-0")
    hub.turn(relay)
    desk.redis.flushall()
    report(desk, task_id, "accept", "k-1")  # its id is lower than the position we hold
    for _ in range(4):
        hub.turn(relay)
    with hub.db.read() as tx:
        assert service.task(tx, task_id).state is TaskState.ACCEPTED


def test_ten_thousand_rows_drain(db: Database, valkey: redis.Redis) -> None:
    hub = Hub(db, valkey)
    desk, relay = Desk(valkey), hub.relay()
    filed = hub.file(10_000)
    started = time.monotonic()
    for _ in range(200):
        if relay.turn().pause_s > 0:
            break
        desk.read()
    desk.read()
    relay.turn()
    took_s = time.monotonic() - started
    assert desk.task_ids == filed
    assert desk.repeats == 0
    assert not hub.open()
    assert took_s < DRAIN_S, f"{took_s:.1f} s"
