"""A reader that falls behind loses whole groups of pictures, is told so, and stays small."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.kit.clock import SimClock
from hub.live.items import Fault, Fragment, Init, Piece
from hub.live.readers import READER_BYTES_MAX, FragmentReader, Queue
from hub.types.media import StreamRole

INIT = Init(b"init", "avc1.4d401e", 64, 48, 0)


class Nowhere:
    """Gives nothing by itself."""

    def enter(self, reader: Queue[Any]) -> None:
        pass

    def leave(self, reader: Queue[Any]) -> None:
        pass


def fragment(number: int, size: int = 1000, gop: int = 10) -> Fragment:
    return Fragment(b"x" * size, number % gop == 0, number / 10, 1e9 + number / 10)


@pytest.fixture
def reader(clock: SimClock) -> FragmentReader:
    return FragmentReader(("c1", StreamRole.SUB), clock, Nowhere())


def shown(pieces: list[Piece]) -> list[str]:
    """In short: `i`nit, `k`eyframe, `p`icture, fault; `!` after a gap."""
    words = []
    for piece in pieces:
        if isinstance(piece, Fragment):
            words.append(("k" if piece.keyframe else "p") + "!" * piece.gap)
        else:
            words.append("i" if isinstance(piece, Init) else piece.code)
    return words


def test_who_keeps_up_loses_nothing(reader: FragmentReader, clock: SimClock) -> None:
    reader.begin([INIT, fragment(0), fragment(1)])
    got = reader.take()
    for number in range(2, 100):
        clock.advance(0.1)
        reader.put(fragment(number))
        got += reader.take()
    assert len(got) == 101
    assert reader.dropped == 0


def test_who_takes_nothing_goes_on_at_a_keyframe(reader: FragmentReader, clock: SimClock) -> None:
    reader.begin([INIT, fragment(0)])
    for number in range(1, 25):
        clock.advance(0.1)
        reader.put(fragment(number))
    got = reader.take()
    assert shown(got)[:3] == ["i", "k!", "p"]
    assert reader.dropped == 25 - (len(got) - 1)
    reader.put(fragment(25))
    assert shown(reader.take()) == ["p"], "the gap is told once"


def test_who_takes_too_slowly_is_behind_too(reader: FragmentReader, clock: SimClock) -> None:
    async def story() -> list[Piece]:
        got = []
        for number in range(100):  # ten a second come, five a second are taken
            clock.advance(0.1)
            reader.put(fragment(number))
            if number % 2 and reader._items:
                got.append(await anext(reader))
        return got

    got = asyncio.run(story())
    late = 100 / 10 - max(piece.media_s for piece in got if isinstance(piece, Fragment))
    assert late < 2.0
    assert reader.dropped > 20
    assert "k!" in shown(got)


def test_a_long_first_group_is_no_falling_behind(reader: FragmentReader, clock: SimClock) -> None:
    begun = [fragment(number, 100_000, 60) for number in range(50)]
    reader.begin([INIT, *begun])
    clock.advance(1.0)
    reader.put(fragment(51, 100_000, 60))
    assert len(reader.take()) == 52
    for number in range(52, 52 + READER_BYTES_MAX // 100_000 + 2):
        reader.put(fragment(number, 100_000, 1000))
    assert reader.dropped > 0


def test_bytes_are_bounded_too(reader: FragmentReader) -> None:
    for number in range(100):
        reader.put(fragment(number, 300_000))
    held = sum(len(piece.data) for piece in reader.take() if isinstance(piece, Fragment))
    assert held <= READER_BYTES_MAX + 300_000


def test_one_that_never_looks_stays_small(reader: FragmentReader, clock: SimClock) -> None:
    for number in range(1000):
        clock.advance(2.0)
        reader.put(INIT)
        reader.put(Fault("worker_gone", str(number)))
        reader.put(fragment(0))
    assert len(reader.take()) < 10


def test_a_fault_is_told_once_until_it_is_over(reader: FragmentReader) -> None:
    gone = Fault("worker_gone")
    for _ in range(3):
        reader.put(gone)
    reader.put(INIT)
    reader.put(fragment(0))
    reader.put(gone)
    assert shown(reader.take()) == ["worker_gone", "i", "k", "worker_gone"]
