"""The api's side of the relay: one connection to one worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from hub.kit.errors import Retryable
from hub.kit.into import Into
from hub.live import wire
from hub.live.channel import Channel
from hub.live.items import Fault
from hub.live.wire import Asked, Carried, Info, Wish

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

    def read(self) -> int:
        """Hand on what is there; so many bytes.

        Raises WireError, what `heed` raises, and ConnectionError when the other side left.
        """
        taken = 0
        for _ in range(ROOMS_MAX):
            try:
                got = self._sock.recv_into(memoryview(self._room)[self._held :])
            except BlockingIOError:
                break
            if got == 0:
                raise ConnectionResetError("the other side has gone")
            self._held += got
            taken += got
            is_full = self._held == len(self._room)
            self._hand_on()
            if not is_full:
                break
        return taken

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
    """A connection while it lasts. `ended` is done with it: with the error that ended it."""

    def __init__(self, sock: socket.socket, heed: Callable[[memoryview], None]) -> None:
        self._sock = sock
        self._inlet = Inlet(sock, heed)
        self._unsent = bytearray()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def read(self) -> int:
        if self.ended.done():
            return 0
        with Into(self.ended):
            self._send()
            return self._inlet.read()
        return 0

    def say(self, message: bytes) -> None:
        """Now as far as there is room, the rest before the next reading."""
        self._unsent += message
        if not self.ended.done():
            with Into(self.ended):
                self._send()

    def _send(self) -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]


async def _connected(address: str) -> socket.socket:
    """Raises OSError."""
    kind, _, place = address.partition(":")
    loop = asyncio.get_running_loop()
    if kind == "unix":
        return await _connected_to(socket.AF_UNIX, place)
    host, _, port = place.rpartition(":")
    found = await loop.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    for family, _, _, _, target in found[:-1]:
        with suppress(OSError):
            return await _connected_to(family, target)
    family, _, _, _, target = found[-1]
    return await _connected_to(family, target)


async def _connected_to(family: int, target: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    with ExitStack() as unless_connected:
        unless_connected.callback(sock.close)
        await asyncio.get_running_loop().sock_connect(sock, target)
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
        self._channels: dict[Wish, Channel] = {}
        self._by_number: dict[int, Channel] = {}
        self._line: _Line | None = None

    @property
    def idle(self) -> bool:
        """Nobody wants anything of this worker."""
        return not self._channels

    def open(self, channel: Channel) -> None:
        """Ask for a stream, now and whenever the connection is made anew."""
        self._channels[channel.wish] = channel
        self._ask(channel.wish, wanted=True)

    def close(self, channel: Channel) -> None:
        """It is not wanted any more; nothing of it comes from the return on."""
        if self._channels.pop(channel.wish, None) is not None:
            self._by_number = {n: c for n, c in self._by_number.items() if c is not channel}
            self._ask(channel.wish, wanted=False)

    def read(self) -> int:
        """Hear what has come; so many bytes. What goes wrong is raised by `step`."""
        return 0 if self._line is None else self._line.read()

    def _ask(self, wish: Wish, *, wanted: bool) -> None:
        if self._line is not None:
            self._line.say(wire.asked(Asked(wish, wanted)))

    async def step(self) -> float:
        """Connect, and stay to the end. Raises Retryable where nobody answers."""
        try:
            sock = await _connected(self.address)
        except OSError as error:
            self._lost("the worker does not answer")
            raise Retryable(f"{self.address}: {error}", code="worker_gone") from None
        self._line = line = _Line(sock, self._heed)
        try:
            for wish in self._channels:
                self._ask(wish, wanted=True)
            await line.ended
        except OSError:
            pass  # it has gone, as connections do
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
        elif (channel := self._channels.get(told.wish)) is None:
            return
        elif isinstance(told, Info):
            self._by_number = {n: c for n, c in self._by_number.items() if c is not channel}
            self._by_number[told.stream] = channel
            channel.begin(told.about)
        else:
            self._on_fault(channel, told.fault)

    def _lost(self, why: str) -> None:
        for channel in self._channels.values():
            channel.tell(Fault("worker_gone", why))
