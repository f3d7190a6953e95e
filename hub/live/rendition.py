"""The masked rendition of one stream while it is watched: decode, paint, encode. One thread."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.codec.context import CodecContext, Flags
from av.packet import Packet as AvPacket
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from hub.kit.channel import Channel, Closed, WhenFull
from hub.kit.errors import Retryable
from hub.kit.masks import Mask, burn_planar
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.live.items import Fault
from hub.live.streams import Stream
from hub.live.wire import Key
from hub.types.media import Codec, Packet, StreamInfo

log = logging.getLogger(__name__)

WAITING_MAX = 400
"""Packets: the longest usual group of pictures, which is what it begins with."""
LATE_MAX = 2
"""With more packets waiting it is late: it catches up, and shows fewer pictures."""
SHOWN_EACH_S = 0.5
"""However late it is, so often (by the stream's time) a picture is shown."""
GOP_S = 2.0
GOP_PACKETS_MAX = 240
LONG_SIDE_PX = 1280
BITS_PER_PIXEL = 3.5
"""Bound of the bitrate per pixel of the picture: 800 kbit/s at 640x360, 3.2 Mbit/s at 1280x720."""
NICE = 10
TICKS = 90_000
TIME_BASE = Fraction(1, TICKS)
LOOK_S = 0.5


class NoRendition(Retryable):
    """This stream cannot be decoded or encoded now; it is tried again at its next keyframe."""

    code = "no_rendition"


class Rendition:
    """A stream with its masks burnt in. It listens to the raw one; `painted` is what others get."""

    def __init__(self, key: Key, masks: Sequence[Mask], metrics: Metrics) -> None:
        self._key = key
        self._masks = masks
        self._metrics = metrics
        self._waiting: Channel[tuple[Packet, StreamInfo]] = Channel(WAITING_MAX, WhenFull.DROP_NEW)
        self._info: StreamInfo | None = None
        self._skipping = False
        self._newest_key_s = float("-inf")
        self._shown_s = float("-inf")
        self._painter: _Painter | None = None
        self._generation = -1
        self._nice = False
        self._kept: tuple[StreamInfo, list[Packet]] | None = None
        self._kept_lock = threading.Lock()
        self.painted = Stream(key[1], self._recent)
        self.stopped = threading.Event()

    def start(self, supervisor: Supervisor) -> None:
        """Begin, in a thread of its own."""
        camera, role = self._key
        supervisor.loop(f"mask/{camera}/{role.value}", self.step, stop=self.stopped)

    def stop(self) -> None:
        """End; returns at once."""
        self.stopped.set()
        self._waiting.close()

    def describe(self, info: StreamInfo) -> None:
        """The packets from here on are like this."""
        self._info = info

    def packet(self, packet: Packet) -> None:
        """One unmasked packet; where there is no room all up to the next keyframe are lost."""
        if self._info is not None and (packet.keyframe or not self._skipping):
            self._skipping = not self._waiting.put((packet, self._info))
            if packet.keyframe and not self._skipping:
                self._newest_key_s = packet.media_s
        if self._skipping:
            self._metrics.add("hub_live_masked_dropped_total", camera=self._key[0])

    def fault(self, fault: Fault) -> None:
        """A tap's raw stream has none."""

    def step(self) -> float:
        """One packet, for kit.supervise. Raises NoRendition where nothing can be made of it."""
        if not self._nice:
            # Of this thread alone (Linux): pictures may come late, the cameras may not.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
            self._nice = True
        try:
            waiting = self._waiting.get(LOOK_S)
            while waiting is not None and self._is_late and waiting[0].media_s < self._newest_key_s:
                # A newer group of pictures waits already: this one is not even decoded.
                waiting = self._waiting.get(0.0)
        except Closed:
            return 0.0
        if waiting is not None:
            try:
                self._take(*waiting)
            except av.FFmpegError as error:
                self._painter = None
                raise NoRendition(f"{self._key[0]}: {error.strerror}") from error
        return 0.0

    @property
    def _is_late(self) -> bool:
        return len(self._waiting) > LATE_MAX

    def _take(self, packet: Packet, info: StreamInfo) -> None:
        if self._painter is None or self._painter.source is not info:
            if not packet.keyframe:
                return
            self._generation += 1
            self._painter = _Painter(info, self._masks, self._generation)
        due = not 0.0 <= packet.media_s - self._shown_s < SHOWN_EACH_S
        for made in self._painter.paint(packet, encode=due or not self._is_late):
            self._shown_s = packet.media_s
            self._hand_on(made, self._painter.info)

    def _hand_on(self, made: Packet, info: StreamInfo) -> None:
        with self._kept_lock:
            if made.keyframe:
                self._kept = (info, [])
            if self._kept is not None:
                self._kept[1].append(made)
        self.painted.take(made, info)

    def _recent(self) -> tuple[StreamInfo, Sequence[Packet]] | None:
        with self._kept_lock:
            return None if self._kept is None else (self._kept[0], tuple(self._kept[1]))


class _Painter:
    """Decoder, brush and encoder for one generation of a stream."""

    def __init__(self, source: StreamInfo, masks: Sequence[Mask], generation: int) -> None:
        self.source = source
        self._masks = masks
        self._width, self._height = _fitting(source.width, source.height)
        self._decoder = _context(source.codec.value, "r")
        self._decoder.extradata = source.extradata
        self._encoder = _encoder(self._width, self._height)
        self._sets = bytes(self._encoder.extradata or b"")
        self._came: dict[int, Packet] = {}
        self._key_s = float("-inf")
        self._packets = 0
        self.info = StreamInfo(Codec.H264, self._width, self._height, self._sets, generation)

    def paint(self, packet: Packet, *, encode: bool) -> list[Packet]:
        """What comes out for one packet, mostly one; nothing where only decoding is asked for."""
        if packet.keyframe:  # nothing older comes out any more but what is reordered
            self._came = {k: p for k, p in self._came.items() if p.media_s > packet.media_s - 2.0}
        pts = round(packet.media_s * TICKS)
        self._came[pts] = packet
        coded: AvPacket[Any] = AvPacket(packet.data)
        coded.pts, coded.dts, coded.time_base = pts, round(packet.dts_s * TICKS), TIME_BASE
        made: list[Packet] = []
        for frame in self._decoder.decode(coded):
            came = self._came.pop(frame.pts or 0, None)
            if encode and came is not None:
                made += self._encode(frame, came)
        return made

    def _encode(self, frame: VideoFrame, came: Packet) -> list[Packet]:
        planar = frame.to_ndarray(format="yuv420p", width=self._width, height=self._height)
        planar = burn_planar(np.ascontiguousarray(planar, np.uint8), self._masks)
        masked = VideoFrame.from_ndarray(planar, format="yuv420p")
        masked.pts, masked.time_base = round(came.media_s * TICKS), TIME_BASE
        self._packets += 1
        if came.media_s - self._key_s >= GOP_S or self._packets >= GOP_PACKETS_MAX:
            masked.pict_type = PictureType.I
            self._key_s, self._packets = came.media_s, 0
        # Without look-ahead each picture comes out at once, so its times are those of `came`.
        return [self._stamped(coded, came) for coded in self._encoder.encode(masked)]

    def _stamped(self, coded: AvPacket[Any], came: Packet) -> Packet:
        data = bytes(coded)
        return Packet(
            came.source,
            came.role,
            self._sets + data if coded.is_keyframe else data,
            coded.is_keyframe,
            came.media_s,
            came.media_s,
            came.captured_at,
            came.received_at,
            came.reanchored,
            self.info.generation,
        )


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = _context("libx264", "w")
    bits = int(BITS_PER_PIXEL * width * height)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = TIME_BASE, Fraction(25)
    encoder.flags |= Flags.global_header
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": "26",
        "maxrate": str(bits),
        "bufsize": str(bits),
        "g": "9999",  # keyframes are asked for by the stream's own time
        "forced-idr": "1",
        "sc_threshold": "0",
    }
    encoder.open()
    return encoder


def _context(codec: str, mode: Any) -> VideoCodecContext:
    context = CodecContext.create(codec, mode)
    if not isinstance(context, VideoCodecContext):
        raise NoRendition(f"{codec} is no video codec here")
    context.thread_count = 1
    return context


def _fitting(width: int, height: int) -> tuple[int, int]:
    """Even sides, the longer one at most LONG_SIDE_PX."""
    scale = min(1.0, LONG_SIDE_PX / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
