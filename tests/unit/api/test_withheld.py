"""Pictures that owners lend: shown and withheld, at the wall and wherever else a picture leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from starlette.testclient import WebSocketTestSession

from hub.access import service as access
from hub.access.actions import Action, Role, Subject
from hub.access.consent import Mode
from hub.access.grants import Grant, Window
from hub.alerts import service as alerts
from hub.alerts.service import Actor
from hub.api import permits
from hub.api.live import wall
from hub.api.live.viewer import PULSE_S
from hub.live.relay import Relay, Still
from hub.store.tables.dispatch import incidents
from hub.types.finding import Binding, GridWhy, RuleKind, Verdict
from hub.types.media import StreamRole
from hub.types.scene import SourceKind
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import OWNER, lend, unlend
from tests.unit.api.test_cameras import GATE as CAMERA
from tests.unit.api.test_wall import GATE, PretendedRelay, sitting, told, walls_of
from tests.unit.api.test_whep import asked, lens, stream, watching
from tests.unit.live.lens import LIMIT_S, Browser, Lens
from tests.unit.live.streams import Recorded

__all__ = ["lens", "stream"]

NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def relay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> PretendedRelay:
    """A school's camera of which nothing is on file, and rounds that come quickly."""
    pretended = PretendedRelay()
    monkeypatch.setattr(walls_of(desk).reels, "_open", pretended.open)
    monkeypatch.setattr(wall, "PULSE_S", 0.02)
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    return pretended


def raised(desk: Desk, source: str = "gate-1") -> str:
    """An alert of a camera begins; its id."""
    with desk.deps.db.write() as tx:
        made = alerts.raise_own(
            tx,
            RuleKind.ZONE_INTRUSION,
            source,
            SourceKind.CAMERA,
            NOWHERE,
            now=desk.clock.now(),
            ids=desk.deps.ids,
        )
    assert made.alert is not None
    return made.alert.id


def judged(desk: Desk, alert: str) -> None:
    """Somebody says that it was nothing."""
    with desk.deps.db.write() as tx:
        now = desk.clock.now()
        alerts.verdict(tx, alert, Verdict.FALSE, actor=Actor("Li Na"), now=now)


@contextmanager
def asking(desk: Desk, *tiles: dict[str, Any]) -> Iterator[WebSocketTestSession]:
    with sitting(desk) as socket:
        socket.send_json({"op": "tiles", "tiles": list(tiles or (GATE,))})
        yield socket


def withheld(socket: WebSocketTestSession) -> str:
    """Why a tile is withheld, when it is said."""
    while (said := told(socket, "state"))["state"] != "withheld":
        pass
    assert (said["tile"], said["camera"]) == (GATE["tile"], "gate-1")
    why: str = said["why"]
    return why


def looks(desk: Desk) -> list[str]:
    return [look["subject"] for look in desk.get("/looks")["items"]]


def test_a_tile_of_an_owner_who_has_not_agreed_is_withheld_by_name_and_no_look(
    desk: Desk, relay: PretendedRelay
) -> None:
    with asking(desk) as socket:
        assert withheld(socket) == "no_consent"
        told(socket, "pulse")
    assert relay.opened == []
    assert looks(desk) == []


def test_it_opens_by_itself_when_an_incident_begins_and_closes_when_it_ends(
    desk: Desk, relay: PretendedRelay
) -> None:
    lend(desk, mode=Mode.INCIDENT)
    with asking(desk) as socket:
        assert withheld(socket) == "only_during_incident"
        alert = raised(desk)
        assert told(socket, "tile")["tile"] == GATE["tile"]
        assert looks(desk) == ["live/gate-1"]
        judged(desk, alert)
        assert withheld(socket) == "only_during_incident"
        assert relay.streams[0].closed
        raised(desk, "gate-9")
        told(socket, "pulse")
        told(socket, "pulse")
    assert len(relay.opened) == 1, "a matter of another camera opens nothing"


def test_it_stands_in_the_register_before_it_opens(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[list[str]] = []

    def showing(camera: str, role: StreamRole) -> Any:
        with desk.deps.db.read() as tx:
            noted.append([look.subject for look in access.list_looks(tx, None, 10)])
        return relay.open(camera, role)

    monkeypatch.setattr(walls_of(desk).reels, "_open", showing)
    with asking(desk) as socket:
        withheld(socket)
        lend(desk)
        told(socket, "tile")
    assert noted == [["live/gate-1"]]


def test_a_consent_that_ends_cuts_an_open_tile(desk: Desk, relay: PretendedRelay) -> None:
    consent = lend(desk)
    with asking(desk) as socket:
        told(socket, "tile")
        unlend(desk, consent)
        assert withheld(socket) == "no_consent"
        assert relay.streams[0].closed


def test_hours_that_are_over_cut_an_open_tile_and_it_opens_the_next_day(
    desk: Desk, relay: PretendedRelay
) -> None:
    desk.clock.set_wall(datetime(2026, 3, 3, 17, 59, 59, tzinfo=ZONE).timestamp())
    lend(desk, mode=Mode.SCHEDULE, windows=(Window(from_minute=7 * 60, to_minute=18 * 60),))
    with asking(desk) as socket:
        told(socket, "tile")
        desk.clock.advance(1.0)
        assert withheld(socket) == "outside_hours"
        desk.clock.advance(13 * 3600.0)
        told(socket, "tile")
        told(socket, "pulse")
    assert [stream.closed for stream in relay.streams] == [True, True]


def test_the_owners_word_for_some_roles(desk: Desk, relay: PretendedRelay) -> None:
    lend(desk, roles=frozenset({Role.SHIFT_LEADER}))
    with asking(desk) as socket:
        assert withheld(socket) == "not_for_this_role"
    with sitting(desk, Role.SHIFT_LEADER) as socket:
        socket.send_json({"op": "tiles", "tiles": [GATE]})
        told(socket, "tile")


def test_a_role_counts_where_it_is_held(desk: Desk, relay: PretendedRelay) -> None:
    """Shift leader of another town, operator here."""
    lend(desk, roles=frozenset({Role.SHIFT_LEADER}))
    who = Subject("Li Na", (Grant(Role.SHIFT_LEADER, "town-b"), Grant(Role.OPERATOR)))
    with desk.deps.db.read() as tx:
        found = permits.permits(desk.deps, tx, ["gate-1"], [who]).of(who, Action.LIVE_WATCH)(
            "gate-1"
        )
    assert getattr(found, "why", None) == "not_for_this_role"


def test_the_state_of_the_camera_is_told_anew_when_it_opens(
    desk: Desk, relay: PretendedRelay
) -> None:
    with asking(desk) as socket:
        withheld(socket)
        lend(desk)
        assert told(socket, "state") == {
            "op": "state",
            "tile": GATE["tile"],
            "camera": "gate-1",
            "state": "offline",
            "last_picture_at": None,
            "why": "not_watched",
        }


def test_one_that_is_withheld_does_not_disturb_another(desk: Desk, relay: PretendedRelay) -> None:
    street = {**CAMERA, "id": "street-1", "owner": "the town", "owner_kind": "township"}
    street["main"] = {"url": "rtsp://10.1.2.4/main"}
    assert desk.ask("POST", "/cameras", json=street).status_code == 201
    consent = lend(desk)
    with asking(desk, GATE, {"tile": 4, "camera": "street-1"}) as socket:
        assert {told(socket, "tile")["camera"] for _ in range(2)} == {"gate-1", "street-1"}
        unlend(desk, consent)
        withheld(socket)
        by_camera = dict(zip([c for c, _ in relay.opened], relay.streams, strict=True))
        assert by_camera["gate-1"].closed
        assert not by_camera["street-1"].closed


def test_one_question_is_asked_for_all_walls(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(desk) as first, asking(desk) as second:
        withheld(first)
        withheld(second)
        monkeypatch.setattr(wall, "PULSE_S", 3600.0)
        time.sleep(1.5 * PULSE_S)  # the round that is still under way is the last of itself
        asked: list[int] = []

        def counting(*args: Any, **more: Any) -> Any:
            asked.append(len(args[2]))
            return on_file(*args, **more)

        on_file = permits.on_file
        monkeypatch.setattr(permits, "on_file", counting)
        walls = walls_of(desk)
        found = walls._ask(list(walls._viewers))
        assert not found.refused
        assert not found.views, "both have been told"
        before = len(asked)
        walls._ask(list(walls._viewers))
        assert len(asked) == before <= 1, "nobody has written anything since"
        lend(desk)
        assert len(walls._ask(list(walls._viewers)).views) == 2
        assert asked[before:] == [1]


def test_a_grant_that_ends_for_the_cameras_ground_takes_the_tile_away(
    desk: Desk, relay: PretendedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend(desk)
    with asking(desk) as socket:
        told(socket, "tile")
        other = Subject("the operator", (Grant(Role.OPERATOR, "town-b"),), token="t")
        monkeypatch.setattr("hub.access.service.TokenOnFile.at", lambda *_args: other)
        refused = told(socket, "refused")
        assert (refused["tile"], refused["code"]) == (GATE["tile"], "not_found")
        assert refused["detail"] == "there is no camera gate-1"
        assert relay.streams[0].closed


def test_an_enlarged_picture_is_refused_and_ends_by_the_owners_word(
    desk: Desk, lens: Lens, stream: Recorded
) -> None:
    async def story(browser: Browser, _where: str) -> None:
        await asyncio.to_thread(lend, desk, OWNER, Mode.INCIDENT)
        await asyncio.wait_for(browser.ended.wait(), LIMIT_S)
        again = Browser()
        try:
            refused = await asked(desk, await again.offer())
        finally:
            await again.close()
        assert (refused.status_code, refused.json()["code"]) == (403, "only_during_incident")

    watching(desk, story)


@pytest.fixture
def pictures(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A school's camera, and of which cameras a picture was asked of the relay."""
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    asked: list[str] = []

    async def picture(_relay: Relay, camera: str, _role: StreamRole) -> Still:
        asked.append(camera)
        return Still(b"\xff\xd8\xffjpeg", 1_700_000_000.0)

    monkeypatch.setattr(Relay, "picture", picture)
    return asked


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cameras/gate-1/picture"), ("POST", "/cameras/gate-1/probe")],
)
def test_a_picture_and_a_probe_are_refused_with_the_reason_as_code(
    desk: Desk, pictures: list[str], method: str, path: str
) -> None:
    refused = desk.ask(method, path, Role.OPERATOR)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_consent")
    lend(desk, mode=Mode.INCIDENT)
    refused = desk.ask(method, path, Role.OPERATOR)
    assert (refused.status_code, refused.json()["code"]) == (403, "only_during_incident")
    assert (pictures, desk.opener.seen, looks(desk)) == ([], [], [])
    raised(desk)
    assert desk.ask(method, path, Role.OPERATOR).status_code == 200
    assert len(pictures) + len(desk.opener.seen) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cameras/{}/picture"),
        ("POST", "/cameras/{}/probe"),
    ],
)
def test_a_camera_of_another_town_is_not_there(
    desk: Desk, pictures: list[str], method: str, path: str
) -> None:
    lend(desk)
    headers = {"Authorization": f"Bearer {desk.give(Role.OPERATOR, 'town-b')}"}
    there = desk.ask(method, path.format("gate-1"), None, headers=headers)
    missing = desk.ask(method, path.format("gate-9"), None, headers=headers)
    assert (there.status_code, missing.status_code) == (404, 404)
    assert there.text == missing.text.replace("gate-9", "gate-1")
    assert (pictures, desk.opener.seen) == ([], [])


def test_what_is_reported_at_the_gate_opens_it_until_the_case_is_over(
    desk: Desk, relay: PretendedRelay
) -> None:
    """A guard phones; the camera saw nothing."""
    lend(desk, mode=Mode.INCIDENT)
    with asking(desk) as socket:
        assert withheld(socket) == "only_during_incident"
        at = {"lon": 120.7005, "lat": 36.97}
        body = {"origin": "counter", "severity": "P1", "title": "校门口冒烟", "position": at}
        headers = {"Idempotency-Key": "report-1"}
        made = desk.ask("POST", "/incidents", Role.OPERATOR, json=body, headers=headers)
        assert made.status_code == 201, made.text
        told(socket, "tile")
        assert looks(desk) == ["live/gate-1"]
        with desk.deps.db.write() as tx:
            tx.execute(update(incidents).values(state="closed"))
        assert withheld(socket) == "only_during_incident"
