"""What may be done with consents. Who may do it is asked before; transactions are the caller's."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.access.consent import Consent, Terms, check_terms
from hub.access.consents import repository
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import Ids


def give(
    tx: Connection,
    terms: Terms,
    *,
    agreed_by: str,
    document: str,
    starts_at: float | None,
    entered_by: str,
    now: float,
    ids: Ids,
) -> Consent:
    """Put a consent on file, from `starts_at` (None, or a moment that has passed: from now).

    It takes the place of all others of the same owner and camera: those end when it begins, and
    what was to begin later does not. Raises Refused as `check_terms` does.
    """
    check_terms(terms)
    begins = now if starts_at is None else max(now, starts_at)
    made = Consent(ids(), terms, agreed_by, document, begins, entered_by, now)
    earlier = [
        each.id
        for each in repository.on_file(tx, {terms.owner}, begins)
        if each.terms.camera == terms.camera
    ]
    if earlier:
        repository.end_consents(tx, earlier, begins, entered_by)
    repository.insert_consent(tx, made)
    return made


def end(tx: Connection, consent_id: str, by: str, now: float) -> Consent:
    """End a consent at once; one that has not begun never does.

    Raises NotFound, Conflict (`ended`).
    """
    found = get(tx, consent_id)
    if found.ended_at is not None and found.ended_at <= max(now, found.starts_at):
        raise Conflict("this consent is over", code="ended")
    repository.end_consents(tx, [consent_id], now, by)
    return get(tx, consent_id)


def get(tx: Connection, consent_id: str) -> Consent:
    """One consent. Raises NotFound."""
    found = repository.by_id(tx, consent_id)
    if found is None:
        raise NotFound(missing(consent_id))
    return found


def missing(consent_id: str) -> str:
    """The words for a consent that is not there, or not the asker's to see."""
    return f"there is no consent {consent_id}"


def list_consents(tx: Connection, owners: Collection[str] | None = None) -> list[Consent]:
    """All ever given, those that are over too, newest first."""
    return repository.on_file(tx, owners)


def standing(
    tx: Connection, now: float, owners: Collection[str] | None = None
) -> dict[str, list[Consent]]:
    """Those that are not over, by owner; some may begin later."""
    found: dict[str, list[Consent]] = {}
    for each in repository.on_file(tx, owners, now):
        found.setdefault(each.terms.owner, []).append(each)
    return found
