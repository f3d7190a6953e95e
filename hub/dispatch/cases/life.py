"""One move of an incident by somebody: is it theirs, is what it needs there, and then it is so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.dispatch import journal, repository
from hub.dispatch.cases import contacts, telling
from hub.dispatch.cases import repository as cases
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.journal import Change
from hub.dispatch.lives import HUB, Move, Need, Verb, Who
from hub.dispatch.log import repository as log
from hub.dispatch.reasons import known
from hub.dispatch.whistles import journal as whistles
from hub.dispatch.whistles import repository as called
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import Incident, IncidentState

Found = repository.Found
Values = Mapping[str, object]

_ENDS_CONTACT = (IncidentState.ARCHIVED, IncidentState.EVALUATED, IncidentState.VOID)
"""Closed, whoever reported may still be asked how content they are, or complain."""
_HANDLES = (Verb.SETTLE.value, Verb.FINISH.value)
_NOTHING_MORE = (IncidentState.CLOSED, IncidentState.VOID, IncidentState.MERGED)


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, in which roles, when and why; `at` is UTC epoch seconds.

    `reason` is a code of the verb's closed list. `version` is the one that was looked at, if it
    matters. Nothing beyond `within` is found.
    """

    by: str
    roles: frozenset[Who]
    at: float
    reason: str = ""
    note: str = ""
    version: int | None = None
    within: Jurisdiction = EVERYWHERE
    device: str | None = None

    def saying(self, *decided: str) -> Word:
        """The same word with what it decides before its note: only what is in the log is sealed."""
        return replace(self, note="; ".join(each for each in (*decided, self.note) if each))

    @property
    def why(self) -> str:
        """As it stands in the log."""
        return ": ".join(each for each in (self.reason, self.note) if each)


def by_hub(at: float, reason: str = "") -> Word:
    """What nobody did by hand."""
    return Word(HUB.value, frozenset({HUB}), at, reason)


def locked(tx: Connection, incident_id: str, word: Word) -> Found:
    """The incident's row, that nobody else changes until the transaction ends.

    Raises NotFound (`no_such_incident`), Conflict (`stale_version`).
    """
    row = repository.lock_incident(tx, incident_id)
    if row is None or not word.within.covers(row.grid_path):
        raise NotFound(f"there is no incident {incident_id!r}", code="no_such_incident")
    if word.version is not None and word.version != row.version:
        raise Conflict(
            f"incident {incident_id} is at version {row.version}, not {word.version}",
            code="stale_version",
        )
    return row


def take(
    tx: Connection,
    row: Found,
    verb: Verb,
    word: Word,
    values: Values | None = None,
    *,
    left: Sequence[str] = (),
) -> Incident:
    """Make a move that needs no second person; `values` are columns it sets besides the state.

    `left` is the path of the grid that it leaves with this move.

    Raises Conflict (`incident_is_<state>`), Forbidden (`not_for_your_role`, `own_work`,
    `second_needed`) and Refused (`reason_needed`, `disposition_needed`, `evidence_needed`).
    """
    move = INCIDENTS.find(IncidentState(row.state), verb, word.roles)
    if Need.SECOND in move.needs:
        raise Forbidden(f"{verb} is asked for and decided by another", code="second_needed")
    return carry_out(tx, row, move, word, values, left=left)


def carry_out(
    tx: Connection,
    row: Found,
    move: Move[IncidentState],
    word: Word,
    values: Values | None = None,
    *,
    left: Sequence[str] = (),
) -> Incident:
    """Make a move whose roles are settled. Raises Forbidden and Refused as `take` does."""
    given = dict(values or {})
    _meet(tx, row, move, word, given)
    end = move.end or IncidentState(row.resumes_to)
    change = Change(
        move.verb.value,
        row.state,
        word.at,
        word.by,
        word.why,
        {**given, "state": end.value},
        word.device,
    )
    return follow(tx, journal.change_incident(tx, row.id, change, left=left), word.at)


def _meet(
    tx: Connection, row: Found, move: Move[IncidentState], word: Word, given: dict[str, object]
) -> None:
    if Need.REASON in move.needs:
        known(move.verb, word.reason)
    if Need.OTHER_PERSON in move.needs and own_work(tx, row, word.by):
        raise Forbidden(f"{word.by} handled it: {move.verb} is for another", code="own_work")
    if Need.LEAD_DONE in move.needs and called.lead_is_open(tx, row.id):
        raise Conflict("the department that leads has not done with it", code="whistles_open")
    if Need.DISPOSITION in move.needs and not (given.get("disposition") or row.disposition):
        raise Refused(f"{move.verb} wants to know what was done", code="disposition_needed")
    if Need.EVIDENCE in move.needs and not _evidence(tx, row, given):
        raise Refused(
            f"{move.verb} wants a photo, or a reason why there is none", code="evidence_needed"
        )


def own_work(tx: Connection, row: Found, by: str) -> bool:
    """Whether somebody ever handled it, or lowered how grave it is: neither verifies it.

    Of the handling also what was sent back, of the departments whoever reported; and all of it
    also of what was merged into it.
    """
    ids = [row.id, *cases.merged_ids(tx, row.id)]
    if by == row.handled_by or by in cases.lowered_by(tx, ids):
        return True
    handled = log.actors(tx, "incident", ids, _HANDLES)
    if any(by in each for each in handled.values()):
        return True
    whistles_of = called.ids_of(tx, ids)
    reporters = log.actors(tx, "whistle", whistles_of, [Verb.REPORT.value])
    return any(by in each for each in reporters.values())


def _evidence(tx: Connection, row: Found, given: dict[str, object]) -> bool:
    reason = given.get("no_evidence") or row.no_evidence
    photos = given.get("photo_ids") or row.photo_ids if row.self_handled else ()
    return bool(reason or given.get("photo_ids") or photos or cases.last_photos(tx, row.id))


def follow(tx: Connection, incident: Incident, at: float) -> Incident:
    """What a move brings with it: a contact is erased, what was asked for falls away, whistles end.

    Returns the incident as it stands then.
    """
    if incident.state in _ENDS_CONTACT:
        contacts.erase(tx, incident.id, at)
    over = incident.state in _NOTHING_MORE
    if over:
        whistles.end(tx, incident, at)
    gone = [
        ask
        for ask in cases.open_asks(tx, incident.id)
        if over or not INCIDENTS.can(incident.state, Verb(ask.verb))
    ]
    return _lapsed(tx, incident, gone, at)


def grown(tx: Connection, incident: Incident, at: float) -> Incident:
    """Another matter came into it: that it is void was asked of less than it is now."""
    asked = cases.open_asks(tx, incident.id)
    return _lapsed(tx, incident, [ask for ask in asked if ask.verb == Verb.VOID], at)


def _lapsed(tx: Connection, incident: Incident, gone: Sequence[Found], at: float) -> Incident:
    cases.lapse_asks(tx, [ask.id for ask in gone], at)
    for ask in gone:
        change = Change(f"lapse_{ask.verb}", incident.state.value, at, HUB.value, "")
        incident = journal.change_incident(tx, incident.id, change)
        telling.to_person(tx, incident, telling.Kind.LAPSED, at, ask.asked_by)
    return incident
