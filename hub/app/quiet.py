"""Steps that look whether there is something to do, and need not look while nothing changed."""

from __future__ import annotations

import math
from collections.abc import Callable

from sqlalchemy import Connection

from hub.store.db import Database, Stamp

NextAt = Callable[[Connection], float | None]
"""When there is something to do (UTC epoch seconds), None: not before something changes."""


class Quiet:
    """Whether there is nothing to do yet; asks the database only after somebody committed.

    A step that writes nothing is worth a transaction only when it is due: in a county a dozen of
    them, each second, are most of what a centre does at rest.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stamp: Stamp | None = None
        self._about: object = None
        self._until = -math.inf

    def lasts(self, now: float, next_at: NextAt, about: object = None) -> bool:
        """Whether nothing is due at `now`, by what `next_at` reads.

        `about` is what that depends on beside the database, such as a configuration: another
        object asks anew. Raises Retryable.
        """
        stamp = self._db.stamp()
        if stamp != self._stamp or about is not self._about or now >= self._until:
            with self._db.read() as tx:
                moment = next_at(tx)
            self._stamp, self._about = stamp, about
            self._until = math.inf if moment is None else moment
        return now < self._until
