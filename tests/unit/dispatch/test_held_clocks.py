"""A step that cannot run for a while: its clock stands still, and shows it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hub.dispatch.cases import approvals
from hub.dispatch.cases.errands import Office
from hub.dispatch.lives import Verb
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers.fire import fire_due
from hub.dispatch.timers.rows import Level, Step
from hub.dispatch.timers.service import clocks_of
from hub.kit.ids import counted_ids
from hub.store.db import Database
from hub.store.tables.alerts import transitions
from hub.store.tables.notices import notices
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import TaskAction
from tests.unit.dispatch.given import CONFIG
from tests.unit.dispatch.people import Town


def test_a_clock_that_stands_still_is_as_late_as_it_was(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed(Severity.P1)
        town.act(case.id, TaskAction.ACCEPT)

        def handle(at: float) -> tuple[Level | None, bool, bool]:
            [clock] = [c for c in clocks_of(tx, [case.id], at)[case.id] if c.step is Step.HANDLE]
            return clock.level, clock.held, clock.fraction <= 0.8

        town.granted(case.id, Verb.SUSPEND, Role.WORKER, "awaiting_parts")
        late = case.due.handle_by + 60
        assert handle(late) == (None, True, True), "it had time left when it stopped"
        approvals.resume(tx, case.id, town.word(Role.WORKER))
        assert handle(late)[:2] == (Level.RED, False), "it goes on with the deadline it had"


def test_after_a_long_rest_each_hears_once_of_the_gravest_that_is_theirs(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed(Severity.P1)
        town.act(case.id, TaskAction.ACCEPT)
        town.granted(case.id, Verb.SUSPEND, Role.WORKER, "awaiting_parts")
        town.now += 10 * (case.due.handle_by - town.now)
        approvals.resume(tx, case.id, town.word(Role.WORKER))
        assert told_of(tx, "handle") == {}
        fire_due(tx, now=town.now, office=Office(CONFIG, counted_ids("s")))
        assert told_of(tx, "handle") == {
            "red": ["dispatcher", "worker"],
            "supervision": ["chief", "supervisor"],
            "leader": ["shift_leader"],
        }, "nobody is warned of what is over"
        lines = select(transitions.c.what).where(transitions.c.reason == "handle")
        assert sorted(tx.execute(lines).scalars()) == ["leader", "red", "supervision", "yellow"]
        asked = [e.level for e in supervisions.listed(tx).items if e.step is Step.HANDLE]
        assert sorted(asked) == [Level.LEADER, Level.SUPERVISION], "each is to be answered"


def test_levels_that_come_one_by_one_are_told_to_all_whom_they_concern(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.filed(Severity.P1)
        town.act(case.id, TaskAction.ACCEPT)
        given = case.due.handle_by - case.opened_at
        for share in (0.9, 1.1, 1.3, 1.6):
            now = case.opened_at + share * given
            fire_due(tx, now=now, office=Office(CONFIG, counted_ids(f"s{share}")))
        assert told_of(tx, "handle") == {
            "yellow": ["chief", "worker"],
            "red": ["chief", "dispatcher", "worker"],
            "supervision": ["chief", "supervisor"],
            "leader": ["shift_leader"],
        }


def told_of(tx: Connection, step: str) -> dict[str, list[str]]:
    """Who hears of each level of a step."""
    rows = tx.execute(select(notices).where(notices.c.key.contains(f"/{step}/")))
    return {row.kind: row.roles for row in rows}
