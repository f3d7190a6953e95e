"""Whole lives of incidents on a fake clock, each told by the people who do their part."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.dispatch import service as dispatch
from hub.dispatch.cases import (
    approvals,
    contacts,
    errands,
    reporting,
    verifying,
)
from hub.dispatch.cases.approvals import AskState
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.reporting import Handling
from hub.dispatch.lives import Verb
from hub.kit.clock import iso
from hub.kit.errors import Forbidden, NotFound, Refused
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import contacts as contact_rows
from hub.store.tables.dispatch import incidents as incident_rows
from hub.types.finding import Binding, GridWhy, Phase, Severity
from hub.types.staff import Role
from hub.types.work import Incident, IncidentState, Origin, TaskAction
from tests.flow.centre import HERE, THERE, Centre
from tests.flow.staff import CHEN, DAY_S, LI, SUN, WANG, ZHAO, Staff, printed

NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)


def test_a_citizens_report_at_the_counter_and_the_contact_that_is_forgotten(
    centre: Centre, staff: Staff
) -> None:
    contact = Contact("周女士", "138 0000 0000")
    made = staff.report(LI, Origin.COUNTER, contact=contact)
    assert (made.state, made.alert_ids, made.grid_code) == (IncidentState.REPORTED, (), HERE)
    with centre.db.read() as tx:
        assert contacts.of(tx, made.id) == [contact]
    staff.do(reporting.triage, made.id, staff.word(LI), severity=Severity.P2)
    filed = staff.do(errands.file, made.id, staff.word(LI), staff.office)
    assert (filed.state, filed.severity) == (IncidentState.DISPATCHED, Severity.P2)
    with centre.db.read() as tx:
        [task] = dispatch.tasks(tx).items
        assert task.message["severity"] == "P2"
        assert task.message["rule"] == {"id": "report", "kind": "report", "name": made.title}
        assert "138" not in str(task.message)
    staff.handle(WANG, "井盖已补装", photo_ids=("photo-1",))
    staff.verify(ZHAO, made.id)
    staff.do(verifying.accept, made.id, staff.word(ZHAO))
    with centre.db.read() as tx:
        assert contacts.of(tx, made.id) == [contact], "whoever reported is asked how it went"
    staff.later(DAY_S)
    staff.do(verifying.rate, made.id, 5, staff.word(LI, note="回访满意"))
    with centre.db.read() as tx:
        with pytest.raises(NotFound):
            contacts.of(tx, made.id)
        [left] = tx.execute(select(contact_rows)).all()
        assert (left.name, left.phone, left.erased_at) == (None, None, centre.clock.now())
        log = str(tx.execute(select(transitions)).all())
        assert left.id in log, "the log holds the reference"
        assert "周女士" not in log
        assert "138" not in log
        assert "周女士" not in str(tx.execute(select(incident_rows)).all())


def test_who_complains_of_a_closed_case_is_known_until_it_is_archived(
    centre: Centre, staff: Staff
) -> None:
    contact = Contact("周女士", "138 0000 0000")
    made = staff.report(LI, Origin.COUNTER, contact=contact)
    staff.do(reporting.triage, made.id, staff.word(LI), severity=Severity.P2)
    staff.do(errands.file, made.id, staff.word(LI), staff.office)

    def closed() -> None:
        staff.handle(WANG, "井盖已补装", photo_ids=("photo-1",))
        staff.verify(ZHAO, made.id)
        staff.do(verifying.accept, made.id, staff.word(ZHAO))
        with centre.db.read() as tx:
            assert contacts.of(tx, made.id) == [contact]

    closed()
    word = staff.word(CHEN, "complaint", "井盖又松动")
    staff.do(verifying.reopen, made.id, word, staff.office)
    closed()
    staff.do(verifying.archive, made.id, staff.word(ZHAO))
    with centre.db.read() as tx, pytest.raises(NotFound):
        contacts.of(tx, made.id)


def test_what_a_worker_has_handled_on_the_spot_is_verified_by_lot(
    centre: Centre, staff: Staff
) -> None:
    def spot(severity: Severity) -> Incident:
        done = Handling("已清理占道杂物", photo_ids=("photo-1",))
        return staff.report(WANG, Origin.WORKER, severity=severity, handled=done)

    grave = spot(Severity.P1)
    assert (grave.state, grave.self_handled) == (IncidentState.VERIFYING, True)
    with pytest.raises(Forbidden) as own:
        staff.do(verifying.accept, grave.id, staff.word((WANG[0], Role.SUPERVISOR)))
    assert own.value.code == "own_work"
    assert staff.do(verifying.accept, grave.id, staff.word(CHEN)).state is IncidentState.CLOSED
    light = [spot(Severity.P4).state for _ in range(60)]
    assert set(light) == {IncidentState.VERIFYING, IncidentState.CLOSED}
    assert light.count(IncidentState.VERIFYING) < 20, "a tenth, by lot"
    assert centre.tasks() == []
    with pytest.raises(Refused) as bare:
        staff.report(WANG, Origin.WORKER, handled=Handling("已处理"))
    assert bare.value.code == "evidence_needed"


def test_void_and_suspend_take_two_people(centre: Centre, staff: Staff) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [incident] = centre.incidents()
    staff.act(WANG, TaskAction.ACCEPT, 30)
    ask = staff.do(
        approvals.ask,
        incident.id,
        Verb.SUSPEND,
        staff.word(WANG, "weather", "暴雨封路"),
        centre.ids,
    )
    assert staff.see(incident.id).state is IncidentState.ACCEPTED, "nothing yet"
    with pytest.raises(Forbidden) as own:
        staff.do(approvals.decide, ask.id, True, staff.word((WANG[0], Role.SHIFT_LEADER)))
    assert own.value.code == "own_request"
    with pytest.raises(Forbidden) as role:
        staff.do(approvals.decide, ask.id, True, staff.word(SUN))
    assert role.value.code == "not_for_your_role"
    granted = staff.do(approvals.decide, ask.id, True, staff.word(ZHAO))
    assert (granted.state, granted.decided_by) == (AskState.GRANTED, ZHAO[0])
    suspended = staff.see(incident.id)
    assert (suspended.state, suspended.due) == (IncidentState.SUSPENDED, incident.due)
    resumed = staff.do(approvals.resume, incident.id, staff.word(WANG))
    assert resumed.state is IncidentState.ACCEPTED
    voided = staff.do(
        approvals.ask, incident.id, Verb.VOID, staff.word(SUN, "not_found"), centre.ids
    )
    staff.do(approvals.decide, voided.id, True, staff.word(CHEN))
    assert staff.see(incident.id).state is IncidentState.VOID
    with centre.db.read() as tx:
        assert [task.state.value for task in dispatch.tasks(tx).items] == ["void"]


def test_handing_over_to_another_town_keeps_the_clocks(centre: Centre, staff: Staff) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [incident] = centre.incidents()
    staff.act(WANG, TaskAction.ACCEPT, 60)
    moved = staff.do(
        errands.hand_over,
        incident.id,
        staff.there(THERE),
        staff.word(SUN, "wrong_grid"),
        staff.office,
    )
    assert (moved.grid_code, moved.state) == (THERE, IncidentState.DISPATCHED)
    assert (moved.due, moved.opened_at) == (incident.due, incident.opened_at)
    with centre.db.read() as tx:
        new, old = dispatch.tasks(tx).items
        assert {new.state.value, old.state.value} == {"queued", "void"}
        assert new.message["grid"]["code"] == THERE  # type: ignore[index]
        assert new.message["due"] == old.message["due"]
        body = printed(tx, incident.id, incident.opened_at)
    assert any("hand_over" in line and f"{HERE} > {THERE}" in line for line in body)


def test_what_has_no_grid_goes_to_the_default_centre(centre: Centre, staff: Staff) -> None:
    made = staff.report(LI, Origin.OTHER, binding=NOWHERE)
    staff.do(reporting.triage, made.id, staff.word(LI))
    staff.do(errands.file, made.id, staff.word(LI), staff.office)
    with centre.db.read() as tx:
        [task] = dispatch.tasks(tx).items
    assert (task.centre, iso(made.opened_at)) == ("county", task.message["times"]["opened_at"])  # type: ignore[index]
