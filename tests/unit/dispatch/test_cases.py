"""What people do about incidents, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select

from hub.dispatch import clocks, merging, service
from hub.dispatch.cases import (
    approvals,
    board,
    contacts,
    detail,
    errands,
    joining,
    keys,
    reporting,
    timeline,
    verifying,
)
from hub.dispatch.cases.contacts import Contact
from hub.dispatch.cases.joining import Part
from hub.dispatch.cases.keys import Deed
from hub.dispatch.cases.reporting import Handling, drawn
from hub.dispatch.config import Sampling
from hub.dispatch.lives import Verb
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.store import feed
from hub.store.db import Database
from hub.store.tables.dispatch import contacts as contact_rows
from hub.store.tables.dispatch import outbox
from hub.types.finding import Binding, GridWhy, Severity
from hub.types.staff import EVERYWHERE, Jurisdiction, Role
from hub.types.work import IncidentState, TaskAction, TaskState
from tests.unit.dispatch.given import CONFIG, HERE, PATH, a_filing, a_receipt, an_alert, store_alert
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_message import SCHEMA
from tests.unit.dispatch.test_taxonomy import FIRE, LITTER, config

ELSEWHERE = ("370682000000000", "370682200000000", "370682200101000")
THERE = Binding(ELSEWHERE[-1], None, ELSEWHERE[-1], ELSEWHERE, GridWhy.NAMED, 1.0, None)
DAY_S = 86400.0


def half_an_hour(since: float) -> float:
    """Of work, as P3 has it to be accepted."""
    return clocks.after(Severity.P3, since, 1800, CONFIG)


def refused(code: str) -> Any:
    """The refusal that is expected, by its code."""
    return pytest.raises((Conflict, Forbidden, NotFound, Refused), match=None, check=_coded(code))


def _coded(code: str) -> Any:
    return lambda error: error.code == code


def test_a_reported_matter_goes_out_in_the_documented_form(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        [task] = town.tasks(made.id)
        jsonschema.Draft202012Validator(SCHEMA).validate(task.message)
        assert task.message["alert_ids"] == [made.id]
        assert len(tx.execute(select(outbox)).all()) == 1
        assert made.due.accept_by == half_an_hour(town.now), "P3 accepts in half an hour of work"


def test_what_is_held_waits_for_a_dispatcher_however_long(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        held = town.filed(hold=True)
        ids = town.ids
        late = town.now + 30 * DAY_S
        assert service.dispatch_due(tx, config=CONFIG, now=late, ids=ids) == []
        assert held.state is IncidentState.FILED
        sent = errands.dispatch(tx, held.id, town.word(Role.DISPATCHER), town.office)
        assert (sent.state, sent.due) == (IncidentState.DISPATCHED, held.due)


def test_given_back_and_filed_again_runs_on_the_same_clocks(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        with refused("reason_needed"):
            errands.give_back(tx, made.id, town.word(Role.WORKER, "tired"))
        back = errands.give_back(tx, made.id, town.word(Role.WORKER, "not_mine", note="属市政"))
        assert back.state is IncidentState.RETURNED
        assert [task.state for task in town.tasks(made.id)] == [TaskState.VOID]
        again = errands.file(tx, made.id, town.word(Role.DISPATCHER), town.office)
        assert (again.state, again.due) == (IncidentState.DISPATCHED, made.due)
        assert [task.state for task in town.tasks(made.id, open=True)] == [TaskState.QUEUED]


def test_a_void_errand_that_arrives_late_tells_its_reader_so(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        [task] = town.tasks(made.id)
        errands.give_back(tx, made.id, town.word(Role.WORKER, "not_mine"))
        with refused("task_is_void"):
            service.act(tx, a_receipt(task.id, TaskAction.ACCEPT, "late"))


def test_handed_over_before_it_goes_out_it_goes_to_the_new_grid(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        held = town.filed(hold=True)
        seen = feed.latest(tx)
        with refused("same_grid"):
            errands.hand_over(tx, held.id, HERE, town.word(Role.DISPATCHER, "moved"), town.office)
        word = town.word(Role.DISPATCHER, "moved")
        moved = errands.hand_over(tx, held.id, THERE, word, town.office)
        assert (moved.state, moved.grid_path) == (IncidentState.FILED, ELSEWHERE)
        assert (moved.due, moved.opened_at) == (held.due, held.opened_at)
        assert town.tasks(held.id) == []
    with db.read() as tx:
        [told] = [change for change in feed.after(tx, seen) if change.entity_id == held.id][-1:]
        assert set(told.path or ()) == {*PATH, *ELSEWHERE}, "both towns hear of it"
    with db.write() as tx:
        town = Town(tx)
        sent = errands.dispatch(tx, held.id, town.word(Role.DISPATCHER), town.office)
        [task] = town.tasks(sent.id)
        assert (task.grid_code, task.message["grid"]["code"]) == (THERE.grid_code,) * 2  # type: ignore[index]


def test_alerts_that_come_later_do_not_join_what_was_handed_over(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        for name in ("a", "b"):
            store_alert(tx, an_alert(name, severity=Severity.P3))
        one, *_ = service.file(
            tx, [a_filing(an_alert("a", severity=Severity.P3), "yard", 600)],
            config=CONFIG, now=town.now, ids=town.ids,
        )  # fmt: skip
        word = town.word(Role.DISPATCHER, "wrong_grid")
        errands.hand_over(tx, one.id, THERE, word, town.office)
        other, *_ = service.file(
            tx, [a_filing(an_alert("b", severity=Severity.P3), "yard", 600)],
            config=CONFIG, now=town.now, ids=town.ids,
        )  # fmt: skip
        assert other.id != one.id


def test_a_merged_matter_brings_everything_it_had(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        contact = Contact("周女士", "138 0000 0000")
        duplicate = town.report(Severity.P1, contact=contact)
        reporting.triage(tx, duplicate.id, town.word(Role.OPERATOR))
        into = town.filed(hold=True)
        with refused("same_incident"):
            joining.merge(tx, into.id, into.id, town.word(Role.OPERATOR))
        gone = joining.merge(tx, duplicate.id, into.id, town.word(Role.OPERATOR))
        assert (gone.state, gone.merged_into) == (IncidentState.MERGED, into.id)
        kept = town.see(into.id)
        assert kept.due.handle_by == min(duplicate.due.handle_by, into.due.handle_by)
        assert contacts.of(tx, into.id) == [contact]
        assert [r["alert_id"] for r in town.row(into.id).reports] == [duplicate.id, into.id]
        words = [(e.entity_id, e.what) for e in timeline.told(tx, into.id).entries]
        assert (duplicate.id, "report") in words, "the timeline tells of what came in"
        assert words[-1] == (into.id, "merge")
        over = town.report()
        reporting.triage(tx, over.id, town.word(Role.OPERATOR))
        with refused("into_is_over"):
            joining.merge(tx, over.id, duplicate.id, town.word(Role.OPERATOR))


def test_a_split_makes_a_child_on_the_clocks_of_the_first(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        alerts = [an_alert(name, severity=Severity.P2) for name in ("a", "b")]
        for alert in alerts:
            store_alert(tx, alert)
        made, *_ = service.file(
            tx, [a_filing(a, "yard", 0.001 * n) for n, a in enumerate(reversed(alerts), 1)],
            config=CONFIG, now=town.now, ids=town.ids,
        )  # fmt: skip
        [parent] = service.dispatch_due(tx, config=CONFIG, now=town.now + 1, ids=town.ids)
        part = Part("另有一处", alert_ids=("b",))
        for wrong in (("a", "b"), ("x",)):
            with refused("bad_split"):
                bad = replace(part, alert_ids=wrong)
                joining.split(tx, made.id, bad, town.word(Role.DISPATCHER), town.office)
        child = joining.split(tx, made.id, part, town.word(Role.DISPATCHER), town.office)
        first = town.see(made.id)
        assert (child.parent_id, child.alert_ids) == (parent.id, ("b",))
        assert first.alert_ids == ("a",)
        assert (child.due, child.opened_at) == (parent.due, parent.opened_at)
        assert (first.state, child.state) == (IncidentState.DISPATCHED,) * 2
        assert [t.message["alert_ids"] for t in town.tasks(child.id)] == [["b"]]
        told = joining.split(
            tx, made.id, Part("路面也坏了"), town.word(Role.DISPATCHER), town.office
        )
        [task] = town.tasks(told.id)
        jsonschema.Draft202012Validator(SCHEMA).validate(task.message)
        assert task.message["facts"]["title"] == "路面也坏了"  # type: ignore[index]


def test_an_extension_moves_the_deadline_and_nothing_else(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        later = made.due.handle_by + DAY_S
        with refused("bad_time"):
            word = town.word(Role.DISPATCHER, "complex")
            approvals.ask(tx, made.id, Verb.EXTEND, word, town.ids, until=made.due.handle_by)
        town.granted(made.id, Verb.EXTEND, Role.DISPATCHER, "complex", until=later)
        after = town.see(made.id)
        assert after.state is made.state
        assert after.due == replace(made.due, handle_by=later)


def test_closing_wants_evidence_of_the_last_handling(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        town.handled(made.id)
        verifying.begin(tx, made.id, town.word(Role.SUPERVISOR))
        with refused("evidence_needed"):
            verifying.accept(tx, made.id, town.word(Role.SUPERVISOR))
        verifying.rework(tx, made.id, town.word(Role.SUPERVISOR, "no_evidence"), town.office)
        row = town.row(made.id)
        assert (row.disposition, row.no_evidence) == ("", "")
        town.handled(made.id)
        assert town.closed(made.id).state is IncidentState.CLOSED
        assert town.row(made.id).disposition == "已处理"


def test_reopened_in_time_it_has_clocks_of_its_own_and_later_it_is_too_late(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        town.handled(made.id)
        closed = town.closed(made.id)
        town.now += DAY_S
        word = town.word(Role.SUPERVISOR, "complaint")
        again = verifying.reopen(tx, made.id, word, town.office)
        assert (again.state, again.closed_at) == (IncidentState.DISPATCHED, None)
        assert again.due.handle_by > closed.due.handle_by
        town.handled(made.id)
        town.closed(made.id)
        town.now += CONFIG.reopen_within_s
        with refused("too_late"):
            word = town.word(Role.SUPERVISOR, "complaint")
            verifying.reopen(tx, made.id, word, town.office)


def test_the_hub_archives_what_has_been_closed_for_long_enough(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.filed()
        town.handled(made.id)
        closed = town.closed(made.id)
        due = (closed.closed_at or 0) + CONFIG.archive_after_s
        assert verifying.archive_due(tx, config=CONFIG, now=due - 1) == []
        assert [one.id for one in verifying.archive_due(tx, config=CONFIG, now=due)] == [made.id]
        assert verifying.archive_due(tx, config=CONFIG, now=due) == []
        with refused("bad_rating"):
            verifying.rate(tx, made.id, 6, town.word(Role.ASSESSOR))


def test_the_contact_is_forgotten_when_the_report_is_void(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.report(contact=Contact("周女士", "138"))
        town.granted(made.id, Verb.VOID, Role.OPERATOR, "withdrawn")
        assert town.see(made.id).closed_at is not None
        [row] = tx.execute(select(contact_rows)).all()
        assert (row.name, row.phone) == (None, None)


def test_the_lot_falls_by_the_share_and_nobody_chooses(db: Database) -> None:
    with db.write() as tx:
        made = Town(tx).report(Severity.P4)
    small = replace(made, class_code=LITTER["code"])
    whole = config(FIRE, LITTER)
    lots = [drawn(replace(small, id=f"id-{n}"), whole) for n in range(4000)]
    assert lots.count(True) == pytest.approx(400, abs=80)
    assert all(drawn(replace(small, id=f"{n}", severity=Severity.P1), whole) for n in range(50))
    never = whole.model_copy(update={"sampling": Sampling(P4=0)})
    assert not any(drawn(replace(small, id=f"{n}"), never) for n in range(50))
    fire = replace(made, class_code=FIRE["code"])
    assert all(drawn(replace(fire, id=f"{n}"), never) for n in range(50)), "whatever it is said"


def test_what_was_settled_at_the_desk_is_verified_by_another(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        made = town.report(Severity.P2)
        reporting.triage(tx, made.id, town.word(Role.OPERATOR))
        told = Handling("电话答复", no_evidence="咨询类，无现场")
        word = town.word(Role.OPERATOR)
        settled = reporting.settle(tx, made.id, told, word, CONFIG)
        assert settled.state is IncidentState.VERIFYING
        mine = detail.detail(tx, made.id, by="小李", roles={Role.OPERATOR})
        assert mine.verbs == ()
        others = detail.detail(tx, made.id, by="老陈", roles={Role.SUPERVISOR})
        assert others.verbs == (Verb.PASS, Verb.REWORK)
        with refused("own_work"):
            verifying.accept(tx, made.id, town.word(Role.OPERATOR))


def test_beyond_ones_ground_there_is_nothing(db: Database) -> None:
    town_only = Jurisdiction(roots=frozenset({ELSEWHERE[1]}))
    with db.write() as tx:
        town = Town(tx)
        made = town.report()
        asked = approvals.ask(tx, made.id, Verb.VOID, town.word(Role.OPERATOR, "test"), town.ids)
        far = replace(town.word(Role.SHIFT_LEADER), within=town_only)
        with refused("no_such_incident"):
            reporting.triage(tx, made.id, far)
        with refused("no_such_approval"):
            approvals.decide(tx, asked.id, True, far)
        with refused("no_such_incident"):
            detail.detail(tx, made.id, by="x", roles={Role.OPERATOR}, within=town_only)
        assert approvals.listed(tx, within=town_only).items == ()
        assert len(approvals.listed(tx, within=EVERYWHERE).items) == 1
        assert {c.id: sum(c.counts.values()) for c in board.board(tx, within=town_only).columns}[
            "intake"
        ] == 0
        assert sum(board.board(tx, grid=PATH[1]).columns[0].counts.values()) == 1


def test_a_key_is_of_one_person_and_one_thing(db: Database) -> None:
    answers = iter(("first", "second"))
    deed = Deed("key-0001", "incident-1", "triage", "小李", 1.0)
    with db.write() as tx:
        assert [keys.once(tx, deed, lambda: next(answers)) for _ in range(2)] == ["first"] * 2
        for other in (
            replace(deed, subject="incident-2"),
            replace(deed, verb="file"),
            replace(deed, by="小王"),
        ):
            with refused("key_reused"):
                keys.once(tx, other, lambda: next(answers))
    with db.write() as tx, refused("no_such_incident"):  # what fails claims nothing
        keys.once(
            tx, replace(deed, key="key-0002"),
            lambda: reporting.triage(tx, "none", Town(tx).word(Role.OPERATOR)).id,
        )  # fmt: skip


def test_an_alert_that_is_one_with_a_held_report_does_not_wait_with_it(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        held = town.filed(hold=True)
        one, two = an_alert("a", severity=Severity.P3), an_alert("b", severity=Severity.P3)
        for alert in (one, two):
            store_alert(tx, alert)
        filings = [a_filing(one, "yard", 30), a_filing(two, "gate", 600)]
        first, _ = service.file(tx, filings, config=CONFIG, now=town.now, ids=town.ids)
        joining.merge(tx, first.id, held.id, town.word(Role.OPERATOR))
        merging.join(tx, two.id, one.id, by="小李", now=town.now)
        [sent] = service.dispatch_due(tx, config=CONFIG, now=town.now + 600, ids=town.ids)
        assert (sent.id, sent.alert_ids) == (held.id, ("a", "b"))
