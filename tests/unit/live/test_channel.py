"""A stream in the api process: how its readers begin, and what is told of a loss on the way."""

from __future__ import annotations

from typing import Any

import pytest

from hub.kit.clock import SimClock
from hub.live import channel as channel_module
from hub.live.channel import Channel
from hub.live.items import Described, Fault, Fragment, Init
from hub.live.readers import FragmentReader, Queue, Reader
from hub.live.wire import Carried, Form, Wish
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

INIT = Init(b"init", "avc1.42c01e", 640, 360, 5)
INFO = StreamInfo(Codec.H264, 640, 360, b"sets", 5)


class Nowhere:
    """Readers that nobody opens or closes."""

    def enter(self, reader: Queue[Any]) -> None:
        raise AssertionError

    leave = enter


def wish(form: Form) -> Wish:
    return Wish("c1", StreamRole.SUB, form)


def fragments() -> FragmentReader:
    return FragmentReader(("c1", StreamRole.SUB), SimClock(), Nowhere())


def carried(number: int, *, keyframe: bool = False, gap: bool = False) -> Carried:
    data, at = b"picture %d" % number, number / 10
    return Carried(1, data, keyframe, False, gap, at, at - 0.01, 1e9 + at, 2e9 + at)


def test_a_loss_is_told_to_those_who_were_there() -> None:
    channel, before, later = Channel(wish(Form.FRAGMENTS)), fragments(), fragments()
    channel.add(before)
    channel.begin(INIT)
    channel.take(carried(1, keyframe=True))
    channel.take(carried(4, keyframe=True, gap=True))
    channel.add(later)
    channel.take(carried(5))
    assert [piece.gap for piece in before.take() if isinstance(piece, Fragment)] == [0, 1, 0]
    assert [piece.gap for piece in later.take() if isinstance(piece, Fragment)] == [0, 0]


def test_packets_are_given_back_what_the_wire_left_out() -> None:
    channel = Channel(wish(Form.PACKETS))
    reader = Reader(("c1", StreamRole.SUB), SimClock(), Nowhere())
    channel.add(reader)
    channel.begin(INFO)
    channel.take(carried(1, keyframe=True))
    channel.begin(INFO)
    channel.take(carried(2, keyframe=True))
    first, _, second, packet = reader.take()
    assert isinstance(first, Described)
    assert isinstance(second, Described)
    assert (first.info.generation, second.info.generation) == (0, 1), "counted here"
    assert packet == Packet(
        "c1", StreamRole.SUB, b"picture 2", True, 0.2, 0.19, 1e9 + 0.2, 2e9 + 0.2, False, 1
    )


def test_behind_a_fault_nothing_of_before_is_shown() -> None:
    channel = Channel(wish(Form.FRAGMENTS))
    assert channel.is_empty
    channel.begin(INIT)
    channel.take(carried(1, keyframe=True))
    gone = Fault("worker_gone")
    channel.tell(gone)
    channel.take(carried(2))
    reader = fragments()
    channel.add(reader)
    channel.tell(gone)
    assert reader.take() == [gone]
    channel.begin(INIT)
    channel.take(carried(3, keyframe=True))
    assert [type(piece) for piece in reader.take()] == [Init, Fragment]


def test_of_an_endless_group_of_pictures_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "GOP_BYTES_MAX", 20)
    channel = Channel(wish(Form.FRAGMENTS))
    channel.begin(INIT)
    for number in range(1, 5):
        channel.take(carried(number, keyframe=number == 1))
    late = fragments()
    channel.add(late)
    assert [type(piece) for piece in late.take()] == [Init]
    channel.take(carried(5, keyframe=True))
    assert [type(piece) for piece in late.take()] == [Fragment]
