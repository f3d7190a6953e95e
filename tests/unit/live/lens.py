"""A pretended camera for those who read packets, and a browser: the other end of WebRTC."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from hub.kit.clock import Clock
from hub.live.items import Described, Fault, Item
from hub.live.readers import Queue, Reader
from hub.types.media import Packet, StreamInfo, StreamRole
from tests.unit.live.streams import Recorded

LIMIT_S = 20.0


class Lens:
    """A stream with readers and no relay: a new one begins at the last keyframe."""

    def __init__(self, clock: Clock, stream: Recorded | None, fault: Fault | None = None) -> None:
        self._clock = clock
        self._stream = stream
        self._fault = fault
        self.readers: list[Queue[Any]] = []
        self.opened = 0
        self.asked: list[tuple[str, StreamRole]] = []

    def watch(self, camera: str = "c1", role: StreamRole = StreamRole.MAIN) -> Reader:
        self.asked.append((camera, role))
        return Reader((camera, role), self._clock, self)

    def enter(self, reader: Queue[Any]) -> None:
        self.opened += 1
        self.readers.append(reader)
        items: list[Item] = []
        if self._fault is not None:
            items.append(self._fault)
        if self._stream is not None:
            items += [Described(self._stream.info), *self._stream.packets]
        reader.begin(items)

    def leave(self, reader: Queue[Any]) -> None:
        self.readers.remove(reader)

    def put(self, *items: Item) -> None:
        for reader in self.readers:
            for item in items:
                reader.put(item)

    def turn_to(self, info: StreamInfo, packets: Sequence[Packet]) -> None:
        self.put(Described(info), *packets)


@dataclass
class Browser:
    """Receives one video; `frames` are what it has decoded, `ended` when the hub has gone."""

    codecs: tuple[str, ...] = ("video/h264", "video/rtx")
    frames: list[av.VideoFrame] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.on("track", self._on_track)
        self.peer.on("connectionstatechange", self._on_state)
        self._tasks: list[asyncio.Task[None]] = []

    async def offer(self) -> bytes:
        transceiver = self.peer.addTransceiver("video", direction="recvonly")
        known = RTCRtpReceiver.getCapabilities("video")
        assert known is not None
        wanted = [codec for codec in known.codecs if codec.mimeType.lower() in self.codecs]
        transceiver.setCodecPreferences(wanted)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        said: str = self.peer.localDescription.sdp
        return said.encode()

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until(self, what: str, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not done():
                self.stirred.clear()
                await self.stirred.wait()

    async def close(self) -> None:
        await self.peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._show(track)))

    async def _show(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                self.frames.append(frame)
                self.stirred.set()

    def _on_state(self) -> None:
        if self.peer.connectionState in ("closed", "failed"):
            self.ended.set()
        self.stirred.set()


def shown(story: Callable[[Browser], Awaitable[None]], *codecs: str) -> None:
    """Run one story with a browser of its own."""

    async def run() -> None:
        browser = Browser(codecs) if codecs else Browser()
        try:
            async with asyncio.timeout(LIMIT_S):
                await story(browser)
        finally:
            await browser.close()

    asyncio.run(run())
