"""The centre publishes plans that are news, and those that Redis has forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from hub.app import planner as module
from hub.app.plan import WorkerPlan
from hub.app.planner import Planner
from hub.ingest.addresses import AddressPolicy
from hub.store.stream import Plan


class Redis:
    """Plans as the store keeps them, without a server."""

    def __init__(self) -> None:
        self.held: dict[str, Plan] = {}
        self.written = 0

    def publish(self, worker: str, body: dict[str, Any]) -> Plan:
        self.written += 1
        self.held[worker] = Plan(str(hash(repr(body))), body)
        return self.held[worker]

    def version(self, worker: str) -> str | None:
        return self.held[worker].version if worker in self.held else None


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """How often plans were made, and for whom."""
    calls: list[tuple[str, ...]] = []

    def make(_snapshot: object, workers: list[str], _config: object) -> dict[str, WorkerPlan]:
        calls.append(tuple(workers))
        plan = WorkerPlan(cameras=(), brokers=(), cards=(), policy=AddressPolicy())
        return dict.fromkeys(workers, plan)

    monkeypatch.setattr(module, "make_plans", make)
    return calls


def test_an_hour_in_which_nothing_changes_costs_no_plan(
    redis: Redis, made: list[tuple[str, ...]]
) -> None:
    planner, snapshot, config = Planner(redis), object(), object()  # type: ignore[arg-type]
    for _ in range(3600):
        planner.publish(snapshot, ["worker-0"], config)  # type: ignore[arg-type]
    assert made == [("worker-0",)]
    assert redis.written == 1


def test_a_wiped_redis_knows_the_plans_at_the_next_turn(
    redis: Redis, made: list[tuple[str, ...]]
) -> None:
    planner, snapshot, config = Planner(redis), object(), object()  # type: ignore[arg-type]
    planner.publish(snapshot, ["worker-0"], config)  # type: ignore[arg-type]
    before = dict(redis.held)
    redis.held.clear()
    planner.publish(snapshot, ["worker-0"], config)  # type: ignore[arg-type]
    assert redis.held == before
    assert made == [("worker-0",)]


def test_a_register_a_configuration_or_a_worker_that_changes_is_news(
    redis: Redis, made: list[tuple[str, ...]]
) -> None:
    planner, first, second = Planner(redis), object(), object()  # type: ignore[arg-type]
    planner.publish(first, ["worker-0"], first)  # type: ignore[arg-type]
    planner.publish(second, ["worker-0"], first)  # type: ignore[arg-type]
    planner.publish(second, ["worker-0"], second)  # type: ignore[arg-type]
    planner.publish(second, ["worker-0", "worker-1"], second)  # type: ignore[arg-type]
    assert made == [("worker-0",)] * 3 + [("worker-0", "worker-1")]
    assert redis.held.keys() == {"worker-0", "worker-1"}
