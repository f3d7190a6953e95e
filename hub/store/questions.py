"""A question from one process to another over Redis: answered within a limit, or not at all.

The answer is published, never stored: what a worker remembers of the last minutes (tracks) must
not come to lie in Redis' append-only file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import redis
from redis.client import PubSub

from hub.kit.clock import Clock
from hub.kit.errors import Retryable
from hub.kit.ids import random_id

Body = dict[str, Any]

WAITING_MAX = 64
"""Questions that may wait for one process; older ones are dropped (their askers gave up)."""


class Questions:
    """`ask` waits for the answer of the process called `name`; `serve` is that process's step."""

    def __init__(self, client: redis.Redis, clock: Clock) -> None:
        self._redis = client
        self._clock = clock

    def ask(self, name: str, topic: str, body: Body, timeout_s: float) -> Body:
        """The answer. Raises Retryable (`no_answer`) when none came, or Redis is gone."""
        question, now = random_id(), self._clock.now()
        text = json.dumps({"id": question, "topic": topic, "body": body, "until": now + timeout_s})
        try:
            with self._redis.pubsub() as ear:  # type: ignore[no-untyped-call]
                ear.subscribe(_answers(question))
                ear.get_message(timeout=timeout_s)  # from now on no answer passes unheard
                self._redis.rpush(f"hub:ask:{name}", text)
                self._redis.ltrim(f"hub:ask:{name}", -WAITING_MAX, -1)
                answer = self._heard(ear, self._clock.monotonic() + timeout_s)
        except redis.RedisError as error:
            raise Retryable(f"cannot ask {name}: {error}", code="no_answer") from error
        if answer is None:
            raise Retryable(f"{name} did not answer within {timeout_s:.0f} s", code="no_answer")
        return answer

    def _heard(self, ear: PubSub, until: float) -> Body | None:
        while (left_s := until - self._clock.monotonic()) > 0:
            message = ear.get_message(ignore_subscribe_messages=True, timeout=left_s)
            if message is not None and message["type"] == "message":
                answer: Body = json.loads(message["data"])
                return answer
        return None

    def serve(self, name: str, answer: Callable[[str, Body], Body], block_s: float) -> float:
        """Answer one waiting question, or none within `block_s`; a late one is passed over."""
        try:
            entry = self._redis.blpop([f"hub:ask:{name}"], timeout=block_s)
            if not isinstance(entry, list | tuple):
                return 0.0
            question = json.loads(entry[1])
            if question["until"] >= self._clock.now():
                told = json.dumps(answer(question["topic"], question["body"]))
                self._redis.publish(_answers(question["id"]), told)
        except redis.RedisError as error:
            raise Retryable(f"redis: {error}", code="redis_gone") from error
        return 0.0


def _answers(question: str) -> str:
    return f"hub:answer:{question}"
