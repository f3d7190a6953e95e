"""The bare floor of a wall: a plain loop that writes the same bytes to the same sockets.

A process of its own. It reads the sizes and moments of one operator's messages (`trace`, from
`hub wall-load`), builds them beforehand, and writes each to every socket at its moment. The sockets
are read as the hub's are: by the synthetic operators of `hub wall-load`, in one other process. What
they confirm is left lying; the loop writes and does nothing else. Prints one line of JSON: CPU
seconds (user and system) of the writing loop alone, how long it took, bytes written.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import socket
import struct
import sys
from pathlib import Path

from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hub.cli.wall_load import PROTOCOL, Operator, Wall, sit
from hub.live.reel import ENTRY, KIND_FRAGMENT
from hub.live.sheet import HEAD, VERSION
from hub.types.media import StreamRole

Trace = list[tuple[float, int]]

TILES = 16
CHUNK = 1 << 16
SETTLE_S = 1.0


def main() -> int:
    """Arguments: a file with the trace as JSON, and how many sockets."""
    trace: Trace = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sockets = int(sys.argv[2])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        readers = multiprocessing.get_context("spawn").Process(target=_read, args=(port, sockets))
        readers.start()
        taken = [_opened(server.accept()[0]) for _ in range(sockets)]
    print(json.dumps(asyncio.run(_write(trace, taken))))
    readers.join(10.0)
    return 0


def _opened(taken: socket.socket) -> socket.socket:
    """After the handshake of a WebSocket."""
    protocol = ServerProtocol(subprotocols=[Subprotocol(PROTOCOL)])
    asked = None
    while not isinstance(asked, Request):
        protocol.receive_data(taken.recv(CHUNK))
        asked = next(iter(protocol.events_received()), None)
    protocol.send_response(protocol.accept(asked))
    for data in protocol.data_to_send():
        taken.sendall(data)
    return taken


class _Deaf(asyncio.Protocol):
    """Reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()


async def _write(trace: Trace, taken: list[socket.socket]) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(_Deaf, sock=each) for each in taken]
    transports = [transport for transport, _protocol in pairs]
    frames = [(at, _frame(size, tick)) for tick, (at, size) in enumerate(trace)]
    await asyncio.sleep(SETTLE_S)
    before, begun = _cpu_s(), loop.time()
    for at, frame in frames:
        await asyncio.sleep(max(0.0, begun + at - loop.time()))
        for transport in transports:
            transport.write(frame)
    cpu_s, seconds = _cpu_s() - before, loop.time() - begun
    for transport in transports:
        transport.close()
    written = len(transports) * sum(size for _, size in trace)
    return {"cpu_s": cpu_s, "seconds": seconds, "bytes": written}


def _frame(size: int, tick: int) -> bytes:
    """An unmasked binary WebSocket frame (RFC 6455, 5.2) with a picture for each tile."""
    tiles = min(TILES, (size - HEAD.size) // ENTRY.size)
    each, more = divmod(size - HEAD.size - tiles * ENTRY.size, tiles)
    parts = [struct.pack(">BBQ", 0x82, 127, size), HEAD.pack(VERSION, 0, tiles, tick)]
    for tile in range(tiles):
        length = each + (more if tile == 0 else 0)
        parts += [ENTRY.pack(tile, KIND_FRAGMENT, 0, length, 0.0, 0.0), bytes(length)]
    return b"".join(parts)


def _cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _read(port: int, sockets: int) -> None:
    address = f"ws://127.0.0.1:{port}"
    wall = Wall(address, {}, (PROTOCOL,), ("any",) * TILES, StreamRole.SUB)
    asyncio.run(_look(wall, sockets))


async def _look(wall: Wall, sockets: int) -> None:
    operators = [Operator(TILES, measuring=True) for _ in range(sockets)]
    await asyncio.gather(*(sit(wall, operator) for operator in operators))


if __name__ == "__main__":
    raise SystemExit(main())
