"""Questions between processes: answered in time, or refused in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from hub.kit.clock import RealClock
from hub.kit.errors import Retryable
from hub.store.questions import Questions
from hub.store.stream import connect
from hub.store.valkey import EmbeddedValkey

pytestmark = pytest.mark.redis


@pytest.fixture
def questions(redis_server: redis.Redis, redis_url: str) -> Iterator[Questions]:
    client = connect(redis_url)
    yield Questions(client, RealClock())
    client.close()


def test_a_question_is_answered_by_the_process_it_names(questions: Questions) -> None:
    def answer(topic: str, body: dict[str, object]) -> dict[str, object]:
        return {"topic": topic, "twice": [body, body]}

    serving = threading.Thread(target=questions.serve, args=("worker-0", answer, 3.0))
    serving.start()
    heard = questions.ask("worker-0", "history", {"camera": "gate"}, 3.0)
    serving.join()
    assert heard == {"topic": "history", "twice": [{"camera": "gate"}] * 2}


def test_nobody_who_asks_waits_longer_than_he_said(questions: Questions) -> None:
    began = time.monotonic()
    with pytest.raises(Retryable) as caught:
        questions.ask("worker-9", "history", {}, 0.2)
    assert caught.value.code == "no_answer"
    assert time.monotonic() - began < 10.0


def test_a_question_whose_asker_gave_up_is_passed_over(questions: Questions) -> None:
    with pytest.raises(Retryable):
        questions.ask("worker-0", "history", {}, 0.05)
    asked: list[str] = []

    def answer(topic: str, _body: dict[str, object]) -> dict[str, object]:
        asked.append(topic)
        return {}

    questions.serve("worker-0", answer, 0.1)
    assert asked == []


def test_an_answer_is_nowhere_on_the_disk(
    valkey: redis.Redis, valkey_server: EmbeddedValkey
) -> None:
    """Redis keeps an append-only file; what a worker saw in the last minutes must not be in it."""
    questions = Questions(valkey, RealClock())
    serving = threading.Thread(
        target=questions.serve, args=("worker-0", lambda *_: {"seen": "tracks-of-a-minute"}, 3.0)
    )
    serving.start()
    assert questions.ask("worker-0", "history", {}, 3.0) == {"seen": "tracks-of-a-minute"}
    serving.join()
    folder = Path(str(valkey.config_get("dir")["dir"]))
    written = b""
    for _ in range(100):  # while the disk is busy it writes up to two seconds later
        written = b"".join(path.read_bytes() for path in folder.rglob("*aof*") if path.is_file())
        if b"hub:ask:worker-0" in written:
            break
        time.sleep(0.05)
    assert b"hub:ask:worker-0" in written
    assert b"tracks-of-a-minute" not in written
    assert valkey.keys("*") == []
