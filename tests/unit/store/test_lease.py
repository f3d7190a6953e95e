"""The lease: one holder, a paused one is fenced off, and nobody's wall clock decides."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from hub.kit.clock import SimClock
from hub.kit.errors import Conflict, Retryable
from hub.store import feed
from hub.store.db import Database
from hub.store.lease import TTL_S, Lease


@dataclass(frozen=True)
class Hosts:
    """Two hosts, each with a clock of its own; time passes on both."""

    a: Lease
    b: Lease

    def wait(self, seconds: float) -> None:
        for lease in (self.a, self.b):
            lease.clock.advance(seconds)  # type: ignore[attr-defined]


@pytest.fixture(params=[0.0], ids=["same time"])
def hosts(request: pytest.FixtureRequest) -> Hosts:
    ours, theirs = SimClock(), SimClock()
    theirs.set_wall(ours.now() + request.param)
    return Hosts(Lease("centre", "host-a:1", ours), Lease("centre", "host-b:2", theirs))


ANY_CLOCK = pytest.mark.parametrize(
    "hosts", [-3600.0, 0.0, 3600.0], ids=["an hour behind", "same time", "ahead"], indirect=True
)


def take(db: Database, lease: Lease) -> int:
    """The token of a lease that can be had."""
    with db.write() as tx:
        token = lease.acquire(tx)
    assert token is not None
    return token


def is_refused(db: Database, lease: Lease) -> bool:
    with db.write() as tx:
        return lease.acquire(tx) is None


def take_from(db: Database, hosts: Hosts) -> int:
    """What B takes after A has been silent for as long as the lease lasts."""
    assert is_refused(db, hosts.b)
    hosts.wait(TTL_S)
    return take(db, hosts.b)


@ANY_CLOCK
def test_the_standby_waits_until_the_lease_runs_out(db: Database, hosts: Hosts) -> None:
    token = take(db, hosts.a)
    assert is_refused(db, hosts.b)
    hosts.wait(9.0)
    assert is_refused(db, hosts.b)
    with db.write() as tx:
        hosts.a.renew(tx, token)
    assert is_refused(db, hosts.b)
    hosts.wait(9.0)
    assert is_refused(db, hosts.b)
    hosts.wait(1.0)
    assert take(db, hosts.b) == token + 1


@ANY_CLOCK
def test_nobody_takes_it_from_a_holder_that_renews(db: Database, hosts: Hosts) -> None:
    token = take(db, hosts.a)
    for second in range(60):
        if second % 3 == 0:
            with db.write() as tx:
                hosts.a.renew(tx, token)
        assert is_refused(db, hosts.b)
        hosts.wait(1.0)


def test_a_standby_that_was_paused_counts_no_silence_of_the_holder(
    db: Database, hosts: Hosts
) -> None:
    token = take(db, hosts.a)
    assert is_refused(db, hosts.b)
    hosts.wait(60.0)
    with db.write() as tx:
        hosts.a.renew(tx, token)
    assert is_refused(db, hosts.b), "it was renewed since, whenever that was"


def test_two_that_stand_by_do_not_both_take_it(db: Database, hosts: Hosts) -> None:
    third = Lease("centre", "host-c:3", hosts.b.clock)
    token = take(db, hosts.a)
    assert is_refused(db, third)
    assert take_from(db, hosts) == token + 1
    assert is_refused(db, third)


def test_a_paused_holder_that_wakes_up_can_change_nothing(db: Database, hosts: Hosts) -> None:
    old = take(db, hosts.a)
    new = take_from(db, hosts)
    assert new == old + 1

    def act_as_before() -> None:
        with db.write() as tx:
            feed.append(tx, "alert", "written by a ghost", {}, 200.0, None)
            hosts.a.check(tx, old)

    with pytest.raises(Conflict, match="host-a:1") as caught:
        act_as_before()
    assert caught.value.code == "fenced"
    with pytest.raises(Conflict), db.write() as tx:
        hosts.a.renew(tx, old)
    with db.write() as tx:
        hosts.a.release(tx, old)  # and giving up what is lost takes nothing from the new holder
        hosts.b.check(tx, new)
        assert hosts.a.acquire(tx) is None
    with db.read() as tx:
        assert feed.latest(tx) == 0


def test_nobody_takes_the_lease_between_check_and_commit(db: Database, hosts: Hosts) -> None:
    old = take(db, hosts.a)
    assert is_refused(db, hosts.b)
    hosts.wait(TTL_S)
    order: list[str] = []
    checked = threading.Event()

    def take_over() -> None:
        checked.wait(5.0)
        take(db, hosts.b)
        order.append("taken")

    taker = threading.Thread(target=take_over)
    taker.start()
    with db.write() as tx:
        hosts.a.check(tx, old)
        checked.set()
        taker.join(0.15)
        order.append("committed")
    taker.join(5.0)
    assert order == ["committed", "taken"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_holder_paused_within_a_transaction_does_not_keep_the_standby_out(
    db: Database, hosts: Hosts
) -> None:
    if db.dialect == "sqlite":
        pytest.skip(
            "on one machine the supervisor ends a paused centre; nothing is to be done here"
        )
    with db.read() as tx:
        limit = tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    assert limit == "30s"
    old = take(db, hosts.a)
    assert is_refused(db, hosts.b)
    hosts.wait(TTL_S)

    def pause() -> None:
        with db.write() as tx:
            tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
            hosts.a.check(tx, old)
            # It waits until the server has ended the paused session.
            assert take(db, hosts.b) == old + 1
            feed.append(tx, "alert", "written by a ghost", {}, 200.0, None)

    with pytest.raises(Retryable):
        pause()
    with db.read() as tx:
        assert feed.latest(tx) == 0


def test_released_it_is_free_at_once(db: Database, hosts: Hosts) -> None:
    token = take(db, hosts.a)
    assert is_refused(db, hosts.b)
    with db.write() as tx:
        hosts.a.release(tx, token)
    assert take(db, hosts.b) == token + 1


def test_who_never_held_it_is_refused(db: Database, hosts: Hosts) -> None:
    with pytest.raises(Conflict), db.write() as tx:
        hosts.a.check(tx, 1)


def test_a_busy_holder_can_renew_while_its_transactions_are_open(
    db: Database, hosts: Hosts
) -> None:
    if db.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time: it waits for the commit")
    token = take(db, hosts.a)
    with db.write() as long:
        hosts.a.check(long, token)
        with db.write() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
            hosts.a.renew(tx, token)
            assert hosts.b.acquire(tx) is None, "and who only asks waits for nobody"
        hosts.wait(TTL_S)
        with pytest.raises(Retryable, match="lock timeout"):
            take_over(db, hosts.b)


def take_over(db: Database, lease: Lease) -> None:
    with db.write() as tx:
        tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
        lease.acquire(tx)


def test_a_holder_that_comes_back_need_not_wait_and_fences_its_former_self(
    db: Database, hosts: Hosts
) -> None:
    old = take(db, hosts.a)
    new = take(db, Lease("centre", hosts.a.holder, hosts.a.clock))
    assert new == old + 1
    with db.write() as tx:
        hosts.a.check(tx, new)
    with pytest.raises(Conflict), db.write() as tx:
        hosts.a.check(tx, old)
