"""Departments are called for an incident, answer and report; all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.dispatch.cases.life import Word, locked
from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import CALLED_IN, WHISTLES
from hub.dispatch.lives import HUB, Need, Verb, Who
from hub.dispatch.log import repository as log
from hub.dispatch.reasons import known
from hub.dispatch.whistles import journal, photos, repository
from hub.dispatch.whistles.placing import Call, place
from hub.dispatch.whistles.repository import NO_UNITS, Found, Units, WhistleFilter
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids
from hub.store.page import Cursor, Page, page
from hub.types.finding import Severity
from hub.types.staff import EVERYWHERE, Jurisdiction, Role
from hub.types.whistle import Whistle, WhistlePart, WhistleState
from hub.types.work import IncidentState

__all__ = [
    "Call",
    "accept",
    "call",
    "contact",
    "open_to",
    "refuse",
    "report",
    "reporters",
    "send_back",
    "sign",
    "was_called_for",
    "whistle",
    "whistles",
    "withdraw",
]


def call(
    tx: Connection, incident_id: str, wanted: Call, word: Word, config: DispatchConfig, ids: Ids
) -> Whistle:
    """Call a department; its clock runs from now, the incident's stay as they are.

    Raises Refused (`no_such_department`), Conflict (`incident_is_<state>`, `lead_is_called`,
    `department_is_called`), Forbidden (`not_for_your_role`), and as `locked` does.
    """
    row = locked(tx, incident_id, word)
    WHISTLES.find(None, Verb.CALL, word.roles)
    if wanted.unit not in {each.id for each in config.departments}:
        raise Refused(f"there is no department {wanted.unit!r}", code="no_such_department")
    if IncidentState(row.state) not in CALLED_IN:
        raise Conflict(f"the incident is {row.state}", code=f"incident_is_{row.state}")
    for other in repository.open_ones(tx, incident_id):
        if other.unit == wanted.unit:
            raise Conflict(f"{wanted.unit} is called already", code="department_is_called")
        if wanted.part is WhistlePart.LEAD and other.part == WhistlePart.LEAD:
            raise Conflict(f"{other.unit} leads", code="lead_is_called")
    return place(
        tx,
        (incident_id, Severity(row.severity)),
        wanted,
        by=word.by,
        at=word.at,
        config=config,
        ids=ids,
        device=word.device,
    )


def sign(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """The department has it. Raises as `_take` does."""
    stamp = {"signed_at": word.at, "signed_by": word.by}
    return _take(tx, whistle_id, Verb.SIGN, word, stamp)


def contact(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """The department has spoken with who is there, and is on it. Raises as `_take` does."""
    return _take(tx, whistle_id, Verb.CONTACT, word, {"contacted_at": word.at})


def refuse(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """Not the department's, by a code of the list; whoever called calls anew."""
    return _take(tx, whistle_id, Verb.REFUSE, word)


def report(tx: Connection, whistle_id: str, word: Word, photo_ids: Sequence[str] = ()) -> Whistle:
    """What was done, `word.note`, with photos that were sent before.

    Raises Refused (`disposition_needed`, `no_such_photo`), and as `_take` does.
    """
    row = _locked(tx, whistle_id, word)
    photos.keep(tx, row.id, word.by, photo_ids, word.at)
    said = {"at": word.at, "text": word.note, "photo_ids": list(photo_ids)}
    stamp = {
        "reports": [*row.reports, said],
        "reported_at": word.at,
        "reported_by": word.by,
    }
    return _move(tx, row, Verb.REPORT, word, stamp)


def accept(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """Another person than who reported finds it good. Raises as `_take` does."""
    return _take(tx, whistle_id, Verb.ACCEPT, word)


def send_back(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """It is not good yet: the department is on it again, on the clock it had."""
    return _take(tx, whistle_id, Verb.SEND_BACK, word)


def withdraw(tx: Connection, whistle_id: str, word: Word) -> Whistle:
    """Nobody has to come any more. Raises Forbidden (`not_your_call`), and as `_take` does."""
    return _take(tx, whistle_id, Verb.WITHDRAW, word)


def whistle(
    tx: Connection,
    whistle_id: str,
    *,
    within: Jurisdiction = EVERYWHERE,
    units: Units = NO_UNITS,
) -> Whistle:
    """One whistle of that ground, or for one of these units. Raises NotFound."""
    row = repository.row(tx, whistle_id)
    if row is None or not _covered(row, within, units):
        raise _missing(whistle_id)
    return repository.to_whistle(row)


def whistles(
    tx: Connection, wanted: WhistleFilter, *, after: str | None = None, limit: int = 50
) -> Page[Whistle]:
    """A page of whistles, newest first. Raises Refused (`bad_cursor`)."""

    def rows(cursor: Cursor | None, count: int) -> list[Whistle]:
        found = repository.listed(tx, wanted, cursor, count)
        return [repository.to_whistle(row) for row in found]

    return page(rows, lambda each: Cursor(each.called_at, each.id), after, limit)


def was_called_for(tx: Connection, incident_id: str, units: Units) -> bool:
    """Whether one of these departments was ever called for it, on its own ground."""
    return repository.is_called_for(tx, incident_id, units)


def reporters(tx: Connection, whistle_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Who ever reported on each of these, also what was sent back: none of them accepts it."""
    return log.actors(tx, "whistle", whistle_ids, [Verb.REPORT.value])


def open_to(
    whistle: Whistle, by: str, roles: frozenset[Who], reporters: Collection[str] = ()
) -> tuple[Verb, ...]:
    """What somebody in these roles can do about it now; `reporters`: who ever reported on it."""
    own = by in (whistle.reported_by, *reporters)
    verbs = WHISTLES.open_to(whistle.state, roles, own_work=own)
    may_withdraw = whistle.called_by in (by, HUB) or Role.SHIFT_LEADER in roles
    return tuple(verb for verb in verbs if verb is not Verb.WITHDRAW or may_withdraw)


def _take(
    tx: Connection,
    whistle_id: str,
    verb: Verb,
    word: Word,
    stamp: dict[str, object] | None = None,
) -> Whistle:
    """One move of a whistle.

    Raises NotFound (`no_such_whistle`), Conflict (`stale_version`, `whistle_is_<state>`), Forbidden
    (`not_for_your_role`, `own_work`, `not_your_call`) and Refused (`reason_needed`).
    """
    return _move(tx, _locked(tx, whistle_id, word), verb, word, stamp or {})


def _locked(tx: Connection, whistle_id: str, word: Word) -> Found:
    """Incident first, then whistle: as whoever ends both does."""
    before = repository.row(tx, whistle_id)
    if before is None:
        raise _missing(whistle_id)
    locked(tx, before.incident_id, replace(word, version=None, within=EVERYWHERE))
    row = repository.row(tx, whistle_id, lock=True)
    if row is None:
        raise _missing(whistle_id)
    if word.version is not None and word.version != row.version:
        raise Conflict(
            f"whistle {whistle_id} is at version {row.version}, not {word.version}",
            code="stale_version",
        )
    return row


def _move(tx: Connection, row: Found, verb: Verb, word: Word, stamp: dict[str, object]) -> Whistle:
    before = WhistleState(row.state)
    move = WHISTLES.find(before, verb, word.roles)
    if Need.REASON in move.needs:
        known(verb, word.reason)
    if Need.DISPOSITION in move.needs and not word.note:
        raise Refused(f"{verb} wants to know what was done", code="disposition_needed")
    if Need.OTHER_PERSON in move.needs and word.by in reporters(tx, [row.id]).get(row.id, ()):
        raise Forbidden(f"{word.by} reported it: {verb} is for another", code="own_work")
    if Need.CALLER in move.needs and not _may_withdraw(row, word):
        raise Forbidden("whoever called withdraws it, or a shift leader", code="not_your_call")
    values: dict[str, object] = {"state": WHISTLES.move(before, verb, *word.roles).value, **stamp}
    if verb in (Verb.REFUSE, Verb.SEND_BACK, Verb.WITHDRAW, Verb.ACCEPT):
        values |= {"reason": word.reason, "answer": word.note}
    if move.end in repository.ENDS:
        values["ended_at"] = word.at
    repository.change(tx, row.id, updated_at=word.at, **values)
    return journal.write(
        tx, row.id, verb, before, at=word.at, by=word.by, why=word.why, device=word.device
    )


def _may_withdraw(row: Found, word: Word) -> bool:
    # What the hub called by itself is anybody's who may call at all.
    return row.called_by in (word.by, HUB) or Role.SHIFT_LEADER in word.roles


def _covered(row: Found, within: Jurisdiction, units: Units) -> bool:
    if within.covers(row.grid_path):
        return True
    return row.unit in units and units[row.unit].covers(row.grid_path)


def _missing(whistle_id: str) -> NotFound:
    return NotFound(f"there is no whistle {whistle_id!r}", code="no_such_whistle")
