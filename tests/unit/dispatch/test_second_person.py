"""Whoever had a hand in it never judges it: not only the last one who had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.dispatch.cases import approvals, detail, verifying
from hub.dispatch.lives import Verb
from hub.dispatch.whistles import service
from hub.dispatch.whistles.service import Call
from hub.store.db import Database
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistlePart
from hub.types.work import Incident, TaskAction
from tests.unit.dispatch.given import CONFIG
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused

LIU, HE = "消防刘洋", "住建何亮"
DONE = (TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE)


@pytest.fixture
def town(db: Database) -> Iterator[Town]:
    with db.write() as tx:
        yield Town(tx)


def called(town: Town, incident: Incident, part: WhistlePart = WhistlePart.JOINT) -> Whistle:
    wanted = Call("fire", part, "请到场处置")
    made = service.call(town.tx, incident.id, wanted, town.word(Role.DISPATCHER), CONFIG, town.ids)
    service.sign(town.tx, made.id, town.word(Role.DEPARTMENT))
    service.contact(town.tx, made.id, town.word(Role.DEPARTMENT))
    return made


def reported_twice(town: Town, whistle: Whistle) -> None:
    """By one, sent back, and by another."""
    said = town.word(Role.DEPARTMENT, by=LIU, note="已处置")
    service.report(town.tx, whistle.id, said)
    service.send_back(town.tx, whistle.id, town.word(Role.DISPATCHER, "not_done"))
    again = town.word(Role.DEPARTMENT, by=HE, note="已处置完毕")
    service.report(town.tx, whistle.id, again)


@pytest.mark.parametrize("reporter", [LIU, HE])
def test_neither_reporter_of_a_department_accepts_or_sends_back(town: Town, reporter: str) -> None:
    made = called(town, town.filed())
    reported_twice(town, made)
    for judge in (service.accept, service.send_back):
        with refused("own_work"):
            judge(town.tx, made.id, town.word(Role.DISPATCHER, "not_done", by=reporter))
    whistle = service.whistle(town.tx, made.id)
    own = service.reporters(town.tx, [made.id])[made.id]
    assert own == {LIU, HE}
    offered = frozenset({Role.DISPATCHER})
    assert service.open_to(whistle, reporter, offered, own) == ()
    assert Verb.ACCEPT in service.open_to(whistle, "别人", offered, own)
    service.accept(town.tx, made.id, town.word(Role.DISPATCHER))


@pytest.mark.parametrize("reporter", [LIU, HE])
def test_neither_reporter_verifies_the_case(town: Town, reporter: str) -> None:
    case = town.filed()
    reported_twice(town, called(town, case))
    town.handled(case.id)
    verifying.begin(town.tx, case.id, town.word(Role.SUPERVISOR))
    with refused("own_work"):
        word = town.word(Role.SUPERVISOR, by=reporter)
        verifying.accept(town.tx, case.id, word, no_evidence="夜间")


@pytest.mark.parametrize("worker", ["小王", "小郑"])
def test_neither_who_handled_it_nor_who_did_it_anew_verifies_it(town: Town, worker: str) -> None:
    case = town.filed()
    town.act(case.id, *DONE, by="小王")
    verifying.begin(town.tx, case.id, town.word(Role.SUPERVISOR))
    verifying.rework(town.tx, case.id, town.word(Role.SUPERVISOR, "not_done"), town.office)
    town.act(case.id, *DONE, by="小郑")
    assert town.row(case.id).handled_by == "小郑"
    assert detail.detail(town.tx, case.id, by=worker, roles={Role.SUPERVISOR}).verbs == ()
    with refused("own_work"):
        verifying.begin(town.tx, case.id, town.word(Role.SUPERVISOR, by=worker))
    verifying.begin(town.tx, case.id, town.word(Role.SUPERVISOR))
    with refused("own_work"):
        word = town.word(Role.SUPERVISOR, "not_done", by=worker)
        verifying.rework(town.tx, case.id, word, town.office)


def test_nobody_decides_what_they_asked_for(town: Town) -> None:
    case = town.filed()
    word = town.word(Role.DISPATCHER, "not_found", by="老赵")
    asked = approvals.ask(town.tx, case.id, Verb.VOID, word, town.ids)
    with refused("own_request"):
        approvals.decide(town.tx, asked.id, True, town.word(Role.SHIFT_LEADER, by="老赵"))
