"""The way of one stream's units: to packets for ring and relay, to frames for the models."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from hub.ingest import annexb
from hub.ingest.gate import Gate
from hub.ingest.health import Progress
from hub.ingest.ring import Ring
from hub.ingest.source import Decoded, Decoder, Header, SourceError, Unit
from hub.ingest.timeline import Timeline
from hub.types.media import Codec, Frame, Packet, StreamInfo, StreamRole

_STARTS = (b"\x00\x00\x00\x01", b"\x00\x00\x01")

HELD_MAX = 16
HELD_S = 0.5
"""So much waits for the next wanted picture at most: slow analysis must not become a burst that
keeps the processor from other cameras, nor hide from the watch that pictures come."""

OnPacket = Callable[[Packet, StreamInfo], None]
OnFrame = Callable[[Frame], None]


@dataclass(slots=True)
class Counts:
    """What passed one stream since the start; outlives connections and threads."""

    packets: int = 0
    bytes: int = 0
    dropped: int = 0
    frames_decoded: int = 0
    frames_analysed: int = 0
    gate_open: int = 0
    late: int = 0
    generation: int = -1


class PacketLane:
    """Units to packets: checked, stamped, described, kept in the ring, handed on. One thread."""

    def __init__(
        self,
        source: str,
        role: StreamRole,
        *,
        ring: Ring,
        counts: Counts,
        on_packet: OnPacket,
        timeline: Timeline | None = None,
    ) -> None:
        self._source = source
        self._role = role
        self._ring = ring
        self._counts = counts
        self._on_packet = on_packet
        self._timeline = timeline or Timeline()
        self._codec = Codec.H264
        self._info: StreamInfo | None = None
        self._running = False

    def begin(self, header: Header) -> None:
        """A connection begins: nothing passes before its first keyframe."""
        self._timeline.reconnect()
        self._running = False
        self._codec = header.codec
        sets = annexb.parameter_sets(header.codec, header.extradata)
        if sets and header.width and header.height:
            self._describe(header.codec, header.width, header.height, sets)
        elif self._info is not None and self._info.codec is not header.codec:
            self._info = None

    def take(self, unit: Unit, now: float, arrival: float) -> Packet | None:
        """The unit as a packet; None where it is empty, garbage, or before the first keyframe.

        `now` is UTC epoch, `arrival` monotonic seconds.
        """
        counts = self._counts
        data = unit.data
        counts.packets += 1
        counts.bytes += len(data)
        if unit.corrupt or not data.startswith(_STARTS):
            counts.dropped += 1
            return None
        keyframe = unit.keyframe
        if keyframe:
            self._read_sets(data)
            self._running = self._info is not None
        info = self._info
        if info is None or not self._running:
            return None
        stamp = self._timeline.stamp(unit.pts_s, unit.dts_s, now, arrival)
        packet = Packet(
            self._source,
            self._role,
            data,
            keyframe,
            stamp.media_s,
            stamp.dts_s,
            stamp.captured_at,
            stamp.received_at,
            stamp.reanchored,
            info.generation,
        )
        self._ring.add(packet, info)
        self._on_packet(packet, info)
        return packet

    def _read_sets(self, keyframe: bytes) -> None:
        sets = annexb.parameter_sets(self._codec, keyframe)
        if not sets or (self._info is not None and sets in self._info.extradata):
            return
        width, height = annexb.picture_size(self._codec, b"", keyframe)
        if width and height:
            self._describe(self._codec, width, height, sets)

    def _describe(self, codec: Codec, width: int, height: int, sets: bytes) -> None:
        old = self._info
        size = (codec, width, height)
        if old is not None and size == (old.codec, old.width, old.height) and sets in old.extradata:
            return
        self._counts.generation += 1
        self._info = StreamInfo(codec, width, height, sets, self._counts.generation)


class _Held(NamedTuple):
    """A packet that waits to be decoded."""

    unit: Unit
    packet: Packet
    arrival: float


class FrameLane:
    """Packets to frames: decoded as far as needed, picked by media time, gated. One thread.

    All packets are decoded, since each picture builds on the one before, unless keyframes
    alone come often enough for `analysis_fps`. Those between two wanted pictures wait and are
    decoded with the wanted one, in one go: it is late by no more than their decoding, and a
    decoder that runs once in five pictures finds its tables still in the processor's cache. A
    packet that is taken up more than `late_s` after it could have been tells of a host that does
    not keep up: then all up to the next keyframe pass undecoded (counted in `late`), so that what
    is seen is what happens now.
    """

    def __init__(
        self,
        source: str,
        analysis_fps: float,
        *,
        gate: Gate,
        counts: Counts,
        progress: Progress,
        on_frame: OnFrame,
        late_s: float = math.inf,
    ) -> None:
        self._source = source
        self._late_s = late_s
        self._behind = False
        self._period_s = 1.0 / analysis_fps
        self._gate = gate
        self._counts = counts
        self._progress = progress
        self._on_frame = on_frame
        self._decoder: Decoder | None = None
        self._due_s = float("-inf")
        self._held: list[_Held] = []
        self._fed_s = self._last_s = float("-inf")
        self._keyframe_s: float | None = None
        self._keyframes_only = False

    def begin(self, decoder: Decoder) -> None:
        """A connection begins, with a decoder of its own."""
        self._decoder = decoder
        self._held.clear()
        self._fed_s = self._last_s = float("-inf")
        self._keyframe_s = None
        self._keyframes_only = False
        self._behind = False

    def take(self, unit: Unit, packet: Packet, arrival: float) -> bool:
        """Decode the unit if its picture, or a later one, is wanted; False where that failed."""
        if packet.keyframe:
            self._note_rhythm(packet.media_s)
        if self._is_late(packet):
            return True
        if self._keyframes_only and not (packet.keyframe and self._is_due(packet.media_s)):
            # Progress all the same: the next keyframe is near and nothing else is wanted.
            self._held.clear()
            near = packet.media_s < self._due_s + self._period_s
            if near:
                self._progress.picture_at = arrival
            return near
        self._held.append(_Held(unit, packet, arrival))
        step_s, self._last_s = packet.media_s - self._last_s, packet.media_s
        return self._may_wait(packet, step_s) or self._decode_held()

    def _may_wait(self, packet: Packet, step_s: float) -> bool:
        """Whether no wanted picture is in this packet or on its way out of the decoder."""
        if packet.keyframe or len(self._held) >= HELD_MAX:
            return False
        if max(step_s, packet.media_s - self._held[0].packet.media_s) >= HELD_S:
            return False
        return not self._is_due(max(packet.media_s, self._fed_s))

    def _decode_held(self) -> bool:
        """Decode what waited, in its order; whether a picture came of it."""
        held, self._held = self._held, []
        came = [self._decode(*each) for each in held]
        return any(came)

    def _decode(self, unit: Unit, packet: Packet, arrival: float) -> bool:
        decoder = self._decoder
        if decoder is None:
            return False
        self._fed_s = max(self._fed_s, packet.media_s)
        try:
            pictures = decoder.decode(unit)
        except SourceError:
            self._counts.dropped += 1
            return False
        shift_s = 0.0 if unit.pts_s is None else packet.media_s - unit.pts_s
        for decoded in pictures:
            sent_s = decoded.pts_s
            media_s = packet.media_s if sent_s is None else sent_s + shift_s
            self._picture(decoded, packet, media_s, arrival)
        return bool(pictures)

    def _is_late(self, packet: Packet) -> bool:
        late = packet.received_at - packet.captured_at > self._late_s
        if packet.keyframe:  # shows what there is now, and ends a gap
            self._behind = late
            return False
        self._behind = self._behind or late
        if self._behind:
            self._counts.late += 1 + len(self._held)
            self._held.clear()
        return self._behind

    def finish(self, packet: Packet, unit: Unit, arrival: float) -> None:
        """The media ended after `packet`: hand on what the decoder still holds."""
        if self._decoder is None:
            return
        self._decode_held()
        shift_s = 0.0 if unit.pts_s is None else packet.media_s - unit.pts_s
        for decoded in self._decoder.flush():
            if decoded.pts_s is not None:
                self._picture(decoded, packet, decoded.pts_s + shift_s, arrival)

    def _note_rhythm(self, media_s: float) -> None:
        before, self._keyframe_s = self._keyframe_s, media_s
        if before is not None:
            self._keyframes_only = media_s - before <= 1.05 * self._period_s

    def _is_due(self, media_s: float) -> bool:
        # A tenth early is on time: cameras' clocks jitter.
        return media_s + 0.1 * self._period_s >= self._due_s

    def _picture(self, decoded: Decoded, packet: Packet, media_s: float, arrival: float) -> None:
        self._counts.frames_decoded += 1
        self._progress.picture_at = arrival
        due = self._is_due(media_s)
        if due or decoded.keyframe:
            # Every eighth row is enough to tell two pictures apart, at an eighth of the copy.
            sample = decoded.picture.luma()[::8].tobytes()
            self._progress.saw_picture(sample, decoded.keyframe, arrival)
        if not due:
            return
        following_s = self._due_s + self._period_s
        # Far behind (the start, a gap): begin a new beat rather than catch up.
        self._due_s = following_s if following_s > media_s else media_s + self._period_s
        counts = self._counts
        ruling = self._gate.judge(decoded.picture.luma(), media_s)
        counts.gate_open += ruling.open
        counts.frames_analysed += 1
        self._on_frame(
            Frame(
                self._source,
                counts.frames_analysed,
                packet.captured_at + media_s - packet.media_s,
                packet.received_at,
                media_s,
                decoded.picture,
                decoded.keyframe,
                ruling.open,
            )
        )
