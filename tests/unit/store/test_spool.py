"""The spool: what was committed stays, in order and without gaps."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.kit.clock import SimClock
from hub.kit.errors import Permanent, Retryable
from hub.store.spool import RecordKind, Spool, _Write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "worker-1.db"


@pytest.fixture
def spool(path: Path, clock: SimClock) -> Iterator[Spool]:
    spool = Spool(path, "worker-1", clock)
    yield spool
    spool.close()


def test_numbers_run_from_one_without_gaps(spool: Spool) -> None:
    assert spool.append(RecordKind.FINDING, [{"n": 1}, {"n": 2}]) == [1, 2]
    assert spool.append(RecordKind.READING, [{"n": 3}]) == [3]
    assert spool.append(RecordKind.HEALTH, []) == []
    with pytest.raises(TypeError):
        spool.append(RecordKind.FINDING, [{"n": 4}, {"not JSON": object()}])
    assert spool.append(RecordKind.FINDING, [{"文": "四"}]) == [4]
    assert [(r.seq, r.kind, r.body) for r in spool.after(1, 2)] == [
        (2, RecordKind.FINDING, {"n": 2}),
        (3, RecordKind.READING, {"n": 3}),
    ]
    assert spool.after(3, 9)[0].id == f"{spool.producer}:4"
    assert spool.ids() == {f"{spool.producer}:{n}" for n in (1, 2, 4)}


def test_a_restart_goes_on_where_it_was(path: Path, clock: SimClock) -> None:
    first = Spool(path, "worker-1", clock)
    first.append(RecordKind.FINDING, [{}, {}])
    first.trim(1)
    first.close()
    second = Spool(path, "another name", clock)
    assert second.producer == first.producer
    assert second.producer.startswith("worker-1.")
    assert (second.last, second.trimmed, second.pending()) == (2, 1, 1)
    assert second.append(RecordKind.FINDING, [{}]) == [3]
    second.close()


def test_a_new_file_is_a_new_producer(tmp_path: Path, clock: SimClock) -> None:
    spools = [Spool(tmp_path / name, "worker-1", clock) for name in ("a.db", "b.db")]
    assert spools[0].producer != spools[1].producer
    for spool in spools:
        spool.close()


def test_trimming_leaves_bare_ids_for_a_day(spool: Spool, clock: SimClock) -> None:
    spool.append(RecordKind.FINDING, [{}])
    spool.append(RecordKind.READING, [{}])
    spool.append(RecordKind.FINDING, [{}, {}])
    everything = spool.ids()
    spool.trim(3)
    assert [r.seq for r in spool.after(0, 9)] == [4]
    assert spool.after(0, 9)[0].floor == 3
    assert spool.ids() == everything
    clock.advance(24 * 3600 + 1)
    assert spool.append(RecordKind.FINDING, [{}]) == [5]
    spool.trim(4)
    assert spool.ids() == {f"{spool.producer}:5"}  # 4 was acknowledged, and a day old, at once
    spool.trim(2)  # an old mark changes nothing
    assert spool.pending() == 1


def test_numbers_go_on_when_all_rows_are_gone(path: Path, clock: SimClock) -> None:
    spool = Spool(path, "w", clock)
    spool.append(RecordKind.READING, [{}, {}])
    spool.trim(2)
    spool.close()
    spool = Spool(path, "w", clock)
    assert spool.append(RecordKind.READING, [{}]) == [3]
    spool.close()


def test_a_mark_from_the_future_is_named(spool: Spool) -> None:
    spool.append(RecordKind.FINDING, [{}])
    with pytest.raises(Permanent) as caught:
        spool.trim(7)
    assert caught.value.code == "mark_ahead"
    assert spool.pending() == 1


def test_a_record_is_not_handed_out_before_it_is_counted(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A starved writer's thread: what it had committed was sent and acknowledged before it had
    taken note of it, and the acknowledgement was taken for one from the future."""
    commit, between = spool._transaction, list[tuple[int, int]]()

    def then_nothing_for_a_while(writes: list[_Write]) -> list[Any]:
        results = commit(writes)
        between.append((len(spool.after(0, 10)), spool.last))
        return results

    monkeypatch.setattr(spool, "_transaction", then_nothing_for_a_while)
    spool.append(RecordKind.FINDING, [{"n": 1}])
    assert between == [(0, 0)]
    assert len(spool.after(0, 10)) == spool.last == 1


def test_many_callers_share_commits_and_each_gets_its_own_numbers(spool: Spool) -> None:
    got: list[tuple[int, int]] = []

    def work(caller: int) -> None:
        for _ in range(25):
            numbers = spool.append(RecordKind.FINDING, [{"caller": caller}] * 2)
            got.extend((seq, caller) for seq in numbers)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = [(r.seq, r.body["caller"]) for r in spool.after(0, 1000)]
    assert stored == sorted(got)
    assert [seq for seq, _ in stored] == list(range(1, 401))


def test_a_full_disk_is_told_to_the_caller_and_nothing_is_lost(path: Path, clock: SimClock) -> None:
    spool = Spool(path, "w", clock, max_pages=16)
    kept: list[int] = []

    def go_on() -> None:
        while True:
            kept.extend(spool.append(RecordKind.FINDING, [{"text": "x" * 3000}]))

    with pytest.raises(Retryable) as caught:
        go_on()
    assert caught.value.code == "spool_full"
    assert len(kept) > 3
    assert [r.seq for r in spool.after(0, 999)] == kept
    with pytest.raises(Retryable):  # the caller tries again: still full
        spool.append(RecordKind.FINDING, [{"text": "x" * 3000}])
    spool.trim(kept[-1])  # the centre acknowledged: there is room again
    assert spool.append(RecordKind.FINDING, [{"text": "x" * 3000}]) == [kept[-1] + 1]
    spool.close()


def test_one_job_too_large_does_not_take_the_others_with_it(path: Path, clock: SimClock) -> None:
    spool = Spool(path, "w", clock, max_pages=64)
    outcomes: dict[str, object] = {}

    def put(name: str, size: int) -> None:
        try:
            outcomes[name] = len(spool.append(RecordKind.FINDING, [{"text": "x" * size}]))
        except Retryable as error:
            outcomes[name] = error.code

    blocker = sqlite3.connect(path)
    blocker.execute("BEGIN IMMEDIATE")  # so that both wait in one group
    threads = [threading.Thread(target=put, args=job) for job in (("big", 900_000), ("small", 10))]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.1)
    blocker.execute("ROLLBACK")
    blocker.close()
    for thread in threads:
        thread.join()
    assert outcomes == {"big": "spool_full", "small": 1}
    spool.close()


def test_a_damaged_file_is_set_aside_aloud(
    path: Path, clock: SimClock, caplog: pytest.LogCaptureFixture
) -> None:
    first = Spool(path, "w", clock)
    first.append(RecordKind.FINDING, [{}])
    first.close()
    path.write_bytes(b"this is no database" * 300)
    second = Spool(path, "w", clock)
    assert second.set_aside is not None
    assert second.set_aside.read_bytes().startswith(b"this is no database")
    assert "spool_corrupt" in caplog.text
    assert second.producer != first.producer
    assert second.append(RecordKind.FINDING, [{}]) == [1]
    second.close()


def test_a_damaged_page_is_found_at_the_start(path: Path, clock: SimClock) -> None:
    first = Spool(path, "w", clock)
    first.append(RecordKind.FINDING, [{"text": "x" * 2000} for _ in range(50)])
    first.close()
    raw = bytearray(path.read_bytes())
    raw[3 * 4096 : 5 * 4096] = b"\xa5" * 8192
    path.write_bytes(raw)
    second = Spool(path, "w", clock)
    assert second.set_aside is not None
    second.close()


def test_two_processes_do_not_share_one_spool(spool: Spool, path: Path, clock: SimClock) -> None:
    with pytest.raises(Retryable) as caught:
        Spool(path, "w", clock)
    assert caught.value.code == "spool_in_use"


def test_after_the_end_the_caller_is_told(path: Path, clock: SimClock) -> None:
    spool = Spool(path, "w", clock)
    spool.close()
    with pytest.raises(Retryable) as caught:
        spool.append(RecordKind.FINDING, [{}])
    assert caught.value.code == "spool_closed"


def test_a_commit_wakes_the_sender(spool: Spool) -> None:
    assert not spool.wake.is_set()
    spool.append(RecordKind.FINDING, [{}])
    assert spool.wake.is_set()


def test_half_a_surrogate_pair_is_refused_and_the_spool_goes_on(spool: Spool) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        spool.append(RecordKind.FINDING, [{"facts": "\ud83d"}])
    assert spool.append(RecordKind.FINDING, [{"facts": "\U0001f525"}]) == [1]
