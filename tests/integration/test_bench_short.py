"""`make bench` in its short form: that it measures, not what comes out on a busy machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_bench_measures_the_hub_and_both_floors(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    command = [
        *(sys.executable, "-m", "bench.spine", "--pairs", "1", "--seconds", "8"),
        *("--cameras", "4", "--no-judge", "--report", str(report)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=380, env={**os.environ, "COLUMNS": "100"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "one core carries" in done.stdout
    said = json.loads(report.read_text("utf-8"))
    (pair,) = said["pairs"]
    hub = pair["hub"]
    assert set(hub["cpu_s"]) == {"worker-0", "centre", "valkey"}
    # Four cameras for eight seconds, give or take a heartbeat and a stumbling machine.
    assert 16 < hub["camera_s"] < 48
    assert 0.1 < hub["analysed"] / (hub["camera_s"] * 25) < 0.3
    assert pair["live"]["video_ms"] > 0
    assert pair["live"]["call_ms"] > 0
    assert pair["stored"]["video_ms"] > 0
    # A hub cheaper than its own floor would mean that the wrong thing was measured.
    assert pair["ratio"] > 0.5
    assert said["cameras_per_core"] >= 1
