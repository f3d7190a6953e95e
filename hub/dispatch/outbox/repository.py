"""Queries on the outbox and the epochs of its queues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from hub.dispatch.outbox.view import EntryId, Mark
from hub.store.tables.dispatch import outbox, queue_epochs, tasks
from hub.types.work import DispatchTask, TaskState

Json = dict[str, Any]
RECEIPTS_START = "0-0"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A numbered row, ready to be sent."""

    row_id: int
    id: EntryId
    task_id: str
    message: Json


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A task that no consumer could be made to acknowledge."""

    row_id: int
    id: EntryId
    task_id: str
    centre: str
    deliveries: int
    error: str
    message: Json


@dataclass(frozen=True, slots=True)
class Backlog:
    """How a centre's queue stands. `oldest_unacked_at` is UTC epoch seconds, None if all is well.

    `unsent` rows wait in the database, `unacked` were sent and not acknowledged, `dead` given up.
    """

    centre: str
    unsent: int
    unacked: int
    acked: int
    dead: int
    oldest_unacked_at: float | None


def insert_rows(tx: Connection, new: Sequence[DispatchTask], now: float) -> None:
    """Tasks to be sent, in their order; the relay numbers them."""
    if new:
        fixed = {"created_at": now, "sent": False, "deliveries": 0}
        rows = [{"task_id": task.id, "centre": task.centre, **fixed} for task in new]
        tx.execute(insert(outbox), rows)


def mark(tx: Connection, centre: str) -> Mark | None:
    """How far this centre's outbox is; None before its first epoch."""
    row = tx.execute(select(queue_epochs).where(queue_epochs.c.centre == centre)).first()
    if row is None:
        return None
    sent = tx.execute(
        select(func.max(outbox.c.number)).where(
            outbox.c.centre == centre, outbox.c.epoch == row.epoch, outbox.c.sent
        )
    ).scalar()
    unsent, unacked_from = tx.execute(
        select(
            func.sum(case((~outbox.c.sent, 1), else_=0)),
            func.min(case((outbox.c.sent, outbox.c.number))),
        ).where(outbox.c.centre == centre, *_open())
    ).one()
    return Mark(
        row.epoch, row.last_number, sent or 0, bool(unsent), unacked_from, row.receipts_after
    )


def _open() -> tuple[Any, ...]:
    # A number once given is sent, void or not: within an epoch the server must see no gap.
    given = or_(outbox.c.number.is_not(None), _wanted())
    return (outbox.c.acked_at.is_(None), outbox.c.dead_at.is_(None), given)


def _wanted() -> Any:
    """Whether anybody shall still go there: an errand that became void while it waited stays."""
    errand = tasks.alias("errand")
    void = exists().where(errand.c.id == outbox.c.task_id, errand.c.state == TaskState.VOID.value)
    return ~void.correlate(outbox)


def _unsent() -> tuple[Any, ...]:
    return (*_open(), ~outbox.c.sent)


def open_epoch(tx: Connection, centre: str, epoch: int, now: float) -> int:
    """Begin an epoch: all rows neither acknowledged nor dead lose their number and go out again.

    Those of errands that are void by now do not.

    Returns how many had been sent before.
    """
    known = tx.execute(select(queue_epochs.c.epoch).where(queue_epochs.c.centre == centre)).first()
    values: dict[str, object] = {"epoch": epoch, "last_number": 0, "updated_at": now}
    if known is None:
        values |= {"centre": centre, "receipts_after": RECEIPTS_START}
        tx.execute(insert(queue_epochs).values(values))
    else:
        tx.execute(update(queue_epochs).where(queue_epochs.c.centre == centre).values(values))
    open_rows = (outbox.c.centre == centre, *_open())
    again = tx.execute(
        select(func.count()).select_from(outbox).where(*open_rows, outbox.c.sent, _wanted())
    ).scalar_one()
    tx.execute(update(outbox).where(*open_rows).values(epoch=None, number=None, sent=False))
    return again


def astray(tx: Connection, centres: Collection[str]) -> list[str]:
    """Centres besides these that rows are open for."""
    query = select(outbox.c.centre).where(outbox.c.centre.not_in(centres), *_open()).distinct()
    return sorted(tx.execute(query).scalars())


def redirect(tx: Connection, centre: str, to: str) -> int:
    """What is open for one centre goes to another, sent before or not; how many rows.

    The errand itself says on for whom it was made.
    """
    anew: dict[str, object] = {"centre": to, "epoch": None, "number": None, "sent": False}
    return tx.execute(
        update(outbox).where(outbox.c.centre == centre, *_open()).values(anew)
    ).rowcount


def number(tx: Connection, centre: str, limit: int, now: float) -> None:
    """Give the next numbers to rows without one, oldest first, until `limit` rows can be sent.

    Rows get their number when they are picked, not when they are written: transactions finish
    out of order, and a number that appears late would be refused by the server as a repeat.
    """
    at = tx.execute(
        select(queue_epochs).where(queue_epochs.c.centre == centre).with_for_update()
    ).one()
    mine = (outbox.c.centre == centre, *_unsent())
    numbered = tx.execute(
        select(func.count()).select_from(outbox).where(*mine, outbox.c.number.is_not(None))
    ).scalar_one()
    rows = tx.execute(
        select(outbox.c.id)
        .where(*mine, outbox.c.number.is_(None))
        .order_by(outbox.c.id)
        .limit(max(0, limit - numbered))
    ).scalars()
    numbers = [
        {"row": row, "given": at.last_number + step} for step, row in enumerate(rows.all(), start=1)
    ]
    if not numbers:
        return
    tx.execute(
        update(outbox)
        .where(outbox.c.id == bindparam("row"))
        .values(epoch=at.epoch, number=bindparam("given")),
        numbers,
    )
    tx.execute(
        update(queue_epochs)
        .where(queue_epochs.c.centre == centre)
        .values(last_number=at.last_number + len(numbers), updated_at=now)
    )


def parcels(tx: Connection, centre: str, limit: int) -> list[Parcel]:
    """Numbered rows not yet sent, in the order of their numbers."""
    rows = tx.execute(
        select(outbox.c.id, outbox.c.epoch, outbox.c.number, outbox.c.task_id, tasks.c.message)
        .join(tasks, tasks.c.id == outbox.c.task_id)
        .where(outbox.c.centre == centre, *_unsent(), outbox.c.number.is_not(None))
        .order_by(outbox.c.number)
        .limit(limit)
    )
    return [
        Parcel(row.id, EntryId(row.epoch, row.number), row.task_id, row.message) for row in rows
    ]


def mark_sent(tx: Connection, sent: Sequence[Parcel], now: float) -> None:
    """Note that the server holds these; a row renumbered in the meantime stays unsent."""
    tx.execute(
        update(outbox)
        .where(
            outbox.c.id == bindparam("row"),
            outbox.c.epoch == bindparam("in_epoch"),
            outbox.c.number == bindparam("as_number"),
        )
        .values(sent=True, queued_at=func.coalesce(outbox.c.queued_at, now)),
        [
            {"row": parcel.row_id, "in_epoch": parcel.id.epoch, "as_number": parcel.id.number}
            for parcel in sent
        ],
    )


def delivered_rows(
    tx: Connection, centre: str, epoch: int, after: int, through: int
) -> Sequence[Row[int, int, str, int]]:
    """Sent rows numbered in (after, through] that are neither acknowledged nor dead."""
    return tx.execute(
        select(outbox.c.id, outbox.c.number, outbox.c.task_id, outbox.c.deliveries)
        .where(
            outbox.c.centre == centre,
            outbox.c.epoch == epoch,
            outbox.c.sent,
            *_open(),
            outbox.c.number > after,
            outbox.c.number <= through,
        )
        .order_by(outbox.c.number)
    ).all()


def void_among(tx: Connection, centre: str, epoch: int, numbers: Sequence[int]) -> list[int]:
    """Those of these entries whose errand is void: nobody has to be made to acknowledge them."""
    query = select(outbox.c.number).where(
        outbox.c.centre == centre,
        outbox.c.epoch == epoch,
        outbox.c.number.in_(numbers),
        outbox.c.dead_at.is_(None),
        ~_wanted(),
    )
    return list(tx.execute(query.order_by(outbox.c.number)).scalars())


def mark_acked(tx: Connection, row_ids: Sequence[int], now: float) -> None:
    """Note that the hub saw these entries leave the pending list."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id.in_(row_ids), outbox.c.acked_at.is_(None))
        .values(
            acked_at=now, deliveries=case((outbox.c.deliveries < 1, 1), else_=outbox.c.deliveries)
        )
    )


def note_deliveries(tx: Connection, counts: Sequence[tuple[int, int]]) -> None:
    """Note how often rows were handed out: (row id, deliveries)."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id == bindparam("row"))
        .values(deliveries=bindparam("handed_out")),
        [{"row": row, "handed_out": deliveries} for row, deliveries in counts],
    )


def mark_dead(tx: Connection, row_ids: Sequence[int], error: str, now: float) -> list[DeadLetter]:
    """Give rows up; returns them as dead letters."""
    tx.execute(update(outbox).where(outbox.c.id.in_(row_ids)).values(dead_at=now, error=error))
    return _letters(tx, outbox.c.id.in_(row_ids))


def dead_among(tx: Connection, centre: str, epoch: int, numbers: Sequence[int]) -> list[DeadLetter]:
    """Those of these entries that were given up before: their move is to be done again."""
    return _letters(
        tx,
        outbox.c.centre == centre,
        outbox.c.epoch == epoch,
        outbox.c.number.in_(numbers),
        outbox.c.dead_at.is_not(None),
    )


def _letters(tx: Connection, *conditions: Any) -> list[DeadLetter]:
    rows = tx.execute(
        select(outbox, tasks.c.message)
        .join(tasks, tasks.c.id == outbox.c.task_id)
        .where(*conditions)
        .order_by(outbox.c.id)
    )
    return [
        DeadLetter(
            row.id,
            EntryId(row.epoch, row.number),
            row.task_id,
            row.centre,
            row.deliveries,
            row.error or "",
            row.message,
        )
        for row in rows
    ]


def trim_bound(tx: Connection, centre: str, epoch: int, acked_before: float) -> int | None:
    """The lowest number that must stay: not acknowledged, or acknowledged only lately.

    None when nothing was sent in this epoch.
    """
    mine = (outbox.c.centre == centre, outbox.c.epoch == epoch, outbox.c.sent)
    kept = tx.execute(
        select(func.min(outbox.c.number)).where(
            *mine,
            outbox.c.dead_at.is_(None),
            or_(outbox.c.acked_at.is_(None), outbox.c.acked_at > acked_before),
        )
    ).scalar()
    if kept is not None:
        return int(kept)
    last = tx.execute(select(func.max(outbox.c.number)).where(*mine)).scalar()
    return None if last is None else int(last) + 1


def set_receipts_after(tx: Connection, centre: str, after: str, now: float) -> None:
    """Remember which receipts were heard."""
    tx.execute(
        update(queue_epochs)
        .where(queue_epochs.c.centre == centre)
        .values(receipts_after=after, updated_at=now)
    )


def backlog(tx: Connection, centre: str) -> Backlog:
    """Counts for the live table, the metrics and the alarms."""
    unacked = and_(*_open())

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = tx.execute(
        select(
            count(unacked & ~outbox.c.sent),
            count(unacked & outbox.c.sent),
            count(outbox.c.acked_at.is_not(None)),
            count(outbox.c.dead_at.is_not(None)),
            func.min(case((unacked, outbox.c.created_at))),
        ).where(outbox.c.centre == centre)
    ).one()
    return Backlog(centre, *row)


def deliveries(tx: Connection) -> list[dict[str, Any]]:
    """Every delivery with its task and alerts, oldest first: what a report or an export lists."""
    rows = tx.execute(
        select(
            outbox.c.task_id,
            tasks.c.incident_id,
            tasks.c.grid_code,
            tasks.c.message,
            outbox.c.queued_at,
            outbox.c.acked_at,
        )
        .join_from(outbox, tasks, tasks.c.id == outbox.c.task_id)
        .order_by(outbox.c.id)
    )
    return [
        {
            "task_id": row.task_id,
            "incident_id": row.incident_id,
            "grid_code": row.grid_code,
            "alert_ids": row.message["alert_ids"],
            "queued_at": row.queued_at,
            "acked_at": row.acked_at,
        }
        for row in rows
    ]
