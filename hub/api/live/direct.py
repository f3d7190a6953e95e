"""The short way to a browser's WebSocket and back, for what is said some hundred times a second.

Starlette, uvicorn and websockets hand a message through eight calls and copy it three times: a
fifth of what twenty walls cost (docs/design/performance.md). `DirectSockets` offers its own socket
to the application (an extension of the ASGI scope); another server is sent to as any.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import Callable
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from hub.live.tile import Message

EXTENSION = "hub.direct"

GONE = 1006
"""Nobody said why (RFC 6455, 7.4.1)."""

_TEXT, _BINARY = 0x81, 0x82  # final fragments (RFC 6455, 5.2)
_GOT = re.compile(rb'\{"op": ?"got", ?"tick": ?(\d{1,15})\}')
_SHORT, _LONG = struct.Struct(">BBH"), struct.Struct(">BBQ")


Got = Callable[[int], None]
"""Told that everything up to a tick has arrived."""


class Way(Protocol):
    """The way to a browser. Whoever sends looks first whether it is open, and never waits."""

    def is_open(self) -> bool:
        """Whether the browser has taken enough of what it was sent before."""
        ...

    def give(self, message: Message) -> None:
        """One message, after the handshake. Raises WebSocketDisconnect when nobody is there."""
        ...


class DirectSockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket; give it to `uvicorn.Config(ws=...)`, with deflate off. A `Way`."""

    _got: Got | None = None

    async def run_asgi(self) -> None:
        """Of uvicorn: the application's life with this socket."""
        self.scope["extensions"] = {**self.scope["extensions"], EXTENSION: {"way": self}}
        await super().run_asgi()

    def tell(self, got: Got) -> None:
        """Confirmations go there from now on: no task wakes up for them."""
        self._got = got

    def handle_text(self, event: Frame) -> None:
        """Of uvicorn: what the browser says."""
        said = _GOT.fullmatch(event.data) if event.fin else None
        if said is None or self._got is None:
            super().handle_text(event)
        else:
            self._got(int(said[1]))

    def is_open(self) -> bool:
        """Whether the system's buffers take more."""
        return self.writable.is_set()

    def give(self, message: Message) -> None:
        """Hand it to the system, or to the transport as far as that takes no more."""
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise WebSocketDisconnect(GONE)
        if isinstance(message, dict):
            text = json.dumps(message, ensure_ascii=False).encode()
            self.transport.write(_head(_TEXT, len(text)) + text)
        else:
            self.transport.write(message.framed(_binary_head))


class _AnySocket:
    """Whatever other server: what is sent together is sent by one task."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: list[Message] = []
        self._sending: asyncio.Task[None] | None = None

    def is_open(self) -> bool:
        return self._sending is None or self._sending.done()

    def give(self, message: Message) -> None:
        self._waiting.append(message)
        if self._sending is None or self._sending.done():
            if self._sending is not None:
                self._sending.result()
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            message = self._waiting.pop(0)
            if isinstance(message, dict):
                await self._socket.send_text(json.dumps(message, ensure_ascii=False))
            else:
                await self._socket.send_bytes(b"".join(message.parts))


def way_to(socket: WebSocket, got: Got) -> Way:
    """How an accepted socket is sent to. `got` hears the confirmations that need no `receive`."""
    offered = socket.scope.get("extensions", {}).get(EXTENSION)
    if offered is None:
        return _AnySocket(socket)
    way: DirectSockets = offered["way"]
    way.tell(got)
    return way


def _binary_head(size: int) -> bytes:
    return _head(_BINARY, size)


def _head(opcode: int, size: int) -> bytes:
    """What stands before an unmasked message (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((opcode, size))
    if size < 1 << 16:
        return _SHORT.pack(opcode, 126, size)
    return _LONG.pack(opcode, 127, size)
