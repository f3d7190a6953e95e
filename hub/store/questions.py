"""A question from one process to another over Redis: answered within a limit, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import redis

from hub.kit.clock import Clock
from hub.kit.errors import Retryable
from hub.kit.ids import random_id

Body = dict[str, Any]

WAITING_MAX = 64
"""Questions that may wait for one process; older ones are dropped (their askers gave up)."""
ANSWER_KEPT_S = 30


class Questions:
    """`ask` waits for the answer of the process called `name`; `serve` is that process's step."""

    def __init__(self, client: redis.Redis, clock: Clock) -> None:
        self._redis = client
        self._clock = clock

    def ask(self, name: str, topic: str, body: Body, timeout_s: float) -> Body:
        """The answer. Raises Retryable (`no_answer`) when none came, or Redis is gone."""
        question = random_id()
        until = self._clock.now() + timeout_s
        text = json.dumps({"id": question, "topic": topic, "body": body, "until": until})
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.rpush(f"hub:ask:{name}", text)
                pipe.ltrim(f"hub:ask:{name}", -WAITING_MAX, -1)
                pipe.execute()
            reply = self._redis.blpop([f"hub:answer:{question}"], timeout=timeout_s)
        except redis.RedisError as error:
            raise Retryable(f"cannot ask {name}: {error}", code="no_answer") from error
        if not isinstance(reply, list | tuple):
            raise Retryable(f"{name} did not answer within {timeout_s:.0f} s", code="no_answer")
        answer: Body = json.loads(reply[1])
        return answer

    def serve(self, name: str, answer: Callable[[str, Body], Body], block_s: float) -> float:
        """Answer one waiting question, or none within `block_s`; a late one is passed over."""
        try:
            entry = self._redis.blpop([f"hub:ask:{name}"], timeout=block_s)
            if not isinstance(entry, list | tuple):
                return 0.0
            question = json.loads(entry[1])
            if question["until"] >= self._clock.now():
                key = f"hub:answer:{question['id']}"
                with self._redis.pipeline(transaction=True) as pipe:
                    pipe.rpush(key, json.dumps(answer(question["topic"], question["body"])))
                    pipe.expire(key, ANSWER_KEPT_S)
                    pipe.execute()
        except redis.RedisError as error:
            raise Retryable(f"redis: {error}", code="redis_gone") from error
        return 0.0
