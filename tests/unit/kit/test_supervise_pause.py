"""How a loop rests between its turns: one wait, cut short by its wake-up or the end."""

from __future__ import annotations

import threading
import time

from hub.kit.clock import RealClock, SimClock
from hub.kit.supervise import Backoff, Supervisor


class CountingClock(RealClock):
    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        return super().wait(event, timeout_s)


def test_a_pause_is_one_wait_and_the_end_cuts_it_short() -> None:
    clock = CountingClock()
    supervisor = Supervisor(clock)
    own_stop, wake, turns = threading.Event(), threading.Event(), threading.Semaphore(0)

    def step() -> float:
        turns.release()
        return 30.0

    supervisor.loop("plain", step)
    supervisor.loop("with a stop of its own", step, stop=own_stop)
    supervisor.loop("with a wake-up", step, wake=wake)
    for _ in range(3):
        assert turns.acquire(timeout=20.0)
    began = time.monotonic()
    assert supervisor.stop(20.0) == []
    assert time.monotonic() - began < 10.0, "not the thirty seconds of the pause"
    assert clock.waits == [30.0] * 3


def test_a_wake_up_cuts_a_pause_short() -> None:
    supervisor = Supervisor(RealClock())
    wake, turns = threading.Event(), threading.Semaphore(0)

    def step() -> float:
        turns.release()
        return 30.0

    supervisor.loop("waits for news", step, wake=wake)
    for _ in range(3):
        assert turns.acquire(timeout=20.0)
        wake.set()
    assert supervisor.stop(5.0) == []


def test_a_loop_stopped_alone_leaves_the_others_running() -> None:
    supervisor = Supervisor(RealClock())
    own_stop, turned = threading.Event(), threading.Event()

    def step() -> float:
        turned.set()
        return 30.0

    thread = supervisor.loop("one camera", step, stop=own_stop)
    other = supervisor.loop("another", lambda: 30.0)
    assert turned.wait(5.0)
    own_stop.set()
    thread.join(5.0)
    assert not thread.is_alive()
    assert other.is_alive()
    assert supervisor.stop(5.0) == []


def test_after_a_failure_a_wake_up_does_not_shorten_the_pause() -> None:
    """Redis is away: each finding wakes the sender, which must not hammer at the door."""
    clock = SimClock()
    supervisor = Supervisor(clock)
    wake, seen = threading.Event(), []

    def step() -> float:
        seen.append(clock.monotonic())
        wake.set()
        if len(seen) == 3:
            supervisor.stopping.set()
        raise ConnectionError("away")

    supervisor.loop("send", step, wake=wake, backoff=Backoff(first_s=1.0)).join(5.0)
    assert len(seen) == 3
    assert seen[1] - seen[0] >= 0.5
    assert seen[2] - seen[1] >= 1.0
