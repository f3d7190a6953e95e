"""Reports of people and alerts in one matter: nothing of the one is lost with the other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from hub.dispatch import merging, repository, service
from hub.dispatch.cases import approvals, contacts, errands, joining, reporting, timeline
from hub.dispatch.cases.approvals import AskState
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.lives import Verb
from hub.dispatch.outbox import repository as outbox
from hub.kit.errors import NotFound
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.alerts import alerts
from hub.types.finding import Severity, Verdict
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, TaskAction
from tests.unit.dispatch.given import CONFIG, NOW, PATH, an_alert, file
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import THERE, half_an_hour, refused

WHO = Contact("周女士", "138 0000 0000")
P2, P3, P4 = Severity.P2, Severity.P3, Severity.P4


def raised(town: Town, name: str, wait_s: float = 600, key: str = "yard", **more: Any) -> Incident:
    alert = an_alert(name, **{"severity": P3, **more})
    return file(town.tx, alert, now=town.now, wait_s=wait_s, group_key=key, ids=town.ids)


def triaged(town: Town, severity: Severity = P3, **more: Any) -> Incident:
    made = town.report(severity, **more)
    return reporting.triage(town.tx, made.id, town.word(Role.OPERATOR))


def joined(town: Town, own: Incident, into: Incident) -> Incident:
    joining.merge(town.tx, own.id, into.id, town.word(Role.OPERATOR))
    return town.see(into.id)


def dismiss(town: Town, *names: str) -> None:
    said = update(alerts).where(alerts.c.id.in_(names)).values(verdict=Verdict.FALSE.value)
    town.tx.execute(said)


def due(town: Town, after_s: float = 700) -> list[Incident]:
    town.now += after_s
    return service.dispatch_due(town.tx, config=CONFIG, now=town.now, ids=town.ids)


def words(town: Town, incident_id: str) -> list[str]:
    lines = timeline.told(town.tx, incident_id).entries
    return [each.what for each in lines if each.entity_id == incident_id]


def test_an_alert_that_joins_what_waits_for_a_dispatcher_goes_out_by_itself(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = raised(town, "a", wait_s=0)
        errands.give_back(tx, made.id, town.word(Role.WORKER, "unclear"))
        errands.file(tx, made.id, town.word(Role.OPERATOR), town.office, hold=True)
        assert due(town) == []
        again = raised(town, "b", wait_s=30)
        assert (again.id, again.alert_ids) == (made.id, ("a", "b"))
        assert again.due.handle_by <= made.due.handle_by
        [sent] = due(town)
        assert (sent.id, sent.state) == (made.id, IncidentState.DISPATCHED)


def test_what_a_person_reported_goes_out_though_the_alerts_are_dismissed(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = raised(town, "a")
        report = triaged(town, P2, contact=WHO)
        joined(town, report, made)
        dismiss(town, "a")
        [sent] = due(town)
        assert (sent.state, sent.alert_ids) == (IncidentState.DISPATCHED, ())
        [task] = town.tasks(made.id)
        assert task.message["alert_ids"] == [report.id]
        assert contacts.of(tx, made.id) == [WHO]
        assert "part" in words(town, made.id)


def test_what_lapses_asks_for_nothing_any_more(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = raised(town, "a")
        contacts.keep(tx, "c", made.id, WHO, town.now)
        word = town.word(Role.OPERATOR, "mistaken")
        ask = approvals.ask(tx, made.id, Verb.VOID, word, town.ids)
        dismiss(town, "a")
        [gone] = due(town)
        assert (gone.state, gone.closed_at) == (IncidentState.VOID, town.now)
        assert gone == town.see(made.id)
        assert approvals.asked(tx, ask.id).state is AskState.LAPSED
        assert words(town, made.id)[-2:] == ["lapse", "lapse_void"]
        with pytest.raises(NotFound):
            contacts.of(tx, made.id)


def test_a_duplicate_alert_leaves_what_a_person_reported_behind(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made, other = raised(town, "a"), raised(town, "b", key="gate")
        report = triaged(town, P2, contact=WHO)
        joined(town, report, made)
        merging.join(tx, "a", "b", by="小李", now=town.now)
        kept = town.see(made.id)
        assert (kept.state, kept.alert_ids) == (IncidentState.FILED, ())
        assert [each["alert_id"] for each in town.row(made.id).reports] == [report.id]
        assert contacts.of(tx, made.id) == [WHO]
        assert town.see(other.id).alert_ids == ("a", "b")
        assert {one.id for one in due(town)} == {made.id, other.id}
        assert [task.message["alert_ids"] for task in town.tasks(made.id)] == [[report.id]]


def test_a_duplicate_alert_takes_what_hangs_on_its_incident_along(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made, other = raised(town, "a"), raised(town, "b", key="gate")
        contacts.keep(tx, "c", made.id, WHO, town.now)
        asks = [
            approvals.ask(tx, one.id, Verb.VOID, town.word(Role.OPERATOR, "mistaken"), town.ids)
            for one in (made, other)
        ]
        merging.join(tx, "a", "b", by="小李", now=town.now)
        assert town.see(made.id).state is IncidentState.MERGED
        assert {approvals.asked(tx, ask.id).state for ask in asks} == {AskState.LAPSED}
        assert contacts.of(tx, other.id) == [WHO]
        assert words(town, other.id)[-2:] == ["merge", "lapse_void"]


def test_a_question_that_nobody_can_answer_any_more_lapses(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        word = town.word(Role.OPERATOR, "mistaken")
        ask = approvals.ask(tx, made.id, Verb.VOID, word, town.ids)
        # A row from before questions lapsed by themselves.
        repository.update_incident(tx, made.id, state=IncidentState.HANDLED.value)
        said = approvals.decide(tx, ask.id, True, town.word(Role.SHIFT_LEADER))
        assert said.state is AskState.LAPSED
        assert town.see(made.id).state is IncidentState.HANDLED


def test_merging_an_overdue_case_into_a_fresh_one_resets_no_clock(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        old = town.filed(P2)
        errands.give_back(tx, old.id, town.word(Role.WORKER, "unclear"))
        town.now += 100_000
        new = triaged(town, P2)
        assert joined(town, old, new).due == old.due
        third = triaged(town, P2)
        sent = errands.file(
            tx, joined(town, new, third).id, town.word(Role.OPERATOR), town.office
        )  # the clocks of the oldest run on through both
        assert sent.due == old.due


def test_clocks_of_a_report_still_run_from_its_filing(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        one, two = triaged(town), triaged(town)
        town.now += 5000
        sent = errands.file(tx, joined(town, one, two).id, town.word(Role.OPERATOR), town.office)
        assert sent.due.accept_by == half_an_hour(town.now)


@pytest.mark.parametrize("steps", [(), (TaskAction.ACCEPT,)])
def test_the_sooner_clock_holds_wherever_the_other_is(
    db: Database, steps: tuple[TaskAction, ...]
) -> None:
    with db.write() as tx:
        town = Town(tx)
        old = town.filed(hold=True)
        town.now += 50_000
        new = town.filed()
        town.act(new.id, *steps)
        assert joined(town, old, new).due == old.due


def test_the_graver_is_merged_into_nothing_less_grave_that_is_out(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        out = town.filed(P3)
        drill = town.report(P4, exercise=True)
        reporting.triage(tx, drill.id, town.word(Role.OPERATOR))
        errands.file(tx, drill.id, town.word(Role.OPERATOR), town.office)
        grave = triaged(town, P2)
        for into in (out, drill):
            with refused("into_is_out"):
                joining.merge(tx, grave.id, into.id, town.word(Role.OPERATOR))
        held = town.report(P4, exercise=True)
        reporting.triage(tx, held.id, town.word(Role.OPERATOR))
        errands.file(tx, held.id, town.word(Role.OPERATOR), town.office, hold=True)
        one = joined(town, grave, held)
        assert (one.severity, one.exercise) == (P2, False)
        errands.dispatch(tx, held.id, town.word(Role.DISPATCHER), town.office)
        [task] = town.tasks(held.id)
        assert (task.message["severity"], task.message["exercise"]) == ("P2", False)


def test_what_grew_is_not_void_by_an_older_question(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        word = town.word(Role.OPERATOR, "mistaken")
        ask = approvals.ask(tx, made.id, Verb.VOID, word, town.ids)
        with refused("stale_version"):
            stale = town.word(Role.SHIFT_LEADER, version=made.version)
            approvals.decide(tx, ask.id, True, stale)
        joined(town, triaged(town), made)
        assert approvals.asked(tx, ask.id).state is AskState.LAPSED
        with refused("approval_is_lapsed"):
            approvals.decide(tx, ask.id, True, town.word(Role.SHIFT_LEADER))


def test_the_town_that_holds_an_errand_hears_that_it_is_void(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        [task] = town.tasks(made.id)
    with db.write() as tx:
        seen = feed.latest(tx)
        late = Town(tx, ids=iter(("x", "y")).__next__)
        late.now = town.now
        word = late.word(Role.DISPATCHER, "wrong_grid")
        errands.hand_over(tx, made.id, THERE, word, late.office)
    with db.read() as tx:
        [told] = [each for each in feed.after(tx, seen) if each.entity_id == task.id]
        assert set(told.path or ()) == set(PATH)


def test_a_long_timeline_is_cut_at_its_old_end(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        whole = timeline.told(tx, made.id)
        assert (whole.cut, whole.entries[0].what) == (False, "report")
        cut = timeline.told(tx, made.id, limit=2)
        assert (cut.cut, cut.entries) == (True, whole.entries[-2:])
        assert not any(each.sealed for each in whole.entries)


def test_what_became_void_while_the_queue_was_down_is_not_sent(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        outbox.open_epoch(tx, "city", 1, NOW)
        gone, kept = town.filed(), town.filed()
        errands.give_back(tx, gone.id, town.word(Role.WORKER, "not_mine"))
        outbox.number(tx, "city", 10, NOW)
        sent = outbox.parcels(tx, "city", 10)
        assert [each.task_id for each in sent] == [town.tasks(kept.id)[0].id]
        outbox.mark_sent(tx, sent, NOW)
        mark = outbox.mark(tx, "city")
        assert mark is not None
        assert not mark.waiting
        assert outbox.backlog(tx, "city").unsent == 0
        # The server was wiped, and meanwhile the other was given back as well.
        errands.give_back(tx, kept.id, town.word(Role.WORKER, "not_mine"))
        assert outbox.void_among(tx, "city", 1, [1]) == [1]
        assert outbox.open_epoch(tx, "city", 2, NOW) == 0
        outbox.number(tx, "city", 10, NOW)
        assert outbox.parcels(tx, "city", 10) == []
