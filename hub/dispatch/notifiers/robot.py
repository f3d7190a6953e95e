"""A group robot of an enterprise messenger: one HTTPS call a message, its body a template.

Placeholders of the body: `{text}`, `{key}`, `{severity}`, and `{mentions}`, which alone in its
string becomes the list of the numbers of those who want to be mentioned.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

from pydantic import Field

from hub.dispatch.calls import Call
from hub.dispatch.notifier import (
    Address,
    ChannelConfig,
    Lacking,
    Letter,
    Outcome,
    Reach,
    Tools,
    fill,
)
from hub.dispatch.verdicts import Success, attempt


class RobotConfig(ChannelConfig):
    """`url_env` names the variable that holds the robot's address: the key is a part of it."""

    type: Literal["robot"] = "robot"
    url_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")
    body: dict[str, Any] = Field(min_length=1)
    success: Success = Success(path="errcode", equals="0", busy=("45009",))
    per_minute: int | None = Field(default=20, ge=1, le=10_000)


class Robot:
    """Speaks into one group; that it was taken does not say that anybody has read it."""

    config: ClassVar[type[RobotConfig]] = RobotConfig
    reach: ClassVar[Reach] = Reach.GROUP
    disturbs: ClassVar[bool] = True

    def __init__(self, config: RobotConfig, tools: Tools) -> None:
        self._given = config
        self._tools = tools

    @staticmethod
    def can_reach(address: Address) -> bool:
        """It is for its group."""
        return not address.account

    async def send(self, letter: Letter) -> Outcome:
        """One POST of the filled template."""
        url = self._tools.secret(self._given.url_env)
        if not url:
            return Lacking((self._given.url_env,)).outcome
        values = {
            "text": letter.text,
            "key": letter.key,
            "severity": letter.severity.value,
            "mentions": list(letter.mentions),
        }
        body = json.dumps(fill(self._given.body, values), ensure_ascii=False).encode()
        headers = {"content-type": "application/json; charset=utf-8"}
        call = Call("POST", url, headers, body, self._given.timeout_s)
        return await attempt(self._tools.caller, call, self._given.success)
