"""What one person asks for and another decides: void, suspend, extend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from hub.dispatch import journal, repository
from hub.dispatch.cases import repository as cases
from hub.dispatch.cases import telling
from hub.dispatch.cases.errands import withdraw
from hub.dispatch.cases.life import Found, Word, carry_out, follow, locked, take
from hub.dispatch.incident import INCIDENTS
from hub.dispatch.journal import Change
from hub.dispatch.lives import NOT_YOURS, Move, Need, Verb, Who
from hub.dispatch.reasons import known
from hub.kit.clock import iso
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids
from hub.store.page import Cursor, Page, page
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import Incident, IncidentState


class AskState(StrEnum):
    """`lapsed`: what was asked for is no longer possible."""

    ASKED = cases.ASKED
    GRANTED = cases.GRANTED
    DENIED = cases.DENIED
    LAPSED = cases.LAPSED


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its decision. `until` is the deadline that an extension asks for.

    `incident_version` is the one of the incident now: a yes is said to what was looked at.
    """

    id: str
    incident_id: str
    verb: Verb
    reason: str
    note: str
    until: float | None
    state: AskState
    asked_by: str
    asked_at: float
    decided_by: str | None
    decided_at: float | None
    decision_note: str
    incident_version: int


def ask(
    tx: Connection,
    incident_id: str,
    verb: Verb,
    word: Word,
    ids: Ids,
    *,
    until: float | None = None,
) -> Asked:
    """Ask for what needs a second person.

    Raises Conflict (`already_asked`), Refused (`reason_needed`, `bad_time` for an extension that
    extends nothing), and as `Lives.find` does.
    """
    row = locked(tx, incident_id, word)
    move = INCIDENTS.find(IncidentState(row.state), verb, word.roles)
    known(verb, word.reason)
    if verb is Verb.EXTEND and (until is None or until <= row.handle_by):
        raise Refused("an extension names a later deadline", code="bad_time")
    if any(each.verb == verb for each in cases.open_asks(tx, incident_id)):
        raise Conflict(f"{verb} has been asked for already", code="already_asked")
    asked_id = ids()
    cases.insert_ask(
        tx,
        id=asked_id,
        incident_id=incident_id,
        verb=verb.value,
        reason=word.reason,
        note=word.note,
        until=until if verb is Verb.EXTEND else None,
        asked_by=word.by,
        asked_at=word.at,
    )
    said = word.saying(_moved(row, until)) if verb is Verb.EXTEND else word
    incident = _note(tx, row, f"ask_{move.verb}", said)
    telling.to_roles(tx, incident, telling.Kind.ASKED, word.at, move.approvers)
    return asked(tx, asked_id)


def _moved(row: Found, until: float | None) -> str:
    """From which deadline to which, as the log says it."""
    return "" if until is None else f"{iso(row.handle_by)} > {iso(until)}"


def _note(tx: Connection, row: Found, what: str, word: Word) -> Incident:
    change = Change(what, row.state, word.at, word.by, word.why, device=word.device)
    return journal.change_incident(tx, row.id, change)


def decide(tx: Connection, asked_id: str, yes: bool, word: Word) -> Asked:
    """Say yes or no to what another asked for; a yes is carried out at once.

    What is no longer possible lapses instead. Raises NotFound (`no_such_approval`), Conflict
    (`approval_is_<state>`, `stale_version`) and Forbidden (`own_request`, `not_for_your_role`).
    """
    before = asked(tx, asked_id, within=word.within)
    row = locked(tx, before.incident_id, replace(word, version=None))
    question = cases.lock_ask(tx, asked_id)
    if question is None or question.state != cases.ASKED:
        raise Conflict(f"this is decided: {before.state}", code=f"approval_is_{before.state}")
    if not INCIDENTS.can(IncidentState(row.state), before.verb):
        follow(tx, repository.to_incident(row, ()), word.at)
        return asked(tx, asked_id)
    if yes:
        locked(tx, row.id, word)
    move = _move(row, before.verb)
    bar = may_decide(move, word.roles, word.by, before.asked_by)
    if bar is Bar.OWN_REQUEST:
        raise Forbidden("another person decides what one asks for", code="own_request")
    if bar is Bar.ROLE:
        raise Forbidden(f"decided by: {', '.join(sorted(move.approvers))}", code=NOT_YOURS)
    state = AskState.GRANTED if yes else AskState.DENIED
    cases.decide_ask(tx, asked_id, state.value, word.by, word.at, word.note)
    if yes:
        incident = _carry_out(tx, row, move, before, word)
    else:
        incident = _note(tx, row, f"deny_{before.verb}", word)
    telling.to_person(tx, incident, telling.Kind(state.value), word.at, before.asked_by)
    return asked(tx, asked_id)


class Bar(StrEnum):
    """Why somebody does not decide."""

    OWN_REQUEST = "own_request"
    ROLE = "role"


def may_decide(
    move: Move[IncidentState], roles: frozenset[Who], by: str, asked_by: str
) -> Bar | None:
    """What bars somebody from deciding, None if nothing does."""
    if by == asked_by:
        return Bar.OWN_REQUEST
    return Bar.ROLE if move.approvers.isdisjoint(roles) else None


def _move(row: Found, verb: Verb) -> Move[IncidentState]:
    possible = next(m.who for m in INCIDENTS.moves if m.verb is verb and Need.SECOND in m.needs)
    return INCIDENTS.find(IncidentState(row.state), verb, possible)


def _carry_out(
    tx: Connection, row: Found, move: Move[IncidentState], question: Asked, word: Word
) -> Incident:
    values: dict[str, object] = {}
    said = Word(word.by, word.roles, word.at, question.reason, question.note, device=word.device)
    match question.verb:
        case Verb.SUSPEND:
            values["resumes_to"] = row.state
        case Verb.VOID:
            values["closed_at"] = word.at
        case Verb.EXTEND:
            values["handle_by"] = question.until
            said = said.saying(_moved(row, question.until))
    incident = carry_out(tx, row, move, said, values)
    if question.verb is Verb.VOID:
        withdraw(tx, row.id, Verb.VOID, said)
    return incident


def resume(tx: Connection, incident_id: str, word: Word) -> Incident:
    """Go on where it was suspended; its clocks have run on. Raises as `take` does."""
    return take(tx, locked(tx, incident_id, word), Verb.RESUME, word, {"resumes_to": None})


def asked(tx: Connection, asked_id: str, *, within: Jurisdiction = EVERYWHERE) -> Asked:
    """One question. Raises NotFound (`no_such_approval`)."""
    row = cases.ask_row(tx, asked_id)
    if row is None or not within.covers(row.grid_path):
        raise NotFound(f"there is no approval {asked_id!r}", code="no_such_approval")
    return _asked(row)


def listed(
    tx: Connection,
    *,
    state: AskState | None = AskState.ASKED,
    incident_id: str | None = None,
    within: Jurisdiction = EVERYWHERE,
    after: str | None = None,
    limit: int = 50,
) -> Page[Asked]:
    """Questions, newest first. Raises Refused (`bad_cursor`)."""

    def rows(cursor: Cursor | None, count: int) -> list[Asked]:
        wanted = None if state is None else state.value
        found = cases.list_asks(tx, wanted, incident_id, within, cursor, count)
        return [_asked(row) for row in found]

    return page(rows, lambda each: Cursor(each.asked_at, each.id), after, limit)


def _asked(row: Found) -> Asked:
    return Asked(
        id=row.id,
        incident_id=row.incident_id,
        verb=Verb(row.verb),
        reason=row.reason,
        note=row.note,
        until=row.until,
        state=AskState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
        incident_version=row.incident_version,
    )
