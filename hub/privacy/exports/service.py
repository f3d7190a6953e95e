"""Evidence leaves the house by two people: one asks, another decides, the first fetches it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from hub.kit.clock import iso
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids
from hub.privacy.exports import repository
from hub.store import media
from hub.store.page import Cursor, Page, page
from hub.types.staff import EVERYWHERE, Jurisdiction

FETCHES_MAX = 3
FETCH_S = 48 * 3600.0
"""So long after it was made it may be fetched, and so often."""
EVIDENCE_MAX = 100
TRIES_MAX = 3
HUB = "hub"


class ExportState(StrEnum):
    """`asked` → `approved` → `making` → `ready` → `expired`; or `refused`, or `failed`."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class ExportReason(StrEnum):
    """Why evidence leaves the house."""

    POLICE = "police"
    COURT = "court"
    PROCURATOR = "procurator"
    SUPERVISION = "supervision"
    PERSON_CONCERNED = "person_concerned"
    INSURANCE = "insurance"
    PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: which pictures of which incident, why, for whom, by which law.

    `free_words`: what people wrote about the case goes along, else only moves, times and codes.
    """

    incident_id: str
    evidence_ids: tuple[str, ...]
    reason: ExportReason
    note: str
    receiver: str
    legal_ground: str
    free_words: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """One export. `sha256` is of the ZIP. Times are UTC epoch seconds."""

    id: str
    number: str
    question: Question
    grid_path: tuple[str, ...]
    state: ExportState
    asked_by: str
    asked_at: float
    decided_by: str | None
    decided_at: float | None
    decision_note: str
    tries: int
    failure: str
    ready_at: float | None
    fetch_until: float | None
    fetches: int
    size_bytes: int | None
    sha256: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: its size and its SHA-256."""

    size_bytes: int
    sha256: str


def ask(
    tx: Connection,
    question: Question,
    by: str,
    at: float,
    ids: Ids,
    *,
    within: Jurisdiction = EVERYWHERE,
) -> Export:
    """Ask for an export; no pictures named means all that the incident has.

    Raises NotFound (`no_such_incident`), Refused (`no_such_evidence`, `nothing_to_export`,
    `too_many`).
    """
    path = repository.ground_of(tx, question.incident_id)
    if path is None or not within.covers(path):
        text = f"there is no incident {question.incident_id!r}"
        raise NotFound(text, code="no_such_incident")
    chosen = _chosen(question, repository.evidence_of(tx, question.incident_id))
    export_id = ids()
    row = {
        "id": export_id,
        "number": _number(export_id, at),
        "incident_id": question.incident_id,
        "grid_path": list(path),
        "evidence_ids": list(chosen),
        "reason": question.reason.value,
        "note": question.note,
        "receiver": question.receiver,
        "legal_ground": question.legal_ground,
        "free_words": question.free_words,
        "state": ExportState.ASKED.value,
        "asked_by": by,
        "asked_at": at,
        "decision_note": "",
        "tries": 0,
        "failure": "",
        "fetches": 0,
        "version": 1,
    }
    repository.insert_export(tx, row)
    _note(tx, export_id, 1, "ask", None, ExportState.ASKED, question.reason, by, at)
    return get(tx, export_id)


def _number(export_id: str, at: float) -> str:
    """As it stands on every picture: the day and eight digits."""
    day = iso(at)[:10].replace("-", "")
    return f"EX-{day}-{hashlib.sha256(export_id.encode()).hexdigest()[:8].upper()}"


def _chosen(question: Question, there: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(question.evidence_ids)) or tuple(there)
    foreign = set(wanted) - set(there)
    if foreign:
        text = f"not of this incident: {', '.join(sorted(foreign))}"
        raise Refused(text, code="no_such_evidence")
    if not wanted:
        raise Refused("this incident has no pictures (any more)", code="nothing_to_export")
    if len(wanted) > EVIDENCE_MAX:
        raise Refused(f"at most {EVIDENCE_MAX} at once: choose", code="too_many")
    return wanted


def decide(
    tx: Connection,
    export_id: str,
    yes: bool,
    note: str,
    by: str,
    at: float,
    *,
    within: Jurisdiction = EVERYWHERE,
) -> Export:
    """Say yes or no to what another asked for.

    Raises NotFound (`no_such_export`), Forbidden (`own_request`), Conflict (`export_is_<state>`).
    """
    before = get(tx, export_id, within=within)
    _expect(before, ExportState.ASKED)
    if before.asked_by == by:
        raise Forbidden("another person decides what one asks for", code="own_request")
    state = ExportState.APPROVED if yes else ExportState.REFUSED
    said = {"decided_by": by, "decided_at": at, "decision_note": note}
    return _move(tx, before, state, "approve" if yes else "refuse", by, at, said)


def take(tx: Connection, at: float) -> Export | None:
    """The next one to be made. One that was being made when the centre died is made again.

    After `TRIES_MAX` of these it fails, so that it cannot kill the centre for ever.
    """
    row = repository.waiting(tx, (ExportState.APPROVED, ExportState.MAKING))
    if row is None:
        return None
    before = _export(row)
    if before.tries >= TRIES_MAX:
        fail(tx, before, "gave_up", at)
        return None
    tries = {"tries": before.tries + 1}
    return _move(tx, before, ExportState.MAKING, "make", HUB, at, tries)


def done(tx: Connection, before: Export, made: Made, at: float) -> Export:
    """It lies in the media store under its own id."""
    media.link(tx, [(before.id, f"export:{before.id}")], at)
    said = {"size_bytes": made.size_bytes, "sha256": made.sha256}
    said |= {"ready_at": at, "fetch_until": at + FETCH_S}
    words = f"{before.number} sha256:{made.sha256}"
    return _move(tx, before, ExportState.READY, "made", HUB, at, said, words)


def fail(tx: Connection, before: Export, why: str, at: float) -> Export:
    """It could not be made; `why` is one word."""
    return _move(tx, before, ExportState.FAILED, "fail", HUB, at, {"failure": why}, why)


def fetch(
    tx: Connection, export_id: str, by: str, at: float, *, within: Jurisdiction = EVERYWHERE
) -> Export:
    """Count a fetch by who asked for it.

    Raises NotFound (`no_such_export`), Forbidden (`not_your_export`), Conflict
    (`export_is_<state>`, `fetched_enough`).
    """
    before = get(tx, export_id, within=within)
    if before.asked_by != by:
        raise Forbidden("an export is fetched by who asked for it", code="not_your_export")
    if before.fetch_until is not None and before.fetch_until <= at:
        before = replace(before, state=ExportState.EXPIRED)
    _expect(before, ExportState.READY)
    if before.fetches >= FETCHES_MAX:
        raise Conflict(f"fetched {before.fetches} times: ask anew", code="fetched_enough")
    count = {"fetches": before.fetches + 1}
    return _move(tx, before, ExportState.READY, "fetch", by, at, count)


def next_moment(tx: Connection) -> float | None:
    """When there is something to do: 0.0, where one waits to be made, else when one expires."""
    waiting = repository.waiting(tx, (ExportState.APPROVED, ExportState.MAKING))
    return repository.first_past(tx, ExportState.READY) if waiting is None else 0.0


def expire(tx: Connection, at: float, limit: int = 50) -> int:
    """Those whose time is over; the files go by their retention."""
    rows = repository.past(tx, ExportState.READY, at, limit)
    for row in rows:
        _move(tx, _export(row), ExportState.EXPIRED, "expire", HUB, at, {})
    return len(rows)


def get(tx: Connection, export_id: str, *, within: Jurisdiction = EVERYWHERE) -> Export:
    """One export. Raises NotFound (`no_such_export`)."""
    row = repository.get(tx, export_id)
    if row is None or not within.covers(row.grid_path):
        raise NotFound(f"there is no export {export_id!r}", code="no_such_export")
    return _export(row)


def listed(
    tx: Connection,
    *,
    state: ExportState | None = None,
    incident_id: str | None = None,
    within: Jurisdiction = EVERYWHERE,
    after: str | None = None,
    limit: int = 50,
) -> Page[Export]:
    """Exports, newest first. Raises Refused (`bad_cursor`)."""

    def rows(cursor: Cursor | None, count: int) -> list[Export]:
        wanted = None if state is None else state.value
        found = repository.listed(
            tx, within, state=wanted, incident_id=incident_id, after=cursor, limit=count
        )
        return [_export(row) for row in found]

    return page(rows, lambda each: Cursor(each.asked_at, each.id), after, limit)


def _expect(before: Export, state: ExportState) -> None:
    if before.state is not state:
        raise Conflict(f"this export is {before.state}", code=f"export_is_{before.state}")


def _move(
    tx: Connection,
    before: Export,
    state: ExportState,
    what: str,
    by: str,
    at: float,
    values: Mapping[str, object],
    words: str = "",
) -> Export:
    changed = {"state": state.value, **values}
    if not repository.change(tx, before.id, before.version, changed):
        raise Conflict("somebody else changed it just now", code="stale_version")
    reason = words or before.question.reason.value
    _note(tx, before.id, before.version + 1, what, before.state, state, reason, by, at)
    return get(tx, before.id)


def _note(
    tx: Connection,
    export_id: str,
    version: int,
    what: str,
    before: ExportState | None,
    after: ExportState,
    reason: str,
    by: str,
    at: float,
) -> None:
    line = {"entity": "export", "entity_id": export_id, "version": version, "at": at, "what": what}
    moved = {"from_state": None if before is None else before.value, "to_state": after.value}
    repository.note(tx, {**line, **moved, "reason": reason, "actor": by, "device": None})


def _export(row: repository.Found) -> Export:
    said = dict(row._mapping)
    question = Question(
        said.pop("incident_id"),
        tuple(said.pop("evidence_ids")),
        ExportReason(said.pop("reason")),
        said.pop("note"),
        said.pop("receiver"),
        said.pop("legal_ground"),
        said.pop("free_words"),
    )
    state, path = ExportState(said.pop("state")), tuple(said.pop("grid_path"))
    return Export(question=question, state=state, grid_path=path, **said)
