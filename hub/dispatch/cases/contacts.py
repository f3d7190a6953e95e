"""The contact of someone who reports: apart from the incident, and only until they were asked.

It is erased at the rating, when the case is archived or void, and by the retention otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.lives import Verb
from hub.kit.errors import NotFound
from hub.types.work import IncidentState


@dataclass(frozen=True, slots=True)
class Contact:
    """How to call back whoever reported."""

    name: str
    phone: str


def keep(tx: Connection, contact_id: str, incident_id: str, contact: Contact, at: float) -> None:
    """Take it down; the incident's log says no more than `contact_id`, which is random."""
    cases.insert_contact(tx, contact_id, incident_id, contact.name, contact.phone, at)


def erase(tx: Connection, incident_id: str, at: float) -> None:
    """Forget the contacts of an incident; what remains says that there was one, and until when.

    What is held keeps them; the retention erases them after the hold has ended.
    """
    if not cases.is_held(tx, incident_id, at):
        cases.erase_contacts(tx, incident_id, at)


def is_told(state: IncidentState, verbs: Collection[Verb]) -> bool:
    """Whether somebody to whom these verbs are open may call back now.

    Of what is over nobody who may not rate it, such as whoever handled it.
    """
    return Verb.RATE in verbs or not INCIDENTS.can(state, Verb.RATE)


def of(tx: Connection, incident_id: str) -> list[Contact]:
    """Those that reported it. Raises NotFound (`contact_erased`) when there is none (any more)."""
    found = [Contact(row.name, row.phone) for row in cases.contacts_of(tx, incident_id)]
    if not found:
        raise NotFound("there is no contact, or it was erased", code="contact_erased")
    return found
