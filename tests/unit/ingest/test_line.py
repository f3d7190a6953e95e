"""A second handle on a connection: found by its address, cut from another thread."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from hub.ingest.line import Line, connections, line_to


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def connected(server: socket.socket) -> tuple[socket.socket, socket.socket]:
    mine = socket.create_connection(server.getsockname())
    theirs, _ = server.accept()
    return mine, theirs


def line_from(server: socket.socket, before: frozenset[int]) -> Line:
    host, port = server.getsockname()
    return line_to(host, port, before)


def test_a_read_that_hangs_ends_when_the_line_is_cut(server: socket.socket) -> None:
    before = connections()
    mine, theirs = connected(server)
    line = line_from(server, before)
    got: list[bytes] = []
    reading = threading.Thread(target=lambda: got.append(mine.recv(1)))
    reading.start()
    line.cut()
    reading.join(5)
    assert got == [b""]
    assert theirs.recv(1) == b""
    line.cut()  # again does no harm
    line.close()
    line.cut()
    assert mine.fileno() >= 0  # the connection is its owner's to close
    mine.close()
    theirs.close()


def test_an_older_connection_to_the_same_address_stays(server: socket.socket) -> None:
    old, old_far = connected(server)
    spare = os.dup(old.fileno())  # frees a number below the next one's, or not: it must not matter
    before = connections()
    os.close(spare)
    new, new_far = connected(server)
    line = line_from(server, before)
    line.cut()
    assert new_far.recv(1) == b""
    old_far.sendall(b"x")
    assert old.recv(1) == b"x"
    line.close()
    for each in (old, old_far, new, new_far):
        each.close()


def test_of_two_that_came_together_each_is_taken_once(server: socket.socket) -> None:
    before = connections()
    pairs = [connected(server) for _ in range(2)]
    lines = [line_from(server, before) for _ in range(3)]
    lines[2].cut()  # there is none left for it
    for mine, theirs in pairs:
        theirs.sendall(b"x")
        assert mine.recv(1) == b"x"
    for line in lines[:2]:
        line.cut()
    assert [theirs.recv(1) for _, theirs in pairs] == [b"", b""]
    for line in lines:
        line.close()
    again = line_from(server, before)  # given back, it can be taken again
    again.cut()
    again.close()
    for each in pairs:
        for end in each:
            end.close()


def test_a_number_given_to_another_file_is_never_cut(server: socket.socket) -> None:
    before = connections()
    mine, theirs = connected(server)
    line = line_from(server, before)
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


def test_where_no_connection_leads_nothing_is_cut() -> None:
    for host, port in (("127.0.0.1", 9), ("no.number", 554)):
        line = line_to(host, port, frozenset())
        line.cut()
        assert line.was_cut
        line.close()
