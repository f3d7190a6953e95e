"""A second handle on a connection: found by its address, cut from another thread."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from hub.ingest.line import line_to


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def connected(server: socket.socket) -> tuple[socket.socket, socket.socket]:
    mine = socket.create_connection(server.getsockname())
    theirs, _ = server.accept()
    return mine, theirs


def test_a_read_that_hangs_ends_when_the_line_is_cut(server: socket.socket) -> None:
    mine, theirs = connected(server)
    line = line_to(*server.getsockname())
    assert line is not None
    got: list[bytes] = []
    reading = threading.Thread(target=lambda: got.append(mine.recv(1)))
    reading.start()
    line.cut()
    reading.join(5)
    assert got == [b""]
    assert theirs.recv(1) == b""
    line.cut()  # again does no harm
    line.close()
    assert mine.fileno() >= 0  # the connection is its owner's to close
    mine.close()
    theirs.close()


def test_each_connection_to_one_address_is_taken_once(server: socket.socket) -> None:
    pairs = [connected(server) for _ in range(2)]
    lines = [line_to(*server.getsockname()) for _ in range(3)]
    assert lines[2] is None
    first, second = lines[0], lines[1]
    assert first is not None
    assert second is not None
    first.cut()
    second.cut()
    assert [theirs.recv(1) for _, theirs in pairs] == [b"", b""]
    for line in (first, second):
        line.close()
    for each in pairs:
        for end in each:
            end.close()


def test_a_number_given_to_another_file_is_never_cut(server: socket.socket) -> None:
    mine, theirs = connected(server)
    line = line_to(*server.getsockname())
    assert line is not None
    other, far = socket.socketpair()
    number = mine.fileno()
    mine.close()
    os.dup2(other.fileno(), number)
    line.cut()
    far.sendall(b"x")
    assert os.read(number, 1) == b"x"
    line.close()
    os.close(number)
    for each in (other, far, theirs):
        each.close()


def test_nowhere_leads_no_line() -> None:
    assert line_to("127.0.0.1", 9) is None
    assert line_to("no.number", 554) is None
