"""The api's side of the relay: one connection to one worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from hub.kit.errors import Retryable
from hub.live import wire
from hub.live.channel import Channel
from hub.live.items import Fault
from hub.live.wire import Asked, Carried, Info, Key

BUFFER_BYTES = 1 << 20
AGAIN_S = 0.1


class Link:
    """Asks one worker for streams and hands them to their channels. One event loop.

    `step` is one connection's life, for kit.supervise; what is wanted is asked for again on each.
    """

    def __init__(self, address: str, on_fault: Callable[[Channel, Fault], None]) -> None:
        self.address = address
        self._on_fault = on_fault
        self._channels: dict[Key, Channel] = {}
        self._by_number: dict[int, Channel] = {}
        self._writer: asyncio.StreamWriter | None = None

    @property
    def idle(self) -> bool:
        """Nobody wants anything of this worker."""
        return not self._channels

    def open(self, channel: Channel) -> None:
        """Ask for a stream, now and whenever the connection is made anew."""
        self._channels[channel.key] = channel
        self._ask(channel.key, wanted=True)

    def close(self, channel: Channel) -> None:
        """It is not wanted any more; nothing of it comes from the return on."""
        if self._channels.pop(channel.key, None) is not None:
            self._by_number = {n: c for n, c in self._by_number.items() if c is not channel}
            self._ask(channel.key, wanted=False)

    def _ask(self, key: Key, *, wanted: bool) -> None:
        if self._writer is not None:
            self._writer.write(wire.asked(Asked(key, wanted)))

    async def step(self) -> float:
        """Connect and read to the end. Raises Retryable where nobody answers."""
        try:
            reader, writer = await self._connect()
        except OSError as error:
            self._lost("the worker does not answer")
            raise Retryable(f"{self.address}: {error}", code="worker_gone") from None
        try:
            self._writer = writer
            for key in self._channels:
                self._ask(key, wanted=True)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    length = wire.length_of(await reader.readexactly(wire.LENGTH.size))
                    self._heed(await reader.readexactly(length))
        finally:
            self._writer = None
            self._by_number = {}
            writer.close()
            self._lost("the worker has gone")
        return AGAIN_S

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            return await asyncio.open_unix_connection(place, limit=BUFFER_BYTES)
        host, _, port = place.rpartition(":")
        return await asyncio.open_connection(host, int(port), limit=BUFFER_BYTES)

    def _heed(self, message: bytes) -> None:
        told = wire.read_told(message)
        if isinstance(told, Carried):
            # What was under way when its stream was dropped belongs to nobody.
            if (channel := self._by_number.get(told.stream)) is not None:
                channel.take(told)
        elif (channel := self._channels.get(told.key)) is None:
            return
        elif isinstance(told, Info):
            self._by_number = {n: c for n, c in self._by_number.items() if c is not channel}
            self._by_number[told.stream] = channel
            channel.describe(told.info)
        else:
            self._on_fault(channel, told.fault)

    def _lost(self, why: str) -> None:
        for channel in self._channels.values():
            channel.tell(Fault("worker_gone", why))
