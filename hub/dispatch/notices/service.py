"""Deliveries as people see them, one's own notices, and where one wants to be reached."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.log import repository as log
from hub.dispatch.notices import repository
from hub.dispatch.notices.reading import repository as reading
from hub.dispatch.notices.reading.repository import DeliveryFilter
from hub.dispatch.notices.repository import Found
from hub.kit.errors import Conflict, NotFound
from hub.store.page import Cursor, Page, page
from hub.types.staff import EVERYWHERE, Jurisdiction


@dataclass(frozen=True, slots=True)
class Channels:
    """Where and when somebody wants to be told. Quiet hours are minutes since midnight, or None.

    `mention`: their number may stand in a message of a group's robot.
    """

    phone: str | None = None
    robot_id: str | None = None
    mention: bool = False
    quiet_from: int | None = None
    quiet_to: int | None = None


def deliveries(
    tx: Connection,
    wanted: DeliveryFilter = DeliveryFilter(),
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[Found]:
    """A page of deliveries with their notices, newest first. Raises Refused (`bad_cursor`)."""
    return page(
        lambda cursor, count: reading.list_deliveries(tx, wanted, cursor, count),
        lambda row: Cursor(row.created_at, row.id),
        after,
        limit,
    )


def tries(tx: Connection, delivery_id: str, within: Jurisdiction = EVERYWHERE) -> Sequence[Found]:
    """Each try of a delivery, oldest first. Raises NotFound (`no_such_delivery`)."""
    _seen(tx, delivery_id, within)
    return reading.tries_of(tx, delivery_id)


def retry(
    tx: Connection, delivery_id: str, now: float, by: str, within: Jurisdiction = EVERYWHERE
) -> Found:
    """Try a dead letter again, with all that is of the same message; the log says who wanted it.

    Raises NotFound (`no_such_delivery`), Conflict (`delivery_is_<state>`).
    """
    row = _seen(tx, delivery_id, within)
    if row.state != repository.DEAD:
        raise Conflict(f"delivery {delivery_id} is {row.state}", code=f"delivery_is_{row.state}")
    ids = repository.dead_of(tx, row.batch)
    repository.raise_again(tx, ids, now)
    before = reading.versions(tx, ids)
    lines = [_line(each, before.get(each, 0) + 1, row.error or "", by, now) for each in ids]
    log.note_transitions(tx, lines)
    return _seen(tx, delivery_id, within)


def _line(delivery_id: str, version: int, reason: str, by: str, at: float) -> dict[str, object]:
    line = {"entity": reading.LOGGED, "entity_id": delivery_id, "version": version, "at": at}
    said = {"what": "retry", "from_state": repository.DEAD, "to_state": repository.WAITING}
    return {**line, **said, "reason": reason, "actor": by, "device": None}


def _seen(tx: Connection, delivery_id: str, within: Jurisdiction) -> Found:
    row = reading.delivery(tx, delivery_id)
    if row is None or not within.covers(row.grid_path):
        raise NotFound(f"there is no delivery {delivery_id!r}", code="no_such_delivery")
    return row


def mine(
    tx: Connection, account: str, *, open_only: bool = False, after: str | None = None,
    limit: int = 50,
) -> Page[Found]:  # fmt: skip
    """What somebody was told, newest first. Raises Refused (`bad_cursor`)."""
    return page(
        lambda cursor, count: reading.list_mine(tx, account, open_only, cursor, count),
        lambda row: Cursor(row.at, row.key),
        after,
        limit,
    )


def acknowledge(tx: Connection, account: str, keys: Collection[str], now: float) -> int:
    """They have read these: delivered on every channel. Returns how many notices are unread."""
    repository.acknowledge(tx, account, keys, now)
    return reading.count_unread(tx, account)


def channels_of(tx: Connection, account: str) -> Channels:
    """Where somebody wants to be reached; for them alone."""
    row = repository.addresses(tx, [account]).get(account)
    if row is None:
        return Channels()
    return Channels(row.phone, row.robot_id, row.mention, row.quiet_from, row.quiet_to)


def set_channels(tx: Connection, account: str, given: Channels, now: float) -> None:
    """Keep it; what is left empty is forgotten."""
    repository.put_address(
        tx,
        account,
        phone=given.phone,
        robot_id=given.robot_id,
        mention=given.mention,
        quiet_from=given.quiet_from,
        quiet_to=given.quiet_to,
        updated_at=now,
    )
