"""A right that ends while a request's body is on its way has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from hub.types.staff import Role
from tests.unit.api.conftest import PASSWORD, Desk

NEW = {"login": "mole", "name": "Mole", "password": "long enough 7", "must_change": False}
ADMIN = {"role": "admin", "grid": None, "unit": None, "window": None}


def posted(desk: Desk, cookie: str, body: dict[str, Any], meanwhile: Callable[[], None]) -> int:
    """POST /accounts in two pieces; `meanwhile` happens between them. The answer's status."""
    whole = json.dumps(body).encode()
    pieces = iter([whole[:7], whole[7:]])
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        piece = next(pieces)
        if piece != whole[:7]:
            meanwhile()
        return {"type": "http.request", "body": piece, "more_body": piece == whole[:7]}

    async def send(message: Any) -> None:
        said.append(message)

    headers = {
        b"host": b"testserver",
        b"origin": b"http://testserver",
        b"content-type": b"application/json",
        b"cookie": f"hub_session={cookie}".encode(),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/accounts",
        "raw_path": b"/api/v1/accounts",
        "query_string": b"",
        "headers": list(headers.items()),
        "client": ("127.0.0.1", 50001),
        "server": ("testserver", 80),
    }

    async def ask() -> None:
        await desk.http.app(scope, receive, send)

    asyncio.run(ask())
    return int(said[0]["status"])


@pytest.mark.parametrize("waits_s", [0.1, 1.5])
def test_it_is_asked_again_before_anything_is_done(desk: Desk, waits_s: float) -> None:
    account = desk.register(Role.ADMIN, "wang").id
    cookie = desk.browser("wang").cookies["hub_session"]

    def waits() -> None:
        desk.clock.advance(waits_s)

    def dismissed() -> None:
        waits()
        assert desk.ask("PUT", f"/accounts/{account}", json={"disabled": True}).status_code == 200

    assert posted(desk, cookie, {**NEW, "grants": [ADMIN]}, waits) == 201
    again = {**NEW, "login": "mole-2", "name": "Mole 2", "grants": [ADMIN]}
    late = 201 if waits_s < 1.0 else 401
    assert posted(desk, cookie, again, dismissed) == late


def test_who_changed_an_account_stands_in_the_register(desk: Desk) -> None:
    account = desk.register(Role.WORKER, "wang").id
    change = {"password": "another long one 9", "must_change": True}
    assert desk.ask("PUT", f"/accounts/{account}", json=change).status_code == 200
    (line,) = desk.get("/looks")["items"]
    assert (line["action"], line["subject"]) == ("accounts.update", f"account/{account}: password")
    assert line["about"] == "wang"
    assert PASSWORD not in json.dumps(line)
