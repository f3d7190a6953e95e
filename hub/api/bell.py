"""Wakes the readers of the feed; it carries no content, so a lost ring loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref

import anyio


class Listener:
    """One reader's ear: taken before it looks at the feed, so that no ring falls in between."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def wake(self) -> None:
        """From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and its readers with it
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, timeout_s: float) -> bool:
        """True once rung, False after `timeout_s`."""
        with anyio.move_on_after(timeout_s):
            await self._rung.wait()
            return True
        return False


class Bell:
    """Rung from any thread when the feed has grown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: weakref.WeakSet[Listener] = weakref.WeakSet()

    def listen(self) -> Listener:
        """A fresh ear; it hears every ring from now on."""
        listener = Listener()
        with self._lock:
            self._listeners.add(listener)
        return listener

    def ring(self) -> None:
        """Wake everyone who listens."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.wake()
