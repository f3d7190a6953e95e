"""A case that everybody lets lie, on a fake clock: what the clocks do about it, to the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.dispatch import service as dispatch
from hub.dispatch.page import TaskFilter
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import SupervisionState
from hub.dispatch.whistles import service as whistles
from hub.dispatch.whistles.service import Call
from hub.store.tables.notices import notices
from hub.types.finding import Phase, Verdict
from hub.types.whistle import Whistle, WhistlePart
from hub.types.work import Incident, Receipt, TaskAction
from tests.flow.centre import CONFIG, HERE, Centre
from tests.flow.staff import LIU, SUN, WANG, Staff, printed

GOLDEN = Path(__file__).parents[1] / "golden" / "timeline_climbing.txt"
MINUTE_S, HOUR_S = 60.0, 3600.0


def act(centre: Centre, action: TaskAction) -> None:
    with centre.db.write() as tx:
        [task] = dispatch.tasks(tx, TaskFilter(open=True)).items
        receipt = Receipt(
            task.id, action, centre.clock.now(), WANG[0], f"{task.id}/{action}", "好了"
        )
        dispatch.act(tx, replace(receipt, roles=frozenset({WANG[1]})))


def see(centre: Centre, incident_id: str) -> Incident:
    with centre.db.read() as tx:
        return dispatch.incident(tx, incident_id)


def restarted(centre: Centre, jump_s: float) -> None:
    """The centre ends and starts, and meanwhile somebody set the machine's clock."""
    centre.clock.set_wall(centre.clock.now() + jump_s)
    centre.start()
    centre.wait(2)


def test_nobody_accepts_it_climbs_is_accepted_forgotten_supervised_and_reported(
    centre: Centre,
) -> None:
    began = centre.clock.now()
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    centre.wait(2 * MINUTE_S)
    above = case.grid_path[-2]
    assert see(centre, case.id).raised_to == above, "the village is asked"
    centre.wait(2 * MINUTE_S)
    assert see(centre, case.id).raised_to == case.grid_path[-3], "then the town"
    centre.start()
    act(centre, TaskAction.ACCEPT)
    centre.wait(4 * HOUR_S, every_s=10)
    with centre.db.read() as tx:
        lines = printed(tx, case.id, began)
        asked = supervisions.listed(tx).items
        told = list(tx.execute(select(notices.c.kind).order_by(notices.c.at)).scalars())
    assert {(each.step.value, each.level.value) for each in asked} == {
        ("on_scene", "supervision"), ("on_scene", "leader"),
        ("handle", "supervision"), ("handle", "leader"),
        ("silence", "supervision"),
    }  # fmt: skip
    assert told.count("escalated") == 2
    text = "\n".join(lines) + "\n"
    assert text == GOLDEN.read_text(encoding="utf-8"), text
    act(centre, TaskAction.ON_SCENE)
    act(centre, TaskAction.DONE)
    with centre.db.read() as tx:
        assert supervisions.listed(tx).items == ()
        ended = supervisions.listed(tx, states=[SupervisionState.ENDED]).items
    assert len(ended) == 5
    assert see(centre, case.id).due == case.due, "no clock was reset"


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
@pytest.mark.parametrize(
    "done", [(), (TaskAction.ACCEPT,), (TaskAction.ACCEPT, TaskAction.ON_SCENE)]
)
def test_a_restart_with_the_clock_jumped_forgets_and_repeats_nothing(
    centre: Centre, done: tuple[TaskAction, ...], jump_s: float
) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    for action in done:
        act(centre, action)
    centre.wait(MINUTE_S, every_s=5)
    restarted(centre, jump_s)
    restarted(centre, -jump_s)
    centre.wait(7 * HOUR_S, every_s=60)
    with centre.db.read() as tx:
        lines = [line.split(" | ")[2:] for line in printed(tx, case.id, case.opened_at)]
    fired = [(what, why) for what, _, why in lines if what.split()[1] in LEVELS]
    assert len(fired) == len(set(fired)), "none twice"
    handle = {what.split()[1] for what, why in fired if why == "handle"}
    assert handle == {"yellow", "red", "supervision", "leader"}, "none missed"


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
@pytest.mark.parametrize("said", [(), (whistles.sign,), (whistles.sign, whistles.contact)])
def test_a_department_that_falls_silent_is_told_of_each_level_once_whatever_the_clock_does(
    centre: Centre, staff: Staff, said: tuple[Callable[..., Whistle], ...], jump_s: float
) -> None:
    centre.take(centre.finding(Phase.OPENED))
    [case] = centre.incidents()
    call = Call("fire", WhistlePart.LEAD)
    made = staff.do(whistles.call, case.id, call, staff.word(SUN), CONFIG, centre.ids)
    for word in said:
        staff.do(word, made.id, staff.word(LIU))
    centre.wait(MINUTE_S, every_s=5)
    restarted(centre, jump_s)
    restarted(centre, -jump_s)
    centre.wait(4 * HOUR_S, every_s=120)
    with centre.db.read() as tx:
        lines = [line.split(" | ")[2:] for line in printed(tx, case.id, case.opened_at)]
        asked = supervisions.listed(tx, subject_id=made.id).items
    step = ("sign", "contact", "report")[len(said)]
    told = [(what, *why) for what, _, *why in lines if what.startswith("whistle")]
    assert [each for each in told if each[0].split()[1] in LEVELS] == [
        (f"whistle {level}", step) for level in ("yellow", "red", "supervision", "leader")
    ]
    assert {(each.level.value, each.unit) for each in asked} == {
        ("supervision", "fire"),
        ("leader", None),
    }


LEVELS = ("yellow", "red", "climb", "supervision", "leader")


def test_an_alert_nobody_judges_is_supervised_until_somebody_does(centre: Centre) -> None:
    centre.take(centre.finding(Phase.OPENED, rule_id="verify"))
    [alert] = centre.alerts()
    centre.wait(45)
    with centre.db.read() as tx:
        asked = supervisions.listed(tx).items
    assert [(each.subject_id, each.level.value) for each in asked] == [
        (alert.id, "leader"),
        (alert.id, "supervision"),
    ]
    assert asked[0].grid_code == HERE
    centre.judge(alert.id, Verdict.CONFIRMED)
    centre.wait(60)
    with centre.db.read() as tx:
        again = [each for each in supervisions.listed(tx).items if each.subject_id == alert.id]
    assert len(again) <= 2
