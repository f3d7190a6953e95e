"""The api's side of the relay: one connection to one worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hub.kit.errors import Retryable
from hub.live import wire
from hub.live.channel import Channel
from hub.live.items import Fault
from hub.live.wire import Asked, Carried, Info, Key

AGAIN_S = 0.1
ROOM_BYTES = 256 << 10
ROOMS_MAX = 16
"""So much is taken at once; what is beyond is taken next time, after others had their turn."""


class Inlet:
    """Takes what has come over a socket, whole messages at a time. It never waits.

    Whoever owns it calls `read` when it suits: to be woken up for each packet would cost as much
    again as the packet. `heed` must not keep what it is given: its room is used again.
    """

    def __init__(self, sock: socket.socket, heed: Callable[[memoryview], None]) -> None:
        """`sock`: connected and not blocking."""
        self._sock = sock
        self._heed = heed
        self._room = bytearray(ROOM_BYTES)
        self._held = 0

    def read(self) -> None:
        """Hand on what is there. Raises WireError, and ConnectionError when the other side left."""
        for _ in range(ROOMS_MAX):
            try:
                got = self._sock.recv_into(memoryview(self._room)[self._held :])
            except BlockingIOError:
                return
            if got == 0:
                raise ConnectionResetError("the other side has gone")
            self._held += got
            is_full = self._held == len(self._room)
            self._hand_on()
            if not is_full:
                return

    def _hand_on(self) -> None:
        """Heed the whole messages; what is begun goes to the front of a room where it fits."""
        begun = memoryview(self._room)[: self._held]
        used = 0
        for message in wire.whole(begun):
            self._heed(message)
            used += wire.LENGTH.size + len(message)
        rest = begun[used:].tobytes()
        if len(rest) >= wire.LENGTH.size:
            wanted = wire.LENGTH.size + wire.length_of(rest[: wire.LENGTH.size])
            if wanted > len(self._room):
                self._room = bytearray(wanted)
        self._room[: len(rest)] = rest
        self._held = len(rest)


class _Line:
    """A connection while it lasts. `ended` is done with it: with an error where one is to blame."""

    def __init__(self, sock: socket.socket, heed: Callable[[memoryview], None]) -> None:
        self._sock = sock
        self._inlet = Inlet(sock, heed)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def read(self) -> None:
        if self.ended.done():
            return
        try:
            self._inlet.read()
        except OSError:
            self.ended.set_result(None)
        except wire.WireError as error:
            self.ended.set_exception(error)

    def say(self, message: bytes) -> None:
        """Some hundred bytes. A worker that has not taken thousands of them is not there."""
        if self.ended.done():
            return
        try:
            whole = self._sock.send(message) == len(message)
        except OSError:
            whole = False
        if not whole:
            self.ended.set_result(None)


async def _connected(address: str) -> socket.socket:
    """Raises OSError."""
    kind, _, place = address.partition(":")
    loop = asyncio.get_running_loop()
    family: int = socket.AF_UNIX
    target: Any = place
    if kind != "unix":
        host, _, port = place.rpartition(":")
        found = await loop.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        family, _, _, _, target = found[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    with ExitStack() as unless_connected:
        unless_connected.callback(sock.close)
        await loop.sock_connect(sock, target)
        unless_connected.pop_all()
    return sock


class Link:
    """Asks one worker for streams and hands them to their channels. One event loop.

    `step` is one connection's life, for kit.supervise; what is wanted is asked for again on each.
    What the worker says is heard at `read`, which the relay calls.
    """

    def __init__(self, address: str, on_fault: Callable[[Channel, Fault], None]) -> None:
        self.address = address
        self._on_fault = on_fault
        self._channels: dict[Key, Channel] = {}
        self._by_number: dict[int, Channel] = {}
        self._line: _Line | None = None

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

    def read(self) -> None:
        """Hear what has come."""
        if self._line is not None:
            self._line.read()

    def _ask(self, key: Key, *, wanted: bool) -> None:
        if self._line is not None:
            self._line.say(wire.asked(Asked(key, wanted)))

    async def step(self) -> float:
        """Connect, and stay to the end. Raises Retryable where nobody answers."""
        try:
            sock = await _connected(self.address)
        except OSError as error:
            self._lost("the worker does not answer")
            raise Retryable(f"{self.address}: {error}", code="worker_gone") from None
        self._line = line = _Line(sock, self._heed)
        try:
            for key in self._channels:
                self._ask(key, wanted=True)
            await line.ended
        finally:
            self._line = None
            self._by_number = {}
            sock.close()
            self._lost("the worker has gone")
        return AGAIN_S

    def _heed(self, message: memoryview) -> None:
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
