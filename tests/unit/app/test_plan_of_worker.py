"""Plans of a worker: one that comes while it ends, one that fails half-way."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from hub.app import worker as worker_module
from hub.app.lanes import Lanes
from hub.app.plan import PlannedCamera, WorkerPlan
from hub.app.setup import Setup
from hub.app.worker import Worker
from hub.ingest.addresses import AddressPolicy
from hub.kit.clock import SimClock
from hub.store.stream import Plan
from tests.unit.ingest.clips import camera


class Plans:
    """What the centre says, without Redis."""

    def __init__(self, _client: object) -> None:
        self.news: Plan | None = None

    def read(self, _worker: str, known: str) -> Plan | None:
        return self.news if self.news and self.news.version != known else None


class RecordedLanes(Lanes):
    """Lanes that open no camera."""

    made: list[RecordedLanes] = []  # noqa: RUF012
    refuse = False

    def __init__(self, tools: Any) -> None:
        if type(self).refuse:
            raise OSError("no more threads")
        super().__init__(tools)
        self.policy = tools.opener
        self.applied: list[int] = []
        type(self).made.append(self)

    def apply(self, cameras: Any) -> None:
        self.applied.append(len(cameras))

    def mend(self) -> None:
        self.applied.append(-1)


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(worker_module, "Plans", Plans)
    monkeypatch.setattr(worker_module, "Lanes", RecordedLanes)
    monkeypatch.setattr(RecordedLanes, "made", [])
    nobody = f"unix://{tmp_path}/nobody.sock"
    setup = Setup(
        tmp_path, None, tmp_path, tmp_path, "127.0.0.1", 0, 1, "INFO", redis_url=nobody,
        database_url=None,
    )  # fmt: skip
    return Worker(setup, "worker-0", SimClock(), worn=threading.Event())


def plan(version: str, policy: AddressPolicy = AddressPolicy(), **more: Any) -> Plan:
    made = WorkerPlan(**{"cameras": (), "brokers": (), "cards": ()} | more, policy=policy)
    return Plan(version, made.model_dump(mode="json"))


def tell(worker: Worker, news: Plan) -> None:
    plans: Any = worker._plans
    plans.news = news


def test_a_plan_that_comes_while_the_worker_ends_starts_nothing(worker: Worker) -> None:
    tell(worker, plan("1"))
    worker._look_for_plan()
    (lanes,) = RecordedLanes.made
    worker.stop()
    before = list(lanes.applied)
    tell(worker, plan("2"))
    worker._look_for_plan()
    assert lanes.applied == before
    assert RecordedLanes.made == [lanes]


def test_an_address_policy_that_could_not_be_taken_over_is_tried_again(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(worker, plan("1"))
    worker._look_for_plan()
    narrow = AddressPolicy.model_validate({"ranges": ["10.1.0.0/16"]})
    tell(worker, plan("2", narrow))
    with monkeypatch.context() as broken:
        broken.setattr(RecordedLanes, "refuse", True)
        with pytest.raises(OSError, match="threads"):
            worker._look_for_plan()
    worker._look_for_plan()
    assert len(RecordedLanes.made) == 2, "the cameras run under the new policy"
    assert worker.body()["plan"] == "2"
    worker.stop()


def test_the_plan_on_the_disk_holds_ciphertext_alone(worker: Worker, tmp_path: Path) -> None:
    known = camera(credentials={"username": "hub", "password": "geheim"})
    planned = PlannedCamera(camera=known, secret="gAAAA-ciphertext", rules=(), model=None)
    tell(worker, plan("1", cameras=(planned,)))
    worker._look_for_plan()
    kept = (tmp_path / "spool" / "worker-0.plan.json").read_text("utf-8")
    assert "gAAAA-ciphertext" in kept
    assert "geheim" not in kept
    worker.stop()
