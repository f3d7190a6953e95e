"""What a retention leaves alone, and what must not hold it up."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Table, select

from hub.app.retention import RetentionStep
from hub.dispatch.cases.keys import Deed, digest, once
from hub.kit.clock import SimClock
from hub.kit.errors import Conflict
from hub.store.db import Database
from hub.store.media import MediaStore
from hub.store.tables.access import looks
from hub.store.tables.dispatch import approvals, contacts, incident_actions, tasks
from hub.store.tables.notices import deliveries, notices
from hub.store.tables.privacy import exports
from hub.store.tables.timers import supervisions
from hub.store.tables.whistles import whistles
from tests.unit.privacy.rows import DAY, NOW, put, put_alert, put_incident, put_media
from tests.unit.privacy.test_retention import KEEP, act, hold, names_in, show, there
from tests.unit.privacy.test_retention import clock as clock
from tests.unit.privacy.test_retention import step as step
from tests.unit.privacy.test_retention import store as store


def test_photos_of_departments_go_with_the_case(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "closed", NOW - 500 * DAY)
        put(tx, whistles, id="w1", incident_id="case")
        put_media(tx, "of-fire", "whistle:w1", NOW - 500 * DAY)
    show(store, "of-fire")
    step.run_through(KEEP)
    assert there(db, store, "of-fire") == set()


def test_a_contact_that_nobody_rated_or_archived_goes_thirty_days_after_the_close(
    db: Database, step: RetentionStep
) -> None:
    with db.write() as tx:
        for case, ended in (("open", None), ("fresh", NOW - 29 * DAY), ("old", NOW - 31 * DAY)):
            put_incident(tx, case, "closed" if ended else "accepted", ended)
            put(tx, contacts, id=case, incident_id=case, phone="138", name="周女士", taken_at=1.0)
    step.run_through(KEEP)
    with db.read() as tx:
        left = {row.id for row in tx.execute(select(contacts)) if row.phone or row.name}
    assert left == {"open", "fresh"}


def test_a_hold_holds_what_came_of_the_case(
    db: Database, store: MediaStore, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_incident(tx, "held", "merged", NOW - 500 * DAY, merged_into="other", parent_id=None)
        put_incident(tx, "other", "closed", NOW - 500 * DAY, merged_into=None, parent_id=None)
        put_incident(tx, "whole", "closed", NOW - 500 * DAY, merged_into=None, parent_id=None)
        put_incident(tx, "half", "closed", NOW - 500 * DAY, merged_into=None, parent_id="whole")
        hold(tx, "held")
        hold(tx, "whole")
        # Its alert is the other's since it was merged; the half took one along when it was split.
        put_alert(tx, "moved", NOW - 500 * DAY, incident="other")
        put_alert(tx, "parted", NOW - 500 * DAY, incident="half")
    show(store, "pic-moved", "pic-parted")
    step.run_through(KEEP)
    assert there(db, store, "pic-moved", "pic-parted") == {"pic-moved", "pic-parted"}


def test_a_disk_that_refuses_one_class_holds_up_no_other(
    db: Database, store: MediaStore, step: RetentionStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write() as tx:
        put_incident(tx, "case", "closed", NOW - 500 * DAY)
        put_alert(tx, "of-case", NOW - 500 * DAY, incident="case")
        act(tx, "alert", "of-case", "Li", NOW - 1950 * DAY)
    show(store, "pic-of-case")

    def refuse(_id: str) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(store, "remove", refuse)
    step.run_through(KEEP)
    assert there(db, store, "pic-of-case") == {"pic-of-case"}
    assert "Li" not in names_in(db)
    monkeypatch.undo()
    step.run_through(KEEP)
    assert there(db, store, "pic-of-case") == set()


def test_a_wall_clock_that_runs_ahead_for_a_moment_deletes_nothing(
    db: Database, store: MediaStore, step: RetentionStep, clock: SimClock
) -> None:
    step.run_through(KEEP)
    with db.write() as tx:
        put_incident(tx, "case", "closed", NOW - DAY)
        put_alert(tx, "fresh", NOW - DAY, incident="case")
    show(store, "pic-fresh")
    clock.set_wall(clock.now() + 3650 * DAY)
    step.run_through(KEEP)
    assert there(db, store, "pic-fresh") == {"pic-fresh"}


LONG_AGO = NOW - 1900 * DAY


def told_of(tx: Connection, case: str) -> None:
    """What was told, answered, done and looked at of a case, each naming somebody."""
    put_incident(tx, case, "closed", LONG_AGO, parent_id=None)
    put_alert(tx, f"alert-{case}", LONG_AGO, incident=case)
    put(tx, tasks, id=f"task-{case}", incident_id=case)
    put(tx, whistles, id=f"whistle-{case}", incident_id=case)
    put_media(tx, f"photo-{case}", f"whistle:whistle-{case}", LONG_AGO)
    put(tx, exports, id=f"export-{case}", incident_id=case, number=f"EX-{case}", grid_path=[])
    for kind in ("incident", "alert", "task", "whistle"):
        id_ = case if kind == "incident" else f"{kind}-{case}"
        put(tx, notices, key=f"{kind}/{case}", about=f"{kind}/{id_}", account="Li")
        put(tx, deliveries, id=f"{kind}/{case}", notice_key=f"{kind}/{case}", account="Li")
    for kind, id_ in (("incident", case), ("alert", f"alert-{case}")):
        more = {"subject": kind, "subject_id": id_, "answered_by": "Li", "grid_path": []}
        put(tx, supervisions, id=f"supervision-{kind}-{case}", **more)
    put(tx, approvals, id=f"asked-{case}", incident_id=case)
    subjects = (case, f"asked-{case}", f"whistle-{case}", f"supervision-alert-{case}")
    for subject in (*subjects, f"photo-{case}"):
        put(tx, incident_actions, key=f"deed-{subject}", subject=subject, actor="Li")
    parts = (f"contact/{case}", f"photo/photo-{case}", f"clip/pic-alert-{case}")
    for subject in (*parts, *(f"export/EX-{case}{end}" for end in ("", "/asked", "/approved"))):
        put(tx, looks, at=LONG_AGO, actor="Li", subject=subject)


NAMED = {
    notices: (notices.c.key, notices.c.account),
    deliveries: (deliveries.c.id, deliveries.c.account),
    supervisions: (supervisions.c.id, supervisions.c.answered_by),
    incident_actions: (incident_actions.c.key, incident_actions.c.actor),
    looks: (looks.c.subject, looks.c.actor),
}


@pytest.mark.parametrize("table", NAMED, ids=lambda table: table.name)
def test_names_of_a_held_case_stay_wherever_they_stand(
    db: Database, step: RetentionStep, table: Table
) -> None:
    with db.write() as tx:
        for case in ("held", "free"):
            told_of(tx, case)
        hold(tx, "held")
    step.run_through(KEEP)
    row, name = NAMED[table]
    with db.read() as tx:
        shown = dict(map(tuple, tx.execute(select(row, name))))
    assert shown
    assert {key: who == "Li" for key, who in shown.items()} == {key: "held" in key for key in shown}


def test_a_report_s_deed_is_of_the_incident_it_made(db: Database, step: RetentionStep) -> None:
    with db.write() as tx:
        for case, at in (("held", 7 * DAY), ("free", 8 * DAY)):
            said = {"opened_at": at, "reported_by": "Li", "parent_id": None}
            put_incident(tx, case, "closed", LONG_AGO, **said)
            put(tx, incident_actions, key=case, subject="report", actor="Li", at=at)
        hold(tx, "held")
    step.run_through(KEEP)
    with db.read() as tx:
        rows = tx.execute(select(incident_actions.c.key, incident_actions.c.actor))
        assert dict(map(tuple, rows)) == {"held": "Li", "free": "erased"}


def test_what_was_told_of_an_open_case_is_kept_until_it_is_over(
    db: Database, step: RetentionStep
) -> None:
    with db.write() as tx:
        put_incident(tx, "open", "on_scene", None, parent_id=None)
        put(tx, notices, key="n", about="incident/open", account="Li")
        put(tx, notices, key="m", about="drill/one", account="Li")
        put(tx, incident_actions, key="d", subject="open", actor="Li")
        put(tx, incident_actions, key="e", subject="nothing", actor="Li")
    step.run_through(KEEP)
    with db.read() as tx:
        rows = tx.execute(select(notices.c.key, notices.c.account))
        assert dict(map(tuple, rows)) == {"n": "Li"}
        rows = tx.execute(select(incident_actions.c.key, incident_actions.c.actor))
        assert dict(map(tuple, rows)) == {"d": "Li", "e": "erased"}


WHISTLE = '{"id":"w1","called_by":"Wang","signed_by":"Zhao","reported_by":"Zhao"}'


def deeds(db: Database) -> dict[str, tuple[str, str, str | None]]:
    done = incident_actions.c
    with db.read() as tx:
        rows = tx.execute(select(done.key, done.actor, done.result, done.said))
        return {row.key: (row.actor, row.result, row.said) for row in rows}


def test_the_first_answer_under_a_key_names_nobody_for_longer_than_the_case(
    db: Database, step: RetentionStep, clock: SimClock
) -> None:
    """It is a copy of a whistle, of a question, of a delay that was answered for."""
    with db.write() as tx:
        put_incident(tx, "case", "closed", NOW - 1094 * DAY, parent_id=None)
        put(tx, incident_actions, key="one", subject="case", actor="Wang", result=WHISTLE)
        # As a hub before this one left it: who acted is erased, those beside are not.
        half = {"actor": "erased", "result": WHISTLE, "said": None}
        put(tx, incident_actions, key="half", subject="nothing", **half)
    step.run_through(KEEP)
    # Of what was said only a hash is kept, which could be tried with any phone: until the close.
    assert deeds(db) == {"one": ("Wang", WHISTLE, None), "half": ("erased", "erased", None)}
    clock.advance(2 * DAY)
    step.run_through(KEEP)
    assert deeds(db)["one"] == ("erased", "erased", None)
    again = Deed("one", "case", "some-verb", "Wang", 1.0, digest("the same"))
    with db.write() as tx, pytest.raises(Conflict) as refused:
        once(tx, again, lambda: "done twice")
    assert refused.value.code == "key_reused"


def test_a_repeat_is_compared_while_the_case_goes_on(db: Database, step: RetentionStep) -> None:
    with db.write() as tx:
        put_incident(tx, "open", "on_scene", None, parent_id=None)
        put(tx, incident_actions, key="d", subject="open", said="a hash")
    step.run_through(KEEP)
    assert deeds(db)["d"][2] == "a hash"
