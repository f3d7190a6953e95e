"""One enlarged camera, over real UDP to a second peer that decodes what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from hub.kit.clock import RealClock
from hub.kit.errors import Conflict, HubError, NotFound
from hub.live import webrtc
from hub.live.items import Fault
from hub.live.offer import understood
from hub.live.webrtc import Session, answered_codec
from hub.types.media import Codec
from tests.unit.live.lens import LIMIT_S, Browser, Lens, shown
from tests.unit.live.streams import Recorded, recorded


@pytest.fixture(scope="module")
def stream() -> Recorded:
    """Two groups of pictures."""
    return recorded(frames=20, gop=10)


@asynccontextmanager
async def enlarged(lens: Lens, browser: Browser) -> AsyncIterator[Session]:
    """A session that the browser was answered by; closed by whatever the story does."""
    session = Session(lens.watch, RealClock())
    running = asyncio.create_task(session.run())
    try:
        answer = await session.answer(understood(await browser.offer()))
        assert answered_codec(answer) == "H264"
        assert "typ host" in answer
        assert "typ srflx" not in answer
        await browser.take(answer)
        yield session
    finally:
        session.end()
        await asyncio.wait_for(running, LIMIT_S)
        assert lens.readers == []


def test_the_browser_shows_what_the_camera_sends(stream: Recorded) -> None:
    lens = Lens(RealClock(), replace(stream, packets=stream.packets[:10]))

    async def story(browser: Browser) -> None:
        async with enlarged(lens, browser):
            await browser.until("the last group is there", lambda: len(browser.frames) >= 8)
            lens.put(*stream.packets[10:])
            await browser.until("it goes on", lambda: len(browser.frames) >= 16)
        first = browser.frames[0]
        assert (first.width, first.height) == (320, 180)
        assert lens.opened == 2, "one to look what it is, one when there is somebody to send to"

    shown(story)


def test_a_camera_that_turns_to_another_size_goes_on(stream: Recorded) -> None:
    small = recorded(frames=10, gop=10, size=(160, 96), first_s=5.0)
    bare = [p._replace(generation=1) for p in small.packets]
    lens = Lens(RealClock(), stream)

    async def story(browser: Browser) -> None:
        async with enlarged(lens, browser):
            await browser.until("it is shown", lambda: len(browser.frames) > 4)
            lens.turn_to(replace(small.info, generation=1), bare)
            await browser.until("the new size", lambda: browser.frames[-1].width == 160)

    shown(story)


def test_a_camera_that_turns_to_h265_ends_it_by_name(stream: Recorded) -> None:
    other = recorded(Codec.H265, frames=5, gop=5)
    lens = Lens(RealClock(), stream)

    async def story(browser: Browser) -> None:
        async with enlarged(lens, browser) as session:
            await browser.until("it is shown", lambda: len(browser.frames) > 4)
            lens.turn_to(replace(other.info, generation=1), other.packets)
            await asyncio.wait_for(browser.ended.wait(), LIMIT_S)
            assert session.why is not None
            assert session.why.code == "needs_socket"

    shown(story)


@pytest.mark.parametrize(
    ("camera", "kind", "code"),
    [
        (recorded(frames=6, gop=6, bframes=2), Conflict, "needs_socket"),
        (recorded(Codec.H265, frames=3, gop=3), Conflict, "needs_socket"),
        (Fault("not_watched"), NotFound, "not_watched"),
        (Fault("masked_busy"), Conflict, "masked_busy"),
    ],
    ids=["B-frames", "H.265", "not watched", "masked"],
)
def test_what_cannot_be_carried_is_refused(
    camera: Recorded | Fault, kind: type[HubError], code: str
) -> None:
    lens = (
        Lens(RealClock(), None, camera) if isinstance(camera, Fault) else Lens(RealClock(), camera)
    )

    async def story(browser: Browser) -> None:
        with pytest.raises(kind) as refused:
            async with enlarged(lens, browser):
                pass
        assert refused.value.code == code

    shown(story)


def test_a_browser_that_goes_is_let_go(stream: Recorded) -> None:
    lens = Lens(RealClock(), stream)

    async def story(browser: Browser) -> None:
        session = Session(lens.watch, RealClock())
        running = asyncio.create_task(session.run())
        await browser.take(await session.answer(understood(await browser.offer())))
        await browser.until("it is shown", lambda: len(browser.frames) > 4)
        await browser.peer.close()
        await asyncio.wait_for(running, LIMIT_S)
        assert lens.readers == []

    shown(story)


def test_a_browser_that_never_comes_is_not_waited_for(
    stream: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webrtc, "CONNECT_S", 0.3)
    lens = Lens(RealClock(), stream)

    async def story(browser: Browser) -> None:
        session = Session(lens.watch, RealClock())
        running = asyncio.create_task(session.run())
        await session.answer(understood(await browser.offer()))
        await asyncio.wait_for(running, LIMIT_S)
        assert lens.opened == 1, "nothing was read for it"

    shown(story)


def test_nothing_asks_outside_where_we_are() -> None:
    async def story(_browser: Browser) -> None:
        session = Session(Lens(RealClock(), None).watch, RealClock())
        asked = session._peer._RTCPeerConnection__configuration  # type: ignore[attr-defined]
        assert asked.iceServers == []
        session.end()
        await session.run()

    shown(story)
