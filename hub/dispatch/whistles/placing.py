"""A whistle is blown: by somebody, or by the hub where the class of a case says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.dispatch.config import DispatchConfig
from hub.dispatch.incident import WHISTLES
from hub.dispatch.lives import HUB, Verb
from hub.dispatch.taxonomy import Whistling
from hub.dispatch.timers import repository as timers
from hub.dispatch.whistles import clock, journal, repository
from hub.kit.ids import Ids
from hub.types.finding import Severity
from hub.types.whistle import Whistle, WhistlePart, WhistleState
from hub.types.work import Incident


@dataclass(frozen=True, slots=True)
class Call:
    """Which department is called, to lead or to help, and for what."""

    unit: str
    part: WhistlePart
    note: str = ""


def place(
    tx: Connection,
    incident: tuple[str, Severity],
    wanted: Call,
    *,
    by: str,
    at: float,
    config: DispatchConfig,
    ids: Ids,
    device: str | None = None,
) -> Whistle:
    """Write a whistle for an incident (its id and severity); its clock runs from now."""
    incident_id, severity = incident
    whistle_id = ids()
    due = clock.due(severity, at, config)
    repository.add(
        tx,
        id=whistle_id,
        incident_id=incident_id,
        unit=wanted.unit,
        part=wanted.part.value,
        state=WhistleState.CALLED.value,
        note=wanted.note,
        called_at=at,
        called_by=by,
        updated_at=at,
        **clock.columns(due),
    )
    timers.write(tx, [], clock.planned(whistle_id, severity, at, due, config))
    why = f"{wanted.part} {wanted.unit}" + (f": {wanted.note}" if wanted.note else "")
    return journal.write(tx, whistle_id, Verb.CALL, None, at=at, by=by, why=why, device=device)


def by_class(
    tx: Connection, incidents: Sequence[Incident], *, config: DispatchConfig, ids: Ids, at: float
) -> list[Whistle]:
    """Call the departments of those whose class wants that (`whistle: auto`), each once for ever.

    In the transaction in which the incident is filed or goes out: a crash undoes both. The first
    department leads unless another does, the others help. Whoever was called before, by anybody
    and however that ended, is not called again by the hub.
    """
    of = {each.id: config.classes.get(each.class_code) for each in incidents}
    auto = [each for each in incidents if of[each.id].whistle is Whistling.AUTO]
    called = repository.units_of(tx, [each.id for each in auto])
    made = []
    for each in auto:
        WHISTLES.find(None, Verb.CALL, {HUB})
        led = repository.lead_is_open(tx, each.id)
        for unit in of[each.id].departments:
            if unit in called.get(each.id, ()):
                continue
            part = WhistlePart.JOINT if led else WhistlePart.LEAD
            wanted = Call(unit, part)
            case = (each.id, each.severity)
            made.append(place(tx, case, wanted, by=HUB.value, at=at, config=config, ids=ids))
            led = True
    return made
