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
    """A second handle on the connection; the kernel never gives its number to another."""

    def __init__(self, handle: socket.socket, inode: int) -> None:
        self._handle = handle
        self._inode = inode
        self.was_cut = False

    def cut(self) -> None:
        """End the connection in both directions; any thread may, and as often as it likes."""
        self.was_cut = True
        with suppress(OSError):  # it ended by itself
            self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the handle; the connection itself belongs to the container."""
        self._handle.close()
        _lines.give_up(self._inode)


class _Lines:
    """Which connections of this process have a handle already."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def take(self, host: str, port: int) -> Line | None:
        """The newest connection to (host, port) that nobody has taken."""
        wanted = ipaddress.ip_address(host), port
        with self._lock:
            for number in sorted(map(int, os.listdir(_FDS)), reverse=True):
                inode = _socket_inode(number)
                if inode is None or inode in self._taken:
                    continue
                handle = _leads_to(number, wanted)
                if handle is not None:
                    self._taken.add(inode)
                    return Line(handle, inode)
        return None

    def give_up(self, inode: int) -> None:
        """Its number may come back for another connection."""
        with self._lock:
            self._taken.discard(inode)


_lines = _Lines()


def line_to(host: str, port: int) -> Line | None:
    """The connection that this thread has just made to a numeric address; None if there is none.

    Two threads that connect to one address at once may get each other's: both lead to the same
    camera, and who is cut by mistake connects again.
    """
    try:
        return _lines.take(host, port)
    except (OSError, ValueError):
        return None


def _socket_inode(number: int) -> int | None:
    try:
        found = os.stat(f"{_FDS}/{number}")
    except OSError:
        return None
    return found.st_ino if stat.S_ISSOCK(found.st_mode) else None


def _leads_to(number: int, wanted: tuple[object, int]) -> socket.socket | None:
    try:
        handle = socket.socket(fileno=os.dup(number))
    except OSError:
        return None
    with suppress(OSError, ValueError):
        peer = handle.getpeername()
        inet = handle.family in (socket.AF_INET, socket.AF_INET6)
        if inet and (ipaddress.ip_address(peer[0]), peer[1]) == wanted:
            return handle
    handle.close()
    return None
