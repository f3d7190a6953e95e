"""Orders to a running simulator: a line of JSON asked, a line of JSON answered.

    {"do": "fault", "camera": "cam-road-01", "fault": {"kind": "freeze", "for_s": 15}}
    {"do": "clear", "camera": "cam-road-01"}
    {"do": "begin"}          second 0 of the timetable again
    {"do": "status"}

Answers: `{"ok": true, …}`, or `{"ok": false, "why": "…"}`.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from hub.kit.errors import HubError

_LINE_BYTES_MAX = 64 * 1024

Obey = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Carries out one order and returns what to answer. May raise HubError or ValidationError."""


class Control:
    """Listens for orders on a loopback port."""

    def __init__(self, obey: Obey) -> None:
        self._obey = obey
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, port: int) -> None:
        """Begin to listen, on the loopback address alone. Raises OSError if the port is taken."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=_LINE_BYTES_MAX
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            order = json.loads(line)
            if not isinstance(order, dict):
                return {"ok": False, "why": "an order is a JSON object"}
            return {"ok": True, **await self._obey(order)}
        except (HubError, ValidationError, ValueError) as error:
            return {"ok": False, "why": str(error)}


def ask(port: int, order: dict[str, Any], timeout_s: float = 30.0) -> dict[str, Any]:
    """Give an order to a simulator on this machine. Raises OSError if none listens."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        connection.sendall(json.dumps(order).encode() + b"\n")
        with connection.makefile("rb") as answers:
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer
