"""The inlet takes messages off a socket however they come, and says how the connection ended."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from hub.live.link import ROOM_BYTES, Inlet
from hub.live.wire import WireError

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        yield here, there


def message(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def heard_of(here: socket.socket) -> tuple[Inlet, list[bytes]]:
    heard: list[bytes] = []
    return Inlet(here, lambda each: heard.append(each.tobytes())), heard


@pytest.mark.parametrize("step", [1, 3, 4, 5, 7, 1000])
def test_messages_are_handed_on_whole_however_they_come(ends: Ends, step: int) -> None:
    here, there = ends
    inlet, heard = heard_of(here)
    said = [b"a", b"bb" * 20, bytes(300), b"c"]
    sent = b"".join(map(message, said))
    for at in range(0, len(sent), step):
        there.sendall(sent[at : at + step])
        inlet.read()
    assert heard == said


def test_nothing_there_is_nothing_to_wait_for(ends: Ends) -> None:
    inlet, heard = heard_of(ends[0])
    inlet.read()
    assert heard == []


def test_a_message_larger_than_the_room_is_whole_and_those_behind_it_too(ends: Ends) -> None:
    here, there = ends
    there.setblocking(False)
    inlet, heard = heard_of(here)
    said = [b"before", bytes(range(256)) * (3 * ROOM_BYTES // 256), b"behind", bytes(ROOM_BYTES)]
    left = memoryview(b"".join(map(message, said)))
    while left:
        try:
            left = left[there.send(left) :]
        except BlockingIOError:
            inlet.read()
    inlet.read()
    assert heard == said


def test_a_length_that_nobody_would_send_ends_it(ends: Ends) -> None:
    here, there = ends
    inlet, heard = heard_of(here)
    there.sendall(message(b"well") + struct.pack(">I", 1 << 31) + b"rest")
    with pytest.raises(WireError):
        inlet.read()
    assert heard == [b"well"]


def test_the_end_is_told_after_what_came_before_it(ends: Ends) -> None:
    here, there = ends
    inlet, heard = heard_of(here)
    there.sendall(message(b"last"))
    there.close()
    inlet.read()
    assert heard == [b"last"]
    with pytest.raises(ConnectionError):
        inlet.read()
