"""The feed: in order, in the transaction, and never backwards."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from sqlalchemy import Connection, event, func, select

from hub.kit.errors import Retryable
from hub.store import feed
from hub.store.db import Database
from hub.store.stream import connect


def test_a_reader_resumes_where_it_stopped(db: Database) -> None:
    with db.write() as tx:
        feed.append(tx, "alert", "a1", {"state": "active"}, 100.0, ("county", "town"))
        feed.append(tx, "camera", "c1", {"state": "offline"}, 101.0, ())
        feed.append(tx, "alert", "a1", {"state": "cleared", "why": "清除"}, 102.0, None)
    with db.read() as tx:
        first, _, last = [c.seq for c in feed.after(tx, 0)]
        assert [c.entity_id for c in feed.after(tx, 0)] == ["a1", "c1", "a1"]
        assert [c.entity_id for c in feed.after(tx, first, topics={"alert"})] == ["a1"]
        assert feed.after(tx, first, limit=1)[0].topic == "camera"
        assert feed.after(tx, last) == []
        assert feed.latest(tx) == last
        assert feed.after(tx, last - 1) == [
            feed.Change(last, 102.0, "alert", "a1", {"state": "cleared", "why": "清除"}, None)
        ]


def test_a_rolled_back_change_is_never_seen(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), db.write() as tx:
        feed.append(tx, "alert", "a1", {}, 100.0, None)
        raise ZeroDivisionError
    with db.write() as tx:
        feed.append(tx, "alert", "a2", {}, 101.0, None)
    with db.read() as tx:
        assert [c.entity_id for c in feed.after(tx, 0)] == ["a2"]


def test_what_a_rolled_back_savepoint_said_is_never_seen(db: Database) -> None:
    with db.write() as tx:
        feed.append(tx, "t", "before", {}, 1.0, None)
        with contextlib.suppress(ZeroDivisionError), tx.begin_nested():
            feed.append(tx, "t", "refused", {}, 2.0, None)
            raise ZeroDivisionError
        with tx.begin_nested():
            feed.append(tx, "t", "granted", {}, 3.0, None)
    with db.read() as tx:
        assert [c.entity_id for c in feed.after(tx, 0)] == ["before", "granted"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_that_say_and_lock_in_another_order_do_not_wait_for_each_other(db: Database) -> None:
    both = threading.Barrier(2, timeout=5.0)
    row = select(func.pg_advisory_xact_lock(7))  # as good as a locked row

    def say_first() -> None:
        with db.write() as tx:
            feed.append(tx, "t", "said first", {}, 0.0, None)
            both.wait()
            tx.execute(row)

    def lock_first() -> None:
        with db.write() as tx:
            tx.execute(row)
            both.wait()
            feed.append(tx, "t", "locked first", {}, 0.0, None)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(say_first), pool.submit(lock_first)]:
            done.result(timeout=8.0)
    with db.read() as tx:
        assert {c.entity_id for c in feed.after(tx, 0)} == {"said first", "locked first"}


def test_numbers_become_visible_in_order_though_commits_are_slow(db: Database) -> None:
    """A reader polling all the while must never see a number below one it saw before."""
    seen: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with db.read() as tx:
                seen.extend(c.seq for c in feed.after(tx, seen[-1] if seen else 0))

    def write(writer: int) -> None:
        for turn in range(15):
            with db.write() as tx:
                feed.append(tx, "t", f"{writer}-{turn}", {}, 0.0, None)

    @event.listens_for(db.engine, "commit")
    def be_slow(_connection: Connection) -> None:
        if threading.current_thread() is not writers[0]:
            threading.Event().wait(0.004)  # between the number and the commit: others overtake

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    with db.read() as tx:
        seen.extend(c.seq for c in feed.after(tx, seen[-1] if seen else 0))
        everything = [c.seq for c in feed.after(tx, 0)]
    assert len(everything) == 45
    assert seen == everything


def test_trimming_keeps_the_newest_and_never_gives_a_number_twice(db: Database) -> None:
    with db.write() as tx:
        feed.append_all(tx, "t", [(str(n), {}, None) for n in range(5)], 5.0)
    with db.write() as tx:
        newest = feed.latest(tx)
        assert feed.trim(tx, before_at=100.0) == 4
        assert feed.oldest(tx) == newest
        feed.append(tx, "t", "next", {}, 200.0, None)
    with db.read() as tx:
        assert feed.latest(tx) > newest


def test_a_commit_wakes_the_reader(valkey: redis.Redis) -> None:
    woken = threading.Event()
    reader, writer = feed.Waker(valkey), feed.Waker(valkey)
    reader.listen(woken.set, timeout_s=0.01)
    assert writer.wake()
    reader.listen(woken.set, timeout_s=2.0)
    assert woken.is_set()
    reader.close()


def test_without_redis_waking_says_so_and_harms_nobody() -> None:
    waker = feed.Waker(connect("unix:///nowhere/valkey.sock"))
    assert waker.wake() is False
    with pytest.raises(Retryable, match="redis") as caught:
        waker.listen(lambda: None, timeout_s=0.01)
    assert caught.value.code == "redis_unavailable"
