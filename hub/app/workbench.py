"""Work that waits for a thread of its own, bounded in number and in bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from hub.kit.channel import Channel, WhenFull
from hub.kit.errors import Retryable


@dataclass(frozen=True, slots=True)
class _Piece:
    size_bytes: int
    make: Callable[[], None]


class Workbench:
    """Pieces of work, made one after the other; what finds no room is refused at once.

    What waits holds pictures or packets in memory, so that a backlog is bounded by its bytes too;
    a piece larger than all of that is taken alone.
    """

    def __init__(self, capacity: int, bytes_max: int) -> None:
        self._waiting: Channel[_Piece] = Channel(capacity, WhenFull.DROP_NEW)
        self._bytes_max = bytes_max
        self._held_bytes = 0
        self._lock = threading.Lock()
        self._again: _Piece | None = None

    def __len__(self) -> int:
        return len(self._waiting) + (self._again is not None)

    def offer(self, size_bytes: int, make: Callable[[], None]) -> bool:
        """Take a piece of work that holds `size_bytes`; False where there is no room."""
        with self._lock:
            if self._held_bytes and self._held_bytes + size_bytes > self._bytes_max:
                return False
            if not self._waiting.put(_Piece(size_bytes, make)):
                return False
            self._held_bytes += size_bytes
            return True

    def step(self) -> float:
        """Make one piece. Raises Retryable for one that must wait: it is the next one again."""
        piece = self._again or self._waiting.get(timeout_s=1.0)
        self._again = None
        if piece is None:
            return 0.0
        try:
            piece.make()
        except Retryable:
            self._again = piece
            raise
        finally:
            if self._again is None:
                self._let_go(piece)
        return 0.0

    def _let_go(self, piece: _Piece) -> None:
        with self._lock:
            self._held_bytes -= piece.size_bytes
