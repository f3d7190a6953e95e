"""The example program as a process of its own, and the commands `hub dispatch …`."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.cli import dispatch
from hub.dispatch.queue import Queue
from hub.dispatch.relay import RELAY_BACKOFF, Relay
from hub.kit.clock import RealClock
from hub.kit.errors import Misconfigured, NotFound
from hub.kit.supervise import Supervisor
from hub.store.db import Database
from hub.types.work import TaskState
from tests.integration.dispatch_desk import CENTRE, Desk, Hub

EXAMPLE = Path(__file__).parents[2] / "examples/centre_consumer.py"


def url_of(client: redis.Redis) -> str:
    return f"unix://{client.connection_pool.connection_kwargs['path']}"


def consumer(client: redis.Redis, out: Path, *more: str) -> subprocess.Popen[bytes]:
    options = ["--url", url_of(client), "--centre", CENTRE.id, "--out", str(out), *more]
    return subprocess.Popen([sys.executable, str(EXAMPLE), *options])


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def wait_for(condition: Any, limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)


@pytest.fixture
def running(db: Database, valkey: redis.Redis) -> Iterator[Hub]:
    """A hub whose relay runs on the real clock, as in the centre."""
    hub = Hub(db, valkey)
    relay = Relay(db, Queue(valkey, CENTRE), RealClock(), hub.config, fence=lambda tx: None)
    supervisor = Supervisor(RealClock())
    supervisor.loop("relay", relay.step, backoff=RELAY_BACKOFF)
    yield hub
    assert not supervisor.stop()


def test_a_process_that_is_not_ours_gets_everything_across_a_wipe_and_a_crash(
    running: Hub, valkey: redis.Redis, tmp_path: Path
) -> None:
    out = tmp_path / "desk.jsonl"
    first = consumer(valkey, out, "--name", "desk")
    filed = running.file_alerts(12)
    wait_for(lambda: not running.open())
    valkey.flushall()
    running.file_alerts(3)
    wait_for(lambda: not running.open())
    first.send_signal(signal.SIGKILL)
    first.wait()
    with out.open("a", encoding="utf-8") as cut:
        cut.write('{"task_id": "half a li')
    filed = running.file_alerts(4)
    second = consumer(valkey, out, "--name", "desk", "--receipts", "--reclaim-after", "1")
    wait_for(lambda: running.states() >= {TaskState.ACCEPTED.value} and not running.open())
    second.terminate()
    assert second.wait(30) == 0
    got = lines(out)
    assert sorted(line["task_id"] for line in got) == sorted(filed)  # each exactly once
    assert all(line["message"]["grid"]["path"] for line in got)
    assert all(line["received_at"] for line in got)


def test_it_takes_over_what_a_colleague_dropped_and_ends_by_itself(
    running: Hub, valkey: redis.Redis, tmp_path: Path
) -> None:
    filed = running.file_alerts(3)
    colleague = Desk(valkey, "colleague")
    wait_for(lambda: colleague.read(ack=False))
    out = tmp_path / "desk.jsonl"
    desk = consumer(valkey, out, "--reclaim-after", "0.1", "--exit-after", "3")
    assert desk.wait(60) == 0
    assert {line["task_id"] for line in lines(out)} == filed
    wait_for(lambda: not running.open())


def test_acknowledgement_is_seen_soon_by_the_wall_clock(running: Hub, valkey: redis.Redis) -> None:
    desk = Desk(valkey)
    running.file(1)
    wait_for(lambda: desk.read())
    acked = time.time()
    wait_for(lambda: not running.open())
    (row,) = running.rows()
    # Within a second says the relay's test on its own clock; a busy machine may stumble here.
    assert row.acked_at - acked <= 4.0


def run(client: redis.Redis, *words: str) -> int:
    parser = argparse.ArgumentParser()
    dispatch.register(parser.add_subparsers())
    args = parser.parse_args(["dispatch", *words, "--url", url_of(client)])
    code: int = args.run(args)
    return code


def test_tail_prints_without_consuming(
    db: Database, valkey: redis.Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, desk = Hub(db, valkey), Desk(valkey)
    relay = hub.relay()
    filed = hub.file_alerts(3)
    relay.turn()
    assert run(valkey, "tail", "--seconds", "0.1") == 0
    assert capsys.readouterr().out == ""  # only what comes from now on
    assert run(valkey, "tail", "--seconds", "0.1", "--all") == 0
    told = capsys.readouterr().out
    assert all(task_id in told for task_id in filed)
    assert "370682100000000 > 370682100201000 > 370682100201003" in told
    assert run(valkey, "tail", "--seconds", "0.1", "--all", "--json") == 0
    bodies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {body["task_id"] for body in bodies} == filed
    hub.settle(relay, desk)
    assert desk.task_ids == filed


def test_ack_takes_single_tasks_and_hands_the_others_back(
    db: Database, valkey: redis.Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, desk = Hub(db, valkey), Desk(valkey)
    relay = hub.relay()
    hub.file_alerts(4)
    relay.turn()
    first, second, third, fourth = [row.task_id for row in hub.rows()]
    desk.read(1, ack=False)
    assert run(valkey, "ack", first, third) == 0
    relay.turn()
    assert sorted(hub.open()) == sorted([second, fourth])
    assert run(valkey, "list") == 0
    shown = capsys.readouterr().out
    assert "acknowledged" in shown
    assert run(valkey, "ack", "no-such-task") == 1
    desk.got.clear()
    desk.redis.xautoclaim(CENTRE.stream, CENTRE.group, "desk", 10**8)
    desk.reclaim(ack=True)
    hub.settle(relay, desk)
    assert desk.task_ids == {second, fourth}


def test_what_is_not_there_is_named(valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="no queue"):
        run(valkey, "tail")
    with pytest.raises(NotFound, match="nowhere"):
        run(valkey, "list", "--centre", "nowhere")
    monkeypatch.delenv("REDIS_URL", raising=False)
    parser = argparse.ArgumentParser()
    dispatch.register(parser.add_subparsers())
    args = parser.parse_args(["dispatch", "list"])
    with pytest.raises(Misconfigured):
        args.run(args)
