"""The short way to a browser's WebSocket, for what is sent some hundred times a second.

Starlette, uvicorn and websockets hand a message through eight calls and copy it three times: a
fifth of what twenty walls cost (docs/design/performance.md). `DirectSockets` offers its own socket
to the application (an extension of the ASGI scope); another server is sent to as any.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hub.live.wall import Message

EXTENSION = "hub.direct"

Send = Callable[[Message], Awaitable[None]]
"""Waits while the browser takes nothing. Raises WebSocketDisconnect when it is gone."""

GONE = 1006
"""Nobody said why (RFC 6455, 7.4.1)."""

_TEXT, _BINARY = 0x81, 0x82  # final fragments (RFC 6455, 5.2)
_SHORT, _LONG = struct.Struct(">BBH"), struct.Struct(">BBQ")


class DirectSockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket; give it to `uvicorn.Config(ws=...)`, with deflate off."""

    async def run_asgi(self) -> None:
        """Of uvicorn: the application's life with this socket."""
        self.scope["extensions"] = {
            **self.scope["extensions"],
            EXTENSION: {"send": self.send_direct},
        }
        await super().run_asgi()

    async def send_direct(self, message: Message) -> None:
        """One message, after the handshake. Raises WebSocketDisconnect."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise WebSocketDisconnect(GONE)
        if isinstance(message, dict):
            text = json.dumps(message, ensure_ascii=False).encode()
            self.transport.writelines([_head(_TEXT, len(text)), text])
        else:
            self.transport.writelines([_head(_BINARY, sum(map(len, message))), *message])


def way_to(socket: WebSocket) -> Send:
    """How an accepted socket is sent to."""
    offered = socket.scope.get("extensions", {}).get(EXTENSION)
    if offered is not None:
        direct: Send = offered["send"]
        return direct

    async def send(message: Message) -> None:
        if isinstance(message, dict):
            await socket.send_text(json.dumps(message, ensure_ascii=False))
        else:
            await socket.send_bytes(b"".join(message))

    return send


def _head(opcode: int, size: int) -> bytes:
    """What stands before an unmasked message (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((opcode, size))
    if size < 1 << 16:
        return _SHORT.pack(opcode, 126, size)
    return _LONG.pack(opcode, 127, size)
