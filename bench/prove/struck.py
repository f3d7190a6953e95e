"""The hub's processes with fail-points: `python -m bench.prove.struck FOLDER centre --name …`.

`FOLDER/<name of the process>` holds the name of a point; the process that comes by kills itself
there with SIGKILL, once. Points stand before and after each commit, send, XADD, mark and discard:
`<thread>.commit.before` for the main database, `spool.commit.…`, `send.…` (a producer's records),
`xadd.…` (a centre's queue), `mark.…`, `discard.…`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from hub.dispatch.queue import Queue
from hub.store import spool
from hub.store.db import Database
from hub.store.stream import Intake, Sender

PRODUCER = "producer"
CENTRE_POINTS = tuple(
    f"{what}.{when}"
    for what in ("intake.commit", "mark", "discard", "relay-county.commit", "xadd")
    for when in ("before", "after")
)
SENDER_POINTS = tuple(
    f"{what}.{when}" for what in ("spool.commit", "send") for when in ("before", "after")
)


def arm(folder: Path, process: str, point: str) -> Path:
    """From now on the process dies at that point; the file is gone when it has."""
    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / process, folder / f"{process}.new"
    fresh.write_text(point, "utf-8")
    fresh.replace(path)
    return path


class FailPoints:
    """Those of one process, whose orders stand in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def passes(self, point: str) -> None:
        """Die here if told so."""
        try:
            told = self._file.read_text("utf-8")
        except FileNotFoundError:
            return
        if told == point:
            self._file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, method: str, point: str) -> None:
        """Wrap a function or a method."""
        plain: Callable[..., Any] = getattr(owner, method)

        def wrapped(*given: Any, **named: Any) -> Any:
            self.passes(f"{point}.before")
            answer = plain(*given, **named)
            self.passes(f"{point}.after")
            return answer

        setattr(owner, method, wrapped)

    def around_transactions(self) -> None:
        """Before and after the commit of what a thread writes into the main database."""
        plain, passes = Database.write, self.passes

        @contextmanager
        def write(db: Database) -> Iterator[Connection]:
            thread = threading.current_thread().name
            with plain(db) as tx:
                yield tx
                passes(f"{thread}.commit.before")
            passes(f"{thread}.commit.after")

        Database.write = write  # type: ignore[method-assign, assignment]


def install(file: Path) -> None:
    """All points of this process."""
    points = FailPoints(file)
    points.around_transactions()
    points.around(spool, "_run", "spool.commit")
    points.around(Sender, "_send", "send")
    points.around(Queue, "send", "xadd")
    points.around(Intake, "publish_marks", "mark")
    points.around(Intake, "discard", "discard")


def main() -> int:
    """Run the role, or the extra producer, with its points."""
    folder, role, *rest = sys.argv[1:]
    name = rest[rest.index("--name") + 1] if "--name" in rest else role
    install(Path(folder) / name)
    if role == PRODUCER:
        from bench import chaos_producer

        sys.argv = [role, *rest]
        return chaos_producer.main()
    from hub.__main__ import main as hub

    return hub([role, *rest])


if __name__ == "__main__":
    raise SystemExit(main())
