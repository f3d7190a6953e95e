"""Classes whose departments the hub calls by itself: once, logged, and never again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from hub.dispatch import service as cases
from hub.dispatch import worsening
from hub.dispatch.cases import errands, reporting, timeline, verifying
from hub.dispatch.cases.errands import Office
from hub.dispatch.config import DispatchConfig
from hub.dispatch.whistles import service
from hub.dispatch.whistles.repository import WhistleFilter
from hub.dispatch.whistles.service import Call
from hub.store.db import Database
from hub.store.tables.notices import notices
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistlePart
from hub.types.work import Incident, TaskAction
from tests.unit.dispatch.given import CONFIG, NOW, an_alert, file
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused

OWN = {"code": "0201", "name": "火情", "name_en": "Fire", "departments": ["fire", "housing"]}


def config(how: str) -> DispatchConfig:
    return of(
        {**OWN, "whistle": how, "from_rules": ["zone_intrusion"], "from_reports": ["counter"]}
    )


def of(*minor: dict[str, object]) -> DispatchConfig:
    major = {"code": "02", "name": "安全", "name_en": "Safety", "minor": minor}
    given = CONFIG.model_dump(mode="json")
    return DispatchConfig.model_validate({**given, "classes": [major]})


TURNS_OUT = of(
    {**OWN, "whistle": "auto"},
    {"code": "0202", "name": "烟味", "name_en": "Smell of smoke", "from_reports": ["counter"]},
)
AUTO, PROPOSED = config("auto"), config("propose")


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.write() as connection:
        yield connection


@pytest.fixture
def town(tx: Connection) -> Town:
    made = Town(tx)
    made.office = Office(AUTO, made.ids)
    return made


def whistles(town: Town, incident: Incident) -> list[Whistle]:
    found = service.whistles(town.tx, WhistleFilter(incident_id=incident.id)).items
    return sorted(found, key=lambda each: each.id)


def called(town: Town, incident: Incident) -> list[tuple[str, WhistlePart, str]]:
    return [(each.unit, each.part, each.called_by) for each in whistles(town, incident)]


BOTH = [("fire", WhistlePart.LEAD, "hub"), ("housing", WhistlePart.JOINT, "hub")]


@pytest.mark.parametrize("hold", [False, True])
def test_what_people_report_calls_when_it_is_filed(town: Town, hold: bool) -> None:
    made = town.filed(Severity.P2, hold=hold)
    assert made.class_code == "0201"
    assert called(town, made) == BOTH
    first = whistles(town, made)[0]
    assert first.sign_by == first.called_at + AUTO.timers.P2.accept_s
    lines = timeline.told(town.tx, made.id).entries
    own = [(each.what, each.actor) for each in lines if each.entity == "whistle"]
    assert own == [("call", "hub"), ("call", "hub")]
    if hold:
        errands.dispatch(town.tx, made.id, town.word(Role.DISPATCHER), town.office)
        assert called(town, made) == BOTH, "going out calls nobody a second time"


def test_an_alert_calls_when_its_case_goes_out(town: Town) -> None:
    alert = an_alert(severity=Severity.P3)
    made = file(town.tx, alert, wait_s=30, config=AUTO)
    assert called(town, made) == [], "it may still come to nothing"
    [sent] = cases.dispatch_due(town.tx, config=AUTO, now=NOW + 30, ids=town.ids)
    assert called(town, sent) == BOTH
    assert cases.dispatch_due(town.tx, config=AUTO, now=NOW + 31, ids=town.ids) == []
    assert called(town, sent) == BOTH


def test_a_case_that_becomes_graver_leaves_its_departments_less_time(town: Town) -> None:
    alert = an_alert(severity=Severity.P3)
    made = file(town.tx, alert, config=AUTO)
    before = whistles(town, made)
    rise = NOW + 600
    worsening.worsen(town.tx, replace(alert, severity=Severity.P1), config=AUTO, now=rise)
    after = whistles(town, made)
    assert {each.severity for each in after} == {Severity.P1}
    assert [each.sign_by for each in after] == [rise + AUTO.timers.P1.accept_s] * 2
    assert all(now.report_by < then.report_by for now, then in zip(after, before, strict=True))
    told = town.tx.execute(select(notices.c.unit).where(notices.c.kind == "worsen")).scalars()
    assert set(told) == {"fire", "housing", None}, "the departments, and whoever is on duty"
    lines = timeline.told(town.tx, made.id).entries
    own = [each.what for each in lines if each.entity == "whistle"]
    assert own == ["call", "call", "worsen", "worsen"]


def test_a_case_that_turns_out_to_be_of_such_a_class_calls_once_it_is_out(town: Town) -> None:
    town.office = Office(TURNS_OUT, town.ids)
    held, out = town.filed(Severity.P2, hold=True), town.filed(Severity.P2)
    assert called(town, out) == []
    for each in (held, out):
        word = town.word(Role.OPERATOR, "more_known")
        reporting.classify(town.tx, each.id, "0201", word, town.office)
    assert called(town, out) == BOTH
    assert called(town, held) == [], "it waits for a dispatcher"
    errands.dispatch(town.tx, held.id, town.word(Role.DISPATCHER), town.office)
    assert called(town, held) == BOTH


def test_what_is_only_proposed_calls_nobody(town: Town) -> None:
    town.office = Office(PROPOSED, town.ids)
    assert called(town, town.filed(Severity.P2)) == []


def test_who_was_called_before_is_not_called_again(town: Town) -> None:
    made = town.report(Severity.P2)
    reporting.triage(town.tx, made.id, town.word(Role.OPERATOR))
    word = town.word(Role.DISPATCHER)
    housing = Call("housing", WhistlePart.LEAD)
    service.call(town.tx, made.id, housing, word, AUTO, town.ids)
    errands.file(town.tx, made.id, town.word(Role.OPERATOR), town.office)
    assert called(town, made) == [
        ("housing", WhistlePart.LEAD, word.by),
        ("fire", WhistlePart.JOINT, "hub"),
    ]
    fire = whistles(town, made)[1]
    reason = "not_mine"
    service.refuse(town.tx, fire.id, town.word(Role.DEPARTMENT, reason, note="不属消防"))
    word = town.word(Role.WORKER, "wrong_grid", note="不是这里")
    errands.give_back(town.tx, made.id, word)
    errands.file(town.tx, made.id, town.word(Role.DISPATCHER), town.office)
    assert len(called(town, made)) == 2, "one that refused is not called by the hub again"


def test_a_shift_leader_or_dispatcher_withdraws_what_the_hub_called(town: Town) -> None:
    made = town.filed(Severity.P2)
    lead, joint = whistles(town, made)
    service.withdraw(town.tx, lead.id, town.word(Role.DISPATCHER, "handled"))
    with refused("not_for_your_role"):
        service.withdraw(town.tx, joint.id, town.word(Role.WORKER, "handled"))


def test_rework_calls_nobody_again(town: Town) -> None:
    made = town.filed(Severity.P2)
    town.act(made.id, TaskAction.ACCEPT, TaskAction.ON_SCENE, TaskAction.DONE)
    verifying.begin(town.tx, made.id, town.word(Role.SUPERVISOR))
    word = town.word(Role.SUPERVISOR, "not_done", note="未处理干净")
    verifying.rework(town.tx, made.id, word, town.office)
    assert called(town, made) == BOTH
