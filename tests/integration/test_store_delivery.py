"""From the spools to the centre's tables: every record exactly once, whatever happens to Redis."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import redis
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.kit.clock import RealClock, SimClock
from hub.kit.supervise import Backoff, Supervisor
from hub.store.db import Database
from hub.store.spool import Record, RecordKind, Spool
from hub.store.stream import Intake, Sender, Turn, connect, turn
from hub.store.tables.alerts import outcomes, producers
from hub.store.valkey import EmbeddedValkey
from tests.integration.test_dispatch_faults import kill

FAST = Backoff(first_s=0.05, eager_cap_s=0.4)


class HurriedClock(RealClock):
    """Twenty seconds pass in one, so that the 5 s of the resend are soon over."""

    def monotonic(self) -> float:
        return super().monotonic() * 20


class Centre:
    """As small a centre as can be: the outcome and the mark in one transaction, then the rest."""

    def __init__(self, db: Database, intake: Intake) -> None:
        self._db = db
        self._intake = intake
        self.after_loss: list[str] = []

    def step(self) -> float:
        entries = self._intake.read(500, 20)
        self._intake.publish_marks(self.commit([record for _, record in entries]))
        self._intake.discard([entry for entry, _ in entries])
        return 0.0

    def commit(self, records: list[Record]) -> dict[str, int]:
        with self._db.write() as tx:
            rows = tx.execute(select(producers.c.producer, producers.c.high_water))
            marks = {row.producer: int(row.high_water) for row in rows}
            taken = []
            for record in records:
                whose = turn(record, marks.get(record.producer, 0))
                if whose is Turn.AFTER_LOSS:
                    self.after_loss.append(record.id)
                if whose in (Turn.NEXT, Turn.AFTER_LOSS):
                    marks[record.producer] = record.seq
                    taken.append(_outcome(record))
            if taken:
                tx.execute(insert(outcomes), taken)
            dialect = postgresql if self._db.dialect == "postgresql" else sqlite
            for producer, mark in marks.items():
                row = {"producer": producer, "high_water": mark, "updated_at": 0.0}
                upsert = dialect.insert(producers).values(row)
                tx.execute(upsert.on_conflict_do_update(index_elements=["producer"], set_=row))
        return marks


def _outcome(record: Record) -> dict[str, object]:
    return {
        "finding_id": record.id,
        "producer": record.producer,
        "seq": record.seq,
        "episode_id": str(record.body.get("n")),
        "outcome": "opened",
        "reason": "new",
        "at": 0.0,
    }


def arrived(db: Database) -> set[str]:
    with db.read() as tx:
        return set(tx.execute(select(outcomes.c.finding_id)).scalars())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def make_spools(folder: Path, number: int, stack: ExitStack) -> list[Spool]:
    names = [f"worker-{n}" for n in range(number)]
    spools = [Spool(folder / f"{name}.db", name, RealClock()) for name in names]
    return [stack.enter_context(closing(spool)) for spool in spools]


def run(supervisor: Supervisor, db: Database, url: str, spools: list[Spool]) -> None:
    clock = HurriedClock()
    centre = Centre(db, Intake(connect(url), clock))
    supervisor.loop("centre", centre.step, backoff=FAST)
    for spool in spools:
        sender = Sender(connect(url), spool, clock)
        supervisor.loop(f"sender {spool.producer}", sender.step, wake=spool.wake, backoff=FAST)


def until_empty(spools: list[Spool], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while any(spool.pending() for spool in spools):
        assert time.monotonic() < deadline, [spool.pending() for spool in spools]
        time.sleep(0.02)


def test_redis_killed_and_wiped_while_three_workers_report(
    db: Database, server: EmbeddedValkey, tmp_path: Path
) -> None:
    supervisor = Supervisor(HurriedClock())
    with ExitStack() as stack:
        spools = make_spools(tmp_path, 3, stack)
        stack.callback(supervisor.stop)
        run(supervisor, db, server.url, spools)

        def report(spool: Spool) -> None:
            for n in range(150):
                spool.append(RecordKind.FINDING, [{"n": n}, {"n": n}])
                time.sleep(0.005)

        reporters = [threading.Thread(target=report, args=(spool,)) for spool in spools]
        for thread in reporters:
            thread.start()
        for harm in ("wipe", "kill", "wipe", "kill", "wipe"):
            time.sleep(0.15)
            if harm == "wipe":
                connect(server.url).flushall()
            else:
                kill(server)
                server.start()
        for thread in reporters:
            thread.join()
        until_empty(spools)
        ids = set().union(*(spool.ids() for spool in spools))
    assert len(ids) == 900
    assert arrived(db) == ids


def test_ten_thousand_findings_at_once(
    db: Database, valkey: redis.Redis, valkey_server: EmbeddedValkey, tmp_path: Path
) -> None:
    supervisor = Supervisor(RealClock())
    with ExitStack() as stack:
        (spool,) = make_spools(tmp_path, 1, stack)
        stack.callback(supervisor.stop)
        spool.append(RecordKind.FINDING, [{"n": n} for n in range(10_000)])
        run(supervisor, db, valkey_server.url, [spool])
        until_empty([spool])
        ids = spool.ids()
    assert len(ids) == 10_000
    assert arrived(db) == ids


def test_a_replaced_file_is_a_new_producer_and_nothing_is_taken_for_a_repeat(
    db: Database, valkey: redis.Redis, clock: SimClock, tmp_path: Path
) -> None:
    centre = Centre(db, Intake(valkey, clock))
    ids: set[str] = set()
    for _ in range(2):
        spool = Spool(tmp_path / "spool.db", "worker-1", clock)
        spool.append(RecordKind.FINDING, [{"n": n} for n in range(5)])
        sender = Sender(valkey, spool, clock)
        while spool.pending():
            sender.step()
            centre.step()
        ids |= spool.ids()
        spool.close()
        for file in tmp_path.glob("spool.db*"):
            file.unlink()
    assert len(ids) == 10
    assert arrived(db) == ids


def test_a_centre_that_dies_before_or_after_its_commit(
    db: Database, valkey: redis.Redis, clock: SimClock, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool.db", "worker-1", clock)
    spool.append(RecordKind.FINDING, [{"n": n} for n in range(5)])
    sender, intake = Sender(valkey, spool, clock), Intake(valkey, clock)
    sender.step()
    assert len(intake.read(2, 10)) == 2  # died before the commit: read, nothing else
    Centre(db, intake).commit([r for _, r in intake.read(3, 10)])  # died right after the commit
    Centre(db, intake).step()  # the next one reads all five, three are repeats
    sender.step()
    assert spool.pending() == 0
    assert intake.waiting() == 0
    assert arrived(db) == spool.ids()
    spool.close()


def test_a_database_from_yesterday_goes_on_aloud(
    db: Database, valkey: redis.Redis, clock: SimClock, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool.db", "worker-1", clock)
    sender, centre = Sender(valkey, spool, clock), Centre(db, Intake(valkey, clock))
    for _ in range(2):
        spool.append(RecordKind.FINDING, [{}, {}])
        sender.step()
        centre.step()
        sender.step()
    with db.write() as tx:  # a backup is put back that knows the first two rows only
        tx.execute(delete(outcomes).where(outcomes.c.seq > 2))
        tx.execute(producers.update().values(high_water=2))
    spool.append(RecordKind.FINDING, [{}, {}])
    sender.step()
    centre.step()
    sender.step()
    assert centre.after_loss == [f"{spool.producer}:5"]
    assert spool.pending() == 0
    assert {seq for seq in range(1, 7) if f"{spool.producer}:{seq}" in arrived(db)} == {1, 2, 5, 6}
    spool.close()
