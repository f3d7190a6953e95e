"""From a request to a word about an incident: who says it, in which roles there, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Header
from pydantic import TypeAdapter
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.rules import covers, roles_at
from hub.api.deps import Deps
from hub.api.dispatch.schemas import IncidentOut
from hub.api.incidents.schemas import MoveIn, PositionIn
from hub.api.schemas import Body
from hub.dispatch import service
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.keys import Deed, digest, once
from hub.dispatch.cases.life import Word
from hub.dispatch.lives import Verb
from hub.kit.errors import Refused
from hub.types.finding import Binding
from hub.types.site import LonLat
from hub.types.staff import Jurisdiction
from hub.types.work import Incident

Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern=r"^[\w.:-]+$")
]
"""One per action, made by the caller and kept over repeats: a repeat gets the first answer."""

ACTION_OF = {
    Verb.TRIAGE: Action.INCIDENTS_TRIAGE,
    Verb.FILE: Action.INCIDENTS_FILE,
    Verb.SETTLE: Action.INCIDENTS_REPORT,
    Verb.DISPATCH: Action.INCIDENTS_DISPATCH,
    Verb.RETURN: Action.INCIDENTS_RETURN,
    Verb.ACCEPT: Action.TASKS_ACCEPT,
    Verb.SET_OUT: Action.TASKS_ON_WAY,
    Verb.ARRIVE: Action.TASKS_ON_SCENE,
    Verb.FINISH: Action.TASKS_DONE,
    Verb.SUSPEND: Action.INCIDENTS_SUSPEND,
    Verb.RESUME: Action.INCIDENTS_SUSPEND,
    Verb.EXTEND: Action.INCIDENTS_EXTEND,
    Verb.CLASSIFY: Action.INCIDENTS_TRIAGE,
    Verb.HAND_OVER: Action.INCIDENTS_HAND_OVER,
    Verb.REASSIGN: Action.INCIDENTS_DISPATCH,
    Verb.SPLIT: Action.INCIDENTS_SPLIT,
    Verb.MERGE: Action.INCIDENTS_MERGE,
    Verb.VERIFY: Action.INCIDENTS_VERIFY,
    Verb.PASS: Action.INCIDENTS_VERIFY,
    Verb.REWORK: Action.INCIDENTS_VERIFY,
    Verb.REOPEN: Action.INCIDENTS_REOPEN,
    Verb.ARCHIVE: Action.INCIDENTS_ARCHIVE,
    Verb.RATE: Action.INCIDENTS_RATE,
    Verb.VOID: Action.INCIDENTS_VOID,
}
"""By which right a verb is said; accepting, going and finishing are said of the task."""

_incident = TypeAdapter(Incident)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request about an incident: of whom, on which ground, under which key."""

    hub: Deps
    who: Subject
    within: Jurisdiction
    key: str


def offered(who: Subject, path: Iterable[str], verbs: Iterable[Verb]) -> tuple[Verb, ...]:
    """Those of the verbs that a route of ours lets somebody say at a place."""
    codes = tuple(path)
    return tuple(v for v in verbs if v in ACTION_OF and covers(ACTION_OF[v], who, codes))


def office(hub: Deps) -> Office:
    """What errands are made with."""
    return Office(hub.dispatch, hub.ids, hub.roster)


def word(asking: Asking, path: Iterable[str], body: MoveIn | None = None) -> Word:
    """What somebody says at a place, now."""
    who = asking.who
    said = Word(who.name, roles_at(who, path), asking.hub.clock.now(), within=asking.within)
    if body is None:
        return said
    reason = getattr(body, "reason", "")
    return replace(said, reason=reason, note=body.note.strip(), version=body.version)


def move(
    asking: Asking,
    incident_id: str,
    verb: Verb,
    body: MoveIn | None,
    do: Callable[[Connection, Word], Incident],
) -> IncidentOut:
    """Make one move, once. Raises what `do` raises, and Conflict (`key_reused`)."""
    now = asking.hub.clock.now()
    with asking.hub.write() as tx:

        def first() -> str:
            before = service.incident(tx, incident_id, within=asking.within)
            made = do(tx, word(asking, before.grid_path, body))
            return _incident.dump_json(made).decode()

        deed = Deed(asking.key, incident_id, verb.value, asking.who.name, now, said_with(body))
        answer = once(tx, deed, first)
    return IncidentOut.model_validate(_incident.validate_json(answer))


def said_with(body: Body | None) -> str:
    """What stands for all that a request says: a repeat under the same key says the same."""
    return digest("" if body is None else body.model_dump_json())


def place(hub: Deps, grid: str | None, position: PositionIn | None) -> Binding:
    """The grid of what is reported. Raises Refused (`no_such_grid`)."""
    binder = hub.binder()
    at = None if position is None else LonLat(position.lon, position.lat)
    if grid is None:
        return binder.bind_named(None) if at is None else binder.bind_at(at)
    if grid not in binder.tree:
        raise Refused(f"there is no grid {grid!r}", code="no_such_grid")
    return replace(binder.bind_named(grid), position=at)
