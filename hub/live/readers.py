"""One reader's queue: bounded, and what it loses it loses by whole groups of pictures."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from hub.kit.clock import Clock
from hub.live.items import Described, Fault, Fragment, Init, Item, Piece
from hub.live.wire import Form, Key
from hub.types.media import Packet

READER_S_MAX = 1.5
READER_BYTES_MAX = 2 << 20

T = TypeVar("T", Item, Piece)


class Home(Protocol):
    """Where readers come and go (the relay)."""

    def enter(self, reader: Queue[Any]) -> None:
        """Give it its stream."""
        ...

    def leave(self, reader: Queue[Any]) -> None:
        """Nothing more to it."""
        ...


class Queue(Generic[T]):
    """Async context manager and async iterator; `take` gives all at once without waiting.

    Enter it on the relay's event loop, and use it there only. `dropped` counts the pictures it
    lost by falling behind: something waits for `READER_S_MAX` seconds, or more than
    `READER_BYTES_MAX` waiting beyond what it was given to begin with.
    """

    form: ClassVar[Form]

    def __init__(self, key: Key, clock: Clock, home: Home) -> None:
        self.key = key
        self._clock = clock
        self._home = home
        self._items: deque[tuple[float, T]] = deque()  # since when (monotonic) it waits
        self._bytes = 0
        self._head_start_bytes = 0
        self._skipping = False
        self._fault: Fault | None = None
        self._arrived = asyncio.Event()
        self._ended = False
        self.dropped = 0

    def open(self) -> Self:
        """Enter without `async with`, for those who look by a beat of their own; then `close`."""
        self._home.enter(self)
        return self

    def close(self) -> None:
        """Leave; what waits can still be taken."""
        self._home.leave(self)
        self.end()

    async def __aenter__(self) -> Self:
        return self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._ended:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        _, item = self._items.popleft()
        self._bytes -= _size(item)
        if not self._items:
            self._head_start_bytes = 0
        return item

    def take(self) -> list[T]:
        """All that waits, maybe nothing; for those who look by a beat of their own."""
        if not self._items:
            return []
        taken = [item for _, item in self._items]
        self._items.clear()
        self._bytes = self._head_start_bytes = 0
        return taken

    @property
    def ended(self) -> bool:
        """The relay was closed: nothing comes any more."""
        return self._ended

    def begin(self, items: Sequence[T]) -> None:
        """What there is to begin with, however long the group of pictures may be."""
        for item in items:
            self._put(item)
        self._head_start_bytes = self._bytes

    def put(self, item: T) -> None:
        """One more, unless the reader is behind: then it goes on at the next keyframe."""
        if not self._items and not self._skipping and type(item) is Fragment:
            # Almost always so on a wall, and thousands of times a second: the short way.
            self._fault = None
            self._items.append((self._clock.monotonic(), item))
            self._bytes = len(item.data)
            self._arrived.set()
            return
        if self._is_behind():
            self._lose()
        if isinstance(item, Fault):
            if item != self._fault:
                self._put(item)
            self._fault = item
            return
        self._fault = None
        if isinstance(item, (Described, Init)):
            self._skipping = False  # a keyframe follows
            self._put(item)
            return
        if self._skipping:
            if not item.keyframe:
                self.dropped += 1
                return
            self._skipping = False
            item = _after_gap(item)
        self._put(item)

    def _put(self, item: T) -> None:
        self._items.append((self._clock.monotonic(), item))
        self._bytes += _size(item)
        self._arrived.set()

    def _is_behind(self) -> bool:
        if not self._items:
            return False
        if self._bytes > READER_BYTES_MAX + self._head_start_bytes:
            return True
        return self._clock.monotonic() - self._items[0][0] > READER_S_MAX

    def _lose(self) -> None:
        kept = [w for w in self._items if not isinstance(w[1], (Packet, Fragment))]
        self.dropped += len(self._items) - len(kept)
        # Of descriptions and faults only the newest counts: a reader that is gone stays small.
        self._items = deque((self._clock.monotonic(), item) for _, item in kept[-1:])
        self._bytes = sum(_size(item) for _, item in self._items)
        self._head_start_bytes = 0
        self._skipping = True

    def end(self) -> None:
        """No more; what waits can still be taken."""
        self._ended = True
        self._arrived.set()


class Reader(Queue[Item]):
    """Packets of one stream: `Described`, then since the last keyframe, then live."""

    form = Form.PACKETS


class FragmentReader(Queue[Piece]):
    """Fragments of one stream: `Init`, then since the last keyframe, then live."""

    form = Form.FRAGMENTS


def _size(item: Item | Piece) -> int:
    return 0 if isinstance(item, (Described, Fault)) else len(item.data)


def _after_gap(item: T) -> T:
    return item._replace(gap=True) if isinstance(item, Fragment) else item
