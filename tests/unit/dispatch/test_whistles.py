"""Departments are called, answer, report; the case closes when the one that leads is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from hub.dispatch.cases import approvals, errands, joining, photos, timeline, verifying
from hub.dispatch.config import DispatchConfig
from hub.dispatch.lives import Verb
from hub.dispatch.page import IncidentFilter
from hub.dispatch.service import incident as incident_of
from hub.dispatch.service import incidents
from hub.dispatch.whistles import clock, service
from hub.dispatch.whistles.repository import WhistleFilter
from hub.dispatch.whistles.service import Call
from hub.kit.errors import NotFound
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.notices import notices
from hub.store.tables.whistles import whistles as rows
from hub.types.finding import Severity
from hub.types.staff import NOWHERE, Jurisdiction, Role
from hub.types.whistle import Whistle, WhistlePart, WhistleState
from hub.types.work import Incident, IncidentState
from tests.unit.dispatch.given import CONFIG, NOW, PATH
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import THERE, refused

TOWNSHIP, ELSEWHERE = PATH[1], "370682999999999"
LIU, HE = "消防刘洋", "住建何亮"


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.write() as connection:
        yield connection


@pytest.fixture
def town(tx: Connection) -> Town:
    return Town(tx)


def call(
    town: Town, incident: Incident, unit: str = "fire", part: WhistlePart = WhistlePart.LEAD
) -> Whistle:
    word = town.word(Role.DISPATCHER)
    return service.call(
        town.tx, incident.id, Call(unit, part, "请到场处置"), word, CONFIG, town.ids
    )


def reported(town: Town, whistle: Whistle, text: str = "已处置") -> Whistle:
    """Signed, contacted and reported by the department."""
    service.sign(town.tx, whistle.id, town.word(Role.DEPARTMENT))
    service.contact(town.tx, whistle.id, town.word(Role.DEPARTMENT))
    return service.report(town.tx, whistle.id, town.word(Role.DEPARTMENT, note=text))


def state(town: Town, whistle: Whistle) -> str:
    return service.whistle(town.tx, whistle.id).state.value


def told(town: Town, whistle: Whistle) -> list[tuple[str, str | None, frozenset[str]]]:
    """The notices of a whistle: kind, unit, roles."""
    query = select(notices).where(notices.c.about == f"whistle/{whistle.id}").order_by(notices.c.at)
    return [(row.kind, row.unit, frozenset(row.roles)) for row in town.tx.execute(query)]


@contextmanager
def nothing_written(tx: Connection) -> Iterator[None]:
    """What is refused by the database leaves the transaction as it was."""
    with pytest.raises(IntegrityError), tx.begin_nested():
        yield


def test_a_department_is_called_reports_is_sent_back_once_and_accepted(town: Town) -> None:
    case = town.filed()
    before = town.see(case.id)
    made = call(town, case)
    assert (made.state, made.unit, made.called_by) == (WhistleState.CALLED, "fire", "小孙")
    assert town.see(case.id) == before, "neither state nor version nor clocks of its incident"
    assert reported(town, made).reports[0].text == "已处置"
    back = service.send_back(
        town.tx, made.id, town.word(Role.DISPATCHER, "not_done", note="还有余火")
    )
    assert (back.state, back.reason, back.answer) == (
        WhistleState.SENT_BACK,
        "not_done",
        "还有余火",
    )
    assert back.report_by == made.report_by, "the clock runs on"
    word = town.word(Role.DEPARTMENT, note="余火已清")
    assert len(service.report(town.tx, made.id, word).reports) == 2
    done = service.accept(town.tx, made.id, town.word(Role.SHIFT_LEADER))
    assert (done.state, done.ended_at) == (WhistleState.ACCEPTED, town.now)
    department, callers = frozenset({"department"}), frozenset({"dispatcher", "shift_leader"})
    assert told(town, made) == [
        ("whistle", "fire", department),
        ("whistle_reported", None, callers),
        ("whistle_sent_back", "fire", department),
        ("whistle_reported", None, callers),
    ]
    lines = timeline.told(town.tx, case.id).entries
    own = [(each.what, each.reason) for each in lines if each.entity == "whistle"]
    assert own == [
        ("call", "lead fire: 请到场处置"),
        ("sign", ""),
        ("contact", ""),
        ("report", "已处置"),
        ("send_back", "not_done: 还有余火"),
        ("report", "余火已清"),
        ("accept", ""),
    ]


def test_one_leads_others_help_and_each_department_is_called_once(town: Town) -> None:
    case = town.filed(Severity.P2)
    lead = call(town, case)
    with refused("lead_is_called"):
        call(town, case, "water")
    with refused("department_is_called"):
        call(town, case, "fire", WhistlePart.JOINT)
    with refused("no_such_department"):
        call(town, case, "nobody", WhistlePart.JOINT)
    call(town, case, "housing", WhistlePart.JOINT)
    call(town, case, "water", WhistlePart.JOINT)
    refusal = town.word(Role.DEPARTMENT, "not_mine")
    assert service.refuse(town.tx, lead.id, refusal).state is WhistleState.REFUSED
    again = call(town, case)
    assert again.sign_by > lead.sign_by, "called anew it has a clock of its own"
    assert service.whistles(town.tx, WhistleFilter(open=True)).items[0].id == again.id
    query = select(rows).where(rows.c.id == again.id)
    second = {**town.tx.execute(query).mappings().one(), "id": "second", "unit": "roads"}
    with nothing_written(town.tx):  # whoever calls, and however
        town.tx.execute(insert(rows).values(second))


@pytest.mark.parametrize("severity", list(Severity))
def test_its_clock_follows_the_severity_and_the_configuration(severity: Severity) -> None:
    timers = CONFIG.timers.of(severity)
    wall = CONFIG.model_copy(
        update={"calendar": CONFIG.calendar.model_copy(update={"severities": ()})}
    )
    due = clock.due(severity, NOW, wall)
    assert due.sign_by == NOW + timers.accept_s
    assert due.contact_by == NOW + 2 * timers.accept_s
    assert due.report_by == NOW + timers.handle_s
    own = {"whistles": {severity.value: {"sign_s": 10, "contact_s": 20, "report_s": 30}}}
    config = DispatchConfig.model_validate({**wall.model_dump(), **own})
    due = clock.due(severity, NOW, config)
    assert (due.sign_by, due.contact_by, due.report_by) == (NOW + 10, NOW + 20, NOW + 30)


def test_moves_out_of_turn_by_others_and_without_what_they_need_are_refused(town: Town) -> None:
    case = town.filed()
    made = call(town, case)
    for role in (Role.WORKER, Role.SUPERVISOR, Role.DISPATCHER):
        with refused("not_for_your_role"):
            service.sign(town.tx, made.id, town.word(role, by="甲"))
    with refused("whistle_is_called"):
        service.contact(town.tx, made.id, town.word(Role.DEPARTMENT))
    with refused("reason_needed"):
        service.refuse(town.tx, made.id, town.word(Role.DEPARTMENT, "tired"))
    with refused("stale_version"):
        service.sign(town.tx, made.id, town.word(Role.DEPARTMENT, version=7))
    service.sign(town.tx, made.id, town.word(Role.DEPARTMENT, version=1))
    service.contact(town.tx, made.id, town.word(Role.DEPARTMENT))
    with refused("disposition_needed"):
        service.report(town.tx, made.id, town.word(Role.DEPARTMENT))
    with refused("no_such_photo"):
        word = town.word(Role.DEPARTMENT, note="已处置")
        service.report(town.tx, made.id, word, ["foreign-photo"])
    service.report(town.tx, made.id, town.word(Role.DEPARTMENT, note="已处置"))
    with refused("own_work"):
        service.accept(town.tx, made.id, town.word(Role.DISPATCHER, by=LIU))
    with refused("not_your_call"):
        service.withdraw(town.tx, made.id, town.word(Role.DISPATCHER, by="别人"))
    gone = service.withdraw(town.tx, made.id, town.word(Role.SHIFT_LEADER))
    assert gone.state is WhistleState.WITHDRAWN
    with refused("whistle_is_withdrawn"):
        service.accept(town.tx, made.id, town.word(Role.DISPATCHER))


def test_nobody_is_called_for_what_is_not_taken_in_or_is_over(town: Town) -> None:
    fresh = town.report()
    with refused("incident_is_reported"):
        call(town, fresh)
    case = town.filed()
    town.handled(case.id)
    closed = town.closed(case.id)
    with refused(f"incident_is_{closed.state}"):
        call(town, closed)


def test_closing_waits_for_the_department_that_leads_and_sends_those_home_that_help(
    town: Town,
) -> None:
    case = town.filed()
    lead, joint = call(town, case), call(town, case, "water", WhistlePart.JOINT)
    town.handled(case.id)
    verifying.begin(town.tx, case.id, town.word(Role.SUPERVISOR))
    with refused("whistles_open"):
        verifying.accept(town.tx, case.id, town.word(Role.SUPERVISOR), no_evidence="夜间")
    reported(town, lead)
    with refused("whistles_open"):
        verifying.accept(town.tx, case.id, town.word(Role.SUPERVISOR), no_evidence="夜间")
    service.accept(town.tx, lead.id, town.word(Role.DISPATCHER))
    with refused("own_work"):  # who reported for a department does not verify the case
        verifying.accept(town.tx, case.id, town.word(Role.SUPERVISOR, by=LIU), no_evidence="夜间")
    closed = verifying.accept(
        town.tx, case.id, town.word(Role.SUPERVISOR), no_evidence="夜间无法拍照"
    )
    assert closed.state is IncidentState.CLOSED
    assert (state(town, lead), state(town, joint)) == ("accepted", "withdrawn")
    last = timeline.told(town.tx, case.id).entries[-1]
    assert (last.entity, last.what, last.actor, last.reason) == (
        "whistle",
        "withdraw",
        "hub",
        "incident_closed",
    )


def test_whistles_of_what_becomes_void_or_goes_into_another_are_void(town: Town) -> None:
    voided, merged, other = town.filed(), town.filed(hold=True), town.filed()
    one, two = call(town, voided), call(town, merged)
    asked = approvals.ask(
        town.tx, voided.id, Verb.VOID, town.word(Role.DISPATCHER, "not_found"), town.ids
    )
    assert state(town, one) == "called", "asked for is not decided"
    approvals.decide(town.tx, asked.id, True, town.word(Role.SHIFT_LEADER))
    joining.merge(town.tx, merged.id, other.id, town.word(Role.DISPATCHER))
    assert (state(town, one), state(town, two)) == ("void", "void")
    assert told(town, one)[-1][:2] == ("whistle_void", "fire")


def test_handing_over_and_giving_back_leave_the_whistle_and_its_clock_alone(town: Town) -> None:
    case = town.filed()
    made = call(town, case)
    errands.hand_over(
        town.tx, case.id, THERE, town.word(Role.DISPATCHER, "wrong_grid"), town.office
    )
    errands.give_back(town.tx, case.id, town.word(Role.WORKER, "not_mine"))
    now = service.whistle(town.tx, made.id)
    assert (now.state, now.sign_by, now.report_by) == (made.state, made.sign_by, made.report_by)
    assert now.grid_code == THERE.grid_code, "it follows its case"


def test_photos_are_those_that_the_reporter_sent_and_stand_with_their_own_report(
    town: Town,
) -> None:
    case = town.filed()
    made = call(town, case)
    for name in ("photo-1", "photo-2", "photo-3"):
        photos.add(town.tx, f"key-{name}", name, LIU, NOW)
    service.sign(town.tx, made.id, town.word(Role.DEPARTMENT))
    service.contact(town.tx, made.id, town.word(Role.DEPARTMENT))
    first = town.word(Role.DEPARTMENT, note="已处置")
    service.report(town.tx, made.id, first, ["photo-1", "photo-2"])
    service.send_back(town.tx, made.id, town.word(Role.DISPATCHER, "not_done"))
    second = town.word(Role.DEPARTMENT, note="已补拍")
    service.report(town.tx, made.id, second, ["photo-3"])
    lines = timeline.told(town.tx, case.id).entries
    assert [each.evidence_ids for each in lines if each.what == "report"][-2:] == [
        ("photo-1", "photo-2"),
        ("photo-3",),
    ]
    newest = timeline.told(town.tx, case.id, limit=1)
    assert newest.cut
    assert newest.entries[0].evidence_ids == ("photo-3",), "of a log that is cut as well"
    other = call(town, town.filed())
    service.sign(town.tx, other.id, town.word(Role.DEPARTMENT))
    service.contact(town.tx, other.id, town.word(Role.DEPARTMENT))
    with refused("no_such_photo"):
        word = town.word(Role.DEPARTMENT, note="已处置")
        service.report(town.tx, other.id, word, ["photo-1"])


def test_a_department_finds_what_it_was_called_for_on_its_own_ground_and_nothing_else(
    town: Town,
) -> None:
    case, other = town.filed(), town.filed()
    made = call(town, case)
    call(town, other, "housing")
    here, away = (
        Jurisdiction(roots=frozenset({TOWNSHIP})),
        Jurisdiction(roots=frozenset({ELSEWHERE})),
    )

    def sees(units: dict[str, Jurisdiction]) -> list[str]:
        wanted = IncidentFilter(within=NOWHERE, units=units)
        return [each.id for each in incidents(town.tx, wanted).items]

    assert sees({"fire": here}) == [case.id]
    assert sorted(sees({"fire": here, "housing": here})) == sorted([case.id, other.id])
    assert sees({"fire": away}) == sees({"water": here}) == sees({}) == []
    assert incident_of(town.tx, case.id, within=NOWHERE, units={"fire": here}).id == case.id
    for units in ({"fire": away}, {"housing": here}, {}):
        with pytest.raises(NotFound):
            incident_of(town.tx, case.id, within=NOWHERE, units=units)
        with pytest.raises(NotFound):
            service.whistle(town.tx, made.id, within=NOWHERE, units=units)
    mine = WhistleFilter(within=NOWHERE, units={"fire": here})
    assert [each.id for each in service.whistles(town.tx, mine).items] == [made.id]
    service.refuse(town.tx, made.id, town.word(Role.DEPARTMENT, "not_mine"))
    assert sees({"fire": here}) == [case.id], "also after it has ended"


def test_what_is_pushed_of_a_case_names_the_departments_called_for_it(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed()
        since = feed.latest(tx)
        call(town, case)
    with db.write() as tx:
        town.tx = tx
        errands.give_back(tx, case.id, town.word(Role.WORKER, "not_mine"))
    with db.read() as tx:
        changes = feed.after(tx, since, topics=["incident", "whistle"])
    assert [(c.topic, c.units) for c in changes if c.entity_id == case.id][-1] == (
        "incident",
        ("fire",),
    )
    assert [c.units for c in changes if c.topic == "whistle"] == [("fire",)]


def test_what_is_offered_is_what_can_be_done(town: Town) -> None:
    made = call(town, town.filed())
    department = frozenset({Role.DEPARTMENT})
    assert service.open_to(made, LIU, department) == (Verb.SIGN, Verb.REFUSE)
    assert service.open_to(made, "小孙", frozenset({Role.DISPATCHER})) == (Verb.WITHDRAW,)
    assert service.open_to(made, "别人", frozenset({Role.DISPATCHER})) == ()
    done = reported(town, made)
    assert service.open_to(done, HE, frozenset({Role.DISPATCHER})) == (Verb.ACCEPT, Verb.SEND_BACK)
    assert service.open_to(done, LIU, frozenset({Role.DISPATCHER})) == ()
