"""Processes of one machine: what dies comes back, what was stopped does not."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from hub.engine.local import LocalEngine, Role
from hub.kit.clock import SimClock
from hub.kit.parent import spawn_tied
from tests.harness import eventually

BRIEF = Role("brief", ("--version",))
"""A process that ends at once."""


@pytest.fixture
def engine(clock: SimClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalEngine:
    """With a program that ends as soon as it began in place of the interpreter."""
    monkeypatch.setattr(sys, "executable", "true")
    return LocalEngine(clock, tmp_path / "out.log")


def ended(engine: LocalEngine, pid: int) -> bool:
    """Whether the engine's child is gone; the engine alone may reap it."""
    return engine._children[BRIEF.name].process.poll() is not None and engine.pids["brief"] == pid


def test_who_keeps_dying_waits_longer_each_time(engine: LocalEngine, clock: SimClock) -> None:
    engine.start([BRIEF])
    for restarts, pause_s in enumerate((0.0, 2.0, 4.0)):
        pid = engine.pids["brief"]
        eventually("it has ended", partial(ended, engine, pid))
        engine.keep_running()
        if pause_s:
            clock.advance(pause_s - 0.1)
            engine.keep_running()
            assert engine.restarts["brief"] == restarts
            clock.advance(0.2)
            engine.keep_running()
        assert engine.restarts["brief"] == restarts + 1
    assert engine.stop("brief", 5.0)


def test_who_was_stopped_stays_so(engine: LocalEngine) -> None:
    engine.start([BRIEF])
    pid = engine.pids["brief"]
    eventually("it has ended", lambda: ended(engine, pid))
    assert engine.stop("brief", 5.0)
    engine.keep_running()
    assert engine.restarts["brief"] == 0


def test_a_child_lives_on_when_the_thread_that_started_it_has_ended() -> None:
    """The kernel ties it to a thread: it must be one that lives as long as the child."""
    born = []
    starter = threading.Thread(target=lambda: born.append(spawn_tied(["sleep", "60"])))
    starter.start()
    starter.join()
    [child] = born
    assert os.getpgid(child.pid) == child.pid, "a session of its own"
    with pytest.raises(TimeoutError):
        _wait(child.pid, 0.3)
    child.send_signal(signal.SIGTERM)
    assert child.wait(5.0) == -signal.SIGTERM


def _wait(pid: int, limit_s: float) -> None:
    """Returns when the process has ended. Raises TimeoutError."""
    handle = os.pidfd_open(pid)
    try:
        if not select.select([handle], [], [], limit_s)[0]:
            raise TimeoutError
    finally:
        os.close(handle)


def test_what_cannot_be_started_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        spawn_tied(["/no/such/program"])
