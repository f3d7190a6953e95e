"""One HTTP call to a gateway: the address checked first, bounded in time and size, no redirects."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from hub.kit.errors import Misconfigured, Permanent, Refused, Retryable

Check = Callable[[str], str]
"""An address with its host as a number. Raises Refused, Retryable (it cannot be resolved now)."""

ANSWER_BYTES_MAX = 64 << 10
WAIT_S_MAX = 3600.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `timeout_s` bounds the whole of it."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; at most `ANSWER_BYTES_MAX` of it."""

    status: int
    body: bytes
    retry_after_s: float | None


class Caller:
    """Makes calls. `trust`: with which certificates others prove who they are."""

    def __init__(self, check: Check, trust: ssl.SSLContext | None = None) -> None:
        self._check = check
        self._trust = trust or httpx.create_ssl_context()  # read once, not for each call

    async def call(self, call: Call) -> Answer:
        """The answer, whatever its status.

        Raises Retryable (`unreachable`, `timeout`), Misconfigured (`address_refused`, `bad_call`),
        Permanent (`answer_too_long`).
        """
        try:
            async with asyncio.timeout(call.timeout_s):
                numbered = await asyncio.to_thread(self._check, call.url)
                return await self._made(call, numbered)
        except TimeoutError as error:
            raise Retryable(f"no answer within {call.timeout_s:g} s", code="timeout") from error
        except Refused as error:
            raise Misconfigured("the address is not allowed", code="address_refused") from error

    async def _made(self, call: Call, numbered: str) -> Answer:
        parts = urlsplit(call.url)
        headers = {"host": parts.netloc.rpartition("@")[2], **call.headers}
        # No proxy of the environment: the address that was checked is the one that is called.
        async with httpx.AsyncClient(
            verify=self._trust, trust_env=False, follow_redirects=False, timeout=call.timeout_s
        ) as client:
            try:
                request = client.build_request(
                    call.method,
                    numbered,
                    headers=headers,
                    content=call.content,
                    extensions={"sni_hostname": parts.hostname or ""},
                )
                answer = await client.send(request, stream=True)
                return Answer(answer.status_code, await _read(answer), _wait_of(answer))
            except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError) as error:
                raise Misconfigured("the call cannot be made", code="bad_call") from error
            except httpx.RequestError as error:
                # Its own text may name the address, and an address may hold a secret.
                told = f"unreachable ({type(error).__name__})"
                raise Retryable(told, code="unreachable") from error


async def _read(answer: httpx.Response) -> bytes:
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > ANSWER_BYTES_MAX:
            raise Permanent("the answer is too long", code="answer_too_long")
    return bytes(found)


def _wait_of(answer: httpx.Response) -> float | None:
    """`Retry-After` in seconds, an hour at most: a gateway that errs must not silence a county.

    Dates are not read.
    """
    said = answer.headers.get("retry-after", "")
    return min(float(said), WAIT_S_MAX) if said.isascii() and said.isdecimal() else None
