"""What the proof is made of: faults of every kind, fail-points that kill, lines that judge."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from bench.chaos_crew import ROOT
from bench.prove.figures import Line
from bench.prove.storm import PLAIN, POINTED, plan
from bench.prove.struck import arm

PASSES = (
    "from bench.prove.struck import *; p = FailPoints(Path({!r})); p.passes('a'); p.passes('b')"
)


def test_a_hundred_faults_are_half_kills_and_half_at_points_and_none_is_left_out() -> None:
    faults = plan(100, random.Random(1))
    assert len(faults) == 100
    assert set(faults) == {*PLAIN, *POINTED}
    assert sum(fault.point is not None for fault in faults) == 50
    assert plan(100, random.Random(1)) == faults


def test_a_process_dies_at_the_point_it_is_told_and_only_once(tmp_path: Path) -> None:
    order = arm(tmp_path, "centre", "b")

    def run() -> int:
        command = [sys.executable, "-c", PASSES.format(str(order))]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    assert run() == -signal.SIGKILL
    assert not order.exists()
    assert run() == 0
    arm(tmp_path, "centre", "c")
    assert run() == 0, "a point that nobody passes kills nobody"


def test_a_line_holds_or_it_does_not() -> None:
    assert Line(1, "lost", 0, 0).holds
    assert not Line(1, "lost", 1, 0).holds
    assert Line(5, "incidents", 1, 1, exactly=True).holds
    assert not Line(5, "incidents", 0, 1, exactly=True).holds
    assert Line(1, "findings", 12_000).holds, "it only informs"
