"""Incident hold 保全: while it stands, nothing of an incident is deleted or erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.privacy.holds import repository
from hub.store import cases
from hub.store.page import Cursor, Page, page
from hub.types.staff import EVERYWHERE, Jurisdiction


class HoldReason(StrEnum):
    """Why an incident is held."""

    COURT = "court"
    POLICE = "police"
    SUPERVISION = "supervision"
    COMPLAINT = "complaint"
    INSURANCE = "insurance"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, until `until` or until it is ended. Times are UTC epoch seconds."""

    id: str
    incident_id: str
    title: str
    reason: HoldReason
    note: str
    until: float | None
    entered_at: float
    entered_by: str
    ended_at: float | None
    ended_by: str | None
    ended_note: str | None

    def in_force(self, now: float) -> bool:
        """Whether it counts now."""
        return self.ended_at is None and (self.until is None or self.until > now)


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, when, and in which words."""

    by: str
    at: float
    note: str


def place(
    tx: Connection,
    incident_id: str,
    reason: HoldReason,
    until: float | None,
    word: Word,
    ids: Ids,
    *,
    within: Jurisdiction = EVERYWHERE,
) -> Hold:
    """Hold an incident. When this is committed, what is there stays there.

    Raises NotFound (`no_such_incident`), Refused (`bad_time` for a day that has passed).
    """
    path = repository.ground_of(tx, incident_id)
    if path is None or not within.covers(path):
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    if until is not None and until <= word.at:
        raise Refused("a hold ends in the future, or is open", code="bad_time")
    cases.alone(tx)
    hold_id = ids()
    _enter(tx, hold_id, incident_id, None, reason, until, word)
    _note(tx, hold_id, "hold", 1, reason, word)
    return get(tx, hold_id)


def end(
    tx: Connection, hold_id: str, word: Word, ids: Ids, *, within: Jurisdiction = EVERYWHERE
) -> Hold:
    """End a hold by another entry, with the words why.

    Raises NotFound (`no_such_hold`), Conflict (`hold_over`).
    """
    cases.alone(tx)
    hold = get(tx, hold_id, within=within)
    if not hold.in_force(word.at):
        raise Conflict("this hold is over", code="hold_over")
    _enter(tx, ids(), hold.incident_id, hold_id, hold.reason, None, word)
    _note(tx, hold_id, "release", 2, hold.reason, word)
    return get(tx, hold_id)


def get(tx: Connection, hold_id: str, *, within: Jurisdiction = EVERYWHERE) -> Hold:
    """One hold. Raises NotFound (`no_such_hold`)."""
    row = repository.get(tx, hold_id)
    if row is None or not within.covers(row.grid_path):
        raise NotFound(f"there is no hold {hold_id!r}", code="no_such_hold")
    return _hold(row)


def listed(
    tx: Connection,
    now: float,
    *,
    incident_id: str | None = None,
    standing: bool | None = None,
    within: Jurisdiction = EVERYWHERE,
    after: str | None = None,
    limit: int = 50,
) -> Page[Hold]:
    """Holds, newest first. Raises Refused (`bad_cursor`)."""

    def rows(cursor: Cursor | None, count: int) -> list[Hold]:
        found = repository.listed(
            tx, within, now, incident_id=incident_id, standing=standing, after=cursor, limit=count
        )
        return [_hold(row) for row in found]

    return page(rows, lambda hold: Cursor(hold.entered_at, hold.id), after, limit)


def _enter(
    tx: Connection,
    id_: str,
    incident_id: str,
    ends: str | None,
    reason: HoldReason,
    until: float | None,
    word: Word,
) -> None:
    repository.insert_entry(
        tx,
        {
            "id": id_,
            "incident_id": incident_id,
            "ends": ends,
            "reason": reason.value,
            "note": word.note,
            "until": until,
            "entered_at": word.at,
            "entered_by": word.by,
        },
    )


def _note(
    tx: Connection, hold_id: str, what: str, version: int, reason: HoldReason, word: Word
) -> None:
    line = {"entity": "hold", "entity_id": hold_id, "version": version, "at": word.at}
    said = {"what": what, "from_state": None, "to_state": None, "reason": reason.value}
    repository.note(tx, {**line, **said, "actor": word.by, "device": None})


def _hold(row: repository.Found) -> Hold:
    return Hold(
        id=row.id,
        incident_id=row.incident_id,
        title=row.title,
        reason=HoldReason(row.reason),
        note=row.note,
        until=row.until,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ended_note=row.ended_note,
    )
