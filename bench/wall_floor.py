"""The bare floor of a wall: a plain loop that writes the same bytes to the same number of sockets.

A process of its own. It reads the sizes and moments of one operator's messages (`trace`, from
`hub wall-load`), builds them beforehand, and writes each to every socket at its moment; the
readers, in another process, take and forget. Prints one line of JSON: CPU seconds (user and
system) of the writing loop alone, how long it took, bytes written.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import socket
import struct
import sys
import threading
from pathlib import Path

Trace = list[tuple[float, int]]

CHUNK = 1 << 20
SETTLE_S = 1.0


def main() -> int:
    """Arguments: a file with the trace as JSON, and how many sockets."""
    trace: Trace = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sockets = int(sys.argv[2])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        readers = multiprocessing.get_context("spawn").Process(target=_read, args=(port, sockets))
        readers.start()
        taken = [server.accept()[0] for _ in range(sockets)]
    print(json.dumps(asyncio.run(_write(trace, taken))))
    readers.join(10.0)
    return 0


async def _write(trace: Trace, taken: list[socket.socket]) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(asyncio.Protocol, sock=each) for each in taken]
    transports = [transport for transport, _protocol in pairs]
    frames = [(at, _frame(size)) for at, size in trace]
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


def _frame(size: int) -> bytes:
    """An unmasked binary WebSocket frame (RFC 6455, 5.2)."""
    return struct.pack(">BBQ", 0x82, 127, size) + bytes(size)


def _cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _read(port: int, sockets: int) -> None:
    threads = [threading.Thread(target=_drain, args=(port,)) for _ in range(sockets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drain(port: int) -> None:
    room = bytearray(CHUNK)
    with socket.create_connection(("127.0.0.1", port)) as taken:
        while taken.recv_into(room):
            continue


if __name__ == "__main__":
    raise SystemExit(main())
