"""The transport: marks, windows, the resend, heartbeats and plans, on a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from hub.kit.clock import SimClock
from hub.kit.errors import Permanent, Retryable
from hub.store import stream
from hub.store.spool import Record, RecordKind, Spool
from hub.store.stream import Heartbeats, Intake, Plans, Sender, Turn, turn


@pytest.fixture
def spool(tmp_path: Path, clock: SimClock) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.db", "worker-1", clock)
    yield spool
    spool.close()


def fill(spool: Spool, rows: int) -> None:
    spool.append(RecordKind.FINDING, [{"n": n} for n in range(rows)])


def drain(sender: Sender) -> None:
    while sender.step() == 0.0:
        pass


def test_a_row_goes_there_and_its_mark_comes_back(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    fill(spool, 3)
    sender, intake = Sender(valkey, spool, clock), Intake(valkey, clock)
    drain(sender)
    entries = intake.read(10, 10)
    assert [r for _, r in entries] == spool.after(0, 10)
    assert intake.read(10, 10) == entries, "what was not discarded is read again"
    intake.publish_marks({spool.producer: 2})
    intake.discard([entry for entry, _ in entries[:2]])
    sender.step()
    assert spool.pending() == 1
    assert [r.seq for _, r in intake.read(10, 10)] == [3]


def test_a_row_tells_how_long_it_has_waited_by_its_own_clock(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    fill(spool, 1)
    clock.advance(40.0)
    fill(spool, 1)
    elsewhere = SimClock(0.0)
    drain(Sender(valkey, spool, clock))
    assert [r.waited_s for _, r in Intake(valkey, elsewhere).read(10, 10)] == [40.0, 0.0]


def test_a_backlog_stays_in_the_spool(valkey: redis.Redis, spool: Spool, clock: SimClock) -> None:
    fill(spool, stream.WINDOW_ROWS + 500)
    sender, intake = Sender(valkey, spool, clock), Intake(valkey, clock)
    drain(sender)
    for _ in range(20):  # the centre is away for a long time: repeats do not pile up
        clock.advance(60.0)
        drain(sender)
    assert intake.waiting() == stream.WINDOW_ROWS
    assert sender.resent == 0
    intake.publish_marks({spool.producer: stream.WINDOW_ROWS})
    drain(sender)
    assert intake.waiting() == stream.WINDOW_ROWS + 500


def test_after_a_wipe_rows_are_sent_again_from_the_mark(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    fill(spool, 5)
    sender, intake = Sender(valkey, spool, clock), Intake(valkey, clock)
    drain(sender)
    intake.publish_marks({spool.producer: 2})
    sender.step()
    valkey.flushall()
    clock.advance(4.9)
    drain(sender)
    assert intake.waiting() == 0
    clock.advance(0.2)
    drain(sender)
    assert [(r.seq, r.floor) for _, r in intake.read(10, 10)] == [(3, 2), (4, 2), (5, 2)]
    assert sender.resent == 1


def test_what_the_centre_discarded_early_is_sent_again(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    fill(spool, 3)
    sender, intake = Sender(valkey, spool, clock), Intake(valkey, clock)
    drain(sender)
    intake.discard([entry for entry, _ in intake.read(10, 10)])
    clock.advance(5.0)
    drain(sender)
    assert [r.seq for _, r in intake.read(10, 10)] == [1, 2, 3]


def test_a_mark_that_was_never_written_here_stops_the_sender(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    fill(spool, 1)
    Intake(valkey, clock).publish_marks({spool.producer: 9})
    with pytest.raises(Permanent) as caught:
        Sender(valkey, spool, clock).step()
    assert caught.value.code == "mark_ahead"


@pytest.mark.parametrize(
    ("seq", "floor", "high_water", "expected"),
    [
        (1, 0, 0, Turn.NEXT),
        (5, 0, 4, Turn.NEXT),
        (4, 0, 4, Turn.REPEAT),
        (6, 0, 4, Turn.EARLY),
        (6, 4, 4, Turn.EARLY),
        (6, 5, 2, Turn.AFTER_LOSS),
        (7, 5, 2, Turn.EARLY),
        (6, 5, 5, Turn.NEXT),
    ],
)
def test_whose_turn_it_is(seq: int, floor: int, high_water: int, expected: Turn) -> None:
    assert turn(Record("p", seq, RecordKind.FINDING, {}, 0.0, floor), high_water) is expected


def test_entries_that_are_no_records_are_removed_and_counted(
    valkey: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    valkey.xadd(stream.RECORDS, {"hello": "world"})
    valkey.xadd(stream.RECORDS, {"producer": "p", "seq": "x", "kind": "finding", "body": "{}"})
    valkey.xadd(
        stream.RECORDS,
        {"producer": "p", "seq": 1, "kind": "finding", "body": "[1]", "at": 0, "floor": 0},
    )
    fill(spool, 1)
    drain(Sender(valkey, spool, clock))
    intake = Intake(valkey, clock)
    assert [r.id for _, r in intake.read(10, 10)] == [f"{spool.producer}:1"]
    assert intake.unreadable == 3
    assert intake.waiting() == 1


def test_without_redis_every_step_says_retry(spool: Spool, clock: SimClock) -> None:
    gone = stream.connect("unix:///nowhere/valkey.sock", timeout_s=0.2)
    fill(spool, 1)
    for act in (
        Sender(gone, spool, clock).step,
        lambda: Intake(gone, clock).read(1, 1),
        lambda: Intake(gone, clock).publish_marks({"p": 1}),
        lambda: Intake(gone, clock).discard(["1-1"]),
        Heartbeats(gone).all,
        lambda: Plans(gone).read("w"),
    ):
        with pytest.raises(Retryable) as caught:
            act()
        assert caught.value.code == "redis_unavailable"
    assert spool.pending() == 1


def test_a_full_redis_is_retryable(valkey: redis.Redis, spool: Spool, clock: SimClock) -> None:
    fill(spool, 1)
    sender = Sender(valkey, spool, clock)
    valkey.config_set("maxmemory", "1")
    try:
        with pytest.raises(Retryable):
            sender.step()
    finally:
        valkey.config_set("maxmemory", "0")
    drain(sender)
    assert Intake(valkey, clock).waiting() == 1


def test_a_silent_worker_is_gone(valkey: redis.Redis) -> None:
    beats = Heartbeats(valkey)
    beats.beat("w1", {"cameras": 3})
    Heartbeats(valkey, ttl_s=0.001).beat("w2", {})
    valkey.ping()
    assert beats.all() in ({"w1": {"cameras": 3}}, {"w1": {"cameras": 3}, "w2": {}})
    while "w2" in beats.all():
        pass
    assert beats.all() == {"w1": {"cameras": 3}}
    beats.forget("w1")
    assert beats.all() == {}


def test_a_plan_is_read_only_when_it_is_new(valkey: redis.Redis) -> None:
    plans = Plans(valkey)
    assert plans.read("w1") is None
    first = plans.publish("w1", {"cameras": ["东门"]})
    assert plans.read("w1") == first
    assert plans.read("w1", first.version) is None
    assert plans.publish("w1", {"cameras": ["东门"]}) == first
    second = plans.publish("w1", {"cameras": []})
    assert plans.read("w1", first.version) == second


@pytest.mark.redis
def test_all_of_it_on_debians_redis(
    redis_server: redis.Redis, spool: Spool, clock: SimClock
) -> None:
    test_a_row_goes_there_and_its_mark_comes_back(redis_server, spool, clock)
    test_a_silent_worker_is_gone(redis_server)
    test_a_plan_is_read_only_when_it_is_new(redis_server)
