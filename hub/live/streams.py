"""One wanted stream in the worker, and what each of its listeners is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from hub.live.items import Fault
from hub.types.media import Packet, StreamInfo, StreamRole

Recent = Callable[[], tuple[StreamInfo, Sequence[Packet]] | None]
"""What is kept of a stream, of one generation, oldest first; None while there is nothing."""


class Listener(Protocol):
    """Who is given a stream, in the threads of its camera: must return at once, may drop."""

    def describe(self, info: StreamInfo) -> None:
        """The packets from here on are like this."""
        ...

    def packet(self, packet: Packet) -> None:
        """One packet."""
        ...

    def fault(self, fault: Fault) -> None:
        """There is nothing now, for this reason."""
        ...


class _Flow:
    """What one listener is given: from the last keyframe on, nothing twice."""

    def __init__(self, listener: Listener, recent: Recent) -> None:
        self._listener = listener
        self._info: StreamInfo | None = None
        self._last: Packet | None = None
        self._running = False
        found = recent()
        if found is not None:
            info, packets = found
            for packet in since_keyframe(packets):
                self.take(packet, info)

    def take(self, packet: Packet, info: StreamInfo) -> None:
        # What is kept may hold already what its own thread brings now: only ever the newest one.
        if packet is self._last:
            return
        self._last = packet
        self._running = self._running or packet.keyframe
        if not self._running:
            return
        if info is not self._info:
            self._info = info
            self._listener.describe(info)
        self._listener.packet(packet)


class Stream:
    """A stream with all who listen to it; any thread.

    Whoever calls `take` has put the packet into what `recent` tells of before.
    """

    def __init__(self, role: StreamRole, recent: Recent) -> None:
        self.role = role
        self._recent = recent
        self._lock = threading.Lock()
        self._flows: dict[Listener, _Flow] = {}

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._flows)

    def add(self, listener: Listener) -> None:
        """Everything since the last keyframe, then live."""
        # Between the look at what is kept and the first live packet nothing may pass.
        with self._lock:
            self._flows[listener] = _Flow(listener, self._recent)

    def remove(self, listener: Listener) -> None:
        """Nothing more to this one, from the return on."""
        with self._lock:
            self._flows.pop(listener, None)

    def take(self, packet: Packet, info: StreamInfo) -> None:
        """One packet to all."""
        with self._lock:
            for flow in self._flows.values():
                flow.take(packet, info)


def since_keyframe(packets: Sequence[Packet]) -> Sequence[Packet]:
    """The packets from the last keyframe on, none where there is no keyframe."""
    for at in range(len(packets) - 1, -1, -1):
        if packets[at].keyframe:
            return packets[at:]
    return ()
