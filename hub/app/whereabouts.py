"""What the workers say of themselves each second, and by it which of them has a camera."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from hub.kit.clock import Clock
from hub.kit.errors import Retryable

log = logging.getLogger(__name__)

FRESH_S = 1.0
HEARD_S = 1.25
"""What the walls have heard at their rounds, a little more than a second apart, is good for all."""


Bodies = dict[str, dict[str, Any]]
"""What processes last said, by process; not to be changed."""


class Beats(Protocol):
    """What processes last said of themselves (the store's Heartbeats)."""

    def all(self) -> Bodies:
        """Body by process. Raises Retryable when Redis is gone."""
        ...


class Lately:
    """Beats as one of those who ask last heard them, for the others within a second; any thread.

    While a wall is open both the walls and the relay ask each second.
    """

    def __init__(self, beats: Beats, clock: Clock) -> None:
        self._beats = beats
        self._clock = clock
        self._last: tuple[float, Bodies] = float("-inf"), {}

    def now(self) -> Bodies:
        """Ask. Raises what `beats` raise."""
        said = self._beats.all()
        self._last = self._clock.monotonic(), said
        return said

    def all(self) -> Bodies:
        """At most a second old. Raises what `beats` raise."""
        at, said = self._last
        return said if self._clock.monotonic() - at < FRESH_S else self.now()

    def heard(self) -> Bodies | None:
        """What was heard just now, without asking."""
        at, said = self._last
        return said if self._clock.monotonic() - at < HEARD_S else None


class Whereabouts:
    """Asks at most once a second, in a thread of its own; for one event loop.

    Where another has just asked, that is good here too. Without Redis the last answer stands: a
    worker that lives is still found.
    """

    def __init__(
        self,
        beats: Callable[[], Bodies],
        clock: Clock,
        heard: Callable[[], Bodies | None] = lambda: None,
    ) -> None:
        """`beats` asks, `heard` tells what another has heard just now."""
        self._beats = beats
        self._heard = heard
        self._clock = clock
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._addresses: dict[str, str] = {}

    async def find(self, camera_id: str) -> str | None:
        """Address of the relay of the camera's worker; None where nobody watches the camera."""
        async with self._asking:
            if self._clock.monotonic() - self._asked_at >= FRESH_S:
                await self._ask()
        return self._addresses.get(camera_id)

    async def _ask(self) -> None:
        try:
            bodies = self._heard()
            if bodies is None:
                bodies = await asyncio.to_thread(self._beats)
            self._addresses = _addresses(bodies)
        except Retryable as error:
            log.debug("the cameras' workers are looked for where they were: %s", error)
        self._asked_at = self._clock.monotonic()


def _addresses(bodies: Bodies) -> dict[str, str]:
    return {
        camera["id"]: body["live"]
        for body in bodies.values()
        if "live" in body
        for camera in body.get("cameras", ())
    }
