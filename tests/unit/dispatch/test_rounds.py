"""Which errand the time to accept and to handle belongs to."""

from __future__ import annotations

from hub.dispatch.cases import errands, reporting, verifying
from hub.dispatch.cases.reporting import Handling
from hub.store.db import Database
from hub.types.finding import Severity
from hub.types.staff import Role
from hub.types.work import TaskAction
from tests.unit.dispatch.given import CONFIG, NOW
from tests.unit.dispatch.people import Town
from tests.unit.dispatch.test_cases import THERE
from tests.unit.dispatch.test_timers import MINUTE_S, fire, sent, waiting


def test_what_was_dealt_with_on_the_spot_and_is_sent_back_has_clocks_from_then_on(
    db: Database,
) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = town.report(Severity.P1)
        reporting.triage(tx, case.id, town.word(Role.OPERATOR))
        done = Handling("已清理", "夜间无法拍照")
        reporting.settle(tx, case.id, done, town.word(Role.OPERATOR), CONFIG)
        back = town.word(Role.SUPERVISOR, "not_done")
        again = verifying.rework(tx, case.id, back, town.office)
        timers = CONFIG.timers.P1
        assert again.due.accept_by == back.at + timers.accept_s
        assert again.due.handle_by == back.at + timers.handle_s
        town.act(case.id, TaskAction.ACCEPT)
        assert waiting(tx, case) == {"on_scene", "handle", "silence"}


def test_after_everybody_was_asked_a_new_errand_is_waited_for_anew(db: Database) -> None:
    with db.write() as tx:
        town = Town(tx)
        case = sent(town)
        for minute in range(2, 12, 2):
            fire(town, NOW + minute * MINUTE_S)
        assert "accept" not in waiting(tx, case)
        town.now = NOW + 12 * MINUTE_S
        errands.hand_over(tx, case.id, THERE, town.word(Role.DISPATCHER, "wrong_grid"), town.office)
        assert "accept" in waiting(tx, case)
        fire(town, town.now + 2 * MINUTE_S)
        assert town.see(case.id).raised_to == THERE.grid_path[-2]
