"""The sealer: everything committed is sealed, once, in order, by the active centre alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from hub.kit.clock import SimClock
from hub.kit.errors import Conflict
from hub.kit.metrics import Metrics
from hub.store.audit import seals
from hub.store.audit.chain import unpack
from hub.store.audit.logs import BATCH, FIRST, LOOKS, TRANSITIONS
from hub.store.audit.sealer import FULL_S, PAUSE_S, WAITING_S, Sealer
from hub.store.audit.settled import Cut, Settling
from hub.store.audit.verify import verify
from hub.store.db import Database
from hub.store.lease import Lease
from hub.store.tables.access import looks
from hub.store.tables.alerts import transitions


def move(name: str, version: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "entity": "incident",
        "entity_id": name,
        "version": version,
        "at": 100.0,
        "what": "open",
        "from_state": None,
        "to_state": "open",
        "reason": "",
        "actor": "hub",
        "device": None,
        **more,
    }


def a_look(actor: str = "li") -> dict[str, Any]:
    return {
        "at": 100.0, "actor": actor, "action": "live.watch", "subject": "live/a", "reason": "case",
    }  # fmt: skip


def write(tx: Connection, *names: str) -> None:
    tx.execute(insert(transitions), [move(name) for name in names])


def nobody_fences(_tx: Connection) -> None:
    """The centre is active."""


@pytest.fixture
def sealer(db: Database, clock: SimClock) -> Sealer:
    return Sealer(db, clock, nobody_fences, Metrics())


def sealed_numbers(db: Database, chain: str = "transitions") -> list[int]:
    with db.read() as tx:
        return [seq for seal in seals.in_order(tx, chain) for seq, _ in unpack(seal.entries)]


def test_both_logs_are_sealed_and_nothing_is_sealed_twice(db: Database, sealer: Sealer) -> None:
    with db.read() as tx:
        assert seals.sealed_through(tx, "transitions") == FIRST
    with db.write() as tx:
        write(tx, "a", "b")
        tx.execute(insert(looks), [a_look()])
    for _ in range(3):
        assert sealer.step() == PAUSE_S
    with db.write() as tx:
        write(tx, "c")
    sealer.step()
    with db.read() as tx:
        numbers = [seal.number for seal in seals.in_order(tx, "transitions")]
        assert numbers == [1, 2]
        of_moves, of_looks = seals.standings(tx)
        assert (of_moves.sealed_rows, of_moves.unsealed_rows, of_moves.oldest_at) == (3, 0, None)
        assert (of_looks.sealed_rows, of_looks.number) == (1, 1)
        assert seals.sealed_through(tx, "transitions") == sealed_numbers(db)[-1]
        assert verify(tx, TRANSITIONS).first is None
        assert verify(tx, LOOKS).first is None


def test_much_is_sealed_in_bounded_parts(db: Database, sealer: Sealer) -> None:
    with db.write() as tx:
        tx.execute(insert(transitions), [move(f"i{n}") for n in range(2 * BATCH + 5)])
    assert [sealer.step() for _ in range(3)] == [FULL_S, FULL_S, PAUSE_S]
    with db.read() as tx:
        sizes = [len(unpack(seal.entries)) for seal in seals.in_order(tx, "transitions")]
        assert sizes == [BATCH, BATCH, 5]
        assert verify(tx, TRANSITIONS).first is None


def test_the_unsealed_tail_is_told_and_grows_late(db: Database, sealer: Sealer) -> None:
    with db.write() as tx:
        write(tx, "a")
    sealer.step()
    with db.write() as tx:
        tx.execute(insert(transitions), [move("b", at=500.0), move("c", at=501.0)])
    with db.read() as tx:
        standing = seals.standing(tx, TRANSITIONS)
    assert (standing.sealed_rows, standing.unsealed_rows) == (1, 2)
    assert standing.unsealed_s(530.0) == 30.0
    assert not standing.is_late(560.0)
    assert standing.is_late(560.5)


def test_an_old_centre_that_wakes_up_seals_nothing(db: Database, clock: SimClock) -> None:
    old, new = Lease("centre", "a", clock), Lease("centre", "b", clock)
    with db.write() as tx:
        token = old.acquire(tx)
        write(tx, "a")
    assert token is not None
    sealer = Sealer(db, clock, lambda tx: old.check(tx, token), Metrics())
    with db.write() as tx:
        assert new.acquire(tx) is None
    clock.advance(60.0)
    with db.write() as tx:
        assert new.acquire(tx) == token + 1
    with pytest.raises(Conflict, match="with token"):
        sealer.step()
    assert sealed_numbers(db) == []


def test_sealers_after_each_other_make_one_chain(db: Database, clock: SimClock) -> None:
    for name in "abc":
        with db.write() as tx:
            write(tx, name)
        Sealer(db, clock, nobody_fences, Metrics()).step()
    with db.read() as tx:
        assert [seal.number for seal in seals.in_order(tx, "transitions")] == [1, 2, 3]
        assert verify(tx, TRANSITIONS).first is None


# -- numbers that become visible out of order -------------------------------------------------


def test_a_cut_is_settled_when_those_who_wrote_then_have_ended() -> None:
    settling = Settling()
    assert settling.through(Cut(10, frozenset("ab"))) == FIRST
    assert settling.through(Cut(20, frozenset("bc"))) == FIRST, "b has not ended"
    assert settling.waits
    assert settling.through(Cut(30, frozenset("cd"))) == 10, "c came after the first cut"
    assert settling.through(Cut(40, frozenset("de"))) == 10
    assert settling.through(Cut(50, frozenset("e"))) == 30
    assert settling.through(Cut(60)) == 60
    assert not settling.waits


def test_a_stream_of_writers_does_not_keep_the_cut_from_settling() -> None:
    settling = Settling()
    seen = [settling.through(Cut(n, frozenset({str(n), str(n + 1)}))) for n in range(50)]
    assert seen[-1] > 40


class Open:
    """A transaction in a thread of its own that writes, and commits when told."""

    def __init__(self, db: Database, *names: str) -> None:
        self._db, self._names = db, names
        self._written, self._told = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._written.wait(10.0)

    def _run(self) -> None:
        with self._db.write() as tx:
            write(tx, *self._names)
            self._written.set()
            self._told.wait(10.0)

    def commit(self) -> None:
        self._told.set()
        self._thread.join()

    def __enter__(self) -> Open:
        return self

    def __exit__(self, *_: object) -> None:
        self.commit()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lower_number_that_is_committed_later_is_not_left_out(
    db: Database, sealer: Sealer
) -> None:
    with Open(db, "slow") as slow:
        with db.write() as tx:
            write(tx, "fast")
        assert sealer.step() == WAITING_S
        assert sealed_numbers(db) == [], "below it a row will appear"
        with Open(db, "late"):
            slow.commit()
            assert sealer.step() == WAITING_S
            assert len(sealed_numbers(db)) == 2, "who came later keeps nobody waiting"
    sealer.step()
    numbers = sealed_numbers(db)
    assert len(numbers) == 3
    assert numbers == sorted(numbers)
    with db.read() as tx:
        assert verify(tx, TRANSITIONS).first is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_number_whose_transaction_was_rolled_back_holds_nobody_up(
    db: Database, sealer: Sealer
) -> None:
    def give_up() -> None:
        with db.write() as tx:
            write(tx, "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    with db.write() as tx:
        write(tx, "after")
    sealer.step()
    assert len(sealed_numbers(db)) == 1


def test_while_many_write_at_once_every_row_is_sealed_in_order(
    db: Database, sealer: Sealer
) -> None:
    done = threading.Event()
    each, writers = 25, 4

    def work(name: str) -> Callable[[], None]:
        def run() -> None:
            for turn in range(each):
                with db.write() as tx:
                    write(tx, f"{name}-{turn}-a")
                    write(tx, f"{name}-{turn}-b")

        return run

    def seal() -> None:
        while not done.is_set():
            sealer.step()

    threads = [threading.Thread(target=work(str(n))) for n in range(writers)]
    sealing = threading.Thread(target=seal)
    for thread in (sealing, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    sealing.join()
    sealer.step()
    numbers = sealed_numbers(db)
    assert len(numbers) == 2 * each * writers
    assert numbers == sorted(numbers)
    with db.read() as tx:
        verdict = verify(tx, TRANSITIONS)
    assert verdict.first is None
    assert verdict.standing.unsealed_rows == 0
