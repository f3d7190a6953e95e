"""The lease: one holder, and a paused one is fenced off."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from hub.kit.errors import Conflict, Retryable
from hub.store import feed
from hub.store.db import Database
from hub.store.lease import Lease

A = Lease("centre", "host-a:1", ttl_s=10.0)
B = Lease("centre", "host-b:2", ttl_s=10.0)


def test_the_standby_waits_until_the_lease_runs_out(db: Database) -> None:
    with db.write() as tx:
        token = A.acquire(tx, 100.0)
        assert token is not None
        assert B.acquire(tx, 109.0) is None
        A.renew(tx, token, 109.0)
        assert B.acquire(tx, 118.0) is None
        assert B.acquire(tx, 119.0) == token + 1


def test_a_paused_holder_that_wakes_up_can_change_nothing(db: Database) -> None:
    with db.write() as tx:
        old = A.acquire(tx, 100.0)
    assert old is not None
    with db.write() as tx:
        new = B.acquire(tx, 200.0)
    assert new == old + 1

    def act_as_before() -> None:
        with db.write() as tx:
            feed.append(tx, "alert", "written by a ghost", {}, 200.0, None)
            A.check(tx, old)

    with pytest.raises(Conflict, match="host-a:1") as caught:
        act_as_before()
    assert caught.value.code == "fenced"
    with pytest.raises(Conflict), db.write() as tx:
        A.renew(tx, old, 200.0)
    with db.write() as tx:
        A.release(tx, old)  # and giving up what is lost takes nothing from the new holder
        B.check(tx, new)
        assert A.acquire(tx, 205.0) is None
    with db.read() as tx:
        assert feed.latest(tx) == 0


def test_nobody_takes_the_lease_between_check_and_commit(db: Database) -> None:
    with db.write() as tx:
        old = A.acquire(tx, 100.0)
    assert old is not None
    order: list[str] = []
    checked = threading.Event()

    def take_over() -> None:
        checked.wait(5.0)
        with db.write() as tx:
            B.acquire(tx, 200.0)
        order.append("taken")

    taker = threading.Thread(target=take_over)
    taker.start()
    with db.write() as tx:
        A.check(tx, old)
        checked.set()
        taker.join(0.15)
        order.append("committed")
    taker.join(5.0)
    assert order == ["committed", "taken"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_holder_paused_within_a_transaction_does_not_keep_the_standby_out(db: Database) -> None:
    if db.dialect == "sqlite":
        pytest.skip(
            "on one machine the supervisor ends a paused centre; nothing is to be done here"
        )
    with db.read() as tx:
        limit = tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    assert limit == "30s"
    with db.write() as tx:
        old = A.acquire(tx, 100.0)
    assert old is not None

    def pause() -> None:
        with db.write() as tx:
            tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
            A.check(tx, old)
            with db.write() as standby:  # waits until the server has ended the paused session
                assert B.acquire(standby, 200.0) == old + 1
            feed.append(tx, "alert", "written by a ghost", {}, 200.0, None)

    with pytest.raises(Retryable):
        pause()
    with db.read() as tx:
        assert feed.latest(tx) == 0


def test_released_it_is_free_at_once(db: Database) -> None:
    with db.write() as tx:
        token = A.acquire(tx, 100.0)
        assert token is not None
        A.release(tx, token)
        assert B.acquire(tx, 100.1) is not None


def test_who_never_held_it_is_refused(db: Database) -> None:
    with pytest.raises(Conflict), db.write() as tx:
        A.check(tx, 1)


def test_a_busy_holder_can_renew_while_its_transactions_are_open(db: Database) -> None:
    if db.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time: it waits for the commit")
    with db.write() as tx:
        token = A.acquire(tx, 100.0)
    assert token is not None
    with db.write() as long:
        A.check(long, token)
        with db.write() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
            A.renew(tx, token, 105.0)
            assert B.acquire(tx, 106.0) is None, "and who only asks waits for nobody"
        with pytest.raises(Retryable, match="lock timeout"):
            take_over(db, 120.0)


def take_over(db: Database, now: float) -> None:
    with db.write() as tx:
        tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
        B.acquire(tx, now)


def test_a_holder_that_comes_back_need_not_wait_and_fences_its_former_self(db: Database) -> None:
    with db.write() as tx:
        old = A.acquire(tx, 100.0)
    assert old is not None
    with db.write() as tx:
        new = Lease("centre", A.holder).acquire(tx, 101.0)
        assert new == old + 1
        A.check(tx, new)
    with pytest.raises(Conflict), db.write() as tx:
        A.check(tx, old)
