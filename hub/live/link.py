"""The api's side of the relay: one connection to one worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from hub.kit.errors import Retryable
from hub.live import wire
from hub.live.channel import Channel
from hub.live.items import Fault
from hub.live.wire import Asked, Carried, Info, Key

AGAIN_S = 0.1
ROOM_BYTES = 256 << 10
GATHER_S = 0.02
"""Packets are taken so often at most: each wake-up of the process costs as much as a packet."""


class Inlet(asyncio.BufferedProtocol):
    """Takes messages off a connection and hands them on whole.

    `ended` is done when the connection is: with an error when the other side speaks another
    language (WireError), or when `heed` raised one.
    """

    def __init__(self, heed: Callable[[bytes], None]) -> None:
        self._heed = heed
        self._room = memoryview(bytearray(ROOM_BYTES))
        self._begun = bytearray()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Of asyncio: where to put what comes."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Of asyncio: so much came."""
        self._begun += self._room[:nbytes]
        if self._transport is not None and nbytes < ROOM_BYTES:
            self._transport.pause_reading()
            self._loop.call_later(GATHER_S, self._read_on, self._transport)
        try:
            for message in wire.whole(self._begun):
                self._heed(message)
        except wire.WireError as error:
            self._end(error)

    def _read_on(self, transport: asyncio.Transport) -> None:
        if not transport.is_closing():
            transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""
        self._end(None if isinstance(exc, OSError) else exc)

    def _end(self, error: Exception | None) -> None:
        if self.ended.done():
            return
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)


class Link:
    """Asks one worker for streams and hands them to their channels. One event loop.

    `step` is one connection's life, for kit.supervise; what is wanted is asked for again on each.
    """

    def __init__(self, address: str, on_fault: Callable[[Channel, Fault], None]) -> None:
        self.address = address
        self._on_fault = on_fault
        self._channels: dict[Key, Channel] = {}
        self._by_number: dict[int, Channel] = {}
        self._transport: asyncio.Transport | None = None

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
        if self._transport is not None:
            self._transport.write(wire.asked(Asked(key, wanted)))

    async def step(self) -> float:
        """Connect and read to the end. Raises Retryable where nobody answers."""
        try:
            transport, inlet = await self._connect()
        except OSError as error:
            self._lost("the worker does not answer")
            raise Retryable(f"{self.address}: {error}", code="worker_gone") from None
        try:
            self._transport = transport
            for key in self._channels:
                self._ask(key, wanted=True)
            await inlet.ended
        finally:
            self._transport = None
            self._by_number = {}
            transport.close()
            self._lost("the worker has gone")
        return AGAIN_S

    async def _connect(self) -> tuple[asyncio.Transport, Inlet]:
        loop = asyncio.get_running_loop()
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            return await loop.create_unix_connection(lambda: Inlet(self._heed), place)
        host, _, port = place.rpartition(":")
        return await loop.create_connection(lambda: Inlet(self._heed), host, int(port))

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
