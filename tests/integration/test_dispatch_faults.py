"""The queue under fire: servers killed and wiped, relays crashed and fenced. Nothing is lost.

Each test ends with the same comparison: the tasks in the database against those in the hands of a
desk that knows only Redis.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from hub.dispatch.outbox import repository as outbox
from hub.dispatch.outbox.view import EntryId, Loss
from hub.kit.errors import Retryable
from hub.store.db import Database
from hub.store.stream import connect
from hub.store.valkey import EmbeddedValkey
from tests.integration.dispatch_desk import CENTRE, Crash, Desk, Fenced, Hub

STEPS = ("numbered", "added", "marked", "acked")


@pytest.fixture(params=["valkey", pytest.param("redis_server", marks=pytest.mark.redis)])
def server(request: pytest.FixtureRequest) -> redis.Redis:
    client: redis.Redis = request.getfixturevalue(request.param)
    return client


@pytest.fixture
def hub(db: Database, server: redis.Redis) -> Hub:
    return Hub(db, server)


@pytest.fixture
def own(short_folder: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedValkey]:
    """A Valkey of the test's own, to be killed."""
    folder = short_folder / f"own-{abs(hash(request.node.name)) % 10**8}"
    server = EmbeddedValkey(folder)
    server.start()
    yield server
    server.stop()


def kill(server: EmbeddedValkey) -> None:
    assert server.pid is not None
    handle = os.pidfd_open(server.pid)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    os.close(handle)
    while server.pid is not None:  # until its keeper has seen the end, `start` would do nothing
        threading.Event().wait(0.01)


def crash_at(step: str, which: int) -> Callable[[str], None]:
    """A hook that crashes the `which`-th time the relay passes `step`."""
    passed = iter(range(1, which + 1))

    def hook(name: str) -> None:
        if name == step and next(passed, None) == which:
            raise Crash(step)

    return hook


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("which", [1, 2])
def test_a_relay_that_crashes_between_two_steps_loses_and_repeats_nothing(
    hub: Hub, server: redis.Redis, step: str, which: int
) -> None:
    desk = Desk(server)
    filed = hub.file(150)
    doomed = hub.relay(hook=crash_at(step, which))
    with pytest.raises(Crash):
        hub.settle(doomed, desk)
    hub.settle(hub.relay(), desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0
    assert [row.epoch for row in hub.rows()] == [1] * 150


def test_a_relay_that_crashes_after_a_wipe_begins_the_epoch_again(
    hub: Hub, server: redis.Redis
) -> None:
    desk = Desk(server)
    hub.file(5)
    hub.turn(hub.relay())
    desk.redis.flushall()
    with pytest.raises(Crash):
        hub.relay(hook=crash_at("epoch", 1)).turn()
    filed = hub.file(5)
    hub.settle(hub.relay(), desk)
    assert desk.task_ids == filed
    assert {row.epoch for row in hub.rows()} == {2}


@pytest.mark.parametrize("step", ["dead", "buried"])
def test_a_crash_around_a_burial_leaves_one_dead_letter(
    hub: Hub, server: redis.Redis, step: str
) -> None:
    desk = Desk(server)
    hub.file(1)
    hub.turn(hub.relay())
    desk.read(ack=False)
    for _ in range(3):
        desk.reclaim()
    with pytest.raises(Crash):
        hub.relay(hook=crash_at(step, 1)).turn()
    assert hub.relay().turn().dead == ()
    assert len(hub.alarms) == 1
    assert desk.redis.xlen(CENTRE.dead_stream) == 1
    assert desk.redis.xpending(CENTRE.stream, CENTRE.group)["pending"] == 0
    (row,) = hub.rows()
    assert row.dead_at is not None
    assert row.acked_at is None


@pytest.mark.parametrize("step", ["numbered", "added"])
def test_an_old_relay_that_wakes_up_is_fenced_and_does_no_harm(
    hub: Hub, server: redis.Redis, step: str
) -> None:
    """The old one falls asleep in the middle of a turn; the new one works; the old one wakes."""
    desk, fresh = Desk(server), hub.relay(token=2)
    hub.file(250)

    def sleep(name: str) -> None:
        if name == step and hub.active == 1:
            hub.active = 2
            for _ in range(3):
                hub.turn(fresh)
                desk.read()

    with pytest.raises(Fenced):
        hub.relay(token=1, hook=sleep).turn()
    filed = hub.file(30)
    hub.settle(fresh, desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0
    hub.file(1)
    with pytest.raises(Fenced):
        hub.relay(token=1).turn()


def test_wipes_in_the_middle_of_the_run_lose_nothing(hub: Hub, server: redis.Redis) -> None:
    desk, rng = Desk(server), random.Random(7)
    wipes = 0

    def wipe_at_random(name: str) -> None:
        nonlocal wipes
        if wipes < 8 and rng.random() < 0.25:
            wipes += 1
            desk.redis.flushall()

    relay = hub.relay(hook=wipe_at_random)
    for _ in range(12):
        filed = hub.file(rng.randrange(1, 40))
        hub.turn(relay)
        entries = desk.read(rng.randrange(1, 50), ack=False)
        if entries:
            desk.acknowledge(entries[: rng.randrange(len(entries) + 1)])
    hub.settle(relay, desk)
    hub.turn(relay)
    assert wipes == 8
    # What the desk held unacknowledged when the server was wiped comes again: the same task ids.
    assert desk.task_ids == filed
    assert not hub.open()
    assert max(row.epoch for row in hub.rows()) > 1


def test_a_wipe_while_nothing_is_open_is_noticed_before_the_next_task(
    hub: Hub, server: redis.Redis
) -> None:
    desk, relay = Desk(server), hub.relay()
    hub.file(3)
    hub.settle(relay, desk)
    desk.redis.flushall()
    filed = hub.file(3)
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0  # what was acknowledged is not sent again


@pytest.mark.parametrize("harm", ["group", "trim", "delete_unread", "delete_held", "stream"])
def test_partial_losses_are_noticed_and_made_good(hub: Hub, server: redis.Redis, harm: str) -> None:
    desk, relay = Desk(server), hub.relay()
    filed = hub.file(20)
    hub.turn(relay)
    desk.read(8, ack=False)
    desk.acknowledge(["1-1", "1-2"])
    hub.turn(relay)
    hub.clock.advance(60)
    hub.turn(relay)
    match harm:
        case "group":
            desk.redis.xgroup_destroy(CENTRE.stream, CENTRE.group)
        case "trim":
            desk.redis.xtrim(CENTRE.stream, maxlen=5, approximate=False)
        case "delete_unread":
            desk.redis.xdel(CENTRE.stream, "1-15")
        case "delete_held":
            desk.redis.xdel(CENTRE.stream, "1-3")
        case "stream":
            desk.redis.delete(CENTRE.stream)
    turn = hub.turn(relay)
    assert turn is not None
    assert turn.lost is not None
    desk.got.clear()
    hub.settle(relay, desk)
    kept = {row.task_id for row in hub.rows() if row.epoch == 1}
    assert len(kept) == 2
    assert desk.task_ids | kept == filed


def test_a_server_that_lost_its_last_writes_is_noticed(db: Database, own: EmbeddedValkey) -> None:
    """A power cut: the end of the append-only file is missing."""
    hub, desk = Hub(db, connect(own.url)), Desk(connect(own.url))
    relay = hub.relay()
    hub.file(250)
    for _ in range(3):
        hub.turn(relay)
        desk.read(10)
    kill(own)
    (log,) = own._data.glob("appendonlydir/*.incr.aof")
    whole = log.stat().st_size
    os.truncate(log, whole * 2 // 3)
    own.start()
    turn = None
    while turn is None:
        turn = hub.turn(relay)
    assert turn.lost is Loss.BEHIND
    filed = hub.file(5)
    hub.settle(relay, desk)
    assert desk.task_ids == filed


def test_killed_again_and_again_the_server_loses_nothing(db: Database, own: EmbeddedValkey) -> None:
    hub, desk = Hub(db, connect(own.url)), Desk(connect(own.url))
    relay = hub.relay()
    for _ in range(5):
        filed = hub.file(30)
        hub.turn(relay)
        desk.read(20)
        kill(own)
        with pytest.raises(Retryable) as gone:
            relay.turn()
        assert gone.value.code == "queue_gone"
        filed = hub.file(10)  # alerts go on
        own.start()
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    # Repeats are possible: while an fsync is under way the server holds back its writes to the
    # append-only file, and a SIGKILL takes them with it.


def test_a_backlog_made_without_a_server_drains(db: Database, own: EmbeddedValkey) -> None:
    hub, desk = Hub(db, connect(own.url)), Desk(connect(own.url))
    relay = hub.relay()
    own.stop()
    for _ in range(3):
        filed = hub.file(90)
        with pytest.raises(Retryable):
            relay.turn()
    assert all(row.number is None and row.queued_at is None for row in hub.rows())
    own.start()
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0


def test_a_full_server_is_waited_for(db: Database, own: EmbeddedValkey) -> None:
    hub, desk = Hub(db, connect(own.url)), Desk(connect(own.url))
    relay = hub.relay()
    hub.file(3)
    hub.settle(relay, desk)
    filed = hub.file(3)
    desk.redis.config_set("maxmemory", "1")
    for _ in range(3):
        with pytest.raises(Retryable):
            relay.turn()
    desk.redis.config_set("maxmemory", "0")
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    assert desk.repeats == 0


def test_a_key_of_another_kind_in_our_place_is_named(hub: Hub, server: redis.Redis) -> None:
    desk, relay = Desk(server), hub.relay()
    filed = hub.file(1)
    server.set(CENTRE.stream, "mine")
    with pytest.raises(Retryable, match="WRONGTYPE"):
        relay.turn()
    server.delete(CENTRE.stream)
    hub.settle(relay, desk)
    assert desk.task_ids == filed


def test_a_server_that_knows_more_than_our_database_refuses_nothing(
    hub: Hub, server: redis.Redis
) -> None:
    """A database restored from a backup: its next numbers were given away before."""
    server.xadd(CENTRE.stream, {"task_id": "old", "body": '{"task_id": "old"}'}, id="7-500")
    desk, relay = Desk(server), hub.relay()
    filed = hub.file(3)
    assert relay.turn().lost is Loss.AHEAD
    hub.settle(relay, desk)
    assert desk.task_ids == filed
    assert {row.epoch for row in hub.rows()} == {8}


def test_nothing_is_added_to_a_stream_that_was_wiped_after_we_looked(
    hub: Hub, server: redis.Redis
) -> None:
    desk = Desk(server)
    hub.file(3)
    hub.settle(hub.relay(), desk)
    hub.file(1)

    def wipe(name: str) -> None:
        if name == "numbered":
            server.flushall()

    with pytest.raises(Retryable) as refused:
        hub.relay(hook=wipe).turn()
    assert refused.value.code == "queue_changed"
    assert not server.exists(CENTRE.stream)


def test_rows_numbered_by_a_relay_that_died_are_sent_first(hub: Hub, server: redis.Redis) -> None:
    hub.file(120)
    with pytest.raises(Crash):
        hub.relay(hook=crash_at("numbered", 1)).turn()
    desk, relay = Desk(server), hub.relay()
    assert relay.turn().sent == 100
    assert [entry for _, entry in desk.got] == []
    assert desk.read()[0] == str(EntryId(1, 1))
    hub.settle(relay, desk)
    with hub.db.read() as tx:
        assert outbox.backlog(tx, CENTRE.id).acked == 120
