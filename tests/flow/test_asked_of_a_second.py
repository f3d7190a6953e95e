"""Who has to say yes, or whose turn it is, hears of it at once; whoever asked hears the answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.access import accounts
from hub.dispatch.cases import approvals, errands, reporting
from hub.dispatch.cases.approvals import Asked
from hub.dispatch.lives import Verb
from hub.store.tables.notices import notices
from hub.types.finding import Severity
from hub.types.work import Incident, Origin, TaskAction
from tests.flow.centre import Centre
from tests.flow.staff import CHEN, LI, MINUTE_S, SUN, WANG, ZHAO, Staff
from tests.flow.test_auditor import Watch

SECONDS = ["shift_leader", "supervisor"]
DESK = ["dispatcher", "operator"]


@pytest.fixture
def staff(centre: Centre) -> Staff:
    return Staff(centre)


@pytest.fixture
def wang(staff: Staff) -> str:
    """The account of the worker who asks."""
    now, ids = staff.centre.clock.now(), staff.centre.ids
    made: str = staff.do(accounts.create, "wang", WANG[0], [], "x", now, ids).id
    return made


def told(staff: Staff, *kinds: str) -> list[tuple[str, list[str], str | None]]:
    with staff.centre.db.read() as tx:
        query = select(notices).where(notices.c.kind.in_(kinds)).order_by(notices.c.at)
        return [(row.kind, sorted(row.roles), row.account) for row in tx.execute(query)]


def accepted(staff: Staff, severity: Severity = Severity.P1) -> Incident:
    case = staff.report(LI, Origin.COUNTER, severity=severity)
    staff.do(reporting.triage, case.id, staff.word(LI))
    staff.do(errands.file, case.id, staff.word(SUN), staff.office)
    staff.act(WANG, TaskAction.ACCEPT, 20)
    return staff.see(case.id)


def asks(staff: Staff, case: Incident, verb: Verb = Verb.SUSPEND) -> Asked:
    why = {Verb.SUSPEND: "no_access", Verb.EXTEND: "complex"}[verb]
    until = case.due.handle_by + 60
    word = staff.word(WANG, why)
    asked: Asked = staff.do(approvals.ask, case.id, verb, word, staff.centre.ids, until=until)
    return asked


@pytest.mark.parametrize(("yes", "answer"), [(True, "granted"), (False, "denied")])
def test_the_seconds_are_told_of_a_question_and_the_asker_of_the_answer(
    staff: Staff, wang: str, yes: bool, answer: str
) -> None:
    question = asks(staff, accepted(staff))
    assert told(staff, "asked") == [("asked", SECONDS, None)]
    staff.do(approvals.decide, question.id, yes, staff.word(CHEN))
    assert told(staff, "granted", "denied") == [(answer, [], wang)]


def test_a_question_that_lapses_is_told_to_who_asked(staff: Staff, wang: str) -> None:
    case = accepted(staff)
    asks(staff, case)
    asks(staff, case, Verb.EXTEND)
    staff.act(WANG, TaskAction.DONE, 60, note="已处置")
    gone: tuple[str, list[str], str | None] = ("lapsed", [], wang)
    assert told(staff, "lapsed") == [gone, gone]
    assert len(told(staff, "asked")) == 2, "each question is told of once"


def test_the_desk_is_told_of_a_report_and_of_what_is_given_back(staff: Staff) -> None:
    case = staff.report(WANG, Origin.WORKER, severity=Severity.P2)
    assert told(staff, "reported") == [("reported", DESK, None)]
    staff.do(reporting.triage, case.id, staff.word(LI))
    staff.do(errands.file, case.id, staff.word(SUN), staff.office)
    staff.do(errands.give_back, case.id, staff.word(WANG, "not_mine"))
    assert told(staff, "returned") == [("returned", DESK, None)]
    with staff.centre.db.read() as tx:
        found = tx.execute(select(notices.c.severity).where(notices.c.kind == "returned"))
        assert found.scalar() == "P2", "as grave as the case"


def test_what_was_dealt_with_on_the_spot_calls_nobody(staff: Staff) -> None:
    handled = reporting.Handling("已扶正护栏", "夜间")
    staff.report(WANG, Origin.WORKER, severity=Severity.P4, handled=handled)
    assert told(staff, "reported") == []


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.P1, 5), (Severity.P3, 240)])
def test_the_auditor_waits_for_a_second_as_long_as_the_case_can(
    staff: Staff, severity: Severity, minutes: int
) -> None:
    case = accepted(staff, severity)
    asks(staff, case)
    watch = Watch(staff.centre)
    assert "undecided" not in watch.round((minutes - 1) * MINUTE_S)
    assert watch.round(2 * MINUTE_S)["undecided"] == (1, case.id)
    [question] = staff.do(approvals.listed).items
    staff.do(approvals.decide, question.id, False, staff.word(ZHAO))
    assert "undecided" not in watch.round(MINUTE_S)
