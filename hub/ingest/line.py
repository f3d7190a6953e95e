"""The TCP connection below an open container, so that a read that hangs can be ended.

PyAV has a limit of its own for a read, but asks Python for the time whenever ffmpeg looks whether
to go on: some twenty times a packet, each time with the interpreter's lock. With twenty cameras in
a process that was half of all its changes from thread to thread (docs/adr/0007). So reads carry no
such limit, and who watches the camera cuts the line instead. The thread that reads gets an error
from its socket then and closes the container itself, as it alone may.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
import threading
from contextlib import suppress

_FDS = "/proc/self/fd"


class Line:
    """A second handle on a connection; while it is held the kernel gives its number to no other."""

    def __init__(self, handle: socket.socket | None, inode: int = 0) -> None:
        self._handle = handle
        self._inode = inode
        self._lock = threading.Lock()
        self.was_cut = False

    def cut(self) -> None:
        """End the connection in both directions; any thread may, and as often as it likes."""
        with self._lock:
            self.was_cut = True
            if self._handle is not None:
                with suppress(OSError):  # it ended by itself
                    self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the handle; the connection itself belongs to the container."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None
                _lines.give_back(self._inode)


class _Lines:
    """Which connections of this process somebody holds a handle on."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def take(self, wanted: tuple[object, int], before: frozenset[int]) -> Line:
        """The first connection to an address that came since `before` and that nobody has."""
        with self._lock:
            known = before | self._taken
            new = [(inode, n) for n in _numbers() if (inode := _inode(n)) and inode not in known]
            for _, number in sorted(new):
                if (found := _leads_to(number, wanted)) is None:
                    continue
                handle, inode = found
                if inode not in known:
                    self._taken.add(inode)
                    return Line(handle, inode)
                handle.close()
        return Line(None)

    def give_back(self, inode: int) -> None:
        """Its number may come back for another connection."""
        with self._lock:
            self._taken.discard(inode)


_lines = _Lines()


def connections() -> frozenset[int]:
    """The sockets that this process has now, to tell later which are new."""
    found = (_inode(number) for number in _numbers())
    return frozenset(inode for inode in found if inode is not None)


def line_to(host: str, port: int, before: frozenset[int]) -> Line:
    """The connection to a numeric address that came since `before`; of none, nothing is cut.

    Two threads that connect to one address at the same moment (two streams of one recorder) may
    get each other's. A cut ends the healthy one then, which connects again, and the thread that
    hangs is abandoned: rare twice over.
    """
    try:
        return _lines.take((ipaddress.ip_address(host), port), before)
    except ValueError:
        return Line(None)


def _numbers() -> list[int]:
    try:
        return [int(name) for name in os.listdir(_FDS)]
    except OSError:  # no such place on this system
        return []


def _inode(number: int) -> int | None:
    try:
        found = os.stat(f"{_FDS}/{number}")
    except OSError:
        return None
    return found.st_ino if stat.S_ISSOCK(found.st_mode) else None


def _leads_to(number: int, wanted: tuple[object, int]) -> tuple[socket.socket, int] | None:
    """A copy of the connection and its inode, if it is one to the address."""
    try:
        copy = os.dup(number)
    except OSError:
        return None
    try:
        handle = socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        return None
    with suppress(OSError, ValueError, IndexError):
        peer = handle.getpeername()
        inet = handle.family in (socket.AF_INET, socket.AF_INET6)
        if inet and (ipaddress.ip_address(peer[0]), peer[1]) == wanted:
            # The number may have changed hands since it was listed: what counts is the copy.
            return handle, os.fstat(copy).st_ino
    handle.close()
    return None
