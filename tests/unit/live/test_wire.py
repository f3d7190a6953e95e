"""What one side writes the other reads; what nobody would write is refused."""

from __future__ import annotations

import struct

import pytest

from hub.live import wire
from hub.live.items import Fault
from hub.live.wire import Asked, Carried, Info, Trouble, WireError
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

KEY = ("gate-1", StreamRole.SUB)
INFO = StreamInfo(Codec.H265, 1920, 1080, bytes(range(256)), 7)


def body(message: bytes) -> bytes:
    assert wire.length_of(message[:4]) == len(message) - 4
    return message[4:]


@pytest.mark.parametrize("wanted", [True, False])
def test_want_and_drop(wanted: bool) -> None:
    said = Asked(KEY, wanted)
    assert wire.read_asked(body(wire.asked(said))) == said


def test_description_and_fault() -> None:
    about, why = Info(3, KEY, INFO), Trouble(KEY, Fault("masked_busy", "4 已满"))
    assert wire.read_told(body(wire.info(about))) == about
    assert wire.read_told(body(wire.trouble(why))) == why


@pytest.mark.parametrize(
    ("keyframe", "reanchored", "gap"), [(True, False, True), (False, True, False)]
)
def test_packet(keyframe: bool, reanchored: bool, gap: bool) -> None:
    sent = Packet(*KEY, b"\0\0\0\1data", keyframe, 1.25, 1.2, 1.7e9, 1.7e9 + 0.1, reanchored, 7)
    message = wire.packet(5, sent, gap=gap)
    assert wire.read_told(body(message)) == Carried(
        5, sent.data, keyframe, reanchored, gap, 1.25, 1.2, 1.7e9, 1.7e9 + 0.1
    )


@pytest.mark.parametrize(
    "message",
    [
        b"\x63",
        b"\x03not json",
        b"\x03[1]",
        b'\x03{"camera": "c", "role": "sub"}',
        b"\x04short",
        b'\x05{"code": "x"}',
        b'\x05{"camera": "c", "role": "side"}',
        b"\x01{}",
    ],
)
def test_what_a_worker_never_says(message: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_told(message)


@pytest.mark.parametrize("message", [b"\x04", b"\x01{", b'\x02{"camera": "c"}'])
def test_what_an_api_never_says(message: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_asked(message)


@pytest.mark.parametrize("length", [0, wire.MESSAGE_BYTES_MAX + 1])
def test_a_length_that_nobody_would_send(length: int) -> None:
    with pytest.raises(WireError):
        wire.length_of(struct.pack(">I", length))


@pytest.mark.parametrize("step", [1, 3, 4, 5, 7, 1000])
def test_messages_are_cut_off_whole_however_they_come(step: int) -> None:
    said = [Asked(KEY, True), Asked(("gate-2", StreamRole.MAIN), False), Asked(KEY, False)]
    sent = b"".join(wire.asked(each) for each in said)
    begun, heard = bytearray(), []
    for at in range(0, len(sent), step):
        begun += sent[at : at + step]
        heard += [wire.read_asked(message) for message in wire.whole(begun)]
    assert heard == said
    assert begun == b""


def test_what_was_handed_on_is_gone_when_a_later_one_is_refused() -> None:
    begun = bytearray(wire.asked(Asked(KEY, True)) + struct.pack(">I", 0) + b"rest")
    heard: list[bytes] = []
    with pytest.raises(WireError):
        heard.extend(wire.whole(begun))
    assert begun == struct.pack(">I", 0) + b"rest"
