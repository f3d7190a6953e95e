"""One incident in full: what its page shows beside the incident itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch import repository
from hub.dispatch.cases import contacts
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases.life import own_work
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.lives import Verb, Who
from hub.kit.errors import NotFound
from hub.types.site import LonLat
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import Incident


@dataclass(frozen=True, slots=True)
class Detail:
    """`verbs` are those open to whoever asks; `contact`: they may call a reporter back."""

    incident: Incident
    verbs: tuple[Verb, ...]
    description: str
    position: LonLat | None
    reported_by: str | None
    handled_by: str | None
    handled_at: float | None
    disposition: str
    no_evidence: str
    photo_ids: tuple[str, ...]
    rating_note: str
    contact: bool


def detail(
    tx: Connection,
    incident_id: str,
    *,
    by: str,
    roles: Collection[Who],
    within: Jurisdiction = EVERYWHERE,
) -> Detail:
    """The whole of one incident for somebody. Raises NotFound (`no_such_incident`)."""
    row = cases.incident_row(tx, incident_id)
    if row is None or not within.covers(row.grid_path):
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    incident = repository.to_incident(row, repository.alert_ids(tx, [row.id])[row.id])
    verbs = INCIDENTS.open_to(incident.state, roles, own_work=own_work(tx, row, by))
    return Detail(
        incident=incident,
        verbs=verbs,
        description=row.description,
        position=None if row.lon is None or row.lat is None else LonLat(row.lon, row.lat),
        reported_by=row.reported_by,
        handled_by=row.handled_by,
        handled_at=row.handled_at,
        disposition=row.disposition,
        no_evidence=row.no_evidence,
        photo_ids=tuple(row.photo_ids),
        rating_note=row.rating_note,
        contact=contacts.is_told(incident.state, verbs) and bool(cases.contacts_of(tx, row.id)),
    )
