"""The worker's side of the relay: one event loop on a socket, one bounded queue per link."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from hub.kit.errors import HubError, Misconfigured
from hub.kit.metrics import Metrics
from hub.live import wire
from hub.live.fmp4 import Muxer
from hub.live.items import Fault, Init
from hub.live.tap import Tap
from hub.live.wire import Asked, Form, Info, Trouble, Wish
from hub.types.media import Packet, StreamInfo

log = logging.getLogger(__name__)

LINK_BYTES_MAX = 32 << 20
"""What may wait for one api process: the last groups of pictures of a whole wall and its bursts."""

BATCH_BYTES = 64 << 10


class _Outbox:
    """Messages on their way to one api process: put in by any thread, taken by the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False

    def put(self, message: bytes, *, must: bool = False) -> bool:
        """False where there is no room; `must` is for the few small ones that are never lost."""
        with self._lock:
            if self._closed or (self._bytes + len(message) > LINK_BYTES_MAX and not must):
                return False
            first = not self._waiting
            self._waiting.append(message)
            self._bytes += len(message)
            if first:  # one wake-up for all that comes until the loop looks
                self._loop.call_soon_threadsafe(self._arrived.set)
            return True

    async def take(self) -> list[bytes]:
        """All that waits, at least one."""
        await self._arrived.wait()
        self._arrived.clear()
        with self._lock:
            taken, self._waiting = list(self._waiting), deque()
        return taken

    def sent(self, size: int) -> None:
        """So many bytes have left; only now there is room for others."""
        with self._lock:
            self._bytes -= size

    def close(self) -> None:
        """Nothing more goes in."""
        with self._lock:
            self._closed = True


class _Outlet:
    """One stream on its way to one api process; what it loses ends at a keyframe."""

    def __init__(self, number: int, wish: Wish, outbox: _Outbox, metrics: Metrics) -> None:
        self._number = number
        self._wish = wish
        self._outbox = outbox
        self._metrics = metrics
        self._lost = False

    def describe(self, info: StreamInfo) -> None:
        self._begin(info)

    def packet(self, packet: Packet) -> None:
        if not self._lost or packet.keyframe:
            message = wire.packet(self._number, packet, gap=self._lost)
            self._lost = not self._outbox.put(message)
        if self._lost:
            self._metrics.add("hub_live_dropped_packets_total", camera=self._wish.camera)

    def fault(self, fault: Fault) -> None:
        self._outbox.put(wire.trouble(Trouble(self._wish, fault)), must=True)

    def _begin(self, about: StreamInfo | Init) -> None:
        self._outbox.put(wire.info(Info(self._number, self._wish, about)), must=True)


class _MuxedOutlet(_Outlet):
    """The same as fragments. What cannot be muxed is told as a fault."""

    _muxer: Muxer | None = None

    def describe(self, info: StreamInfo) -> None:
        self._muxer = None
        try:
            muxer = Muxer(info)
            self._begin(muxer.init())
        except HubError as error:
            self.fault(Fault(error.code, str(error)))
        else:
            self._muxer = muxer

    def packet(self, packet: Packet) -> None:
        if self._muxer is not None:
            super().packet(packet._replace(data=self._muxer.fragment(packet).data))


class _Link:
    """One connected api process."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tap: Tap, metrics: Metrics
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._tap = tap
        self._metrics = metrics
        self._outbox = _Outbox()
        self._outlets: dict[Wish, _Outlet] = {}
        self._numbers = count(1)

    async def run(self) -> None:
        """Until the other side goes."""
        writing = asyncio.create_task(self._write())
        try:
            # Whichever ends first: the other side left, or takes nothing any more.
            reading = asyncio.create_task(self._read())
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._outbox.close()
            for wish, outlet in self._outlets.items():
                self._tap.drop(wish.key, outlet)
            for task in (reading, writing):
                task.cancel()
            ends = await asyncio.gather(reading, writing, return_exceptions=True)
            self._writer.close()
        for end in ends:
            if isinstance(end, wire.WireError):
                log.warning("an api process was cut off: %s", end)

    async def _read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = wire.length_of(await self._reader.readexactly(wire.LENGTH.size))
                self._heed(wire.read_asked(await self._reader.readexactly(length)))

    def _heed(self, message: Asked) -> None:
        wish = message.wish
        outlet = self._outlets.pop(wish, None)
        if outlet is not None:
            self._tap.drop(wish.key, outlet)
        if message.wanted:
            made = _MuxedOutlet if wish.form is Form.FRAGMENTS else _Outlet
            outlet = made(next(self._numbers), wish, self._outbox, self._metrics)
            self._outlets[wish] = outlet
            self._tap.want(wish.key, outlet)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                messages = await self._outbox.take()
                self._metrics.add("hub_live_messages_total", len(messages))
                for batch in _batches(messages):
                    self._writer.write(batch)
                    await self._writer.drain()
                    self._outbox.sent(len(batch))


def _batches(messages: Sequence[bytes]) -> Iterator[bytes]:
    """Joined to some tens of kilobytes: a socket's room is counted by what is written at once."""
    batch: list[bytes] = []
    size = 0
    for message in messages:
        if batch and size + len(message) > BATCH_BYTES:
            yield b"".join(batch)
            batch, size = [], 0
        batch.append(message)
        size += len(message)
    yield b"".join(batch)


class Server:
    """Gives the tap's streams to api processes. `step` serves until `stop`, for kit.supervise."""

    def __init__(self, address: str, tap: Tap, metrics: Metrics) -> None:
        """`address`: `unix:<path>` (a folder of its owner's alone), or `tcp:<host>:<port>`.

        TCP asks nobody who they are: for a closed network between machines of one hub only.
        """
        self._address = address
        self._tap = tap
        self._metrics = metrics
        self._lock = threading.Lock()
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._links: set[asyncio.Task[None]] = set()

    def step(self) -> float:
        """Serve until `stop`. Raises OSError where the address cannot be had."""
        asyncio.run(self._serve())
        return 0.0

    def stop(self) -> None:
        """End `step`; from any thread."""
        with self._lock:
            self._stopped = True
            if self._loop is not None and self._end is not None:
                self._loop.call_soon_threadsafe(self._end.set)

    async def _serve(self) -> None:
        end = asyncio.Event()
        with self._lock:
            if self._stopped:
                return
            self._loop, self._end = asyncio.get_running_loop(), end
        try:
            server = await self._listen()
            try:
                await end.wait()
            finally:
                server.close()
                for link in self._links:
                    link.cancel()
                await asyncio.gather(*self._links, return_exceptions=True)
        finally:
            with self._lock:
                self._loop = self._end = None

    async def _listen(self) -> asyncio.Server:
        kind, _, place = self._address.partition(":")
        if kind == "unix":
            return await asyncio.start_unix_server(self._joined, sock=_bound(Path(place)))
        host, _, port = place.rpartition(":")
        return await asyncio.start_server(self._joined, host, int(port))

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._links.add(task)
            task.add_done_callback(self._links.discard)
        # Only this server cancels it; asyncio (3.11) would report that as an error.
        with contextlib.suppress(asyncio.CancelledError):
            await _Link(reader, writer, self._tap, self._metrics).run()


def _bound(path: Path) -> socket.socket:
    """A socket at `path` for its owner alone. Raises Misconfigured where others own the folder."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    about = path.parent.stat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise Misconfigured(f"{path.parent} belongs to others, or others may write to it")
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    # Nobody can connect before it listens, so there is no moment at which others could.
    path.chmod(0o600)
    return bound
