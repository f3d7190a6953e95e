"""How an incident ends: verified by another person, closed, reopened, archived, rated."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.dispatch import clocks, repository
from hub.dispatch.cases import contacts
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.errands import Office, again, sent
from hub.dispatch.cases.life import Found, Word, by_hub, locked, take
from hub.dispatch.config import DispatchConfig
from hub.dispatch.due import repository as due
from hub.dispatch.lives import Verb
from hub.kit.errors import Conflict, Refused
from hub.types.finding import Severity
from hub.types.work import Incident

RATINGS = range(1, 6)
_UNDONE: dict[str, object] = {
    "disposition": "",
    "no_evidence": "",
    "self_handled": False,
    "raised_to": None,
}


def begin(tx: Connection, incident_id: str, word: Word) -> Incident:
    """Somebody else looks whether it is done. Raises as `take` does (`own_work`)."""
    return take(tx, locked(tx, incident_id, word), Verb.VERIFY, word)


def accept(
    tx: Connection, incident_id: str, word: Word, *, disposition: str = "", no_evidence: str = ""
) -> Incident:
    """It is done: closed. What the handling lacks may be said now: what was done, why no photo.

    Raises as `take` does (`own_work`, `disposition_needed`, `evidence_needed`).
    """
    said = {"disposition": disposition.strip(), "no_evidence": no_evidence.strip()}
    values: dict[str, object] = {name: text for name, text in said.items() if text}
    values["closed_at"] = word.at
    row = locked(tx, incident_id, word)
    return take(tx, row, Verb.PASS, word.saying(*said.values()), values)


def close(tx: Connection, incident_id: str, word: Word) -> Incident:
    """Self-handled and not drawn: the hub closes it. Raises as `take` does."""
    return take(tx, locked(tx, incident_id, word), Verb.CLOSE, word, {"closed_at": word.at})


def rework(tx: Connection, incident_id: str, word: Word, office: Office) -> Incident:
    """It is not done: back to who serves the place, as a new errand on the old clocks.

    What was dealt with on the spot and never went out has none: its clocks begin now.
    """
    row = locked(tx, incident_id, word)
    values = dict(_UNDONE)
    if not cases.was_filed(tx, [incident_id]):
        rules = office.config.of_class(row.class_code)
        values |= clocks.columns(clocks.due(Severity(row.severity), word.at, rules))
    take(tx, row, Verb.REWORK, word, values)
    return again(tx, incident_id, word.at, office)


def reopen(tx: Connection, incident_id: str, word: Word, office: Office) -> Incident:
    """It is not over after all: a new errand with clocks of its own; the figures go by the first.

    Raises Conflict (`too_late`) when it was closed too long ago, and as `take` does.
    """
    row = locked(tx, incident_id, word)
    if row.closed_at is not None and word.at > row.closed_at + office.config.reopen_within_s:
        raise Conflict(f"incident {incident_id} was closed too long ago", code="too_late")
    severity = repository.to_incident(row, ()).severity
    due = clocks.due(severity, word.at, office.config.of_class(row.class_code))
    values = {**_UNDONE, **_first_due(row), **clocks.columns(due), "closed_at": None}
    return sent(tx, row, Verb.REOPEN, word, office, values)


def _first_due(row: Found) -> dict[str, object]:
    """The deadlines it had before it was reopened first: what was late then stays late."""
    if row.first_handle_by is not None:
        return {}
    due = clocks.columns(repository.to_incident(row, ()).due)
    return {f"first_{name}": at for name, at in due.items()}


def archive(tx: Connection, incident_id: str, word: Word) -> Incident:
    """To the files, by hand. Raises as `take` does."""
    return take(tx, locked(tx, incident_id, word), Verb.ARCHIVE, word)


def archive_due(
    tx: Connection,
    *,
    config: DispatchConfig,
    now: float,
    limit: int = 100,
    only: Collection[str] | None = None,
) -> list[Incident]:
    """Archive what has been closed for long enough, at most `limit`; returns it.

    `only`: none but these.
    """
    before = now - config.archive_after_s
    ids = due.closed_ids(tx, before, limit) if only is None else only
    rows = due.lock_closed(tx, before, ids)
    return [take(tx, row, Verb.ARCHIVE, by_hub(now, "archive_after")) for row in rows]


def rate(tx: Connection, incident_id: str, rating: int, word: Word) -> Incident:
    """How content whoever it concerned is, 1 to 5; `word.note` says why.

    Another rating takes the place of the first only with a note.

    Raises Refused (`bad_rating`, `note_needed`), and as `take` does (`own_work`).
    """
    if rating not in RATINGS:
        raise Refused("a rating is a number from 1 to 5", code="bad_rating")
    row = locked(tx, incident_id, word)
    if row.rating is not None and not word.note:
        raise Refused("it is rated already: a note says why again", code="note_needed")
    stars = " > ".join(f"{each}/5" for each in (row.rating, rating) if each is not None)
    values = {"rating": rating, "rating_note": word.note}
    rated = take(tx, row, Verb.RATE, word.saying(stars), values)
    contacts.erase(tx, incident_id, word.at)  # whoever it concerned has been asked
    return rated
