"""An error goes to whom it concerns, not to whoever happened to call."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Into:
    """`with Into(future):` an error inside ends the future instead of the caller.

    For one timer that serves many: what goes wrong with one of them must not keep it from the
    others, and must still be raised where that one is awaited (and there by kit.supervise told).
    """

    def __init__(self, future: asyncio.Future[None]) -> None:
        self._future = future

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if not self._future.done():
            self._future.set_exception(error)
        return True
