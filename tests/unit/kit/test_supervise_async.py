"""The same restart of a failed turn on an event loop with another owner."""

from __future__ import annotations

import asyncio

import pytest

from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.supervise import Backoff, keep


def test_a_failed_turn_is_taken_again_and_a_cancel_ends_it(
    clock: SimClock, caplog: pytest.LogCaptureFixture
) -> None:
    turns: list[str] = []

    async def step() -> float:
        turns.append("turn")
        if len(turns) == 1:
            raise Retryable("not yet")
        if len(turns) == 2:
            raise ValueError("a defect")
        return 0.0 if len(turns) < 5 else 3600.0

    async def story() -> None:
        kept = asyncio.create_task(keep("story", step, clock, backoff=Backoff(first_s=0.001)))
        async with asyncio.timeout(20):
            while len(turns) < 5:
                await asyncio.sleep(0.005)
        kept.cancel()
        with pytest.raises(asyncio.CancelledError):
            await kept

    asyncio.run(story())
    said = [(record.getMessage(), bool(record.exc_info)) for record in caplog.records]
    assert said == [
        ("loop story failed (1 in a row): not yet", False),
        ("loop story failed (2 in a row): a defect", True),
    ]
