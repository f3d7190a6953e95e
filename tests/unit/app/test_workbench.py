"""A backlog of evidence: bounded by what it holds in memory."""

from __future__ import annotations

import pytest

from hub.app.workbench import Workbench
from hub.kit.errors import Retryable


def nothing() -> None: ...


def test_what_would_hold_too_much_memory_is_refused_until_there_is_room() -> None:
    bench = Workbench(capacity=10, bytes_max=100)
    assert bench.offer(60, nothing)
    assert not bench.offer(60, nothing)
    bench.step()
    assert bench.offer(60, nothing)


def test_a_piece_larger_than_all_is_taken_alone() -> None:
    bench = Workbench(capacity=10, bytes_max=100)
    assert bench.offer(500, nothing)
    assert not bench.offer(1, nothing)


def test_its_number_is_bounded_too() -> None:
    bench = Workbench(capacity=2, bytes_max=100)
    assert [bench.offer(0, nothing) for _ in range(3)] == [True, True, False]


def test_work_that_must_wait_comes_first_again_and_holds_its_memory_meanwhile() -> None:
    made: list[str] = []
    troubles = iter((True, True, False))

    def first() -> None:
        if next(troubles):
            raise Retryable("the disk is full")
        made.append("first")

    bench = Workbench(capacity=10, bytes_max=100)
    bench.offer(60, first)
    bench.offer(40, lambda: made.append("second"))
    for _ in range(2):
        with pytest.raises(Retryable):
            bench.step()
    assert len(bench) == 2
    assert not bench.offer(1, nothing)
    bench.step()
    bench.step()
    assert made == ["first", "second"]
    assert bench.offer(100, nothing)


def test_work_that_fails_for_good_lets_its_memory_go() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    bench = Workbench(capacity=10, bytes_max=100)
    bench.offer(100, broken)
    with pytest.raises(ZeroDivisionError):
        bench.step()
    assert bench.offer(100, nothing)
