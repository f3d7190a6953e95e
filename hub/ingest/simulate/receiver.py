"""One client of one stream: what is sent to it, and what is dropped when it is slow."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hub.ingest.simulate.rtp import RtpStream

_BUFFER_BYTES_MAX = 1024 * 1024
_LINK_BYTES_MAX = 256 * 1024
_REPORT_EVERY_S = 5.0
_STUCK_S = 30.0


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One frame on its way: the payloads of its RTP packets and its place in time."""

    payloads: list[bytes]
    timestamp: int
    keyframe: bool
    at: float
    """Moment of sending, UTC epoch seconds."""


class Wire(Protocol):
    """Where packets go: an interleaved TCP connection or a pair of UDP ports."""

    def send(self, packets: list[bytes]) -> None:
        """Send RTP packets."""
        ...

    def report(self, packet: bytes) -> None:
        """Send an RTCP packet."""
        ...

    def waiting_bytes(self) -> int:
        """Bytes not yet taken by the system."""
        ...

    def abort(self) -> None:
        """Drop the connection at once."""
        ...


class Receiver:
    """Sends frames to one client without ever waiting for it.

    A client that does not keep up loses frames up to the next keyframe; they are counted in
    `dropped`. One that takes nothing for 30 s is cut off.
    """

    def __init__(self, wire: Wire, rng: random.Random, monotonic: Callable[[], float]) -> None:
        self.rtp = RtpStream(rng.getrandbits(32), rng.getrandbits(16))
        self.wire = wire
        self.dropped = 0
        self._monotonic = monotonic
        self._need_keyframe = True
        self._losing = False
        self._reported_at = float("-inf")
        self._stuck_since: float | None = None
        self._link: deque[bytes] = deque()
        self._link_bytes = 0
        self._link_paid_at = monotonic()

    def resume_at_keyframe(self) -> None:
        """After a gap: nothing is sent before the next keyframe."""
        self._need_keyframe = True

    def offer(self, frame: LiveFrame, rate_kbps: float | None) -> bool:
        """Send a frame or drop it; True if sent. `rate_kbps` is the limit of a slow link."""
        if self._need_keyframe and not frame.keyframe:
            self.dropped += self._losing
            return False
        self._losing = self._need_keyframe = self._full()
        if self._losing:
            self.dropped += 1
            return False
        packets = self.rtp.packets_of(frame.payloads, frame.timestamp)
        if rate_kbps is None and not self._link:
            self.wire.send(packets)
        else:
            self._link.extend(packets)
            self._link_bytes += sum(map(len, packets))
        self._report(frame)
        return True

    def pay_out(self, rate_kbps: float | None) -> None:
        """Let as much of the slow link's queue go as its rate allows since the last call."""
        now = self._monotonic()
        rate = float("inf") if rate_kbps is None else rate_kbps * 125
        packets = []
        # Time is what is paid with, so that credit for half a packet is not lost between calls.
        while self._link and self._link_paid_at + len(self._link[0]) / rate <= now:
            packet = self._link.popleft()
            self._link_bytes -= len(packet)
            self._link_paid_at += len(packet) / rate
            packets.append(packet)
        if packets:
            self.wire.send(packets)
        if not self._link:
            self._link_paid_at = now

    def _full(self) -> bool:
        stuck = self.wire.waiting_bytes() > _BUFFER_BYTES_MAX
        if not stuck:
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = self._monotonic()
        elif self._monotonic() - self._stuck_since > _STUCK_S:
            self.wire.abort()
        return stuck or self._link_bytes > _LINK_BYTES_MAX

    def _report(self, frame: LiveFrame) -> None:
        now = self._monotonic()
        if now - self._reported_at >= _REPORT_EVERY_S:
            self._reported_at = now
            self.wire.report(self.rtp.sender_report(frame.at, frame.timestamp))
