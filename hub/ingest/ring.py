"""The last seconds of one encoded stream, for the clip of an alert."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field

from hub.kit.errors import NotFound
from hub.types.media import Packet, StreamInfo
from hub.types.site import Spec

log = logging.getLogger(__name__)


class RingPolicy(Spec):
    """How much is kept: `keep_s` before the newest packet plus the GOP that covers its start."""

    keep_s: float = 10.0
    cap_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a stream that can be played: it starts at a keyframe, all of one generation."""

    info: StreamInfo
    packets: tuple[Packet, ...]


@dataclass(slots=True)
class _Gop:
    info: StreamInfo
    packets: list[Packet] = field(default_factory=list)
    size_bytes: int = 0


class Ring:
    """Whole GOPs, oldest dropped first; any thread.

    `shortened` is true while the cap in bytes keeps it below `keep_s`.
    """

    def __init__(self, name: str, policy: RingPolicy = RingPolicy()) -> None:
        self._name = name
        self._policy = policy
        self._gops: deque[_Gop] = deque()
        self._lock = threading.Lock()
        self._size_bytes = 0
        self.shortened = False

    def add(self, packet: Packet, info: StreamInfo) -> None:
        """Append; what comes before the first keyframe is not kept."""
        size = len(packet.data)
        with self._lock:
            if packet.keyframe:
                self._gops.append(_Gop(info))
                self._drop_old(packet.dts_s)
            if not self._gops:
                return
            gop = self._gops[-1]
            gop.packets.append(packet)
            gop.size_bytes += size
            self._size_bytes += size
            over = self._size_bytes > self._policy.cap_bytes
            if over:
                self._drop_to_cap()
        if over != self.shortened and (over or packet.keyframe):
            self._tell(over)

    def _drop_old(self, newest_s: float) -> None:
        horizon_s = newest_s - self._policy.keep_s
        while len(self._gops) > 2 and self._gops[1].packets[0].dts_s <= horizon_s:
            self._size_bytes -= self._gops.popleft().size_bytes

    def _drop_to_cap(self) -> None:
        while self._gops and self._size_bytes > self._policy.cap_bytes:
            self._size_bytes -= self._gops.popleft().size_bytes

    def _tell(self, over: bool) -> None:
        if over:
            log.warning(
                "ring %s: more than %d MB in %.0f s, the pre-roll of clips is shortened",
                self._name, self._policy.cap_bytes >> 20, self._policy.keep_s,
            )  # fmt: skip
            self.shortened = True
        elif self.span_s() >= self._policy.keep_s:
            log.info("ring %s: full pre-roll again", self._name)
            self.shortened = False

    def span_s(self) -> float:
        """Seconds from the oldest to the newest packet."""
        with self._lock:
            filled = [gop for gop in self._gops if gop.packets]
            if not filled:
                return 0.0
            return filled[-1].packets[-1].dts_s - filled[0].packets[0].dts_s

    @property
    def size_bytes(self) -> int:
        """Bytes of encoded video kept."""
        return self._size_bytes

    def cut(self, from_s: float, to_s: float) -> Cut:
        """Packets captured between (UTC epoch), from the keyframe at or before `from_s` on.

        Where the stream changed its parameters in between, the newer part. Raises NotFound
        (`no_packets`) when nothing of it is kept.
        """
        with self._lock:
            gops = [(gop.info, tuple(gop.packets)) for gop in self._gops if gop.packets]
        first = 0
        for index, (_, packets) in enumerate(gops):
            if packets[0].captured_at <= from_s:
                first = index
        picked = [
            (info, packets) for info, packets in gops[first:] if packets[0].captured_at <= to_s
        ]
        if not picked or picked[-1][1][-1].captured_at < from_s:
            raise NotFound("nothing of that time is kept", code="no_packets")
        info = picked[-1][0]
        return Cut(
            info,
            tuple(
                packet
                for gop_info, packets in picked
                if gop_info.generation == info.generation
                for packet in packets
                if packet.captured_at <= to_s
            ),
        )
