"""How the api reads its workers: at ticks, again while much comes, whatever one of them says."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from hub.live.channel import Channel
from hub.live.items import Fragment, Init
from hub.types.media import StreamInfo
from tests.unit.live.streams import Recorded, recorded
from tests.unit.live.town import MAIN, SUB, Town, some, told, until


@pytest.fixture(scope="module")
def stream() -> Recorded:
    return recorded(frames=30, gop=10)


def test_a_camera_with_one_stream_is_found_amid_a_burst_and_reads_do_not_multiply(
    short_folder: Path, stream: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(town: Town) -> None:
        broken: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, said: broken.append(said))
        worker = town.worker("w", "many", *(f"one-{n}" for n in range(6)))
        worker.begin("many", stream.info, SUB)
        worker.send(stream.packets, "many")
        relay = town.relay
        async with relay.fragments("many", SUB) as busy:
            await some(busy, 11)
            for n in range(6):
                worker.begin(f"one-{n}", stream.info, MAIN)
                worker.send(stream.packets[:2], f"one-{n}", MAIN)
                worker.send(stream.packets, "many")
                async with relay.fragments(f"one-{n}", SUB) as reader:
                    assert len(await some(reader, 3)) == 3
                busy.take()
            assert busy.dropped == 0
            await asyncio.sleep(0.1)
            counted, read = [0], relay.read

            def reading() -> None:
                counted[0] += 1
                read()

            monkeypatch.setattr(relay, "read", reading)
            await asyncio.sleep(1.0)
        assert not broken
        assert 1 <= counted[0] <= 12, "ten a second: not for each who came, and nobody waits now"

    told(short_folder, story)


def test_the_only_stream_of_a_worker_may_be_another_than_was_asked_for(
    short_folder: Path, stream: Recorded
) -> None:
    async def story(town: Town) -> None:
        broken: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, said: broken.append(said))
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, MAIN)
        worker.send(stream.packets[:2], role=MAIN)
        async with town.relay.fragments("c1", SUB) as reader:
            assert len(await some(reader, 3)) == 3
        assert not broken

    told(short_folder, story)


def test_forty_megabits_of_one_worker_come_through_in_time(
    short_folder: Path, stream: Recorded
) -> None:
    big = [p._replace(data=p.data + bytes(50_000)) for p in stream.packets]

    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(big[:1])
        async with town.relay.fragments("c1", SUB) as reader:
            await some(reader, 2)
            got = 0
            for turn in range(1, 9):
                for packet in big:
                    worker.send([packet._replace(media_s=packet.media_s + 3.0 * turn)])
                    await asyncio.sleep(0.01)
                    got += len(reader.take())
            sent_at = time.monotonic()

            def all_of_it() -> bool:
                nonlocal got
                got += len(reader.take())
                return got == 8 * len(big)

            await until("all of it", all_of_it)
            # A socket holds 230 kB: read at each tick alone, twelve megabytes would take 5 s.
            assert time.monotonic() - sent_at < 1.5
            assert reader.dropped == 0

    told(short_folder, story)


def test_an_error_that_nobody_foresaw_costs_one_connection_and_not_the_reading(
    short_folder: Path, stream: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([ValueError("nobody foresaw it")])
    begin = Channel.begin

    def failing(channel: Channel, about: StreamInfo | Init) -> None:
        for failure in failures:
            raise failure
        begin(channel, about)

    monkeypatch.setattr(Channel, "begin", failing)

    async def story(town: Town) -> None:
        worker = town.worker("w", "c1", "c2")
        for camera in ("c1", "c2"):
            worker.begin(camera, stream.info, SUB)
            worker.send(stream.packets[:2], camera)
        relay = town.relay
        async with relay.fragments("c1", SUB) as first, relay.fragments("c2", SUB) as second:
            for reader in (first, second):
                seen: list[object] = []
                while not any(isinstance(piece, Fragment) for piece in seen):
                    seen += await some(reader, 1)

    told(short_folder, story)
