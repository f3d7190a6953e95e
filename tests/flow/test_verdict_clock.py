"""The clock of a verdict goes on as long as there is something to judge, and begins again then."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.alerts import merging, register
from hub.alerts.service import Actor
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.timers import repository
from hub.dispatch.timers import service as clocks
from hub.dispatch.timers.rows import Level, Subject, Timer, TimerState
from hub.flow import merge_flow
from hub.types.finding import Life, Phase, Verdict
from tests.flow.centre import CONFIG, RULES, Centre
from tests.unit.alerts.scenes import rule

MINUTE_S = 60.0
WORK_BEGINS_S = 8210.0
"""The fake clock starts at 06:13:20 of a Wednesday in Shanghai."""


@pytest.fixture
def town(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """P3 is judged within ten minutes of work."""
    light = rule(
        "zone_intrusion", id="light", severity="P3", policy="verify_first", repeat_within_s=7200
    )
    monkeypatch.setitem(RULES, "light", light)
    centre.clock.advance(WORK_BEGINS_S)
    with centre.db.write() as tx:
        stored = {one.id: one.model_dump(mode="json") for one in RULES.values()}
        register.rules().sync_file(tx, stored, "rules.yaml", centre.clock.now())
    centre.start()
    centre.awake_since = None
    return centre


def rows(centre: Centre, alert_id: str) -> Sequence[Timer]:
    with centre.db.read() as tx:
        return repository.of(tx, Subject.ALERT, [alert_id])[alert_id]


def states(centre: Centre, alert_id: str) -> set[TimerState]:
    return {row.state for row in rows(centre, alert_id)}


def red(centre: Centre, alert_id: str) -> float:
    return next(row.due_at for row in rows(centre, alert_id) if row.level is Level.RED)


def opened(centre: Centre, rule_id: str = "light", camera: str = "gate") -> str:
    centre.take(centre.finding(Phase.OPENED, camera, rule_id))
    return centre.alert(camera).id


def test_one_that_had_cleared_and_comes_again_is_waited_for_again(town: Centre) -> None:
    alert = opened(town)
    town.take(town.finding(Phase.CLOSED, "gate", "light"))
    town.wait(red(town, alert) - town.clock.now() + 1, every_s=60)
    assert states(town, alert) == {TimerState.CANCELLED}, "it is over, and light"
    town.clock.advance(10)
    town.take(town.finding(Phase.OPENED, "gate", "light", episode_id="again"))
    assert town.alert().life is Life.PENDING
    assert states(town, alert) == {TimerState.WAITING}
    given = CONFIG.timers.P3.verdict_s
    assert red(town, alert) == CONFIG.calendar.calendar.add(town.clock.now(), given)
    town.wait(red(town, alert) - town.clock.now() + 1, every_s=60)
    assert next(r.state for r in rows(town, alert) if r.level is Level.RED) is TimerState.FIRED


def test_one_that_comes_again_before_its_time_keeps_the_clock_it_had(town: Centre) -> None:
    alert = opened(town)
    before = red(town, alert)
    town.take(town.finding(Phase.CLOSED, "gate", "light"))
    town.wait(30)
    town.take(town.finding(Phase.OPENED, "gate", "light", episode_id="again"))
    assert red(town, alert) == before, "coming and going resets nothing"


def said(town: Centre, what: str, one: str, other: str = "") -> None:
    now, by = town.clock.now(), Actor("duty officer")
    with town.db.write() as tx:
        if what == "merge":
            merge_flow(
                tx,
                lambda tx: merging.merge(tx, one, other, actor=by, now=now),
                lambda tx, pair: clocks.end_verdict(tx, pair.duplicate.id, now),
            )
        else:
            merge_flow(
                tx,
                lambda tx: merging.unmerge(tx, one, actor=by, now=now),
                lambda tx, pair: clocks.resume_verdicts(tx, [pair.duplicate], CONFIG, now),
            )


def test_one_that_was_merged_and_is_parted_is_waited_for_again(town: Centre) -> None:
    one = opened(town, "verify")
    other = opened(town, "verify", "far")
    town.wait(40)  # its red and its supervision have fired
    said(town, "merge", one, other)
    assert states(town, one) == {TimerState.CANCELLED}
    town.wait(MINUTE_S)
    said(town, "unmerge", one)
    assert states(town, one) == {TimerState.WAITING}
    assert red(town, one) == town.clock.now() + CONFIG.timers.P1.verdict_s
    town.wait(CONFIG.timers.P1.verdict_s * 1.5 + 1)
    assert states(town, one) == {TimerState.FIRED}, "told anew, each once"


def test_a_verdict_ends_what_was_asked_about_its_delay(town: Centre) -> None:
    alert = opened(town, "verify")
    town.wait(50)
    with town.db.read() as tx:
        assert len(supervisions.listed(tx, subject_id=alert).items) == 2
    town.judge(alert, Verdict.FALSE)
    with town.db.write() as tx:
        clocks.end_verdict(tx, alert, town.clock.now())
    with town.db.read() as tx:
        assert supervisions.listed(tx, subject_id=alert).items == ()
