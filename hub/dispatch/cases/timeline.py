"""An incident told from its beginning: every move of it, its alerts, errands and whistles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.dispatch.lives import Verb
from hub.store.audit import seals

LINES_MAX = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `evidence_ids` are the pictures it brought.

    `seq` is its number in the log of all transitions; `at` is UTC epoch seconds; `sealed`: the
    chain of seals holds it.
    """

    seq: int
    at: float
    entity: str
    entity_id: str
    what: str
    before: str | None
    after: str | None
    reason: str
    actor: str
    evidence_ids: tuple[str, ...] = ()
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines, the oldest first. `cut`: the log has more before them."""

    entries: tuple[Entry, ...]
    cut: bool


def told(tx: Connection, incident_id: str, *, limit: int = LINES_MAX) -> Timeline:
    """The newest lines of one incident and of all that went into it."""
    ids = [incident_id, *cases.merged_ids(tx, incident_id)]
    pictures, reports = cases.evidence(tx, ids), cases.reports(tx, ids)
    sealed = seals.sealed_through(tx, "transitions")
    rows = cases.timeline(tx, ids, limit + 1)
    # From the newest back: of a log that is cut the first reports are not told.
    brought = {row.seq: reports[row.entity_id].pop() for row in rows if _reports(row)}
    entries: list[Entry] = []
    shown: set[str] = set()
    for row in rows[:limit][::-1]:
        own: tuple[str, ...] = tuple(brought.get(row.seq, ()))
        if row.entity_id in pictures and row.entity_id not in shown and _brings(row):
            own = tuple(pictures[row.entity_id])
            shown.add(row.entity_id)
        entries.append(
            Entry(
                row.seq,
                row.at,
                row.entity,
                row.entity_id,
                row.what,
                row.from_state,
                row.to_state,
                row.reason,
                row.actor,
                own,
                row.seq <= sealed,
            )
        )
    return Timeline(tuple(entries), len(rows) > limit)


def _reports(row: cases.Found) -> bool:
    return bool(row.entity == "whistle" and row.what == Verb.REPORT)


def _brings(row: cases.Found) -> bool:
    """Pictures stand with an alert's first line, a report, and the word that an errand is done."""
    match row.entity:
        case "alert":
            return True
        case "task":
            return str(row.what) == Verb.FINISH
        case _:
            return str(row.what) in (Verb.REPORT, Verb.SETTLE)
