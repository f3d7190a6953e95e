"""One enlarged camera to one browser through WebRTC: encoded packets, passed on as they are."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from hub.kit.clock import Clock
from hub.kit.errors import Conflict, HubError, Refused, Retryable
from hub.live.items import Described, Fault
from hub.live.packing import TICKS_S, Line, Packer
from hub.live.relay import PICTURE_S, Reader, first_keyframe

log = logging.getLogger(__name__)

CONNECT_S = 15.0
"""A browser that has not come by then, does not come."""
CLOSE_S = 5.0
PACE_BYTES_S = 5e6
"""What the socket buffers of a browser take: a group of pictures is not thrown at it at once."""

_BASE = Fraction(1, TICKS_S)
_FIRST_TYPE = re.compile(r"^m=video [1-9]\d* \S+ (\d+)", re.MULTILINE)

Watch = Callable[[], Reader]
"""A new reader of the camera's stream, to be entered."""


class Track(MediaStreamTrack):
    """The camera's packets, from its newest keyframe on, at the beat of the sender that asks.

    The reader is bounded and goes on at a keyframe when the sender falls behind. `why` is what it
    ended with.
    """

    kind = "video"

    def __init__(self, watch: Watch, clock: Clock) -> None:
        super().__init__()
        self._watch = watch
        self._clock = clock
        self._reader: Reader | None = None
        self._packer: Packer | None = None
        self._line = Line(clock.monotonic())
        self._free_at = 0.0
        self.why: HubError | None = None

    async def recv(self) -> av.Packet[Any]:
        """The next picture. Raises MediaStreamError at the end."""
        if self.readyState != "live":
            raise MediaStreamError
        if self._reader is None:
            # Not before there is somebody to send to: the newest keyframe, and no wait behind it.
            self._reader = self._watch().open()
        try:
            return await self._next(self._reader)
        except HubError as error:
            self.why = error
            self.stop()
            raise MediaStreamError from error

    async def _next(self, reader: Reader) -> av.Packet[Any]:
        await asyncio.sleep(max(0.0, self._free_at - self._clock.monotonic()))
        async for item in reader:
            if isinstance(item, Described):
                self._packer = Packer(item.info)
                self._line.begin_anew()
            elif isinstance(item, Fault):
                log.info("a camera enlarged: %s", item.detail or item.code)
            elif self._packer is not None:
                now = self._clock.monotonic()
                packet = av.Packet(self._packer.packed(item))
                packet.pts = packet.dts = self._line.stamp(item.media_s, now)
                packet.time_base = _BASE
                self._free_at = now + packet.size / PACE_BYTES_S
                return packet
        raise Retryable("the relay was closed", code="worker_gone")

    def stop(self) -> None:
        """No more of it."""
        if self._reader is not None and self.readyState == "live":
            self._reader.close()
        super().stop()


class Session:
    """One browser's connection; on one event loop.

    `answer` once, and `run` beside it from the beginning: that ends by itself when nobody comes,
    when the browser goes, or when the stream turns into one that WebRTC cannot carry, and closes
    everything.
    """

    def __init__(self, watch: Watch, clock: Clock) -> None:
        self._watch = watch
        # The library's default would ask a server on the internet where we are.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track = Track(watch, clock)
        self._ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(CONNECT_S, self.end)
        self._peer.on("connectionstatechange", self._on_state)
        self._track.on("ended", self._ended.set)

    @property
    def why(self) -> HubError | None:
        """What the stream ended with, if it ended."""
        return self._track.why

    async def answer(self, offer: str) -> str:
        """The SDP answer to an offer as `understood` gives it.

        Raises Conflict (`needs_socket`, `masked_busy`), NotFound (`not_watched`), Retryable
        (`worker_gone`, `no_picture`), Refused (`bad_offer`).
        """
        await self._look()
        await self._negotiate(offer)
        answer: str = self._peer.localDescription.sdp
        if (codec := answered_codec(answer)) != "H264":
            raise Conflict(f"{codec or 'no codec'} was negotiated", code="needs_socket")
        if "a=candidate:" not in answer:
            raise Conflict("this machine has no address in a network", code="needs_socket")
        return answer

    async def _look(self) -> None:
        """Whether what the camera sends now can be carried."""
        async with self._watch() as reader:
            try:
                async with asyncio.timeout(PICTURE_S):
                    info, keyframe = await first_keyframe(reader)
            except TimeoutError:
                raise Retryable("no picture came of the camera", code="no_picture") from None
        Packer(info).packed(keyframe)

    async def _negotiate(self, offer: str) -> None:
        known = RTCRtpSender.getCapabilities("video").codecs
        wanted = [c for c in known if c.mimeType.lower() in ("video/h264", "video/rtx")]
        try:
            # Before the offer is read: afterwards it is silently ignored, and what the library
            # then sends is H.264 that is labelled VP8.
            sending = self._peer.addTransceiver(self._track, direction="sendonly")
            sending.setCodecPreferences(wanted)
            await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except OperationError as error:
            raise Conflict("no H.264 that both sides know", code="needs_socket") from error
        except ValueError as error:
            raise Refused(f"this is no offer of a viewer: {error}", code="bad_offer") from error
        except InvalidStateError as error:
            raise Retryable("the connection was ended meanwhile", code="ended") from error

    async def run(self) -> None:
        """Until it ends; everything is closed then."""
        try:
            await self._ended.wait()
        finally:
            self._patience.cancel()
            self._track.stop()
            try:
                async with asyncio.timeout(CLOSE_S):
                    await self._peer.close()
            except TimeoutError:
                log.warning("a WebRTC connection took more than %.0f s to close", CLOSE_S)

    def end(self) -> None:
        """It must go, whatever it is doing."""
        self._ended.set()

    def _on_state(self) -> None:
        state = self._peer.connectionState
        if state == "connected":
            self._patience.cancel()
        elif state in ("failed", "closed"):
            self.end()


def answered_codec(answer: str) -> str:
    """The codec that an SDP answer settled on for its video: its first payload type's."""
    first = _FIRST_TYPE.search(answer)
    if first is None:
        return ""
    named = re.search(rf"^a=rtpmap:{first[1]} ([\w-]+)/", answer, re.MULTILINE)
    return "" if named is None else named[1].upper()
