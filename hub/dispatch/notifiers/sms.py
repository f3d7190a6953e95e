"""An SMS gateway over HTTP: method, address, headers and body as its operator describes them.

Placeholders everywhere: `{phone}`, `{text}`, `{key}`, and each name of `secrets`.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field, field_validator

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

_TEXT_MAX = 300


class SmsConfig(ChannelConfig):
    """`secrets`: placeholder → variable of the environment. `query` is added to the address."""

    type: Literal["sms"] = "sms"
    method: Literal["POST", "GET", "PUT"] = "POST"
    url: str = Field(pattern=r"^https?://[^\s{}]+$", max_length=500)
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    encoding: Literal["json", "form"] = "json"
    secrets: dict[str, str] = Field(default_factory=dict)
    success: Success = Success()

    @field_validator("secrets")
    @classmethod
    def _are_names(cls, given: dict[str, str]) -> dict[str, str]:
        if not all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in given.values()):
            raise ValueError("secrets name variables of the environment: capitals, digits, _")
        if taken := sorted(set(given) & {"phone", "text", "key"}):
            raise ValueError(f"secrets: {', '.join(taken)} is a placeholder already")
        return given


class Sms:
    """One call a person; that the gateway took it does not say that the phone has it."""

    config: ClassVar[type[SmsConfig]] = SmsConfig
    reach: ClassVar[Reach] = Reach.PERSON
    disturbs: ClassVar[bool] = True

    def __init__(self, config: SmsConfig, tools: Tools) -> None:
        self._given = config
        self._tools = tools

    @staticmethod
    def can_reach(address: Address) -> bool:
        """Whoever left a number."""
        return bool(address.account and address.phone)

    async def send(self, letter: Letter) -> Outcome:
        """One call of the filled templates."""
        given = self._given
        secrets = {name: self._tools.secret(env) for name, env in given.secrets.items()}
        missing = tuple(given.secrets[name] for name, value in secrets.items() if not value)
        if missing:
            return Lacking(missing).outcome
        said = {"phone": letter.to.phone or "", "text": letter.text[:_TEXT_MAX], "key": letter.key}
        values = {**secrets, **said}
        query = urlencode(fill(given.query, values))
        url = f"{given.url}{'&' if '?' in given.url else '?'}{query}" if query else given.url
        kind, content = _content(given, values)
        headers = {**kind, **fill(given.headers, values)}
        call = Call(given.method, url, headers, content, given.timeout_s)
        return await attempt(self._tools.caller, call, given.success)


def _content(given: SmsConfig, values: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    if given.body is None:
        return {}, b""
    filled = fill(given.body, values)
    if given.encoding == "form":
        return {"content-type": "application/x-www-form-urlencoded"}, urlencode(filled).encode()
    return {"content-type": "application/json"}, json.dumps(filled, ensure_ascii=False).encode()
