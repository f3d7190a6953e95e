"""An error ends the future it concerns and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from hub.kit.into import Into


def test_an_error_goes_to_who_awaits_and_the_first_one_counts() -> None:
    async def story() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with Into(future):
            pass
        assert not future.done()
        for text in ("first", "second"):
            with Into(future):
                raise ValueError(text)
        with pytest.raises(ValueError, match="first"):
            await future

    asyncio.run(story())


def test_what_ends_the_process_is_not_held_back() -> None:
    async def story() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with pytest.raises(KeyboardInterrupt), Into(future):
            raise KeyboardInterrupt
        assert not future.done()

    asyncio.run(story())
