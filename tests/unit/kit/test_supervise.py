"""What a loop that fails says, and how often."""

from __future__ import annotations

import logging
import threading

import pytest

from hub.kit.clock import RealClock, SimClock
from hub.kit.errors import Retryable
from hub.kit.supervise import Supervisor


def _refused() -> None:
    raise Retryable("wrong_password: the camera refuses")


def _stumbles() -> None:
    raise ZeroDivisionError("nobody foresaw this")


@pytest.fixture
def supervisor(clock: SimClock) -> Supervisor:
    return Supervisor(clock)


class TestACameraThatIsAwayForHours:
    def test_is_told_of_at_growing_distance(
        self, supervisor: Supervisor, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            for failures in range(1000):
                supervisor.attempt("cam-1/sub", _refused, failures)
        said = [record.getMessage() for record in caplog.records]
        assert len(said) == 10  # 1, 2, 4 … 512 in a row
        assert said[0] == "loop cam-1/sub failed (1 in a row): wrong_password: the camera refuses"
        assert supervisor.failures == {"cam-1/sub": 1000}

    def test_says_its_reason_without_a_stack_trace(
        self, supervisor: Supervisor, caplog: pytest.LogCaptureFixture
    ) -> None:
        supervisor.attempt("cam-1/sub", _refused)
        assert "Traceback" not in caplog.text
        assert "_refused" not in caplog.text

    def test_keeps_its_newest_reason_until_a_good_turn(self, supervisor: Supervisor) -> None:
        supervisor.attempt("cam-1/sub", _refused)
        assert supervisor.last_error == {
            "cam-1/sub": "Retryable: wrong_password: the camera refuses"
        }
        supervisor.attempt("cam-1/sub", lambda: None)
        assert supervisor.last_error == {}


def test_an_error_without_a_name_shows_where_it_came_from(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor.attempt("analyse", _stumbles)
    assert "Traceback" in caplog.text
    assert "_stumbles" in caplog.text


def test_a_loop_that_starts_another_while_all_end_does_not_spoil_the_end() -> None:
    supervisor = Supervisor(RealClock())
    turning = threading.Event()

    def starts_another() -> float:
        turning.set()
        supervisor.stopping.wait(20.0)
        for number in range(50):
            supervisor.loop(f"late-{number}", lambda: 0.0)
        return 0.0

    supervisor.loop("parent", starts_another)
    assert turning.wait(20.0)
    assert supervisor.stop(5.0) == []


def test_tells_what_each_loop_costs() -> None:
    supervisor, worked = Supervisor(RealClock()), threading.Event()

    def work() -> float:
        sum(range(300_000))
        worked.set()
        return 60.0

    supervisor.loop("busy", work)
    supervisor.loop("idle", lambda: 60.0)
    assert worked.wait(10.0)
    assert supervisor.stop() == []
    assert supervisor.cpu_s["busy"] > supervisor.cpu_s["idle"] >= 0.0
