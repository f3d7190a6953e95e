"""The change feed: what changed, in the transaction that changed it, in an order readers can trust.

A reader remembers the last `seq` it saw and asks for what came after. That is only right when
numbers become visible in increasing order; on PostgreSQL commits may finish out of order, so
numbers are given under a transaction-level advisory lock that is held until the commit. What is
said in a transaction is written at its very end: the lock is always the last one taken, whatever
else the transaction locks and in whatever order, and it is held for one statement. SQLite has one
writer at a time anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from redis import Redis
from redis.client import PubSub
from sqlalchemy import Connection, Engine, delete, event, func, insert, select

from hub.kit.errors import Retryable
from hub.store.stream import named_errors
from hub.store.tables.ops import feed

log = logging.getLogger(__name__)

Body = dict[str, Any]
Path = Sequence[str] | None
"""Of which place a change tells, by the codes of its grids from the root down. None: of the whole
site. Empty: of a place that no grid contains."""
Place = Path | Callable[[Connection], Path]
"""A path, or what is asked for it at the end of the transaction."""

NO_UNITS: Mapping[str, Sequence[str]] = MappingProxyType({})
FEED_LOCK = 0x68756201  # advisory locks share one number space a database: "hub" and a count
WAKE_CHANNEL = "hub:feed"
_SAID, _MARKS = "changes said", "changes said before a savepoint"
"""Where a transaction's connection keeps what was said."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the feed. `at` is UTC epoch seconds; `path` says of which place it tells.

    `account`: it is for that person alone. `units`: the departments it is of as well.
    """

    seq: int
    at: float
    topic: str
    entity_id: str
    body: Body
    path: Path
    account: str | None = None
    units: tuple[str, ...] = ()


def append(
    tx: Connection,
    topic: str,
    entity_id: str,
    body: Body,
    now: float,
    place: Place,
    units: Sequence[str] = (),
) -> None:
    """Say one change; it gets its number, and is seen, with the end of the transaction."""
    append_all(tx, topic, [(entity_id, body, place)], now, {entity_id: units})


def append_to(
    tx: Connection, account: str, topic: str, entity_id: str, body: Body, now: float
) -> None:
    """Say one change to one account alone."""
    append(tx, topic, entity_id, body, now, None)
    tx.info[_SAID][-1]["account"] = account


def append_all(
    tx: Connection,
    topic: str,
    entries: Iterable[tuple[str, Body, Place]],
    now: float,
    units: Mapping[str, Sequence[str]] = NO_UNITS,
) -> None:
    """Say many changes (entity id, body, place), in their order; `units` by entity id."""
    tx.info[_SAID] += [
        {
            "at": now,
            "topic": topic,
            "entity_id": entity_id,
            "body": body,
            "grid_path": place,
            "account": None,
            "units": list(units.get(entity_id, ())) or None,
        }
        for entity_id, body, place in entries
    ]


def begin(tx: Connection) -> None:
    """Nothing is said yet; for `Database.write` alone."""
    tx.info[_SAID], tx.info[_MARKS] = [], []


def follow_savepoints(engine: Engine) -> None:
    """What is said within a savepoint that is rolled back is not said; for `Database` alone."""

    # They are nested, so what ends is always the newest; its name is not known at its beginning.
    @event.listens_for(engine, "savepoint")
    def _mark(tx: Connection, _name: str | None) -> None:
        tx.info[_MARKS].append(len(tx.info[_SAID]))

    @event.listens_for(engine, "rollback_savepoint")
    def _take_back(tx: Connection, _name: str, _context: None) -> None:
        del tx.info[_SAID][tx.info[_MARKS].pop() :]

    @event.listens_for(engine, "release_savepoint")
    def _keep(tx: Connection, _name: str, _context: None) -> None:
        tx.info[_MARKS].pop()


def write_out(tx: Connection) -> None:
    """Write all that was said, before the commit; for `Database.write` alone."""
    said = tx.info.pop(_SAID)
    if not said:
        return
    for row in said:  # before the lock is taken: it is held for one statement
        place = row["grid_path"]
        path = place(tx) if callable(place) else place
        row["grid_path"] = None if path is None else list(path)
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(FEED_LOCK)))
    tx.execute(insert(feed), said)


def after(
    tx: Connection, seq: int, limit: int = 500, topics: Collection[str] | None = None
) -> list[Change]:
    """At most `limit` changes with a number above `seq`, oldest first; None means all topics."""
    wanted = select(feed).where(feed.c.seq > seq).order_by(feed.c.seq).limit(limit)
    if topics is not None:
        wanted = wanted.where(feed.c.topic.in_(topics))
    return [
        Change(
            r.seq,
            r.at,
            r.topic,
            r.entity_id,
            r.body,
            _path(r.grid_path),
            r.account,
            tuple(r.units or ()),
        )
        for r in tx.execute(wanted)
    ]


def _path(codes: list[str] | None) -> Path:
    return None if codes is None else tuple(codes)


def latest(tx: Connection) -> int:
    """The highest number in the feed, 0 when it is empty."""
    return int(tx.execute(select(func.coalesce(func.max(feed.c.seq), 0))).scalar_one())


def oldest(tx: Connection) -> int:
    """The lowest number still kept, 0 when there is none; a reader below it missed something."""
    return int(tx.execute(select(func.coalesce(func.min(feed.c.seq), 0))).scalar_one())


def trim(tx: Connection, before_at: float) -> int:
    """Remove changes from before `before_at` (UTC epoch seconds), never the newest; how many."""
    newest = select(func.max(feed.c.seq)).scalar_subquery()
    return tx.execute(delete(feed).where(feed.c.at < before_at, feed.c.seq < newest)).rowcount


class Waker:
    """Tells the readers of the feed to look now. It only wakes: readers also poll.

    A wake-up may be lost and may come without news; neither does harm.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._heard: PubSub | None = None

    def wake(self) -> bool:
        """After a commit: wake the readers. False when Redis did not answer (they poll)."""
        try:
            with named_errors():
                self._redis.publish(WAKE_CHANNEL, "")
        except Retryable as error:
            log.debug("feed readers not woken: %s", error)
            return False
        return True

    def listen(self, woken: Callable[[], None], timeout_s: float = 1.0) -> float:
        """One turn of a reader's loop: wait for a wake-up, call `woken`; returns the pause 0.

        Raises Retryable when Redis is away; the next turn subscribes again.
        """
        try:
            with named_errors():
                message = self._subscribed().get_message(timeout=timeout_s)
        except Retryable:
            self.close()
            raise
        if message is not None:
            woken()
        return 0.0

    def _subscribed(self) -> PubSub:
        if self._heard is None:
            self._heard = PubSub(self._redis.connection_pool, ignore_subscribe_messages=True)
            self._heard.subscribe(WAKE_CHANNEL)
        return self._heard

    def close(self) -> None:
        """Give the subscription's connection back."""
        heard, self._heard = self._heard, None
        if heard is not None:
            heard.close()
