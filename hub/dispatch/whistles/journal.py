"""Every change of a whistle: the row, its line in the log, the feed, and who is to be told."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import WHISTLES
from hub.dispatch.lives import HUB, Verb
from hub.dispatch.log import repository as log
from hub.dispatch.notices import repository as notices
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers import repository as timers
from hub.dispatch.timers.plan import hastened
from hub.dispatch.timers.rows import Level, Subject
from hub.dispatch.whistles import clock, repository
from hub.kit.errors import NotFound
from hub.store import feed
from hub.types.duty import Notice
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistleState
from hub.types.work import Incident, IncidentState

TOPIC = "whistle"
_whistle = TypeAdapter(Whistle)
_CALLERS = frozenset({Role.DISPATCHER, Role.SHIFT_LEADER})


class Turn(StrEnum):
    """Of the log, and nobody's move: a step comes to a level, or its deadlines came nearer."""

    YELLOW = Level.YELLOW.value
    RED = Level.RED.value
    SUPERVISION = Level.SUPERVISION.value
    LEADER = Level.LEADER.value
    WORSEN = "worsen"


_TELLS_UNIT = {Verb.CALL, Verb.SEND_BACK, Verb.WITHDRAW, Verb.VOID, Turn.WORSEN}
_TELLS_CALLERS = {Verb.REFUSE, Verb.REPORT}


def write(
    tx: Connection,
    whistle_id: str,
    verb: Verb | Turn,
    before: WhistleState | None,
    *,
    at: float,
    by: str,
    why: str,
    device: str | None = None,
) -> Whistle:
    """Tell of a whistle whose row has just been written; returns it as it stands now.

    Its clocks go on as that state wants it, so that no move can forget them.
    """
    row = repository.row(tx, whistle_id)
    if row is None:
        raise NotFound(f"there is no whistle {whistle_id!r}", code="no_such_whistle")
    whistle = repository.to_whistle(row)
    line = {
        "entity": "whistle",
        "entity_id": whistle.id,
        "version": whistle.version,
        "at": at,
        "what": verb.value,
        "from_state": before,
        "to_state": whistle.state.value,
        "reason": why,
        "actor": by,
        "device": device,
    }
    log.note_transitions(tx, [line])
    feed.append(
        tx, TOPIC, whistle.id, whistle_body(whistle), at, whistle.grid_path, units=[whistle.unit]
    )
    notices.put(tx, _notices(whistle, verb, at))
    if whistle.state is not before:
        _keep_time(tx, whistle, at)
    return whistle


def _keep_time(tx: Connection, whistle: Whistle, at: float) -> None:
    kept = timers.of(tx, Subject.WHISTLE, [whistle.id])[whistle.id]
    timers.write(tx, kept, clock.moved(kept, whistle.state))
    over = clock.answered(kept, whistle.state)
    if over:
        supervisions.end(tx, Subject.WHISTLE, whistle.id, over, at)


def end(tx: Connection, incident: Incident, at: float) -> None:
    """Its incident has ended: what is still open is withdrawn (closed) or void, by the hub."""
    closed = incident.state is IncidentState.CLOSED
    verb = Verb.WITHDRAW if closed else Verb.VOID
    reason = f"incident_{incident.state}"
    for row in repository.open_ones(tx, incident.id):
        before = WhistleState(row.state)
        state = WHISTLES.move(before, verb, HUB)
        repository.change(tx, row.id, state=state.value, reason=reason, ended_at=at, updated_at=at)
        write(tx, row.id, verb, before, at=at, by=HUB.value, why=reason)


def hasten(tx: Connection, incident: Incident, config: DispatchConfig, at: float) -> None:
    """Its incident became graver: what is left of each open one is counted anew where sooner."""
    due = clock.due(incident.severity, at, config)
    for row in repository.open_ones(tx, incident.id):
        kept = timers.of(tx, Subject.WHISTLE, [row.id])[row.id]
        fresh = clock.planned(row.id, incident.severity, at, due, config)
        timers.write(tx, kept, list(hastened({each.key: each for each in kept}, fresh)))
        repository.change(
            tx, row.id, **clock.columns(clock.sooner(clock.of(row), due)), updated_at=at
        )
        why = incident.severity.value
        write(tx, row.id, Turn.WORSEN, WhistleState(row.state), at=at, by=HUB.value, why=why)


def whistle_body(whistle: Whistle) -> dict[str, Any]:
    """What the feed tells of a whistle: the whole of it, plain JSON."""
    body: dict[str, Any] = _whistle.dump_python(whistle, mode="json")
    return body


def _notices(whistle: Whistle, verb: Verb | Turn, at: float) -> Iterable[Notice]:
    """Of a move, and of what hastens it; of its levels tells `late.py`."""
    to_unit = verb in _TELLS_UNIT
    if not to_unit and verb not in _TELLS_CALLERS:
        return
    yield Notice(
        key=f"whistle/{whistle.id}/{whistle.version}",
        about=f"whistle/{whistle.id}",
        kind=_kind(whistle, verb),
        severity=whistle.severity,
        grid_path=whistle.grid_path,
        at=at,
        roles=frozenset({Role.DEPARTMENT}) if to_unit else _CALLERS,
        unit=whistle.unit if to_unit else None,
        exercise=whistle.exercise,
    )


def _kind(whistle: Whistle, verb: Verb | Turn) -> str:
    if isinstance(verb, Turn):
        return verb.value
    return "whistle" if verb is Verb.CALL else f"whistle_{whistle.state}"
