"""A step that cannot run for a while: its clock stands still, and shows it."""

from __future__ import annotations

from hub.dispatch.cases import approvals
from hub.dispatch.lives import Verb
from hub.dispatch.timers.rows import Level, Step
from hub.dispatch.timers.service import clocks_of
from hub.store.db import Database
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import TaskAction
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
