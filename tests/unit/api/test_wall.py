"""The wall's socket: who is let in, what is noted, what is sent, and when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from hub.access import accounts, granting, sessions
from hub.access import service as access
from hub.access.actions import Role, Subject
from hub.access.granting import Holder
from hub.access.grants import Window
from hub.api.guard import COOKIE
from hub.api.live import viewer, wall, whep
from hub.live.items import Fragment, Init, Piece
from hub.live.reel import Pieces
from hub.live.sheet import HEAD
from hub.live.wall import TICK_S
from hub.types.media import StreamRole
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend
from tests.unit.api.test_cameras import GATE as CAMERA

URL = "/api/v1/live/wall"
GATE = {"tile": 3, "camera": "gate-1"}
GOP = (Init(b"init", "avc1.4d401e", 640, 360, 0), Fragment(b"picture", True, 1.0, 2.0))


class PretendedStream:
    """A reader that has one group of pictures and no more."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self._pieces = list(pieces)
        self.dropped = 0
        self.closed = False

    def take(self) -> list[Piece]:
        taken, self._pieces = self._pieces, []
        return taken

    def close(self) -> None:
        self.closed = True


class PretendedRelay:
    """Gives each tile one group of pictures."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, StreamRole]] = []
        self.streams: list[PretendedStream] = []

    def open(self, camera: str, role: StreamRole) -> Pieces:
        self.opened.append((camera, role))
        self.streams.append(PretendedStream(GOP))
        return self.streams[-1]


def walls_of(desk: Desk) -> wall.Walls:
    walls: wall.Walls = cast(FastAPI, desk.http.app).state.walls
    return walls


@pytest.fixture
def relay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> PretendedRelay:
    pretended = PretendedRelay()
    monkeypatch.setattr(walls_of(desk).reels, "_open", pretended.open)
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    lend(desk)
    return pretended


@contextmanager
def sitting(desk: Desk, role: Role = Role.OPERATOR) -> Iterator[WebSocketTestSession]:
    protocols = [wall.PROTOCOL, f"bearer.{desk.tokens[role]}"]
    with desk.http.websocket_connect(URL, subprotocols=protocols) as socket:
        accepted: str | None = socket.accepted_subprotocol
        assert accepted == wall.PROTOCOL
        yield socket


def told(socket: WebSocketTestSession, op: str) -> dict[str, Any]:
    """The next message of this kind; others are passed over."""
    while True:
        message = socket.receive()
        if "text" in message and f'"op": "{op}"' in message["text"]:
            found: dict[str, Any] = json.loads(message["text"])
            return found
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"], message["reason"])


def closed(socket: WebSocketTestSession) -> WebSocketDisconnect:
    with pytest.raises(WebSocketDisconnect) as ended:
        told(socket, "nothing")
    return ended.value


def test_a_tile_is_shown_at_once_and_noted_with_its_reason(
    desk: Desk, relay: PretendedRelay
) -> None:
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [{**GATE, "reason": "alert"}]})
        assert told(socket, "tile")["codec"] == "avc1.4d401e"
        assert HEAD.unpack_from(socket.receive_bytes())[:3] == (1, 0, 2)
    assert relay.opened == [("gate-1", StreamRole.SUB)]
    (look,) = desk.get("/looks")["items"]
    assert (look["actor"], look["action"]) == ("the operator", "live.watch")
    assert (look["subject"], look["reason"]) == ("live/gate-1", "alert")
    assert relay.streams[0].closed


def test_it_stands_in_the_register_before_it_is_shown(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    note, show = access.note_looks, relay.open

    def noting(*args: Any) -> None:
        order.append("noted")
        note(*args)

    def showing(camera: str, role: StreamRole) -> Pieces:
        order.append("shown")
        return show(camera, role)

    monkeypatch.setattr(access, "note_looks", noting)
    monkeypatch.setattr(walls_of(desk).reels, "_open", showing)
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        # The same tile beside another is no new look.
        socket.send_json({"op": "tiles", "tiles": [GATE, {**GATE, "tile": 4}]})
        told(socket, "tile")
    assert order == ["noted", "shown"]  # the second tile shows the same stream


def test_a_camera_that_comes_later_is_noted_when_it_is_shown(
    desk: Desk, relay: PretendedRelay
) -> None:
    late = {"tile": 5, "camera": "late-1"}
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [late]})
        assert told(socket, "refused")["code"] == "not_found"
        assert desk.ask("POST", "/cameras", json={**CAMERA, "id": "late-1"}).status_code == 201
        socket.send_json({"op": "tiles", "tiles": [late]})
        told(socket, "tile")
    assert [look["subject"] for look in desk.get("/looks")["items"]] == ["live/late-1"]


def test_what_goes_wrong_at_one_wall_is_not_seen_at_another(
    desk: Desk, relay: PretendedRelay
) -> None:
    def broken() -> list[Any]:
        raise ValueError("nobody foresaw it")

    heard: list[str] = []

    def story() -> None:
        with sitting(desk) as first:
            first.send_json({"op": "tiles", "tiles": [GATE]})
            told(first, "tile")
            (ill,) = walls_of(desk)._viewers
            with sitting(desk) as second:
                second.send_json({"op": "tiles", "tiles": [GATE]})
                told(second, "tile")
                ill.seat.tick = broken  # type: ignore[method-assign]
                heard.extend(told(second, "pulse")["op"] for _ in range(2))

    with pytest.raises(ValueError, match="nobody foresaw it"):
        story()  # the first one's connection raises it, to be told by the server
    assert heard == ["pulse", "pulse"]


def test_a_camera_that_is_not_there_is_refused_by_name_and_not_noted(
    desk: Desk, relay: PretendedRelay
) -> None:
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [{"tile": 5, "camera": "ghost"}, GATE]})
        refused = told(socket, "refused")
        assert (refused["tile"], refused["code"]) == (5, "not_found")
    assert relay.opened == [("gate-1", StreamRole.SUB)]
    assert [look["subject"] for look in desk.get("/looks")["items"]] == ["live/gate-1"]


def test_the_camera_s_state_comes_first_and_stays_when_redis_goes(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    told_by_worker = {
        "id": "gate-1",
        "state": "stale",
        "fps": 0.0,
        "bitrate_bps": 0.0,
        "last_picture_at": 77.5,
        "last_error": "no picture for 3 s",
    }
    desk.beats.bodies = {"worker-0": {"at": 1.0, "cameras": [told_by_worker]}}
    with sitting(desk) as socket:
        assert told(socket, "pulse") == {"op": "pulse", "now": desk.clock.now(), "dropped": {}}
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        state = told(socket, "state")
        assert (state["state"], state["last_picture_at"]) == ("stale", 77.5)
        desk.beats.gone = True
        told(socket, "pulse")
        told_by_worker["state"] = "online"
        desk.beats.gone = False
        # What came in between would have been "offline".
        assert told(socket, "state")["state"] == "online"


CUT_S = 2.0
"""A right that has ended shows no picture after so long."""
ASKING_S = 0.5
"""For the database's answer, which a round waits for."""


def test_the_rounds_come_often_enough_for_a_right_that_ends() -> None:
    for rounds in (wall, whep):
        assert vars(rounds)["PULSE_S"] + ASKING_S + TICK_S < CUT_S


def test_a_right_that_ends_cuts_the_streams(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        tokens = desk.get("/tokens")["items"]
        (own,) = [t["id"] for t in tokens if t["name"] == "the operator"]
        assert desk.ask("DELETE", f"/tokens/{own}").status_code == 204
        assert closed(socket).code == 4401
    assert relay.streams[0].closed


@pytest.mark.parametrize("what", ["logout", "grant", "disabled", "must_change"])
def test_a_login_that_ends_cuts_the_streams(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    person = desk.register(Role.OPERATOR)
    browser = desk.browser("li.na")
    now = desk.clock.now()
    with browser.websocket_connect(URL, subprotocols=[wall.PROTOCOL]) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        told(socket, "pulse")  # a round has found nothing amiss
        with desk.deps.db.write() as tx:
            if what == "logout":
                sessions.end(tx, browser.cookies[COOKIE], now)
            elif what == "grant":
                holder = Holder(account=person.id)
                granting.end(tx, holder, person.grants[0].id, "the boss", now)
            elif what == "disabled":
                accounts.disable(tx, person.id, now)
            else:
                accounts.set_password(tx, person.id, "x", now, must_change=True)
        assert closed(socket).code == (4403 if what == "grant" else 4401)
    assert relay.streams[0].closed


def test_a_grant_whose_time_is_over_cuts_the_streams(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    shift = Window(ends_at=desk.clock.now() + 60.0)
    headers = {"Authorization": f"Bearer {desk.give(Role.OPERATOR, window=shift)}"}
    with desk.http.websocket_connect(URL, headers=headers) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        desk.clock.advance(59.0)
        told(socket, "pulse")  # a round has found nothing amiss
        desk.clock.advance(1.0)
        assert closed(socket).code == 4403
    assert relay.streams[0].closed


def test_a_role_that_may_not_watch_any_more_cuts_the_streams(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        # The login goes on, as another one.
        other = Subject.of("the operator", Role.WORKER)
        monkeypatch.setattr(access.TokenOnFile, "at", lambda *_args: other)
        assert closed(socket).code == 4403
    assert relay.streams[0].closed


def test_who_may_not_watch_sees_nothing(desk: Desk, relay: PretendedRelay) -> None:
    with sitting(desk, Role.WORKER) as socket:
        assert closed(socket).code == 4403
    with desk.http.websocket_connect(URL) as socket:
        assert closed(socket).code == 4401
    assert relay.opened == []


@pytest.mark.parametrize(
    "message",
    [
        '{"op": "dance"}',
        "not json",
        '{"op": "tiles", "tiles": [{"tile": 1, "camera": "gate-1", "reason": "curiosity"}]}',
        json.dumps({"op": "tiles", "tiles": [GATE] * 65}),
        "x" * 40_000,
    ],
    ids=["op", "form", "reason", "65 tiles", "size"],
)
def test_nonsense_ends_the_socket_by_name(desk: Desk, relay: PretendedRelay, message: str) -> None:
    with sitting(desk) as socket:
        socket.send_text(message)
        ended = closed(socket)
    assert ended.code == 4400
    assert ended.reason.startswith("bad_message")


def test_walls_are_bounded(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "WALLS_MAX", 1)
    with sitting(desk) as first:
        told(first, "pulse")
        with sitting(desk) as second:
            ended = closed(second)
    assert (ended.code, ended.reason.split(":")[0]) == (1013, "too_many_walls")
    with sitting(desk) as third:
        told(third, "pulse")


def test_a_viewer_that_confirms_nothing_is_cut_off(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    monkeypatch.setattr("hub.live.wall.WINDOW_TICKS", 1)
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        told(socket, "pulse")
        desk.clock.advance(viewer.STUCK_S + 1.0)
        assert closed(socket).code == 4408


def test_a_hidden_window_lets_go_and_begins_again(desk: Desk, relay: PretendedRelay) -> None:
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")
        socket.send_json({"op": "pause"})
        socket.send_json({"op": "resume"})
        socket.send_json({"op": "got", "tick": 1})
        told(socket, "tile")
    assert [stream.closed for stream in relay.streams] == [True, True]
