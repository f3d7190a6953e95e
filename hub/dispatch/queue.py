"""A centre's queue in Redis or Valkey: the only user of Redis in this room.

The stream holds entries `<epoch>-<number>` with the fields `task_id` and `body` (JSON). Every
look is one MULTI, so that its parts speak of the same moment.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import ConnectionPool, Redis
from redis.exceptions import RedisError, ResponseError, WatchError

from hub.dispatch.config import CentreConfig
from hub.dispatch.outbox.repository import DeadLetter, Parcel
from hub.dispatch.outbox.view import ZERO, EntryId, Pending, View
from hub.kit.errors import Retryable

Client = Redis
Fields = Mapping[bytes, bytes]
TIMEOUT_S = 5.0
_REPEAT = "equal or smaller than the target stream top item"
_MISSING = ("no such key", "NOGROUP")
_FOR_EVER_MS = 10**9


@dataclass(frozen=True, slots=True)
class Heard:
    """Entries of the receipts stream after a position, and the id of the last one read.

    `last` is `0-0` when the stream was wiped: then reading begins anew.
    """

    entries: tuple[tuple[str, Fields], ...]
    last: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as a reader sees it who takes nothing away.

    `consumer` is None for one that is not pending: not delivered yet, or acknowledged.
    """

    id: EntryId
    task_id: str
    message: dict[str, Any]
    delivered: bool = False
    consumer: str | None = None
    deliveries: int = 0


def connect(url: str) -> Redis:
    """A client with time-outs, answering in bytes. Nothing is sent yet."""
    return Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


def _in_bytes(client: Redis) -> Redis:
    """The same server, answering in bytes: what a stranger wrote may be no UTF-8."""
    pool = client.connection_pool
    if not pool.connection_kwargs.get("decode_responses"):
        return client
    wanted = pool.connection_kwargs | {"decode_responses": False}
    return Redis(connection_pool=ConnectionPool(pool.connection_class, **wanted))


def centres_at(redis: Redis, group: str) -> list[CentreConfig]:
    """The centres whose streams `dispatch:<id>` stand on this server."""
    with _named_errors():
        keys = {key.decode() for key in redis.scan_iter(match="dispatch:*", _type="stream")}
    ids = sorted(key.removeprefix("dispatch:") for key in keys if not key.endswith(":dead"))
    return [CentreConfig(id=each, name=each, group=group) for each in ids]


def follow(redis: Redis, after: Mapping[str, EntryId], block_ms: int) -> list[tuple[str, Entry]]:
    """Entries above a position in each of some streams, with their stream; waits for the first.

    Nothing is consumed. Empty when `block_ms` passed without news.
    """
    with _named_errors():
        answer: Any = redis.xread({stream: str(at) for stream, at in after.items()}, block=block_ms)
    return [
        (stream.decode(), _entry(_id(key), fields, ZERO, None))
        for stream, entries in answer or []
        for key, fields in entries
    ]


class Queue:
    """One centre's stream, group, dead letters and receipts. Raises Retryable (`queue_gone`)."""

    def __init__(self, redis: Redis, centre: CentreConfig) -> None:
        """`redis` has its time-outs set."""
        self._redis = _in_bytes(redis)
        self._centre = centre

    @property
    def centre(self) -> CentreConfig:
        """Whose queue it is."""
        return self._centre

    # -- sending ---------------------------------------------------------------------------

    def open_group(self, after: EntryId) -> None:
        """Make the group, and the stream with it, reading from the entry after `after`."""
        with _named_errors():
            try:
                self._redis.xgroup_create(
                    self._centre.stream, self._centre.group, id=str(after), mkstream=True
                )
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    def send(self, parcels: Sequence[Parcel], sent: EntryId) -> None:
        """Add entries under their own ids, all or none; one the server has already is a repeat.

        Added only while the stream stands at `sent` or later and has its group: an entry added
        to a wiped stream would hide that it was wiped. Raises Retryable (`queue_changed`).
        """
        with _named_errors(), self._redis.pipeline(transaction=True) as pipe:
            pipe.watch(self._centre.stream)  # type: ignore[no-untyped-call]
            self._refuse_if_lost(pipe, sent)
            pipe.multi()
            for parcel in parcels:
                pipe.xadd(self._centre.stream, _fields(parcel), id=str(parcel.id))
            for answer in pipe.execute(raise_on_error=False):
                if isinstance(answer, Exception) and _REPEAT not in str(answer):
                    raise answer

    def _refuse_if_lost(self, pipe: Any, sent: EntryId) -> None:
        try:
            stream = pipe.xinfo_stream(self._centre.stream)
            groups = {group["name"] for group in pipe.xinfo_groups(self._centre.stream)}
        except ResponseError as error:
            raise Retryable(f"{self._centre.stream}: {error}", code="queue_changed") from error
        if _id(stream["last-generated-id"]) < sent or self._centre.group.encode() not in groups:
            raise Retryable(f"{self._centre.stream}: not as we left it", code="queue_changed")

    # -- looking ---------------------------------------------------------------------------

    def look(self, epoch: int, after: int = 0, limit: int = 5000) -> View:
        """One look; `pending` tells of at most `limit` entries of `epoch` above number `after`."""
        stream, group = self._centre.stream, self._centre.group
        first_of_epoch = str(EntryId(epoch, 0))
        with _named_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.xinfo_stream(stream)
            pipe.xinfo_groups(stream)
            pipe.xrange(stream, min=first_of_epoch, count=1)
            pipe.xpending_range(stream, group, min=first_of_epoch, max="+", count=1)
            above = str(EntryId(epoch, after + 1))
            pipe.xpending_range(stream, group, min=above, max="+", count=limit)
            info, groups, first, lowest, pending = [
                _or_none(answer) for answer in pipe.execute(raise_on_error=False)
            ]
        return self._view(epoch, after, limit, info, groups or [], first, lowest, pending or [])

    def _view(
        self,
        epoch: int,
        after: int,
        limit: int,
        info: dict[str, Any] | None,
        groups: Sequence[dict[str, Any]],
        first: Sequence[Any] | None,
        lowest: Sequence[dict[str, Any]] | None,
        pending: Sequence[dict[str, Any]],
    ) -> View:
        mine = [each for each in groups if each["name"] == self._centre.group.encode()]
        delivered = _id(mine[0]["last-delivered-id"]) if mine else None
        reached = delivered.number if delivered is not None and delivered.epoch == epoch else 0
        complete = len(pending) < limit
        listed = tuple(
            Pending(
                _id(each["message_id"]),
                each["consumer"].decode(errors="replace"),
                each["time_since_delivered"] / 1000,
                each["times_delivered"],
            )
            for each in pending
        )
        return View(
            last=None if info is None else _id(info["last-generated-id"]),
            delivered=delivered,
            first=_id(first[0][0]) if first else None,
            lowest_pending=_id(lowest[0]["message_id"]) if lowest else None,
            deleted=ZERO if info is None else _id(info["max-deleted-entry-id"]),
            pending=listed,
            after=after,
            through=reached if complete else min(reached, listed[-1].id.number),
            complete=complete,
        )

    # -- tidying ---------------------------------------------------------------------------

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Move entries to the dead letters: out of the pending list and the stream, in one step."""
        with _named_errors():
            pipe = self._redis.pipeline(transaction=True)
            for letter in letters:
                pipe.xadd(self._centre.dead_stream, _dead_fields(letter))
                pipe.xack(self._centre.stream, self._centre.group, str(letter.id))
                pipe.xdel(self._centre.stream, str(letter.id))
            pipe.execute()

    def withdraw(self, entries: Sequence[EntryId]) -> None:
        """Take entries out of the pending list, as if they had been acknowledged."""
        if entries:
            with _named_errors():
                self._redis.xack(
                    self._centre.stream, self._centre.group, *(str(each) for each in entries)
                )

    def trim(self, keep_from: EntryId) -> None:
        """Drop the entries below `keep_from`."""
        with _named_errors():
            self._redis.xtrim(self._centre.stream, minid=str(keep_from), approximate=False)

    # -- receipts ----------------------------------------------------------------------------

    def receipts(self, after: str, limit: int) -> Heard:
        """What consumers reported after the position `after`."""
        stream = self._centre.receipts_stream
        with _named_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.xinfo_stream(stream)
            pipe.xrange(stream, min=f"({after}", max="+", count=limit)
            info, entries = [_or_none(answer) for answer in pipe.execute(raise_on_error=False)]
        if info is None or _id(info["last-generated-id"]) < EntryId.parse(after):
            return Heard((), str(ZERO))
        heard = tuple((entry_id.decode(), fields or {}) for entry_id, fields in entries)
        return Heard(heard, heard[-1][0] if heard else after)

    def trim_receipts(self, heard: str, keep_ms: int) -> None:
        """Drop receipts heard more than `keep_ms` ago (their ids begin with the server's time)."""
        keep_from = EntryId(max(0, EntryId.parse(heard).epoch - keep_ms), 0)
        with _named_errors():
            self._redis.xtrim(self._centre.receipts_stream, minid=str(keep_from))

    # -- reading along -------------------------------------------------------------------------

    def entries(self, after: EntryId = ZERO, limit: int = 100) -> list[Entry]:
        """Entries above `after`, oldest first, with what became of them; nothing is consumed."""
        stream, group = self._centre.stream, self._centre.group
        above = f"({after}"
        with _named_errors():
            pipe = self._redis.pipeline(transaction=True)
            pipe.xrange(stream, min=above, count=limit)
            pipe.xinfo_groups(stream)
            pipe.xpending_range(stream, group, min=above, max="+", count=limit)
            found, groups, pending = [
                _or_none(answer) or [] for answer in pipe.execute(raise_on_error=False)
            ]
        mine = [each for each in groups if each["name"] == group.encode()]
        reached = _id(mine[0]["last-delivered-id"]) if mine else ZERO
        held = {_id(each["message_id"]): each for each in pending}
        return [_entry(_id(key), fields, reached, held.get(_id(key))) for key, fields in found]

    def last_id(self) -> EntryId:
        """The server's last generated id, `0-0` without a stream."""
        return self.look(0).last or ZERO

    def acknowledge(self, task_ids: Collection[str], consumer: str) -> set[str]:
        """Take these tasks as a consumer and acknowledge them; returns those found.

        Entries before them that nobody had taken yet are taken too and handed back at once: idle
        for ever, so that the centre's next XAUTOCLAIM gets them.
        """
        stream, group = self._centre.stream, self._centre.group
        done: set[str] = set()
        after = ZERO
        while len(done) < len(task_ids):
            page = self.entries(after, 500)
            if not page:
                return done
            after = page[-1].id
            wanted = {each.id: each for each in page if each.task_id in task_ids}
            fresh = [entry_id for entry_id, each in wanted.items() if not each.delivered]
            with _named_errors():
                if fresh:
                    self._take_through(max(fresh), consumer, keep=set(wanted))
                for entry_id, each in wanted.items():
                    if self._redis.xack(stream, group, str(entry_id)):
                        done.add(each.task_id)
        return done

    def _take_through(self, last: EntryId, consumer: str, keep: Collection[EntryId]) -> None:
        stream, group = self._centre.stream, self._centre.group
        while True:
            answer: Any = self._redis.xreadgroup(group, consumer, {stream: ">"}, count=1)
            taken = [_id(entry[0]) for _, entries in answer or [] for entry in entries]
            for entry_id in taken:
                if entry_id not in keep:
                    self._redis.xclaim(
                        stream, group, consumer, 0, [str(entry_id)],
                        idle=_FOR_EVER_MS, justid=True, retrycount=0,
                    )  # fmt: skip
            if not taken or taken[-1] >= last:
                return


def _entry(
    entry_id: EntryId, fields: Fields, reached: EntryId, held: Mapping[str, Any] | None
) -> Entry:
    return Entry(
        id=entry_id,
        task_id=fields.get(b"task_id", b"").decode(errors="replace"),
        message=json.loads(fields.get(b"body", b"{}")),
        delivered=entry_id <= reached,
        consumer=None if held is None else held["consumer"].decode(errors="replace"),
        deliveries=0 if held is None else held["times_delivered"],
    )


def _fields(parcel: Parcel) -> dict[Any, Any]:
    return {"task_id": parcel.task_id, "body": body_text(parcel.message)}


def _dead_fields(letter: DeadLetter) -> dict[Any, Any]:
    return {
        "task_id": letter.task_id,
        "body": body_text(letter.message),
        "entry_id": str(letter.id),
        "deliveries": letter.deliveries,
        "error": letter.error,
    }


def body_text(message: Mapping[str, Any]) -> str:
    """The message as it stands in the entry: JSON, UTF-8, no NaN."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _id(text: bytes) -> EntryId:
    return EntryId.parse(text.decode())


def _or_none(answer: Any) -> Any:
    """An answer of a MULTI; None where the key or the group is not there."""
    if isinstance(answer, ResponseError) and any(word in str(answer) for word in _MISSING):
        return None
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except WatchError as error:
        raise Retryable("the stream changed under our hands", code="queue_changed") from error
    except RedisError as error:
        raise Retryable(f"queue: {error}", code="queue_gone") from error
