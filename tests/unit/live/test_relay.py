"""Both ends of the relay on a real socket: pretended cameras, real readers."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hub.kit.clock import RealClock
from hub.kit.errors import Conflict, Misconfigured, NotFound
from hub.kit.metrics import Metrics
from hub.live import server as server_module
from hub.live.items import Described, Fault, Fragment, Init, Item
from hub.live.nal import units
from hub.live.server import Server
from hub.live.tap import RENDITIONS_MAX, Tap
from hub.types.media import Packet
from tests.unit.live.streams import Recorded, recorded
from tests.unit.live.test_tap import MASK
from tests.unit.live.town import MAIN, SUB, Town, some, start_rendition, times, told, until


@pytest.fixture(scope="module")
def stream() -> Recorded:
    return recorded(frames=30, gop=10)


def test_the_last_gop_then_live_and_once_for_two_readers(
    short_folder: Path, stream: Recorded
) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, MAIN, SUB)
        worker.send(stream.packets[:15])
        async with town.relay.watch("c1", SUB) as first:
            got = await some(first, 6)
            assert got[0] == Described(stream.info)
            assert times(got) == times(stream.packets[10:15])
            assert got[1].data == stream.packets[10].data
            assert (got[1].source, got[1].role, got[1].generation) == ("c1", SUB, 0)
            async with town.relay.watch("c1", SUB) as second:
                worker.send(stream.packets[15:18])
                assert times(await some(first, 3)) == times(stream.packets[15:18])
                late = await some(second, 9)
                assert times(late) == times(stream.packets[10:18])
        assert worker.sent == 1 + 8

    told(short_folder, story)


def test_fragments_are_made_once_and_shared(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:12])
        relay = town.relay
        async with relay.fragments("c1", SUB) as first, relay.fragments("c1", SUB) as second:
            mine, other = await some(first, 3), await some(second, 3)
            assert isinstance(mine[0], Init)
            assert [piece.keyframe for piece in mine[1:]] == [True, False]
            assert all(a is b for a, b in zip(mine, other, strict=True))
            worker.send(stream.packets[12:13])
            assert (await some(first, 1))[0] is (await some(second, 1))[0]
            async with relay.fragments("c1", SUB) as late:
                begun = await some(late, 4)
                assert [type(piece) for piece in begun] == [Init, Fragment, Fragment, Fragment]
                assert begun[1] is mine[1]

    told(short_folder, story)


def test_nothing_flows_when_nobody_watches(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:10])
        assert worker.sent == 0
        async with town.relay.watch("c1", SUB) as reader:
            await some(reader, 11)
        async with town.relay.watch("c1", SUB) as reader:  # a page change: within the grace
            await some(reader, 11)
        assert worker.sent == 11, "the second one was served from what is here"
        await until("the stream is dropped", lambda: not worker.tap._wants)
        sent, looks = worker.sent, town.looks
        worker.send(stream.packets[10:])
        await asyncio.sleep(1.5)
        assert worker.sent == sent
        assert town.looks <= looks + 1, "and nobody looks for cameras"

    told(short_folder, story)


def test_a_worker_that_dies_and_comes_back(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:3])
        async with town.relay.watch("c1", SUB) as reader:
            await some(reader, 4)
            await asyncio.to_thread(worker.stop)
            (fault,) = await some(reader, 1)
            assert fault.code == "worker_gone"
            async with town.relay.watch("c1", SUB) as meanwhile:
                assert (await some(meanwhile, 1))[0].code == "worker_gone"
            again = town.worker("w", "c1")
            again.begin("c1", stream.info, SUB)
            again.send(stream.packets[:2])
            begun = await some(reader, 1)
            while isinstance(begun[-1], Fault):  # it may say `not_watched` of a worker that starts
                begun = await some(reader, 1)
            assert begun[0] == Described(replace(stream.info, generation=1))
            assert times(await some(reader, 2)) == times(stream.packets[:2])

    told(short_folder, story)


def test_a_camera_that_moves_to_another_worker(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        old, new = town.worker("old", "c1"), town.worker("new")
        for worker in (old, new):
            worker.begin("c1", stream.info, SUB)
        old.send(stream.packets[:2])
        new.send(stream.packets[10:12])
        async with town.relay.watch("c1", SUB) as reader:
            await some(reader, 3)
            town.where["c1"] = new.address
            got = await some(reader, 3)
            assert isinstance(got[0], Described)
            assert times(got) == times(stream.packets[10:12])
            await until("the old one is let go", lambda: not old.tap._wants)

    told(short_folder, story)


def test_a_camera_nobody_watches_and_then_somebody_does(
    short_folder: Path, stream: Recorded
) -> None:
    async def story(town: Town) -> None:
        async with town.relay.watch("c1", SUB) as reader:
            assert (await some(reader, 1))[0].code == "not_watched"
            worker = town.worker("w")
            worker.begin("c1", stream.info, SUB)
            worker.send(stream.packets[:1])
            town.where["c1"] = worker.address
            assert isinstance((await some(reader, 1))[0], Described)
        with pytest.raises(NotFound):
            await town.relay.picture("c9", SUB)

    told(short_folder, story)


def test_one_stream_serves_both_roles(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, MAIN)
        worker.send(stream.packets[:2], role=MAIN)
        relay = town.relay
        async with relay.watch("c1", SUB) as small, relay.watch("c1", MAIN) as large:
            assert times(await some(small, 3)) == times(await some(large, 3))
            worker.send(stream.packets[2:3], role=MAIN)
            assert times(await some(small, 1)) == times(await some(large, 1))
        assert worker.metrics.get("hub_live_messages_total") == 1 + 1 + 3

    told(short_folder, story)


def test_new_parameters_are_a_new_initialisation(short_folder: Path, stream: Recorded) -> None:
    other = recorded(frames=3, size=(160, 90))

    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:1])
        async with town.relay.fragments("c1", SUB) as reader:
            before = (await some(reader, 2))[0]
            worker._infos["c1", SUB] = replace(other.info, generation=1)
            worker.send(other.packets[:1])
            after = (await some(reader, 2))[0]
        assert (before.width, before.generation, after.width, after.generation) == (320, 0, 160, 1)

    told(short_folder, story)


def test_a_stream_that_cannot_be_muxed_says_so_to_each(
    short_folder: Path, stream: Recorded
) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", replace(stream.info, extradata=b""), SUB)
        worker.send(stream.packets[:2])
        relay = town.relay
        async with relay.fragments("c1", SUB) as first:
            assert (await some(first, 1))[0].code == "unsupported"
            async with relay.fragments("c1", SUB) as second, relay.watch("c1", SUB) as packets:
                assert (await some(second, 1))[0].code == "unsupported"
                assert len(await some(packets, 3)) == 3

    told(short_folder, story)


def test_a_camera_that_mends_its_stream_is_muxed_from_then_on(
    short_folder: Path, stream: Recorded
) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", replace(stream.info, extradata=b""), SUB)
        worker.send(stream.packets[:2])
        async with town.relay.fragments("c1", SUB) as reader:
            assert (await some(reader, 1))[0].code == "unsupported"
            worker._infos["c1", SUB] = replace(stream.info, generation=1)
            worker.send(stream.packets[10:12])
            init, first, second = await some(reader, 3)
        assert isinstance(init, Init)
        assert [first.media_s, second.media_s] == [p.media_s for p in stream.packets[10:12]]

    told(short_folder, story)


def test_one_stream_comes_as_packets_and_as_fragments(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:12])
        relay = town.relay
        async with relay.watch("c1", SUB) as packets, relay.fragments("c1", SUB) as fragments:
            sent, made = await some(packets, 3), await some(fragments, 3)
            assert sent[0] == Described(stream.info)
            assert isinstance(made[0], Init)
            for packet, fragment in zip(sent[1:], made[1:], strict=True):
                assert (packet.keyframe, packet.media_s) == (fragment.keyframe, fragment.media_s)
                assert fragment.data.endswith(units(packet.data)[-1])
                assert fragment.captured_at == packet.captured_at
        await until("both are let go", lambda: not worker.tap._wants)

    told(short_folder, story)


def test_who_reads_too_slowly_costs_the_worker_bounded_memory(
    short_folder: Path, stream: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LINK_BYTES_MAX", 1 << 20)
    big = [p._replace(data=p.data + bytes(50_000)) for p in stream.packets]

    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(big[:1])
        async with town.relay.watch("c1", SUB) as reader:
            await some(reader, 2)
            # The api's event loop stands still here: nobody takes what the worker sends.
            for turn in range(1, 11):
                worker.send([p._replace(media_s=p.media_s + 3.0 * turn) for p in big])
            lost = worker.metrics.get("hub_live_dropped_packets_total", camera="c1")
            assert lost > 200
            end = [p._replace(media_s=p.media_s + 60.0) for p in stream.packets]
            got: list[Item] = []

            def all_of_it() -> bool:
                got.extend(reader.take())
                return bool(got) and times(got[-1:]) == times(end[-1:])

            for packet in end:
                await asyncio.sleep(0.01)
                worker.send([packet])
            await until("it goes on", all_of_it)
            packets = [item for item in got if isinstance(item, Packet)]
            for before, after in pairwise(packets):
                if after.media_s - before.media_s > 0.11:
                    assert after.keyframe, "what is lost ends at a keyframe"

    told(short_folder, story)


def test_pictures(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", *(f"m{n}" for n in range(RENDITIONS_MAX + 1)), "c1")
        worker.begin("c1", stream.info, SUB)
        worker.send(stream.packets[:15])
        shown = await town.relay.picture("c1", SUB)
        assert shown.jpeg.startswith(b"\xff\xd8\xff")
        assert shown.captured_at == stream.packets[10].captured_at
        readers = []
        for n in range(RENDITIONS_MAX):
            worker.begin(f"m{n}", stream.info, SUB, masks=(MASK,))
            readers.append(town.relay.watch(f"m{n}", SUB).open())
        await until("all places are taken", lambda: len(worker.tap._open) == RENDITIONS_MAX)
        worker.begin(f"m{RENDITIONS_MAX}", stream.info, SUB, masks=(MASK,))
        with pytest.raises(Conflict, match="masked streams"):
            await town.relay.picture(f"m{RENDITIONS_MAX}", SUB)
        for reader in readers:
            reader.close()

    told(short_folder, story)


def test_the_socket_is_for_its_owner_alone(short_folder: Path) -> None:
    async def story(town: Town) -> None:
        worker = town.worker()
        await until("it listens", worker.path.exists)
        await until("mode", lambda: stat.S_IMODE(os.stat(worker.path).st_mode) == 0o600)

    told(short_folder, story)
    open_to_all = short_folder / "open"
    open_to_all.mkdir(exist_ok=True)
    open_to_all.chmod(0o777)
    tap = Tap(start_rendition, RealClock())
    with pytest.raises(Misconfigured):
        Server(f"unix:{open_to_all}/w.sock", tap, Metrics()).step()


def test_closing_ends_all_readers(short_folder: Path, stream: Recorded) -> None:
    async def story(town: Town) -> None:
        worker = town.worker("w", "c1")
        worker.begin("c1", stream.info, SUB)
        async with town.relay.watch("c1", SUB) as reader:
            await town.relay.close()
            assert [item async for item in reader if not isinstance(item, Fault)] == []
        async with town.relay.watch("c1", SUB) as late:
            assert [item async for item in late] == []

    told(short_folder, story)
