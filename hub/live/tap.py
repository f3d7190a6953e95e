"""The worker's side: who listens to which stream. Idle streams cost a look-up per packet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.kit.clock import Clock
from hub.kit.masks import Mask
from hub.live.items import Fault
from hub.live.streams import Listener, Recent, Stream
from hub.live.wire import Key
from hub.types.media import Packet, StreamInfo, StreamRole

RENDITIONS_MAX = 4
"""Masked streams painted at a time in one worker: each costs a good part of a core."""
LINGER_S = 5.0
"""A rendition outlives its last viewer by this: the next page often shows the same camera."""
TEND_S = 1.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A camera's streams by role, each with what is kept of it, and the camera's masks."""

    recent: Mapping[StreamRole, Recent]
    masks: Sequence[Mask] = ()


class Rendition(Listener, Protocol):
    """Listens to a stream and makes one with the masks burnt in (live/rendition.py)."""

    @property
    def painted(self) -> Stream:
        """What it makes."""
        ...

    def stop(self) -> None:
        """It is not wanted any more."""
        ...


StartRendition = Callable[[Key, Sequence[Mask]], Rendition]


@dataclass(slots=True)
class _Open:
    """A stream that flows: `raw` is fed by the camera, `shown` is what listeners are given.

    With masks they differ, and no listener ever comes to `raw`.
    """

    raw: Stream
    shown: Stream
    rendition: Rendition | None = None
    idle_since: float | None = None


class Tap:
    """Joins what cameras send with who wants it; any thread.

    Wants stand until they are dropped: a camera that comes later, or comes again, is given to
    those who asked for it before.
    """

    def __init__(self, start_rendition: StartRendition, clock: Clock) -> None:
        self._start_rendition = start_rendition
        self._clock = clock
        self._lock = threading.Lock()
        self._offers: dict[str, Offer] = {}
        self._wants: dict[Key, list[Listener]] = {}
        self._open: dict[Key, _Open] = {}
        self._fed: dict[str, tuple[Stream, ...]] = {}

    def offer(self, packet: Packet, info: StreamInfo) -> None:
        """One packet of any camera, in that camera's thread."""
        streams = self._fed.get(packet.source)
        if streams is not None:
            for stream in streams:
                if stream.role is packet.role:
                    stream.take(packet, info)

    def begin(self, camera: str, offer: Offer) -> None:
        """The camera is here from now on; those who wait for it are served."""
        with self._lock:
            self._offers[camera] = offer
            for key, listeners in self._wants.items():
                if key[0] == camera:
                    self._serve(key, listeners)

    def end(self, camera: str) -> None:
        """The camera is gone; who listens is told so and waits."""
        with self._lock:
            self._offers.pop(camera, None)
            for key, listeners in self._wants.items():
                if key[0] == camera:
                    self._tell(listeners, "not_watched", f"{camera} is not watched here")
            for key in [key for key in self._open if key[0] == camera]:
                self._shut(key)

    def want(self, key: Key, listener: Listener) -> None:
        """Give the stream to `listener` from its last keyframe on, or the reason why not."""
        with self._lock:
            self._wants.setdefault(key, []).append(listener)
            self._serve(key, [listener])

    def drop(self, key: Key, listener: Listener) -> None:
        """Nothing more to `listener`."""
        with self._lock:
            left = [each for each in self._wants.get(key, ()) if each is not listener]
            if left:
                self._wants[key] = left
            else:
                self._wants.pop(key, None)
            if (opened := self._open.get(key)) is not None:
                opened.shown.remove(listener)
                self._let_go(key, opened)

    def tend(self) -> float:
        """One look, for kit.supervise: idle renditions end, those who waited for a place get it."""
        now = self._clock.monotonic()
        with self._lock:
            for key in [key for key, opened in self._open.items() if opened.idle_since is not None]:
                if now - (self._open[key].idle_since or 0.0) >= LINGER_S:
                    self._shut(key)
            for key, listeners in self._wants.items():
                if key[0] in self._offers and key not in self._open:
                    self._serve(key, listeners)
        return TEND_S

    def stop(self) -> None:
        """End all renditions."""
        with self._lock:
            for key in list(self._open):
                self._shut(key)

    def _serve(self, key: Key, listeners: Sequence[Listener]) -> None:
        camera, role = key
        offer = self._offers.get(camera)
        if offer is None:
            self._tell(listeners, "not_watched", f"{camera} is not watched here")
        elif role not in offer.recent:
            self._tell(listeners, "no_such_stream", f"{camera} has no {role.value} stream")
        elif (opened := self._opened(key, offer)) is None:
            busy = f"{RENDITIONS_MAX} masked streams are shown already"
            self._tell(listeners, "masked_busy", busy)
        else:
            opened.idle_since = None
            for listener in listeners:
                opened.shown.add(listener)

    def _opened(self, key: Key, offer: Offer) -> _Open | None:
        if key in self._open:
            return self._open[key]
        raw = Stream(key[1], offer.recent[key[1]])
        opened = _Open(raw, raw)
        if offer.masks:
            if not self._has_room():
                return None
            opened.rendition = self._start_rendition(key, offer.masks)
            opened.shown = opened.rendition.painted
            raw.add(opened.rendition)
        self._open[key] = opened
        self._feed(key[0])
        return opened

    def _has_room(self) -> bool:
        running = [key for key, opened in self._open.items() if opened.rendition is not None]
        idle = [key for key in running if self._open[key].idle_since is not None]
        if len(running) >= RENDITIONS_MAX and idle:
            self._shut(idle.pop())
            return True
        return len(running) < RENDITIONS_MAX

    def _let_go(self, key: Key, opened: _Open) -> None:
        if opened.shown.listeners:
            return
        if opened.rendition is None:
            self._shut(key)
        else:
            opened.idle_since = self._clock.monotonic()

    def _shut(self, key: Key) -> None:
        opened = self._open.pop(key)
        self._feed(key[0])
        if opened.rendition is not None:
            opened.rendition.stop()

    def _feed(self, camera: str) -> None:
        streams = tuple(opened.raw for key, opened in self._open.items() if key[0] == camera)
        if streams:
            self._fed[camera] = streams
        else:
            self._fed.pop(camera, None)

    @staticmethod
    def _tell(listeners: Sequence[Listener], code: str, detail: str) -> None:
        for listener in listeners:
            listener.fault(Fault(code, detail))
