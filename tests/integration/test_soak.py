"""The soak's short form: a minute of the demo's town, a few faults on every camera."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rich.console import Console

from bench.soak import Soak, judged
from bench.soak_plan import Pace, timetable
from bench.soak_town import Town
from bench.soak_verdict import Limits, recovery_table
from bench.soak_watch import recoveries
from hub.ingest.simulate import FaultKind
from hub.kit.clock import RealClock

SECONDS = 75.0
SEED = 20
SHORT = Pace(calm_s=15.0, rest_s=(13.0, 15.0), length=0.2, at_once=6)
UNPREPARED = (
    FaultKind.STALL,
    FaultKind.VANISH,
    FaultKind.GARBAGE,
    FaultKind.CLOCK_JUMP,
    FaultKind.WRONG_PASSWORD,
    FaultKind.SLOW_LINK,
)
"""Kinds that need no pictures of their own: those take minutes to encode."""
LOOSE = Limits(memory_share=0.25, memory_mib=25.0, threads=3.0, descriptors=8.0, recovery_s=None)
"""A hub a minute old still fills its rings, and a busy machine is late: the long form has the real
bounds."""
PATIENCE_S = 120.0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_camera_comes_back_and_nothing_is_held(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    kinds = dict.fromkeys(town.cameras, UNPREPARED)
    town.only_ordered(kinds)
    town.make_ready()
    orders = timetable(random.Random(SEED), kinds, SECONDS, SHORT)
    assert len(orders) >= 2 * len(kinds)
    console = Console()
    soak = Soak(town, orders, RealClock(), console)
    report = soak.run(SECONDS, PATIENCE_S)
    found = recoveries(orders, soak.seen.sights)
    console.print(recovery_table(found))
    log = town.folders.log("hub").read_text("utf-8", "replace")
    bounds = judged(soak.seen, found, report, log, town.gop_s, LOOSE)
    assert [bound for bound in bounds if not bound.holds] == []
    assert report["ledger"]["findings"] > 0
