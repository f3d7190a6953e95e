"""Figure 9 finds what it is there to find: an alarm that is lost makes a line fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.prove import ground
from bench.prove.installation import Installation, Kind
from hub.flow import CentreStages, centre_flow
from hub.store.db import Database
from hub.store.spool import Record

Flow = Callable[[Database, CentreStages, Sequence[Record]], None]
IN_NONE = "each reports itself: cameras in no alert"


def all_lost(_db: Database, _stages: CentreStages, _records: Sequence[Record]) -> None:
    """The centre takes what cameras say of themselves, and makes nothing of it."""


def first_lost(db: Database, stages: CentreStages, records: Sequence[Record]) -> None:
    centre_flow(db, stages, records[1:])


@pytest.mark.parametrize(
    ("flow", "broken"),
    [
        (centre_flow, set()),
        (first_lost, {IN_NONE}),
        (all_lost, {IN_NONE, "each reports itself: grids without an alert"}),
    ],
)
def test_every_camera_that_vanished_is_in_an_alert_of_its_ground(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flow: Flow, broken: set[str]
) -> None:
    monkeypatch.setattr(ground, "centre_flow", flow)
    found = ground.vanish(Installation(Kind.EMBEDDED, tmp_path, ExitStack()))
    assert {line.what for line in found if not line.holds} == broken
