"""What one process at a time holds; the kernel lets go of it however the holder ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def hold(path: Path) -> IO[str]:
    """The locked file; closing it lets go. Raises BlockingIOError while another process holds it.

    What stands in the file is kept.
    """
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One thread of one process at a time per folder; the next one waits.

    The folder itself is locked, so nothing is written. Raises OSError when it is not there.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
