"""A signed call to another system: JSON, HMAC-SHA256 over `<timestamp>.<body>`.

The receiver takes a call whose `Hub-Timestamp` is at most five minutes from its own clock and
whose `Hub-Signature` is `v1=` and the hexadecimal HMAC, and drops a `Hub-Delivery` it has seen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import ClassVar, Literal

from pydantic import Field

from hub.dispatch.calls import Call
from hub.dispatch.notifier import Address, ChannelConfig, Lacking, Letter, Outcome, Reach, Tools
from hub.dispatch.verdicts import attempt
from hub.kit.clock import iso

SCHEMA_VERSION = 1


class WebhookConfig(ChannelConfig):
    """`secret_env` names the variable of the environment that holds the shared secret."""

    type: Literal["webhook"] = "webhook"
    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=500)
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")


class Webhook:
    """One call a notice; its 2xx says that the system has it."""

    config: ClassVar[type[WebhookConfig]] = WebhookConfig
    reach: ClassVar[Reach] = Reach.GROUP
    disturbs: ClassVar[bool] = False

    def __init__(self, config: WebhookConfig, tools: Tools) -> None:
        self._given = config
        self._tools = tools

    @staticmethod
    def can_reach(address: Address) -> bool:
        """It is for a system, not for persons."""
        return not address.account

    async def send(self, letter: Letter) -> Outcome:
        """One signed POST."""
        secret = self._tools.secret(self._given.secret_env)
        if not secret:
            return Lacking((self._given.secret_env,)).outcome
        body = _body(letter)
        sent_at = str(int(self._tools.clock.now()))
        headers = {
            "content-type": "application/json",
            "hub-delivery": letter.key,
            "hub-timestamp": sent_at,
            "hub-signature": "v1=" + signature(secret, sent_at, body),
        }
        call = Call("POST", self._given.url, headers, body, self._given.timeout_s)
        return await attempt(self._tools.caller, call, delivered=True)


def signature(secret: str, sent_at: str, body: bytes) -> str:
    """HMAC-SHA256 of `<sent_at>.<body>` in hexadecimal."""
    return hmac.new(secret.encode(), sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _body(letter: Letter) -> bytes:
    told = {
        "schema_version": SCHEMA_VERSION,
        "key": letter.key,
        "severity": letter.severity.value,
        "at": iso(letter.at),
        "exercise": letter.exercise,
        "text": letter.text,
        "notices": list(letter.items),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
