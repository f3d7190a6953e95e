"""What the server shows against what we sent: decided purely, on values.

Entry ids are `<epoch>-<number>`. Within an epoch numbers are handed out without gaps and sent in
order, so the server's own figures tell whether anything is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class EntryId(NamedTuple):
    """Id of a stream entry; ordered as the server orders them."""

    epoch: int
    number: int

    def __str__(self) -> str:
        """As Redis writes it."""
        return f"{self.epoch}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> EntryId:
        """Raises ValueError for what is no id."""
        epoch, _, number = text.partition("-")
        return cls(int(epoch), int(number))


ZERO = EntryId(0, 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a centre's outbox is, from the database.

    `assigned` is the last number handed out in this epoch, `sent` the last one marked as sent.
    `waiting` tells whether rows still have to be sent; `unacked_from` is the lowest number sent
    and not settled, None if all are.
    """

    epoch: int
    assigned: int
    sent: int
    waiting: bool
    unacked_from: int | None
    receipts_after: str

    @property
    def reached(self) -> EntryId:
        """The entry the server must have reached; `0-0` before the first of an epoch."""
        return EntryId(self.epoch, self.sent) if self.sent else ZERO


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry delivered to a consumer and not acknowledged."""

    id: EntryId
    consumer: str
    idle_s: float
    deliveries: int


@dataclass(frozen=True, slots=True)
class View:
    """One consistent look at the stream and its group.

    `last` is the server's last generated id, None without a stream; `delivered` the group's last
    delivered id, None without a group; `first` and `lowest_pending` the lowest entry and the
    lowest pending entry **of our epoch**; `deleted` the highest id ever deleted by XDEL.
    `pending` lists the pending entries after `after`; all pending ones up to `through` are in it.
    """

    last: EntryId | None
    delivered: EntryId | None
    first: EntryId | None
    lowest_pending: EntryId | None
    deleted: EntryId
    pending: tuple[Pending, ...]
    after: int
    through: int
    complete: bool


class Loss(StrEnum):
    """Why the stream cannot be trusted to hold what we sent."""

    AHEAD = "server_ahead"
    STREAM_GONE = "stream_gone"
    BEHIND = "server_behind"
    GROUP_GONE = "group_gone"
    TRIMMED = "undelivered_trimmed"
    DELETED = "undelivered_deleted"
    PENDING_GONE = "pending_gone"


def loss(view: View, mark: Mark) -> Loss | None:
    """Whether anything we count on is missing; None if all is well.

    A server ahead of us has seen a database that is not ours (a restored backup, another hub):
    it would refuse our numbers as repeats, so this too asks for a new epoch.
    """
    if (view.last or ZERO) > EntryId(mark.epoch, mark.assigned):
        return Loss.AHEAD
    if mark.sent == 0:
        return None
    if view.last is None:
        return Loss.STREAM_GONE
    if view.last < mark.reached:
        return Loss.BEHIND
    if view.delivered is None:
        return Loss.GROUP_GONE
    return _entries_lost(view, view.last, view.delivered, mark.epoch)


def _entries_lost(view: View, last: EntryId, delivered: EntryId, epoch: int) -> Loss | None:
    undelivered = EntryId(epoch, delivered.number + 1 if delivered.epoch == epoch else 1)
    if undelivered <= last:
        if view.deleted >= undelivered:
            return Loss.DELETED
        if view.first is None or view.first > undelivered:
            return Loss.TRIMMED
    if view.lowest_pending is not None and (view.first is None or view.first > view.lowest_pending):
        return Loss.PENDING_GONE
    return None


def poisonous(pending: Pending, dead_letter_after: int, idle_s: float) -> bool:
    """Whether an entry was handed out often enough to give up on it.

    The last delivery has `idle_s` to be acknowledged; one more delivery than allowed (a consumer
    that reclaims faster than we look) ends it at once.
    """
    if pending.deliveries == dead_letter_after:
        return pending.idle_s >= idle_s
    return pending.deliveries > dead_letter_after
