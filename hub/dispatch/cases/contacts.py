"""The contact of someone who reports: apart from the incident, and only as long as it is open."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.cases import repository as cases
from hub.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class Contact:
    """How to call back whoever reported."""

    name: str
    phone: str


def keep(tx: Connection, contact_id: str, incident_id: str, contact: Contact, at: float) -> None:
    """Take it down; the incident's log says no more than `contact_id`, which is random."""
    cases.insert_contact(tx, contact_id, incident_id, contact.name, contact.phone, at)


def erase(tx: Connection, incident_id: str, at: float) -> None:
    """Forget the contacts of an incident; what remains says that there was one, and until when."""
    cases.erase_contacts(tx, incident_id, at)


def of(tx: Connection, incident_id: str) -> list[Contact]:
    """Those that reported it. Raises NotFound (`contact_erased`) when there is none (any more)."""
    found = [Contact(row.name, row.phone) for row in cases.contacts_of(tx, incident_id)]
    if not found:
        raise NotFound("there is no contact, or it was erased", code="contact_erased")
    return found
