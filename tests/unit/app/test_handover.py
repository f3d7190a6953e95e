"""The end of a producer: it waits for the centre as long as the centre goes on, and no longer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.app.handover import STALL_S, hand_over
from hub.app.seat import take_seat
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.store.spool import RecordKind, Spool


class Acknowledging(SimClock):
    """While somebody waits, the centre acknowledges one record every `every_s`, up to `until`."""

    def __init__(self, every_s: float, until: int) -> None:
        super().__init__()
        self.spool: Spool | None = None
        self._every_s, self._until, self._next = every_s, until, every_s

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        ended = super().wait(event, timeout_s)
        assert self.spool is not None
        if self.monotonic() >= self._next and self.spool.trimmed < self._until:
            self._next += self._every_s
            self.spool.trim(self.spool.trimmed + 1)
        return ended


@pytest.fixture(params=[(5.0, 4), (5.0, 2), (0.5, 4)], ids=["slow", "dying", "quick"])
def clock_and_spool(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Acknowledging, Spool]]:
    clock = Acknowledging(*request.param)
    clock.spool = Spool(tmp_path / "s.sqlite", "w", clock)
    clock.spool.append(RecordKind.READING, [{"n": n} for n in range(4)])
    yield clock, clock.spool
    clock.spool.close()


def test_how_long_it_waits(
    request: pytest.FixtureRequest, clock_and_spool: tuple[Acknowledging, Spool]
) -> None:
    clock, spool = clock_and_spool
    left = hand_over(spool, clock, threading.Event(), 30.0)
    waited = round(clock.monotonic())
    case = request.node.callspec.id
    assert (left, waited) == {"slow": (0, 20), "dying": (2, 10 + STALL_S), "quick": (0, 2)}[case]


def test_never_beyond_its_limit(tmp_path: Path) -> None:
    clock = Acknowledging(1.0, 100)
    clock.spool = Spool(tmp_path / "s.sqlite", "w", clock)
    clock.spool.append(RecordKind.READING, [{"n": n} for n in range(100)])
    assert hand_over(clock.spool, clock, threading.Event(), 10.0) == 90
    clock.spool.close()


def test_a_seat_is_for_one_and_keeps_its_name(tmp_path: Path) -> None:
    first = take_seat(tmp_path, "centre")
    with pytest.raises(Retryable) as caught:
        take_seat(tmp_path, "centre")
    assert caught.value.code == "seat_taken"
    other = take_seat(tmp_path, "standby")
    assert other.holder != first.holder
    first.leave()
    again = take_seat(tmp_path, "centre")
    assert again.holder == first.holder
    elsewhere = take_seat(tmp_path / "another machine", "centre")
    assert elsewhere.holder != first.holder
    for seat in (again, other, elsewhere):
        seat.leave()
