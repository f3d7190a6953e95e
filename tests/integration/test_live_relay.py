"""Live video from simulated cameras through a real worker to readers in another process."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hub.app.whereabouts import Whereabouts
from hub.kit.clock import RealClock
from hub.kit.masks import FILL_BGR
from hub.live.items import Described, Fault, Fragment, Init
from hub.live.relay import Relay
from hub.store.stream import Heartbeats, connect
from hub.types.media import Packet, StreamInfo, StreamRole
from tests.harness import Running, eventually, running_hub

OPEN, MASKED = "cam-square-02", "cam-school-01"
MASK = (0.22, 0.20)
"""Right and lower edge of the school camera's mask (configs/cameras.yaml)."""
LIMIT_S = 60.0

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def site(short_folder: Path) -> Iterator[Running]:
    folder = short_folder / "live"
    folder.mkdir()
    both = (OPEN, MASKED)
    with running_hub(folder, simulated=both, enabled=both) as running:

        def online() -> bool:
            return all(running.state(camera) == "online" for camera in both)

        eventually("both cameras are online", online, 60.0)
        yield running


def told(site: Running, story: Callable[[Relay], Awaitable[None]]) -> None:
    """Run a story with a relay of its own, as an api process has one."""

    async def run() -> None:
        clock = RealClock()
        beats = Heartbeats(connect(site.hub.setup.redis_url or ""))
        relay = Relay(Whereabouts(beats.all, clock).find, clock)
        try:
            async with asyncio.timeout(120):
                await story(relay)
        finally:
            await relay.close()

    asyncio.run(run())


async def packets_of(
    relay: Relay, camera: str, role: StreamRole, count: int
) -> tuple[StreamInfo, list[Packet]]:
    """So many packets of one generation, from a keyframe on."""
    got: list[Packet] = []
    info: StreamInfo | None = None
    async with asyncio.timeout(LIMIT_S), relay.watch(camera, role) as reader:
        async for item in reader:
            if isinstance(item, Described):
                info, got = item.info, []
            elif isinstance(item, Packet):
                got.append(item)
            if info is not None and len(got) == count:
                return info, got
    raise AssertionError("the reader ended")


def pictures(info: StreamInfo, packets: list[Packet]) -> list[NDArray[np.uint8]]:
    data = BytesIO(info.extradata + b"".join(packet.data for packet in packets))
    with av.open(data, "r", format=info.codec.value) as container:
        return [
            frame.to_ndarray(format="bgr24").astype(np.uint8) for frame in container.decode(video=0)
        ]


def masked_part(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the mask covers, less a border that coding may blur."""
    height, width = picture.shape[:2]
    return picture[: int(height * MASK[1]) - 8, : int(width * MASK[0]) - 8]


def sent(site: Running) -> float:
    """Messages that the worker's relay has sent."""
    (body,) = Heartbeats(connect(site.hub.setup.redis_url or "")).all().values()
    numbers = {name: value for name, _, value in body["metrics"]}
    return float(numbers.get("hub_live_messages_total", 0.0))


def test_nothing_flows_until_somebody_watches_and_then_every_picture(site: Running) -> None:
    assert sent(site) == 0

    async def story(relay: Relay) -> None:
        info, packets = await packets_of(relay, OPEN, StreamRole.SUB, 60)
        assert packets[0].keyframe
        steps = np.diff([packet.media_s for packet in packets])
        assert np.allclose(steps, 1 / 25, atol=0.015), "no gap and nothing twice"
        shown = pictures(info, packets)
        assert len(shown) >= 58
        assert shown[0].shape == (info.height, info.width, 3)
        large, _ = await packets_of(relay, OPEN, StreamRole.MAIN, 10)
        assert (large.width, large.height) == (960, 540)

    told(site, story)
    eventually("it was counted", lambda: sent(site) >= 70)


def test_fragments_play(site: Running) -> None:
    async def story(relay: Relay) -> None:
        pieces: list[Any] = []
        async with asyncio.timeout(LIMIT_S), relay.fragments(OPEN, StreamRole.SUB) as reader:
            while sum(isinstance(piece, Fragment) for piece in pieces) < 50:
                pieces += [piece async for piece in _next(reader) if not isinstance(piece, Fault)]
        assert isinstance(pieces[0], Init)
        data = BytesIO(b"".join(piece.data for piece in pieces))
        with av.open(data, "r", format="mp4") as container:
            assert sum(1 for _ in container.decode(video=0)) >= 50

    told(site, story)


async def _next(reader: Any) -> Any:
    yield await anext(reader)


@pytest.mark.parametrize("role", list(StreamRole))
def test_a_masked_camera_is_black_where_it_is_masked_in_every_picture(
    site: Running, role: StreamRole
) -> None:
    async def story(relay: Relay) -> None:
        info, packets = await packets_of(relay, MASKED, role, 40)
        shown = pictures(info, packets)
        assert len(shown) >= 38
        for picture in shown:
            part = masked_part(picture).astype(int)
            assert np.abs(part - FILL_BGR).max() <= 12
            rest = picture[picture.shape[0] // 2 :].astype(int)
            assert np.abs(rest - FILL_BGR).mean() > 20, "the rest is a picture"

    told(site, story)


@pytest.mark.parametrize("camera", [OPEN, MASKED])
def test_the_newest_picture_over_http(site: Running, camera: str) -> None:
    answer = site.api.get(f"/cameras/{camera}/picture", params={"role": "sub", "reason": "case"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))
    part = masked_part(picture[:, :, ::-1]).astype(int)
    assert (np.abs(part - FILL_BGR).max() <= 16) == (camera == MASKED)
    looks = site.get("/looks")["items"]
    assert looks[0]["subject"] == f"picture/{camera}"
    assert (looks[0]["action"], looks[0]["reason"]) == ("live.picture", "case")


def test_a_killed_worker_is_told_of_and_its_streams_go_on_by_themselves(site: Running) -> None:
    async def story(relay: Relay) -> None:
        async with asyncio.timeout(LIMIT_S), relay.watch(OPEN, StreamRole.SUB) as reader:
            told_of: list[str] = []
            generations: list[int] = []
            killed = False
            async for item in reader:
                if isinstance(item, Fault):
                    told_of.append(item.code)
                elif isinstance(item, Described):
                    generations.append(item.info.generation)
                elif not killed:
                    os.kill(site.hub.engine.pids["worker-0"], signal.SIGKILL)
                    killed = True
                elif told_of:
                    assert item.keyframe, "it begins again at a keyframe"
                    break
            assert told_of[0] == "worker_gone"
            assert generations == [0, 1]

    told(site, story)
