"""Room kept back on a disk, given free when it is full so that tidying up can be written down."""

from __future__ import annotations

import os
from pathlib import Path

RESERVE_BYTES = 4 * 1024 * 1024


class Reserve:
    """A file of zeros at `path`; held from the start where the disk has room."""

    def __init__(self, path: Path, size_bytes: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._held = path.exists() and path.stat().st_size == size_bytes
        self.hold()

    def hold(self) -> bool:
        """Take the room if it is not held; False when the disk has none."""
        if self._held:
            return True
        try:
            with self._path.open("wb") as file:
                file.write(bytes(self._size_bytes))
                file.flush()
                os.fsync(file.fileno())
            self._held = True
        except OSError:
            self._path.unlink(missing_ok=True)
        return self._held

    def release(self) -> bool:
        """Give the room free; False when it was not held."""
        was_held, self._held = self._held, False
        self._path.unlink(missing_ok=True)
        return was_held
