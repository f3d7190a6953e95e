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
from collections.abc import Sequence
from contextlib import suppress

_FDS = "/proc/self/fd"


class Line:
    """Second handles on a connection; while they are held the kernel reuses no number of theirs.

    Mostly one. Where another thread connected to the same address at the same moment (two streams
    of one recorder) nobody can tell which is whose: then all are cut, and who was cut by mistake
    connects again.
    """

    def __init__(self, handles: Sequence[socket.socket]) -> None:
        self._handles = list(handles)
        self._lock = threading.Lock()
        self.was_cut = False

    def cut(self) -> None:
        """End the connection in both directions; any thread may, and as often as it likes."""
        with self._lock:
            self.was_cut = True
            for handle in self._handles:
                with suppress(OSError):  # it ended by itself
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the handles; the connection itself belongs to the container."""
        with self._lock:
            while self._handles:
                self._handles.pop().close()


def connections() -> frozenset[int]:
    """The sockets that this process has now, to tell later which are new."""
    found = (_inode(number) for number in _numbers())
    return frozenset(inode for inode in found if inode is not None)


def line_to(host: str, port: int, before: frozenset[int]) -> Line:
    """The connections to a numeric address that came since `before`; of none, nothing is cut."""
    try:
        wanted = ipaddress.ip_address(host), port
    except ValueError:
        return Line(())
    inodes = {number: _inode(number) for number in _numbers()}
    new = [number for number, inode in inodes.items() if inode is not None and inode not in before]
    handles = [_leads_to(number, wanted, before) for number in new]
    return Line([handle for handle in handles if handle is not None])


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


def _leads_to(
    number: int, wanted: tuple[object, int], before: frozenset[int]
) -> socket.socket | None:
    with suppress(OSError, ValueError):
        copy = os.dup(number)
        # The number may have changed hands since it was listed: what counts is the copy.
        try:
            handle = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            return None
        with suppress(OSError, ValueError, IndexError):
            peer = handle.getpeername()
            same = handle.family in (socket.AF_INET, socket.AF_INET6) and (
                (ipaddress.ip_address(peer[0]), peer[1]) == wanted
            )
            if same and os.fstat(copy).st_ino not in before:
                return handle
        handle.close()
    return None
