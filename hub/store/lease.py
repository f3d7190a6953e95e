"""The lease of the active centre, with a fencing token.

The token is the answer to a paused holder: it wakes up, believes it still leads, and is turned
away in its next transaction, because `check` finds a higher token there.

Nobody's wall clock decides: two hosts' may differ by hours. Who stands by takes over when the
lease has not been renewed for its whole time, as counted on their own monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.kit.clock import Clock
from hub.kit.errors import Conflict
from hub.store.tables.ops import leases

CENTRE = "centre"
"""Name of the lease of the active centre."""
TTL_S = 10.0
FREE = 0.0
"""`expires_at` of a lease that was given up, or that nobody ever held."""


def held_until(tx: Connection, name: str) -> float | None:
    """Until when somebody holds it by their own clock (UTC epoch seconds), None if nobody did."""
    query = select(leases.c.expires_at).where(leases.c.name == name)
    found: float | None = tx.execute(query).scalar_one_or_none()
    return found


@dataclass(slots=True)
class Lease:
    """The lease `name`, wanted by `holder`, a name that one living process at a time bears.

    A holder that comes back takes its own lease again at once, with a new token. Renew it at a
    third of `ttl_s`; who wants another's asks each second, for it runs out unrenewed as far as
    they have seen. `expires_at` of the row is by the holder's clock: others only compare it with
    what it was.
    """

    name: str
    holder: str
    clock: Clock
    ttl_s: float = TTL_S
    _seen: tuple[int, float] | None = None
    _seen_at: float = 0.0

    def acquire(self, tx: Connection) -> int | None:
        """Take the lease if it is free, run out, or ours; returns a new token, else None."""
        self._ensure_row(tx)
        row = select(leases).where(leases.c.name == self.name)
        # A look first: a lock would wait for the holder's transactions, each time we ask.
        if self._takeable(tx, row) is None:
            return None
        taken = self._takeable(tx, row.with_for_update())
        if taken is None:
            return None
        token = int(taken.token) + 1
        self._write(tx, token)
        return token

    def renew(self, tx: Connection, token: int) -> None:
        """Hold it for another `ttl_s`. Raises Conflict (`fenced`) when another took it."""
        self._require(tx, token, renewing=True)
        self._write(tx, token)

    def release(self, tx: Connection, token: int) -> None:
        """Give it up, so that a standby need not wait; nothing happens when it is lost already."""
        tx.execute(
            update(leases)
            .where(leases.c.name == self.name, leases.c.token == token)
            .values(expires_at=FREE)
        )

    def check(self, tx: Connection, token: int) -> None:
        """Call it first in each transaction of the holder. Raises Conflict (`fenced`).

        The row stays locked until the transaction ends, so nobody can take the lease between
        the check and the commit; renewing it goes on. Run out but not taken is still ours.
        """
        self._require(tx, token, renewing=False)

    def _ensure_row(self, tx: Connection) -> None:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        row = {"name": self.name, "holder": "", "token": 0, "expires_at": FREE}
        tx.execute(dialect.insert(leases).values(row).on_conflict_do_nothing())

    def _write(self, tx: Connection, token: int) -> None:
        expires_at = self.clock.now() + self.ttl_s
        tx.execute(
            update(leases)
            .where(leases.c.name == self.name)
            .values(holder=self.holder, token=token, expires_at=expires_at)
        )

    def _takeable(self, tx: Connection, query: Select[Any]) -> Row[Any] | None:
        """The row, unless it is another's who has renewed it lately, as far as we have seen."""
        # The moment before the look and, of news, the one after it: a pause of ours in between
        # must not count as silence of the holder.
        asked_at = self.clock.monotonic()
        row = tx.execute(query).one()
        if row.expires_at == FREE or row.holder == self.holder:
            return row
        if self._seen != (row.token, row.expires_at):
            self._seen, self._seen_at = (row.token, row.expires_at), self.clock.monotonic()
        return row if asked_at - self._seen_at >= self.ttl_s else None

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
