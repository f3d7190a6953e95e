"""Passwords in addresses never reach a log, a heartbeat or the api."""

from __future__ import annotations

import time

import pytest

from hub.kit.clock import SimClock
from hub.kit.log import redact
from hub.kit.supervise import Supervisor


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("rtsp://admin:geheim@10.0.0.7/sub", "rtsp://admin:***@10.0.0.7/sub"),
        ("rtsp://admin:p@ss@10.0.0.7/sub", "rtsp://admin:***@10.0.0.7/sub"),
        ("redis://:geheim@queue:6379/0", "redis://:***@queue:6379/0"),
        ("two: a://u:p@h/1 and b+c://u:q@h/2", "two: a://u:***@h/1 and b+c://u:***@h/2"),
        ("url=rtsp://u:p@h", "url=rtsp://u:***@h"),
        ("https://registry:443/@scope/name", "https://registry:443/@scope/name"),
        ("rtsp://10.0.0.7:554/a@b", "rtsp://10.0.0.7:554/a@b"),
    ],
)
def test_the_password_of_an_address_is_taken_out(said: str, shown: str) -> None:
    assert redact(said) == shown


def test_a_long_text_without_an_address_costs_little() -> None:
    began = time.perf_counter()
    redact("a" * 200_000)
    assert time.perf_counter() - began < 10.0, "far from growing with the square"


def test_the_last_error_of_a_loop_holds_no_password() -> None:
    supervisor = Supervisor(SimClock())

    def opens() -> None:
        raise OSError("cannot open rtsp://admin:geheim@10.0.0.7/sub")

    supervisor.attempt("cam-1", opens)
    assert supervisor.last_error == {"cam-1": "OSError: cannot open rtsp://admin:***@10.0.0.7/sub"}
