"""How an api's server is set up, as against what it serves."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import cast

import pytest
import uvicorn

from hub.api.live.direct import DirectSockets
from hub.app import api
from hub.app.setup import Setup


def test_the_server_looks_twice_a_second_whether_it_shall_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = api.Server(uvicorn.Config(app=None, date_header=True))  # type: ignore[arg-type]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        assert server.server_state.default_headers, "each look makes the Date header anew"
        server.server_state.default_headers = []
        slept.append(seconds)
        server.should_exit = len(slept) == 3

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(server.main_loop())
    assert slept == [api.LOOK_S] * 3


def test_video_is_not_compressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deflate costs more than the whole wall, and `DirectSockets` writes frames without it."""
    served: list[uvicorn.Config] = []
    ends: list[str] = []
    pretended = SimpleNamespace(app=None, start=lambda: None, stop=lambda: ends.append("stopped"))
    monkeypatch.setattr(api, "Api", lambda *_args: pretended)
    monkeypatch.setattr(uvicorn.Server, "run", lambda self: served.append(self.config))
    stopped = threading.Event()
    api.serve(cast(Setup, SimpleNamespace(host="127.0.0.1", port=0)), "api-1", stopped)
    (config,) = served
    config.load()
    assert config.ws_per_message_deflate is False
    assert config.ws_protocol_class is DirectSockets
    assert (stopped.is_set(), ends) == (True, ["stopped"])
