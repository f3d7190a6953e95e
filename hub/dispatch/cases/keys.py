"""Each thing once, however often it is sent: the first answer under a key is the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.kit.errors import Conflict


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody does under an idempotency key.

    `subject` is what it is done to: an incident, an approval, or who reports. `said` stands for all
    that was said with it (`digest`): a repeat says the same.
    """

    key: str
    subject: str
    verb: str
    by: str
    at: float
    said: str | None = None


def digest(body: str) -> str:
    """What stands for the body of a request."""
    return hashlib.sha256(body.encode()).hexdigest()


def once(tx: Connection, deed: Deed, do: Callable[[], str]) -> str:
    """The answer to the deed: of the first time, if there was one.

    The key is claimed before anything is done, so that the same request at the same moment waits
    for the first and then gets its answer. Raises Conflict (`key_reused`).
    """
    if cases.claim_key(tx, deed.key, deed.subject, deed.verb, deed.by, deed.at, deed.said):
        answer = do()
        cases.keep_answer(tx, deed.key, answer)
        return answer
    first = cases.deed(tx, deed.key)
    same = (first.subject, first.verb, first.actor) == (deed.subject, deed.verb, deed.by)
    if not same or (None not in (first.said, deed.said) and first.said != deed.said):
        raise Conflict(f"key {deed.key!r} was used for something else", code="key_reused")
    return str(first.result)
