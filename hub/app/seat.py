"""A centre's place on one machine: one process at a time, under a name that outlives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hub.kit.errors import Retryable
from hub.kit.ids import random_id
from hub.kit.lock import hold


@dataclass(frozen=True, slots=True)
class Seat:
    """`holder` is the name for the lease: the same after a restart, another on another machine.

    So a centre that was killed takes its own lease again at once instead of waiting until it runs
    out; that the earlier process is gone is what the lock on the file says.
    """

    holder: str
    file: IO[str]

    def leave(self) -> None:
        """Let another process sit here."""
        self.file.close()


def take_seat(folder: Path, name: str) -> Seat:
    """Sit down as `name`. Raises Retryable (`seat_taken`) while another process sits there."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        file = hold(folder / f"{name}.seat")
    except BlockingIOError as error:
        raise Retryable(f"{name} runs already over {folder}", code="seat_taken") from error
    file.seek(0)
    known = file.read().strip()
    if not known:
        known = random_id()
        file.write(known)
        file.flush()
    return Seat(f"{name}.{known}", file)
