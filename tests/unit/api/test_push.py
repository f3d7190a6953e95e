"""The feed, pushed: nothing missing, nothing twice, and to each reader only what is theirs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from hub.access import service as access
from hub.access.actions import Role
from hub.api import push
from hub.store import feed
from tests.unit.api.conftest import Desk, served

URL = "/api/v1/feed/ws"


def tell(desk: Desk, *topics: str) -> None:
    """One change for each topic, each in a transaction of its own."""
    for topic in topics:
        with desk.deps.write() as tx:
            feed.append(tx, topic, f"{topic}-1", {"what": "told"}, desk.clock.now(), None)


@contextmanager
def listening(
    desk: Desk, after: int | None = None, role: Role = Role.ADMIN
) -> Iterator[WebSocketTestSession]:
    """A WebSocket whose token is among its protocols."""
    path = URL if after is None else f"{URL}?after={after}"
    protocols = [push.PROTOCOL, f"bearer.{desk.tokens[role]}"]
    with desk.http.websocket_connect(path, subprotocols=protocols) as socket:
        # Of what was offered only the name comes back: the token is not echoed.
        accepted: str | None = socket.accepted_subprotocol
        assert accepted == push.PROTOCOL
        yield socket


def test_a_reader_gets_what_was_and_what_comes_in_order(desk: Desk) -> None:
    tell(desk, "alert", "incident")
    with listening(desk, after=0) as socket:
        first, second = socket.receive_json(), socket.receive_json()
        tell(desk, "task")
        third = socket.receive_json()
    assert [e["topic"] for e in (first, second, third)] == ["alert", "incident", "task"]
    assert first["seq"] < second["seq"] < third["seq"]
    assert first["id"] == "alert-1"
    assert first["body"] == {"what": "told"}


def test_a_reader_that_names_no_number_is_told_from_where_it_starts(desk: Desk) -> None:
    """What is loaded after the reset and what is told after it leave nothing between them."""
    tell(desk, "alert", "incident")
    with listening(desk) as socket:
        hello = socket.receive_json()
        with desk.deps.db.read() as tx:
            assert hello == {"reset": True, "seq": feed.latest(tx)}
        tell(desk, "task")
        told = socket.receive_json()
    assert (told["topic"], told["seq"]) == ("task", hello["seq"] + 1)
    # From the number that was named it resumes, without a reset.
    with listening(desk, after=hello["seq"]) as socket:
        assert socket.receive_json() == told


def test_a_reader_that_breaks_off_again_and_again_misses_nothing_and_sees_nothing_twice(
    desk: Desk,
) -> None:
    total = 60
    writer = threading.Thread(target=lambda: tell(desk, *["alert"] * total))
    writer.start()
    seen: list[int] = []
    while len(seen) < total:
        with listening(desk, after=seen[-1] if seen else 0) as socket:
            wanted = min(7, total - len(seen))
            seen += [socket.receive_json()["seq"] for _ in range(wanted)]
    writer.join()
    assert seen == sorted(set(seen))
    with desk.deps.db.read() as tx:
        assert seen == [change.seq for change in feed.after(tx, 0)]


def test_a_reader_whose_next_event_is_gone_is_told_to_load_anew(desk: Desk) -> None:
    tell(desk, "alert", "alert", "alert")
    with desk.deps.db.write() as tx:
        first = feed.after(tx, 0)[0].seq
        feed.trim(tx, desk.clock.now() + 1)
    with listening(desk, after=first) as socket:
        assert socket.receive_json() == {"reset": True, "seq": first + 1}
        assert socket.receive_json()["seq"] == first + 2
    with listening(desk, after=first + 1) as socket:
        assert socket.receive_json()["seq"] == first + 2
    # A number that is not of this feed: the database was set back.
    with listening(desk, after=first + 100) as socket:
        assert socket.receive_json() == {"reset": True, "seq": first + 2}
        tell(desk, "task")
        assert socket.receive_json()["topic"] == "task"


def test_each_event_is_asked_for_by_itself(desk: Desk) -> None:
    tell(desk, "camera", "rule", "alert", "mute", "secret-topic", "task")
    with listening(desk, after=0, role=Role.WORKER) as socket:
        assert [socket.receive_json()["topic"] for _ in range(2)] == ["alert", "task"]


def test_a_topic_that_is_not_in_the_table_reaches_nobody(desk: Desk) -> None:
    tell(desk, "secret-topic", "alert")
    with listening(desk, after=0) as socket:
        assert socket.receive_json()["topic"] == "alert"


def closed_with(desk: Desk, first: str | None, path: str = URL) -> int:
    """The code a socket is closed with after its first message."""
    with desk.http.websocket_connect(path) as socket:
        if first is not None:
            socket.send_text(first)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    return int(closed.value.code)


def test_the_token_may_come_in_the_first_message(desk: Desk) -> None:
    tell(desk, "alert")
    with desk.http.websocket_connect(URL) as socket:
        socket.send_json({"token": desk.tokens[Role.WORKER], "after": 0})
        assert socket.receive_json()["topic"] == "alert"


def test_a_stranger_is_shown_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "FIRST_MESSAGE_S", 0.05)
    assert closed_with(desk, json.dumps({"token": "wrong"})) == 4401
    assert closed_with(desk, "{}") == 4400
    assert closed_with(desk, "not json") == 4400
    assert closed_with(desk, None) == 4408
    # A token in the address would stand in every log: it counts for nothing.
    assert closed_with(desk, None, f"{URL}?token={desk.tokens[Role.ADMIN]}") == 4408


def test_a_revoked_token_ends_its_stream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "POLL_S", 0.02)
    with listening(desk, after=0, role=Role.WORKER) as socket:
        with desk.deps.db.write() as tx:
            (worker,) = [t for t in access.list_tokens(tx) if t.roles == {Role.WORKER}]
            access.revoke(tx, worker.id, desk.clock.now())
        desk.clock.advance(push.RECHECK_S + 1)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


def test_a_quiet_feed_says_now_and_then_that_it_lives(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "POLL_S", 0.01)
    monkeypatch.setattr(push, "ALIVE_S", 0.03)
    with listening(desk, after=0) as socket:
        assert socket.receive_json() == {"alive": True}


def events_of(answer: httpx.Response, count: int) -> list[dict[str, Any]]:
    """The data of the first events of a stream."""
    found: list[dict[str, Any]] = []
    for line in answer.iter_lines():
        if line.startswith("data:"):
            found.append(json.loads(line.removeprefix("data:")))
        if len(found) == count:
            return found
    return found


def test_server_sent_events_resume_after_the_last_id(desk: Desk) -> None:
    tell(desk, "alert", "incident", "task")
    headers = {"Authorization": f"Bearer {desk.tokens[Role.OPERATOR]}"}
    with served(desk) as base:
        url = f"{base}/api/v1/feed/sse"
        with httpx.stream("GET", url, params={"after": 0}, headers=headers, timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            first = events_of(answer, 2)
        headers["Last-Event-ID"] = str(first[-1]["seq"])
        with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
            rest = events_of(answer, 1)
        del headers["Last-Event-ID"]
        with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
            (hello,) = events_of(answer, 1)
        refused = httpx.get(url, timeout=10)
    assert [event["topic"] for event in first + rest] == ["alert", "incident", "task"]
    assert hello == {"reset": True, "seq": rest[0]["seq"]}
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
