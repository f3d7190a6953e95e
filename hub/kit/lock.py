"""A file that one process at a time holds; the kernel lets go of it however the holder ends."""

from __future__ import annotations

import fcntl
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
