"""One enlarged camera: who is answered, what is noted, what is refused, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.access.actions import Role
from hub.api.live import whep
from hub.api.live.viewer import UNASKED_S
from hub.kit.clock import RealClock
from hub.kit.errors import Retryable
from hub.live.offer import OFFER_BYTES_MAX
from hub.live.relay import Relay
from hub.live.webrtc import answered_codec
from hub.types.media import StreamRole
from tests.unit.api.conftest import Desk
from tests.unit.api.lending import lend
from tests.unit.api.test_cameras import GATE as CAMERA
from tests.unit.live.lens import LIMIT_S, Browser, Lens, shown
from tests.unit.live.streams import Recorded, recorded

PATH = "/live/gate-1/whep"
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture(scope="module")
def stream() -> Recorded:
    return recorded(frames=20, gop=20)


@pytest.fixture
def lens(desk: Desk, stream: Recorded, monkeypatch: pytest.MonkeyPatch) -> Lens:
    """A registered camera that sends, and quick rounds."""
    made = Lens(RealClock(), stream)
    monkeypatch.setattr(Relay, "watch", lambda _relay, camera, role: made.watch(camera, role))
    monkeypatch.setattr(whep, "PULSE_S", 0.02)
    assert desk.ask("POST", "/cameras", json=CAMERA).status_code == 201
    lend(desk)
    return made


def viewings(desk: Desk) -> whep.Viewings:
    found: whep.Viewings = cast(FastAPI, desk.http.app).state.viewings
    return found


async def asked(desk: Desk, offer: bytes, path: str = PATH) -> httpx.Response:
    return await asyncio.to_thread(
        desk.ask, "POST", path, Role.OPERATOR, content=offer, headers=SDP
    )


def watching(desk: Desk, story: Callable[[Browser, str], Awaitable[None]]) -> None:
    """A browser that sees the camera; the story is told where its session is."""

    async def whole(browser: Browser) -> None:
        answer = await asked(desk, await browser.offer(), f"{PATH}?reason=alert")
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"].startswith("application/sdp")
        assert answered_codec(answer.text) == "H264"
        await browser.take(answer.text)
        await browser.until("it is shown", lambda: len(browser.frames) > 4)
        await story(browser, answer.headers["location"])

    shown(whole)


def test_it_is_shown_noted_and_ended_by_delete(desk: Desk, lens: Lens) -> None:
    async def story(browser: Browser, where: str) -> None:
        assert where.startswith(f"/api/v1{PATH}/")
        (look,) = await asyncio.to_thread(lambda: desk.get("/looks")["items"])
        assert (look["actor"], look["action"]) == ("the operator", "live.watch")
        assert (look["subject"], look["reason"]) == ("live/gate-1", "alert")
        own = where.removeprefix("/api/v1")
        other = await asyncio.to_thread(desk.ask, "DELETE", own, Role.ADMIN)
        assert other.status_code == 404, "a session of somebody else"
        gone = await asyncio.to_thread(desk.ask, "DELETE", own, Role.OPERATOR)
        assert gone.status_code == 204, gone.text
        await asyncio.wait_for(browser.ended.wait(), LIMIT_S)
        again = await asyncio.to_thread(desk.ask, "DELETE", own, Role.OPERATOR)
        assert again.status_code == 404

    watching(desk, story)
    assert set(lens.asked) == {("gate-1", StreamRole.MAIN)}
    assert lens.readers == []
    assert len(viewings(desk)) == 0


def test_a_right_that_ends_cuts_the_stream(desk: Desk, lens: Lens) -> None:
    async def story(browser: Browser, _where: str) -> None:
        (own,) = [t["id"] for t in desk.get("/tokens")["items"] if t["name"] == "the operator"]
        assert desk.ask("DELETE", f"/tokens/{own}").status_code == 204
        await asyncio.wait_for(browser.ended.wait(), LIMIT_S)

    watching(desk, story)


def test_a_right_that_cannot_be_asked_for_is_good_for_a_while(
    desk: Desk, lens: Lens, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = asyncio.Event()

    async def story(browser: Browser, _where: str) -> None:
        loop = asyncio.get_running_loop()

        def away(*_args: object) -> None:
            loop.call_soon_threadsafe(rounds.set)
            raise Retryable("the database is away")

        monkeypatch.setattr("hub.api.guard.Asker.admit", away)
        for _ in range(3):
            rounds.clear()
            await asyncio.wait_for(rounds.wait(), LIMIT_S)
        assert not browser.ended.is_set()
        desk.clock.advance(UNASKED_S + 1.0)
        await asyncio.wait_for(browser.ended.wait(), LIMIT_S)

    watching(desk, story)


def test_everything_is_closed_at_shutdown(desk: Desk, lens: Lens) -> None:
    async def story(browser: Browser, _where: str) -> None:
        # What the server's own end does; the desk's is still needed.
        portal = desk.http.portal
        assert portal is not None
        await asyncio.to_thread(portal.call, viewings(desk).close)
        assert len(viewings(desk)) == 0
        await asyncio.wait_for(browser.ended.wait(), LIMIT_S)

    watching(desk, story)


def test_viewers_are_bounded(desk: Desk, lens: Lens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whep, "VIEWINGS_MAX", 1)

    async def story(_browser: Browser, where: str) -> None:
        second = Browser()
        try:
            offer = await second.offer()
            refused = await asked(desk, offer)
            assert (refused.status_code, refused.json()["code"]) == (503, "too_many_viewers")
            own = where.removeprefix("/api/v1")
            await asyncio.to_thread(desk.ask, "DELETE", own, Role.OPERATOR)
            assert (await asked(desk, offer)).status_code == 201
        finally:
            await second.close()

    watching(desk, story)


def test_a_browser_without_h264_takes_the_socket(desk: Desk, lens: Lens) -> None:
    async def story(browser: Browser) -> None:
        refused = await asked(desk, await browser.offer())
        assert (refused.status_code, refused.json()["code"]) == (409, "needs_socket")

    shown(story, "video/vp8")
    assert lens.opened == 0


def test_b_pictures_take_the_socket_and_leave_nothing(
    desk: Desk, lens: Lens, monkeypatch: pytest.MonkeyPatch
) -> None:
    reordering = Lens(RealClock(), recorded(frames=6, gop=6, bframes=2))
    monkeypatch.setattr(Relay, "watch", lambda _relay, camera, role: reordering.watch(camera, role))

    async def story(browser: Browser) -> None:
        refused = await asked(desk, await browser.offer())
        assert (refused.status_code, refused.json()["code"]) == (409, "needs_socket")
        portal = desk.http.portal
        assert portal is not None
        await asyncio.to_thread(portal.call, viewings(desk).close)

    shown(story)
    assert desk.get("/looks")["items"] == []
    assert reordering.readers == []
    assert len(viewings(desk)) == 0


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        (PATH, b"v=0", SDP, 422, "bad_offer"),
        (PATH, b"{}", {"Content-Type": "application/json"}, 415, "wrong_media_type"),
        (PATH, b"v" * (OFFER_BYTES_MAX + 1), SDP, 413, "too_large"),
    ],
    ids=["offer", "type", "size"],
)
def test_nonsense_is_refused_by_name(
    desk: Desk, lens: Lens, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = desk.ask("POST", path, Role.OPERATOR, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert lens.opened == 0


def test_a_camera_that_is_not_there(desk: Desk, lens: Lens) -> None:
    async def story(browser: Browser) -> None:
        answer = await asked(desk, await browser.offer(), "/live/ghost/whep")
        assert answer.status_code == 404

    shown(story)


def test_a_foreign_page_opens_nothing(desk: Desk, lens: Lens) -> None:
    desk.register(Role.OPERATOR)
    browser: TestClient = desk.browser("li.na")
    answer = browser.post(
        f"/api/v1{PATH}", content=b"v=0", headers={**SDP, "Origin": "http://elsewhere"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
