"""A worker that starts while Redis and the centre are away: it watches by the plan it kept."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from hub.app.plan import PlannedCamera, WorkerPlan
from hub.app.setup import Setup
from hub.app.worker import Worker
from hub.ingest.addresses import AddressPolicy
from hub.kit.clock import RealClock
from hub.store.spool import Spool
from hub.store.stream import Plan
from tests.integration.test_bad_models import SMOKE, red_left_half
from tests.integration.watch import planned, until
from tests.unit.analytics.graphs import card_for, two_class_yolo

pytestmark = pytest.mark.timeout(300)


def worker(folder: Path) -> Worker:
    nobody = f"unix://{folder}/nobody.sock"
    setup = Setup(
        folder, None, folder, folder / "cache", "127.0.0.1", 0, 1, "INFO",
        redis_url=nobody, database_url=None,
    )  # fmt: skip
    return Worker(setup, "worker-0", RealClock(), worn=threading.Event())


def kept_plan(folder: Path, *cameras: PlannedCamera) -> str:
    model = folder / "own.onnx"
    made = WorkerPlan(
        cameras=cameras,
        brokers=(),
        cards=(card_for(model, two_class_yolo(model), id="own"),),
        policy=AddressPolicy(schemes=("rtsp", "file")),
    )
    return json.dumps(asdict(Plan("7", made.model_dump(mode="json"))))


def plan_file(folder: Path) -> Path:
    (folder / "spool").mkdir()
    return folder / "spool" / "worker-0.plan.json"


def test_it_watches_and_keeps_its_findings(tmp_path: Path) -> None:
    url = f"file:{red_left_half(tmp_path / 'red.mp4')}"
    cam = planned("cam", url, SMOKE, model="own")
    bad = planned("bad", url, SMOKE, model="nobody")
    plan_file(tmp_path).write_text(kept_plan(tmp_path, cam, bad), "utf-8")
    alone = worker(tmp_path)
    alone.start()
    until("a finding is on its disk", lambda: alone.body()["spool_pending"])
    until("it says that Redis is away", lambda: "beat" in alone.body()["errors"])
    body = alone.body()
    said = {camera["id"]: camera for camera in body["cameras"]}
    assert body["plan"] == "7"
    assert (said["cam"]["state"], said["cam"]["analysis_error"]) == ("online", "")
    assert said["bad"]["analysis_error"].startswith("not_found: ")
    alone.stop()
    spool = Spool(tmp_path / "spool" / "worker-0.sqlite", "worker-0", RealClock())
    found = [record.body for record in spool.after(0, 100)]
    spool.close()
    assert ("cam", "smoke-seen", "opened") in {
        (f["source"], f["rule_id"], f["phase"]) for f in found
    }


def test_half_a_plan_after_a_cut_of_power_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = kept_plan(tmp_path)
    plan_file(tmp_path).write_text(text[: len(text) // 2], "utf-8")
    alone = worker(tmp_path)
    alone.start()
    assert alone.body()["cameras"] == []
    assert "cannot be read and is passed over" in caplog.text
    alone.stop()
