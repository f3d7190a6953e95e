"""A bounded queue between two threads that says what it drops when full."""

from __future__ import annotations

import threading
from collections import deque
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class WhenFull(StrEnum):
    """What `put` does when there is no room."""

    DROP_OLDEST = "drop_oldest"
    DROP_NEW = "drop_new"
    WAIT = "wait"


class Closed(Exception):
    """The channel was closed and holds nothing more."""


class Channel(Generic[T]):
    """FIFO of at most `capacity` items; `dropped` counts what was lost by policy."""

    def __init__(self, capacity: int, when_full: WhenFull) -> None:
        if capacity < 1:
            raise ValueError("a channel holds at least one item")
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._when_full = when_full
        self._closed = False
        self._changed = threading.Condition()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T, timeout_s: float = 5.0) -> bool:
        """Add an item; False if it, or an older one (DROP_OLDEST), was lost or the wait ran out."""
        with self._changed:
            kept = True
            if len(self._items) >= self._capacity and not self._closed:
                kept = self._make_room(timeout_s)
                if not kept and self._when_full is not WhenFull.DROP_OLDEST:
                    return False
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return kept

    def _make_room(self, timeout_s: float) -> bool:
        if self._when_full is WhenFull.WAIT:
            return self._changed.wait_for(
                lambda: self._closed or len(self._items) < self._capacity, timeout_s
            )
        self.dropped += 1
        if self._when_full is WhenFull.DROP_OLDEST:
            self._items.popleft()
        return False

    def get(self, timeout_s: float) -> T | None:
        """The oldest item, or None when `timeout_s` ran out. Raises Closed at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._items), timeout_s)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._closed:
                raise Closed
            return None

    def close(self) -> None:
        """No more puts; gets drain what is left, then raise Closed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
