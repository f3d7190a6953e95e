"""Too many requests: refused by name, with the time to wait; streams, pages and probes are free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.websockets import WebSocketDisconnect

from hub.access.actions import Role
from hub.access.rates import Rate, Rates, RateSettings
from tests.unit.api.conftest import PASSWORD, Desk
from tests.unit.api.test_sensors import SMOKE

SETTINGS = RateSettings(
    subject=Rate(per_s=0.5, burst=3),
    sensor=Rate(per_s=1, burst=5),
    unknown=Rate(per_s=0.2, burst=2),
)


@pytest.fixture
def strict(desk: Desk) -> Iterator[Desk]:
    """A desk that counts."""
    state = cast(FastAPI, desk.http.app).state
    whole = state.deps
    rates = Rates(SETTINGS, desk.clock, whole.metrics)
    state.deps = replace(whole, rates=rates)
    yield desk
    state.deps = whole


def asked(desk: Desk, role: Role | None, times: int, path: str = "/site") -> list[int]:
    return [desk.ask("GET", path, role).status_code for _ in range(times)]


def test_a_token_that_asks_too_often_is_told_when_to_come_again(strict: Desk) -> None:
    assert asked(strict, Role.OPERATOR, 4) == [200, 200, 200, 429]
    refused = strict.ask("GET", "/site", Role.OPERATOR)
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "2"
    assert asked(strict, Role.WORKER, 3) == [200, 200, 200], "nobody else is touched"
    strict.clock.advance(2.0)
    assert asked(strict, Role.OPERATOR, 2) == [200, 429]
    by = {"by": "token"}
    assert strict.deps.metrics.get("hub_api_requests_refused_total", **by) == 3


def test_what_is_forbidden_counts_as_well(strict: Desk) -> None:
    assert asked(strict, Role.WORKER, 4, "/tokens") == [403, 403, 403, 429]


def test_all_windows_of_a_person_share_a_bucket(strict: Desk) -> None:
    strict.register(Role.OPERATOR)
    first, second = strict.browser("li.na"), strict.browser("li.na")
    answers = [http.get("/api/v1/me").status_code for http in (first, second, first, second)]
    assert answers == [200, 200, 200, 429]


def test_who_shows_nothing_or_nonsense_is_counted_by_address(strict: Desk) -> None:
    said = {"login": "li.na", "password": PASSWORD}
    tries = [strict.ask("POST", "/session", None, json=said).status_code for _ in range(3)]
    assert tries == [403, 403, 429]
    headers = {"Authorization": "Bearer nonsense"}
    assert strict.ask("GET", "/site", None, headers=headers).status_code == 429
    assert asked(strict, Role.OPERATOR, 1) == [200], "who is known is not held up by the others"


def test_a_sensor_with_its_own_token_has_a_rate_of_its_own(strict: Desk) -> None:
    assert strict.ask("POST", "/sensors", json={**SMOKE, "token": "t" * 40}).status_code == 201
    headers = {"Authorization": f"Bearer {'t' * 40}"}
    path = f"/sensors/{SMOKE['id']}/readings"
    answers = [
        strict.ask("POST", path, None, headers=headers, json={}).status_code for _ in range(6)
    ]
    assert 429 not in answers[:5]
    assert answers[5] == 429


def test_probes_and_pages_cost_nothing(strict: Desk) -> None:
    for path in ("/healthz", "/readyz", "/", "/assets/app.js"):
        answers = {strict.http.get(path).status_code for _ in range(10)}
        assert 429 not in answers, path


def test_an_open_stream_that_asks_each_second_costs_nothing(strict: Desk) -> None:
    protocols = ["hub.wall.v1", f"bearer.{strict.tokens[Role.OPERATOR]}"]
    for _ in range(6):
        with strict.http.websocket_connect("/api/v1/live/wall", subprotocols=protocols) as socket:
            assert socket.accepted_subprotocol == "hub.wall.v1"
    assert asked(strict, Role.OPERATOR, 3) == [200, 200, 200]


def closed(desk: Desk, path: str, first: dict[str, str] | None = None, **shown: Any) -> int:
    """What a WebSocket is closed with, at once or after its first message."""
    with desk.http.websocket_connect(f"/api/v1{path}", **shown) as socket:
        if first is not None:
            socket.send_json(first)
        with pytest.raises(WebSocketDisconnect) as refused:
            socket.receive_json()
    return int(refused.value.code)


def test_streams_are_no_place_to_try_tokens(strict: Desk) -> None:
    headers = {"Authorization": "Bearer nonsense"}

    def events() -> int:
        return strict.ask("GET", "/feed/sse", None, headers=headers).status_code

    assert [events() for _ in range(3)] == [401, 401, 429]
    strict.clock.advance(10.0)
    tries = [closed(strict, "/live/wall", headers=headers) for _ in range(3)]
    assert tries == [4401, 4401, 1013]
    assert closed(strict, "/feed/ws", headers=headers) == 1013, "all doors count as one"
    strict.clock.advance(10.0)
    said = [closed(strict, "/feed/ws", {"token": "nonsense"}) for _ in range(3)]
    assert said == [4401, 4401, 1013]
    assert asked(strict, Role.OPERATOR, 1) == [200], "who is known is not held up by the others"


def test_who_lacks_the_right_to_a_stream_is_counted_as_well(strict: Desk) -> None:
    protocols = ["hub.wall.v1", f"bearer.{strict.tokens[Role.WORKER]}"]
    tries = [closed(strict, "/live/wall", subprotocols=protocols) for _ in range(4)]
    assert tries == [4403, 4403, 4403, 1013]
