"""What an HTTP answer means for a delivery: it went through, wait, give up, or mend the file."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from hub.dispatch.calls import Answer, Call, Caller
from hub.dispatch.notifier import ErrorClass, Outcome
from hub.kit.errors import HubError, Misconfigured, Permanent
from hub.types.site import Spec

_WAITS = (408, 425, 429)
_OURS = (401, 403, 404, 405)


class Success(Spec):
    """When a call went through: by its status, and where `path` is given by a value of its JSON.

    `path` has dots between its steps (`Response.code`); numbers count in lists. `equals` is the
    value as text; `busy` are values that mean: too fast, later.
    """

    status: tuple[int, ...] = Field(default=(200, 201, 202, 204), min_length=1)
    path: str | None = Field(default=None, pattern=r"^[\w-]+(\.[\w-]+)*$")
    equals: str = "0"
    busy: tuple[str, ...] = ()


ANY_2XX = Success(status=tuple(range(200, 300)))


async def attempt(
    caller: Caller, call: Call, success: Success = ANY_2XX, *, delivered: bool = False
) -> Outcome:
    """Make a call and say what became of it; `delivered`: success means that it arrived."""
    try:
        return judge(await caller.call(call), success, delivered=delivered)
    except Misconfigured as error:
        return Outcome(ErrorClass.MISCONFIGURED, words=str(error))
    except Permanent as error:
        return Outcome(ErrorClass.PERMANENT, words=str(error))
    except HubError as error:
        return Outcome(ErrorClass.RETRYABLE, words=str(error))


def judge(answer: Answer, success: Success, *, delivered: bool = False) -> Outcome:
    """What an answer means."""
    status = answer.status
    if status not in success.status:
        wait = answer.retry_after_s if status in _WAITS or status >= 500 else None
        if status == 429 and wait is None:
            wait = 60.0
        return Outcome(_class_of(status), status, f"HTTP {status}", retry_after_s=wait)
    if success.path is None:
        return Outcome(status=status, delivered=delivered)
    said = _at(answer.body, success.path)
    if said == success.equals:
        return Outcome(status=status, delivered=delivered)
    if said in success.busy:
        return Outcome(ErrorClass.RETRYABLE, status, "the receiver is busy", retry_after_s=60.0)
    # What it says is not repeated: it may quote what was sent.
    return Outcome(ErrorClass.PERMANENT, status, f"{success.path} is not {success.equals}")


def _class_of(status: int) -> ErrorClass:
    if status in _WAITS or status >= 500:
        return ErrorClass.RETRYABLE
    if 300 <= status < 400 or status in _OURS:
        return ErrorClass.MISCONFIGURED
    return ErrorClass.PERMANENT


def _at(body: bytes, path: str) -> str | None:
    """The value at a path as text, None where there is none."""
    try:
        found: Any = json.loads(body)
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return json.dumps(found) if isinstance(found, bool | dict | list) else str(found)
