"""The wall's bench: its judgement, and that the bare loop writes what it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.wall import Pair, sending, table


def pair(hub: float, bare: float, first_s: float = 0.3) -> Pair:
    return Pair(hub, bare, 173.0, first_s, 0.1, 0)


def test_the_medians_are_judged_and_the_worst_first_picture() -> None:
    judged = sending([pair(0.03, 0.02), pair(0.04, 0.02), pair(0.30, 0.02, first_s=1.4)])
    assert [(j.value, j.holds) for j in judged] == [(2.0, True), (0.04, True), (1.4, False)]
    assert table([pair(0.03, 0.02)]).row_count == 1


def test_too_dear_does_not_hold() -> None:
    assert [j.holds for j in sending([pair(0.07, 0.02)])] == [False, False, True]


def test_the_bare_loop_writes_every_message_to_every_socket(tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    trace.write_text(json.dumps([[0.0, 1000], [0.04, 5000], [0.08, 100_000]]), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bench.wall_floor", str(trace), "3"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said = json.loads(done.stdout)
    assert said["bytes"] == 3 * 106_000
    assert said["seconds"] >= 0.08
    assert said["cpu_s"] >= 0.0
