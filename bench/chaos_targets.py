"""What is killed, and how one sees that it is back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import psutil
from sqlalchemy import select

from bench.chaos_crew import Crew
from hub.app.run import Hub
from hub.kit.errors import Retryable
from hub.store.db import Database
from hub.store.stream import Heartbeats, connect, named_errors
from hub.store.tables.ops import leases

WORKER = "worker-0"
PRODUCER = "producer"
QUEUES = ("valkey", "redis wiped")
"""Targets that hold the queue: only they can take acknowledgements along."""


@dataclass(frozen=True, slots=True)
class Target:
    """`alive` gives the pid while the process runs, `strike` harms it, `life` changes with each
    start that has got as far as working, None while it does not work."""

    name: str
    alive: Callable[[], object | None]
    strike: Callable[[], None]
    life: Callable[[], object | None]


def kill(pid: int | None) -> None:
    """SIGKILL, to a process of ours."""
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def targets(hub: Hub, crew: Crew, db: Database, address: str) -> list[Target]:
    """All of them; a Redis that is not ours is not killed but wiped."""
    client = connect(hub.setup.redis_url or "", timeout_s=1.0)
    beats = Heartbeats(client)
    web = httpx.Client(timeout=2.0)

    def role(name: str) -> int | None:
        pid = hub.engine.pids[name]
        return pid if _runs(pid) else None

    def worker_life() -> object | None:
        try:
            body = beats.all().get(WORKER)
        except Retryable:
            return None
        return body["pid"] if body and body["pid"] == role(WORKER) else None

    def centre_life() -> object | None:
        with db.read() as tx:
            token: int | None = tx.execute(select(leases.c.token)).scalar_one_or_none()
        return token

    def api_life() -> object | None:
        try:
            answer = web.get(f"{address}/healthz")
        except httpx.TransportError:
            return None
        return role("api") if answer.status_code == httpx.codes.OK else None

    def queue_life() -> object | None:
        try:
            with named_errors():
                return str(client.info("server")["run_id"])
        except Retryable:
            return None

    def wipe() -> None:
        with named_errors():
            client.flushall()

    found = [
        Target("worker", lambda: role(WORKER), lambda: kill(role(WORKER)), worker_life),
        Target("centre", lambda: role("centre"), lambda: kill(role("centre")), centre_life),
        Target("api", lambda: role("api"), lambda: kill(role("api")), api_life),
        Target(
            PRODUCER,
            lambda: crew.pid(PRODUCER),
            lambda: kill(crew.pid(PRODUCER)),
            lambda: crew.pid(PRODUCER),
        ),
    ]
    if hub.valkey_pid is None:
        return [*found, Target(QUEUES[1], queue_life, wipe, lambda: None)]
    return [
        *found,
        Target(QUEUES[0], lambda: hub.valkey_pid, lambda: kill(hub.valkey_pid), queue_life),
    ]


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
