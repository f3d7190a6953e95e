"""What was decided stands in the sealed log: a column alone could be changed unnoticed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.dispatch.cases import reporting, verifying
from hub.dispatch.cases.reporting import Handling
from hub.dispatch.lives import Verb
from hub.kit.clock import iso
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import TaskAction
from tests.unit.dispatch.given import CONFIG
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import refused


def said(town: Town, incident_id: str, what: str) -> list[str]:
    """The reasons of these lines of an incident, as they are sealed."""
    log = transitions.c
    query = select(log.reason).where(log.entity_id == incident_id, log.what == what)
    return list(town.tx.execute(query.order_by(log.seq)).scalars())


def test_how_grave_it_is_said_to_be_is_in_the_log(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made, same = town.report(Severity.P1), town.report(Severity.P2)
        assert said(town, made.id, "report") == ["counter; P1"]
        word = town.word(Role.OPERATOR, note="只是烟雾")
        reporting.triage(tx, made.id, word, severity=Severity.P4)
        reporting.triage(tx, same.id, town.word(Role.OPERATOR), severity=Severity.P2)
        assert said(town, made.id, "triage") == ["P1 > P4; 只是烟雾"]
        assert said(town, same.id, "triage") == [""], "nothing was corrected"


def test_an_extension_says_from_which_deadline_to_which(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed()
        before, until = case.due.handle_by, case.due.handle_by + 3600
        town.act(case.id, TaskAction.ACCEPT)
        town.granted(case.id, Verb.EXTEND, Role.WORKER, "complex", until=until)
        change = [f"complex: {iso(before)} > {iso(until)}"]
        assert said(town, case.id, "ask_extend") == said(town, case.id, "extend") == change


def test_what_was_done_on_the_spot_and_why_there_is_no_photo_is_in_the_log(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.report()
        reporting.triage(tx, made.id, town.word(Role.OPERATOR))
        done = Handling("已清理", "夜间无法拍照")
        reporting.settle(tx, made.id, done, town.word(Role.CHIEF), CONFIG)
        assert said(town, made.id, "settle") == ["已清理; 夜间无法拍照"]
        case = town.filed()
        town.handled(case.id)
        town.closed(case.id)
        assert said(town, case.id, "pass") == ["夜间无法拍照"]


def test_a_rating_is_in_the_log_and_another_wants_a_note(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed()
        town.handled(case.id)
        town.closed(case.id)
        verifying.rate(tx, case.id, 2, town.word(Role.OPERATOR))
        with refused("note_needed"):
            verifying.rate(tx, case.id, 5, town.word(Role.OPERATOR))
        verifying.rate(tx, case.id, 5, town.word(Role.OPERATOR, note="再次回访"))
        assert said(town, case.id, "rate") == ["2/5", "2/5 > 5/5; 再次回访"]


@pytest.mark.parametrize("archived", [False, True])
def test_who_handled_it_does_not_rate_it(db: Database, archived: bool) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.report()
        reporting.triage(tx, made.id, town.word(Role.OPERATOR))
        done = Handling("已清理", "夜间无法拍照")
        settled = reporting.settle(tx, made.id, done, town.word(Role.OPERATOR), CONFIG)
        if settled.state == "verifying":
            verifying.accept(tx, made.id, town.word(Role.SUPERVISOR))
        if archived:
            verifying.archive(tx, made.id, town.word(Role.ASSESSOR))
        with refused("own_work"):
            verifying.rate(tx, made.id, 5, town.word(Role.OPERATOR))
        assert verifying.rate(tx, made.id, 4, town.word(Role.ASSESSOR)).rating == 4
