"""Live push: an event of the change feed that one person alone sees, over WebSocket or SSE."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal

from hub.dispatch.notifier import (
    Address,
    ChannelConfig,
    ErrorClass,
    Letter,
    Outcome,
    Reach,
    Tools,
)
from hub.kit.errors import Retryable


class LiveConfig(ChannelConfig):
    """The bell of the pages."""

    type: Literal["live"] = "live"


class Live:
    """Writes into the feed; a reader that was away gets it when it comes back.

    It is delivered when the person acknowledges it, and disturbs nobody until then.
    """

    config: ClassVar[type[LiveConfig]] = LiveConfig
    reach: ClassVar[Reach] = Reach.PERSON
    disturbs: ClassVar[bool] = False

    def __init__(self, config: LiveConfig, tools: Tools) -> None:
        self._timeout_s = config.timeout_s
        self._post = tools.post

    @staticmethod
    def can_reach(address: Address) -> bool:
        """Whoever has an account has a bell."""
        return bool(address.account)

    async def send(self, letter: Letter) -> Outcome:
        """Write it down; the database may be busy."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.to_thread(self._post, letter)
        except (Retryable, TimeoutError):
            return Outcome(ErrorClass.RETRYABLE, words="the change feed is busy")
        return Outcome(words="in the feed")
