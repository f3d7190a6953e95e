"""Random lives of cases with departments: never two that lead, none left when the case is over."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hub.dispatch.incident import CALLED_IN, WHISTLES
from hub.dispatch.lives import HUB, Need, Verb
from hub.dispatch.reasons import REASONS
from hub.dispatch.repository import OVER
from hub.dispatch.whistles import repository, service
from hub.dispatch.whistles.repository import WhistleFilter
from hub.dispatch.whistles.service import Call
from hub.kit.errors import Conflict
from hub.store.db import Database
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistlePart, WhistleState
from hub.types.work import Incident
from tests.unit.dispatch.given import CONFIG
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused
from tests.unit.dispatch.test_walks import begun, possible, step

UNITS = ("fire", "housing", "water")
DO: dict[Verb, Any] = {
    Verb.SIGN: service.sign,
    Verb.CONTACT: service.contact,
    Verb.REFUSE: service.refuse,
    Verb.REPORT: service.report,
    Verb.ACCEPT: service.accept,
    Verb.SEND_BACK: service.send_back,
    Verb.WITHDRAW: service.withdraw,
}


def all_of(town: Town, incident: Incident) -> list[Whistle]:
    return list(service.whistles(town.tx, WhistleFilter(incident_id=incident.id)).items)


def a_call(town: Town, incident: Incident, draw: random.Random) -> None:
    """Some department is called, or it is said why not."""
    unit, part = draw.choice(UNITS), draw.choice(list(WhistlePart))
    live = [each for each in all_of(town, incident) if each.ended_at is None]
    word = town.word(Role.DISPATCHER)
    wanted = Call(unit, part)

    def call() -> Whistle:
        return service.call(town.tx, incident.id, wanted, word, CONFIG, town.ids)

    if incident.state not in CALLED_IN:
        with refused(f"incident_is_{incident.state}"):
            call()
    elif unit in {each.unit for each in live}:
        with pytest.raises(Conflict) as twice:
            call()
        assert twice.value.code in ("department_is_called", "lead_is_called")
    elif part is WhistlePart.LEAD and any(each.part is part for each in live):
        with refused("lead_is_called"):
            call()
    else:
        call()


def a_word(town: Town, whistle: Whistle, draw: random.Random) -> Verb:
    moves = [m for m in WHISTLES.moves if m.start is whistle.state and m.who - {HUB}]
    ends = (Verb.REFUSE, Verb.WITHDRAW)
    [move] = draw.choices(moves, [0.2 if m.verb in ends else 1.0 for m in moves])
    roles = sorted(role for role in move.who if role is not HUB)
    role = Role.SHIFT_LEADER if Need.CALLER in move.needs else Role(draw.choice(roles))
    reason = draw.choice(sorted(REASONS[move.verb])) if Need.REASON in move.needs else ""
    DO[move.verb](town.tx, whistle.id, town.word(role, reason, note="已处置"))
    return move.verb


def lead_is_open(town: Town, incident: Incident) -> bool:
    return repository.lead_is_open(town.tx, incident.id)


def holds(town: Town, before: list[Whistle], incident: Incident) -> None:
    """What is true after every word, whoever said it."""
    now = all_of(town, incident)
    live = [each for each in now if each.ended_at is None]
    assert len([each for each in live if each.part is WhistlePart.LEAD]) <= 1
    assert len({each.unit for each in live}) == len(live)
    assert not (live and incident.state in OVER), "none outlives its case"
    ends = repository.ENDS
    assert all((each.ended_at is not None) == (each.state in ends) for each in now)
    clocks = {each.id: (each.sign_by, each.contact_by, each.report_by) for each in now}
    for each in before:
        assert clocks[each.id] == (each.sign_by, each.contact_by, each.report_by)


def moved(town: Town, incident: Incident, draw: random.Random) -> Incident | None:
    """One word about the case itself; None where nobody has anything more to say."""
    moves = possible(incident)
    if not moves:
        return None
    [move] = draw.choices(moves, [0.3 if m.verb is Verb.VOID else 1.0 for m in moves])
    if move.verb is Verb.SETTLE and lead_is_open(town, incident):
        return incident  # closed at once, or not, by lot
    if move.verb is Verb.PASS and lead_is_open(town, incident):
        with refused("whistles_open"), town.tx.begin_nested():
            step(town, incident, move, draw)
    else:
        step(town, incident, move, draw)
    return town.see(incident.id)


def test_no_case_has_two_leads_and_no_whistle_outlives_its_case(db: Database) -> None:
    draw = random.Random(7)
    said: set[Verb] = set()
    ended: set[WhistleState] = set()
    for _ in range(16):
        with db.write() as tx:
            town = Town(tx, ids=lambda: f"{draw.getrandbits(64):016x}")
            incident = begun(town, draw)
            for _ in range(30):
                known = all_of(town, incident)
                live = [each for each in known if each.ended_at is None]
                chance = draw.random()
                if chance < 0.2:
                    a_call(town, incident, draw)
                elif chance < 0.6 and live:
                    said.add(a_word(town, draw.choice(live), draw))
                else:
                    after = moved(town, incident, draw)
                    if after is None:
                        break
                    incident = after
                incident = town.see(incident.id)
                holds(town, known, incident)
            ended |= {each.state for each in all_of(town, incident)}
    assert said == DO.keys()
    assert ended >= set(repository.ENDS)
