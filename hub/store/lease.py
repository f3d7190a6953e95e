"""The lease of the active centre, with a fencing token.

The token is the answer to a paused holder: it wakes up, believes it still leads, and is turned
away in its next transaction, because `check` finds a higher token there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.kit.errors import Conflict
from hub.store.tables.ops import leases

CENTRE = "centre"
"""Name of the lease of the active centre."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease `name`, wanted by `holder`, a name that one living process at a time bears.

    A holder that comes back takes its own lease again at once, with a new token. Renew it at a
    third of `ttl_s`. All times are the caller's `now`, UTC epoch seconds.
    """

    name: str
    holder: str
    ttl_s: float = 10.0

    def acquire(self, tx: Connection, now: float) -> int | None:
        """Take the lease if it is free, run out, or ours; returns a new token, else None."""
        self._ensure_row(tx)
        row = select(leases).where(leases.c.name == self.name)
        # A look first: a lock would wait for the holder's transactions, each time we ask.
        if self._is_held(tx.execute(row).one(), now):
            return None
        held = tx.execute(row.with_for_update()).one()
        if self._is_held(held, now):
            return None
        token = int(held.token) + 1
        self._write(tx, token, now + self.ttl_s)
        return token

    def renew(self, tx: Connection, token: int, now: float) -> None:
        """Hold it for another `ttl_s`. Raises Conflict (`fenced`) when another took it."""
        self._require(tx, token, renewing=True)
        self._write(tx, token, now + self.ttl_s)

    def release(self, tx: Connection, token: int) -> None:
        """Give it up, so that a standby need not wait; nothing happens when it is lost already."""
        tx.execute(
            update(leases)
            .where(leases.c.name == self.name, leases.c.token == token)
            .values(expires_at=0.0)
        )

    def check(self, tx: Connection, token: int) -> None:
        """Call it first in each transaction of the holder. Raises Conflict (`fenced`).

        The row stays locked until the transaction ends, so nobody can take the lease between
        the check and the commit; renewing it goes on. Run out but not taken is still ours.
        """
        self._require(tx, token, renewing=False)

    def held_until(self, tx: Connection) -> float | None:
        """Until when somebody holds it (UTC epoch seconds), None if nobody ever did."""
        query = select(leases.c.expires_at).where(leases.c.name == self.name)
        found: float | None = tx.execute(query).scalar_one_or_none()
        return found

    def _ensure_row(self, tx: Connection) -> None:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        row = {"name": self.name, "holder": "", "token": 0, "expires_at": 0.0}
        tx.execute(dialect.insert(leases).values(row).on_conflict_do_nothing())

    def _write(self, tx: Connection, token: int, expires_at: float) -> None:
        tx.execute(
            update(leases)
            .where(leases.c.name == self.name)
            .values(holder=self.holder, token=token, expires_at=expires_at)
        )

    def _is_held(self, row: Row[Any], now: float) -> bool:
        """Whether it is another's at this moment."""
        return bool(row.expires_at > now and row.holder != self.holder)

    def _require(self, tx: Connection, token: int, *, renewing: bool) -> None:
        # FOR KEY SHARE and FOR NO KEY UPDATE do not wait for each other, but both for the FOR
        # UPDATE of a take-over: with stronger locks a busy centre could not renew its own lease.
        present = tx.execute(
            select(leases.c.token)
            .where(leases.c.name == self.name)
            .with_for_update(read=not renewing, key_share=True)
        ).scalar_one_or_none()
        if present != token:
            raise Conflict(
                f"{self.holder} held {self.name} with token {token}; it is now {present}",
                code="fenced",
            )
