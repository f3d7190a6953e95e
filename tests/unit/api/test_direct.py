"""The short way to a browser's socket: what arrives, who waits, how it ends. On a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect

from hub.api.live.direct import DirectSockets, way_to
from hub.live.sheet import Bundle
from hub.live.tile import Message

LIMIT_S = 10.0

Talk = Callable[[ClientConnection], Awaitable[None]]
Serve = Callable[[WebSocket], Awaitable[None]]


def _unheard(tick: int) -> None:
    raise AssertionError(f"tick {tick} was not confirmed")


async def _meet(serve: Serve, talk: Talk, ws: type[asyncio.Protocol] = DirectSockets) -> None:
    async def at_the_door(socket: WebSocket) -> None:
        await socket.accept()
        await serve(socket)

    app = Starlette(routes=[WebSocketRoute("/", at_the_door)])
    config = uvicorn.Config(
        app, port=0, ws=ws, ws_per_message_deflate=False, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(LIMIT_S):
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None) as client:
            await talk(client)
        server.should_exit = True
        await serving


MESSAGES: tuple[Message, ...] = (
    {"op": "state", "why": "断线"},
    Bundle(1, 0, []),
    Bundle(2, 1, [b"a" * 117]),
    Bundle(3, 2, [b"", b"b" * 118]),
    Bundle(4, 1, [b"c" * 65_527]),
    Bundle(5, 1, [b"d" * 65_528]),
    Bundle(6, 2, [b"e" * 200_000, b"f" * 100_000]),
)


@pytest.mark.parametrize("ws", [DirectSockets, DirectSockets.__base__])
def test_a_browser_gets_every_message_whole_and_in_order(ws: type[asyncio.Protocol]) -> None:
    async def serve(socket: WebSocket) -> None:
        way = way_to(socket, got=_unheard)
        for message in MESSAGES:
            way.give(message)
        await socket.receive()

    async def talk(client: ClientConnection) -> None:
        assert await client.recv() == '{"op": "state", "why": "断线"}'
        for message in MESSAGES[1:]:
            assert isinstance(message, Bundle)
            assert await client.recv() == b"".join(message.parts)

    asyncio.run(_meet(serve, talk, ws))


@pytest.mark.parametrize("ws", [DirectSockets, DirectSockets.__base__])
def test_the_way_closes_while_the_browser_takes_nothing(ws: type[asyncio.Protocol]) -> None:
    sent = 0

    async def serve(socket: WebSocket) -> None:
        nonlocal sent
        way = way_to(socket, got=_unheard)
        while sent < 50:
            while not way.is_open():
                await asyncio.sleep(0.001)
            way.give(Bundle(sent, 1, [bytes(1 << 20)]))
            sent += 1
        await socket.receive()

    async def talk(client: ClientConnection) -> None:
        await asyncio.sleep(0.5)
        assert 0 < sent < 40  # what the buffers hold, and no more
        for _ in range(50):
            assert len(await client.recv()) > 1 << 20

    asyncio.run(_meet(serve, talk, ws))
    assert sent == 50


def test_a_browser_that_has_gone_ends_it() -> None:
    ended: list[int] = []

    async def serve(socket: WebSocket) -> None:
        way = way_to(socket, got=_unheard)
        try:
            while True:
                way.give(Bundle(1, 1, [b"picture"]))
                await asyncio.sleep(0.01)
        except WebSocketDisconnect as error:
            ended.append(error.code)

    async def talk(client: ClientConnection) -> None:
        await client.recv()

    asyncio.run(_meet(serve, talk))
    assert ended == [1006]


def test_nothing_is_sent_behind_a_goodbye() -> None:
    async def serve(socket: WebSocket) -> None:
        way = way_to(socket, got=_unheard)
        await socket.close(4403)
        with pytest.raises(WebSocketDisconnect):
            way.give(Bundle(1, 1, [b"late"]))

    async def talk(client: ClientConnection) -> None:
        await client.wait_closed()
        assert client.close_code == 4403

    asyncio.run(_meet(serve, talk))


SAID = (
    '{"op":"got","tick":7}',
    '{"op": "got", "tick": 8}',
    '{"op":"tiles","tiles":[]}',
    '{"tick":9,"op":"got"}',
    '{"op":"got","tick":-1}',
    '{"op":"got","tick":' + "9" * 400 + "}",
)


@pytest.mark.parametrize(("ws", "confirmed"), [(DirectSockets, 2), (DirectSockets.__base__, 0)])
def test_a_confirmation_takes_the_short_way_and_all_else_the_long_one(
    ws: type[asyncio.Protocol], confirmed: int
) -> None:
    got: list[int] = []
    received: list[str] = []

    async def serve(socket: WebSocket) -> None:
        way_to(socket, got.append)
        while len(received) < len(SAID) - confirmed:
            received.append(await socket.receive_text())

    async def talk(client: ClientConnection) -> None:
        for text in SAID:
            await client.send(text)
        await client.wait_closed()

    asyncio.run(_meet(serve, talk, ws))
    assert got == [7, 8][:confirmed]
    assert received == list(SAID[confirmed:])


def test_a_confirmation_in_two_halves_is_one() -> None:
    received: list[str] = []

    async def serve(socket: WebSocket) -> None:
        way_to(socket, got=_unheard)
        received.append(await socket.receive_text())

    async def talk(client: ClientConnection) -> None:
        await client.send(iter(['{"op":"got",', '"tick":7}']))
        await client.wait_closed()

    asyncio.run(_meet(serve, talk))
    assert received == ['{"op":"got","tick":7}']
