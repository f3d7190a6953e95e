"""When each frame left, and when each fault began and ended: JSON lines in a bounded file."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import IO

_BYTES_MAX = 64 * 1024 * 1024


class SendLog:
    """Appends lines; at `bytes_max` the file becomes `<name>.1` and a new one begins.

    The file appears with the first line, so that who waits for it knows that all is ready.

    Frames: `{camera, stream, n, media_s, rtp_ts, sent_at, keyframe}`. Events:
    `{event, camera, at, …}`. `sent_at` and `at` are UTC epoch seconds.
    """

    def __init__(self, path: Path | None, bytes_max: int = _BYTES_MAX) -> None:
        self._path, self._bytes_max = path, bytes_max
        self._file: IO[str] | None = None
        self._written = 0
        self._lock = threading.Lock()
        self._closed = path is None
        if path is not None:
            path.unlink(missing_ok=True)

    def frame(
        self, camera: str, stream: str, n: int, media_s: float, rtp_ts: int, at: float, key: bool
    ) -> None:
        """One frame of one stream was handed to its clients' sockets."""
        # Written by hand: at 400 lines a second json.dumps would be most of the simulator.
        self._write(
            f'{{"camera":"{camera}","stream":"{stream}","n":{n},"media_s":{media_s:.3f},'
            f'"rtp_ts":{rtp_ts},"sent_at":{at:.6f},"keyframe":{"true" if key else "false"}}}\n'
        )

    def event(self, event: str, at: float, **facts: str | float | None) -> None:
        """Something else that a reader of the log must know; on the disk at once."""
        self._write(json.dumps({"event": event, "at": round(at, 6), **facts}) + "\n")
        self.flush()

    def flush(self) -> None:
        """Hand what is written to the system."""
        with self._lock:
            if self._file is not None:
                self._file.flush()

    def close(self) -> None:
        """No more lines."""
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, line: str) -> None:
        with self._lock:
            if self._closed or self._path is None:
                return
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("w", encoding="ascii")
            self._file.write(line)
            self._written += len(line)
            if self._written >= self._bytes_max:
                self._file.close()
                os.replace(self._path, self._path.with_name(self._path.name + ".1"))
                self._file, self._written = None, 0
