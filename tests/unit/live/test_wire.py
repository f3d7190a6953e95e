"""What one side writes the other reads; what nobody would write is refused."""

from __future__ import annotations

import struct

import pytest

from hub.live import wire
from hub.live.items import Fault, Init
from hub.live.wire import Asked, Carried, Form, Info, Trouble, WireError, Wish
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

WISH = Wish("gate-1", StreamRole.SUB, Form.PACKETS)
INFO = StreamInfo(Codec.H265, 1920, 1080, bytes(range(256)), 7)


def body(message: bytes) -> memoryview:
    assert wire.length_of(message[:4]) == len(message) - 4
    return memoryview(message)[4:]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("wanted", [True, False])
def test_want_and_drop(wanted: bool, form: Form) -> None:
    said = Asked(WISH._replace(form=form), wanted)
    assert wire.read_asked(bytes(body(wire.asked(said)))) == said


def test_description_and_fault() -> None:
    about, why = Info(3, WISH, INFO), Trouble(WISH, Fault("masked_busy", "4 已满"))
    assert wire.read_told(body(wire.info(about))) == about
    init = Init(bytes(range(256)), "hvc1.1.6.L120.90", 1920, 1080, 7)
    begun = Info(4, WISH._replace(form=Form.FRAGMENTS), init)
    assert wire.read_told(body(wire.info(begun))) == begun
    assert wire.read_told(body(wire.trouble(why))) == why


@pytest.mark.parametrize(
    ("keyframe", "reanchored", "gap"), [(True, False, True), (False, True, False)]
)
def test_packet(keyframe: bool, reanchored: bool, gap: bool) -> None:
    sent = Packet(
        *WISH.key, b"\0\0\0\1data", keyframe, 1.25, 1.2, 1.7e9, 1.7e9 + 0.1, reanchored, 7
    )
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
        b'\x03{"camera": "c", "role": "sub", "form": "packets"}',
        b'\x06{"camera": "c", "role": "sub", "form": "fragments", "codec": "avc1"}',
        b"\x04short",
        b'\x05{"code": "x"}',
        b'\x05{"camera": "c", "role": "side", "form": "packets"}',
        b'\x05{"camera": "c", "role": "sub", "form": "films"}',
        b"\x01{}",
    ],
)
def test_what_a_worker_never_says(message: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_told(memoryview(message))


@pytest.mark.parametrize("message", [b"\x04", b"\x01{", b'\x02{"camera": "c"}'])
def test_what_an_api_never_says(message: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_asked(message)


@pytest.mark.parametrize("length", [0, wire.MESSAGE_BYTES_MAX + 1])
def test_a_length_that_nobody_would_send(length: int) -> None:
    with pytest.raises(WireError):
        wire.length_of(struct.pack(">I", length))


def test_what_came_is_cut_into_whole_messages() -> None:
    other = Wish("gate-2", StreamRole.MAIN, Form.FRAGMENTS)
    said = [Asked(WISH, True), Asked(other, False), Asked(WISH, False)]
    came = memoryview(b"".join(wire.asked(each) for each in said))
    for cut in range(len(came) + 1):
        heard = [wire.read_asked(bytes(message)) for message in wire.whole(came[:cut])]
        assert heard == said[: len(heard)]
    assert heard == said


def test_what_stands_before_a_refused_message_is_still_heard() -> None:
    came = wire.asked(Asked(WISH, True)) + struct.pack(">I", 0) + b"rest"
    messages = wire.whole(memoryview(came))
    assert wire.read_asked(bytes(next(messages))) == Asked(WISH, True)
    with pytest.raises(WireError):
        next(messages)
