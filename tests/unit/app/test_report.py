"""The numbers of the demo's report: the ledger by sets of ids, latencies, quantiles."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hub.app.demo.report import SendLog, consumed_times, latencies_ms, ledger_entry, quantiles
from hub.store.spooled import Spooled
from hub.types.finding import RuleKind
from hub.types.scene import SourceKind
from tests.unit.alerts.desk import alert

SPOOLED = Spooled(findings=frozenset({"w:1", "w:2", "w:4"}), last={"w": 4, "api": 7})


def test_a_ledger_that_adds_up() -> None:
    entry = ledger_entry(
        SPOOLED, {"opened": {"w:1", "api:7/smoke"}, "merged": {"w:2"}, "muted": {"w:4"}}
    )
    assert entry == {
        "findings": 4,
        "opened": 2,
        "merged": 1,
        "muted": 1,
        "rejected": 0,
        "missing": 0,
        "unexpected": 0,
    }


@pytest.mark.parametrize(
    ("spooled", "settled", "missing", "unexpected"),
    [
        (SPOOLED, {"w:1", "w:2"}, 1, 0),
        (replace(SPOOLED, unread=frozenset({"api:7"})), {"w:1", "w:2", "w:4"}, 1, 0),
        (SPOOLED, {"w:1", "w:2", "w:4", "w:5"}, 0, 1),
        (SPOOLED, {"w:1", "w:2", "w:4", "api:8/smoke"}, 0, 1),
        (SPOOLED, {"w:1", "w:2", "w:4", "other:1/smoke"}, 0, 1),
        (SPOOLED, {"w:1", "w:2", "w:4", "api:3/smoke~2"}, 0, 0),
    ],
    ids=["lost", "reading not taken", "invented", "beyond its spool", "stranger", "derived"],
)
def test_what_is_missing_and_what_nobody_committed(
    spooled: Spooled, settled: set[str], missing: int, unexpected: int
) -> None:
    entry = ledger_entry(spooled, {"opened": settled})
    assert (entry["missing"], entry["unexpected"]) == (missing, unexpected)


def test_quantiles_by_the_nearest_rank() -> None:
    assert quantiles([]) == {"p50": None, "p90": None, "max": None, "n": 0}
    assert quantiles([7.0]) == {"p50": 7.0, "p90": 7.0, "max": 7.0, "n": 1}
    assert quantiles([float(n) for n in range(10, 0, -1)]) == {
        "p50": 5.0,
        "p90": 9.0,
        "max": 10.0,
        "n": 10,
    }


def test_latency_counts_from_the_frame_that_tipped_the_scale(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    frames = [
        {"camera": "cam", "stream": "sub", "sent_at": 99.9},
        {"camera": "cam", "stream": "sub", "sent_at": 102.005},
        {"camera": "cam", "stream": "sub", "sent_at": 102.3},
        {"camera": "cam", "stream": "main", "sent_at": 102.0},
        {"camera": "other", "stream": "sub", "sent_at": 102.0},
        {"event": "begin", "at": 90.0},
    ]
    path.write_text("".join(json.dumps(frame) + "\n" for frame in frames), "utf-8")
    log = SendLog(path)
    seen = replace(alert(), id="seen", source="cam", captured_at=100.0, dwell_s=2.0, group_wait_s=0)
    waited = replace(seen, id="waited", group_wait_s=10.0)
    unsent = replace(seen, id="unsent")
    smoke = replace(
        seen,
        id="smoke",
        source="attic",
        source_kind=SourceKind.SENSOR,
        rule_kind=RuleKind.SENSOR_THRESHOLD,
        picture_point=None,
    )
    queued = {"seen": 102.505, "waited": 113.005, "smoke": 102.25}
    found = latencies_ms([seen, waited, unsent, smoke], queued, log)
    assert [round(each, 3) for each in found] == [500.0, 1000.0, 250.0]
    assert SendLog(tmp_path / "no such file").last_before("cam", 200.0) is None
    assert log.last_before("cam", 99.0) is None


def test_a_task_counts_from_its_first_reading(tmp_path: Path) -> None:
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "missing.jsonl"]
    line = '{{"task_id": "{}", "received_at": "2026-01-01T00:00:0{}+00:00"}}\n'
    files[0].write_text(line.format("t1", 1) + line.format("t1", 5), "utf-8")
    files[1].write_text(line.format("t2", 2), "utf-8")
    times = consumed_times(files)
    assert times["t2"] - times["t1"] == 1.0
