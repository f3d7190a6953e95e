"""What people report: workers, the counter, patrols; it enters the same life as an alert."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import clocks, journal, message
from hub.dispatch.cases import contacts, telling, verifying
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.life import Word, by_hub, locked, take
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import CALLED_IN, INCIDENTS
from hub.dispatch.journal import Change
from hub.dispatch.lives import Verb
from hub.dispatch.taxonomy import OTHER
from hub.dispatch.whistles.placing import by_class
from hub.kit.errors import Conflict, Refused
from hub.store import media
from hub.types.finding import Binding, RuleKind, Severity
from hub.types.staff import EVERYWHERE
from hub.types.work import Incident, IncidentState, Origin

_NOT_OUT = frozenset({IncidentState.TRIAGED, IncidentState.FILED})


@dataclass(frozen=True, slots=True)
class Handling:
    """What was done on the spot: in words, with photos or a reason why there is none."""

    disposition: str
    no_evidence: str = ""
    photo_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is reported. `handled`: the reporter has dealt with it there and then.

    `class_code`: what the reporter says it is; None: by its origin.
    """

    origin: Origin
    title: str
    description: str
    severity: Severity
    binding: Binding
    contact: Contact | None = None
    photo_ids: tuple[str, ...] = ()
    exercise: bool = False
    handled: Handling | None = None
    class_code: str | None = None


def report(tx: Connection, draft: Draft, word: Word, office: Office) -> Incident:
    """Take a report down; one that was handled on the spot goes on at once.

    Raises Forbidden (`not_for_your_role`), and Refused as `settle` does.
    """
    INCIDENTS.find(None, Verb.REPORT, word.roles)
    incident = _incident(draft, word, office)
    kept = office.ids() if draft.contact is not None else None
    change = Change(
        Verb.REPORT.value,
        None,
        word.at,
        word.by,
        "; ".join((draft.origin, draft.severity, *([] if kept is None else [f"contact {kept}"]))),
        _columns(draft, incident, word),
        word.device,
    )
    journal.new_incident(tx, incident, change)
    media.link(tx, [(photo, f"incident:{incident.id}") for photo in draft.photo_ids], word.at)
    if draft.contact is not None and kept is not None:
        contacts.keep(tx, kept, incident.id, draft.contact, word.at)
    if draft.handled is None:
        telling.to_roles(tx, incident, telling.Kind.REPORTED, word.at, telling.DESK)
        return incident
    take(tx, locked(tx, incident.id, by_hub(word.at)), Verb.TRIAGE, by_hub(word.at, "self_handled"))
    # What is reported may lie beyond the reporter's own ground.
    here = replace(word, version=None, within=EVERYWHERE)
    return settle(tx, incident.id, draft.handled, here, office.config)


def _incident(draft: Draft, word: Word, office: Office) -> Incident:
    of = office.config.classes.of_report(draft.origin, draft.class_code).code
    return Incident(
        id=office.ids(),
        state=IncidentState.REPORTED,
        rule_kind=RuleKind.REPORT,
        severity=draft.severity,
        grid_code=draft.binding.grid_code,
        grid_path=draft.binding.grid_path,
        opened_at=word.at,
        updated_at=word.at,
        alert_ids=(),
        due=clocks.due(draft.severity, word.at, office.config.of_class(of)),
        exercise=draft.exercise,
        origin=draft.origin,
        title=draft.title,
        class_code=of,
    )


def _columns(draft: Draft, incident: Incident, word: Word) -> dict[str, object]:
    at = draft.binding.position
    told = message.Reported(
        incident.id,
        draft.severity,
        draft.title,
        draft.description,
        draft.binding,
        draft.exercise,
    )
    return {
        "group_key": f"report:{incident.id}",
        "dispatch_at": None,
        "reports": [message.reported(told, draft.origin.value, word.at)],
        "description": draft.description,
        "lon": None if at is None else at.lon,
        "lat": None if at is None else at.lat,
        "reported_by": word.by,
        "photo_ids": list(draft.photo_ids),
    }


def triage(
    tx: Connection, incident_id: str, word: Word, *, severity: Severity | None = None
) -> Incident:
    """It is taken in; whoever does so may correct how grave it is. Raises as `take` does."""
    row = locked(tx, incident_id, word)
    values: dict[str, object] = {}
    said = word
    if severity is not None and severity != row.severity:
        said = word.saying(f"{row.severity} > {severity}")
        values["severity"] = severity.value
        if severity > row.severity:  # P2 is less grave than P1
            values["lowered_by"] = word.by
        values["reports"] = [{**each, "severity": severity.value} for each in row.reports]
    return take(tx, row, Verb.TRIAGE, said, values)


def classify(
    tx: Connection, incident_id: str, class_code: str, word: Word, office: Office
) -> Incident:
    """It is of another class; neither its way nor its running clocks change.

    Departments that the new class calls by itself are called now if it is out, else as it goes out.

    Raises Refused (`no_such_class`), Conflict (`same_class`), and as `take` does.
    """
    row = locked(tx, incident_id, word)
    if office.config.classes.find(class_code) is None:
        raise Refused(f"there is no class {class_code!r}", code="no_such_class")
    if row.class_code == class_code:
        raise Conflict(f"incident {incident_id} is of {class_code} already", code="same_class")
    said = word.saying(f"{row.class_code or OTHER} > {class_code}")
    classified = take(tx, row, Verb.CLASSIFY, said, {"class_code": class_code})
    if classified.state in CALLED_IN - _NOT_OUT:
        by_class(tx, [classified], config=office.config, ids=office.ids, at=word.at)
    return classified


def settle(
    tx: Connection, incident_id: str, handling: Handling, word: Word, config: DispatchConfig
) -> Incident:
    """Dealt with on the spot: then verified by another where the lot falls on it, else closed.

    What somebody lowered, and with it the lot, is verified, whoever settles it.

    Raises Refused (`disposition_needed`, `evidence_needed`), and as `take` does.
    """
    row = locked(tx, incident_id, word)
    media.link(tx, [(photo, f"incident:{row.id}") for photo in handling.photo_ids], word.at)
    values: dict[str, object] = {
        "self_handled": True,
        "handled_by": word.by,
        "handled_at": word.at,
        "disposition": handling.disposition.strip(),
        "no_evidence": handling.no_evidence.strip(),
    }
    if handling.photo_ids:
        values["photo_ids"] = list(dict.fromkeys([*row.photo_ids, *handling.photo_ids]))
    said = word.saying(handling.disposition.strip(), handling.no_evidence.strip())
    incident = take(tx, row, Verb.SETTLE, said, values)
    if row.lowered_by is not None:
        return verifying.begin(tx, incident_id, by_hub(word.at, "severity_lowered"))
    if drawn(incident, config):
        return verifying.begin(tx, incident_id, by_hub(word.at, "sampled"))
    return verifying.close(tx, incident_id, by_hub(word.at, "not_sampled"))


def drawn(incident: Incident, config: DispatchConfig) -> bool:
    """Whether the lot falls on it: drawn from its id, which nobody chooses.

    How many are drawn goes by how grave its class is, where whoever reported it said less.
    """
    lot = int.from_bytes(hashlib.sha256(incident.id.encode()).digest()[:4], "big") / 2**32
    of_class = config.classes.get(incident.class_code).severity
    return lot < config.sampling.of(min(incident.severity, of_class))
