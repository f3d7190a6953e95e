"""Cameras that no worker watches: one alert a grid, and one task."""

from __future__ import annotations

from hub.app.unobserved import GRACE_S, Watch
from hub.types.finding import Alert, Life, RuleKind
from tests.flow.centre import CAMERAS, HERE, THERE, Centre


def look(centre: Centre, watch: Watch, observed: set[str]) -> None:
    """What the centre does each second."""
    missing = watch.look(centre.desk.snapshot.cameras, observed, centre.clock.now())
    with centre.db.write() as tx:
        centre.desk.tell_unobserved(tx, missing)


def told(centre: Centre) -> dict[str, Alert]:
    return {a.place: a for a in centre.alerts() if a.life is Life.ACTIVE}


def test_a_dead_worker_is_one_alert_a_grid(centre: Centre) -> None:
    watch, everything = Watch(), set(CAMERAS)
    look(centre, watch, everything)
    began = centre.clock.now() + 1
    for _ in range(int(GRACE_S)):
        centre.wait(1)
        look(centre, watch, set())
    assert told(centre) == {}, "a worker that restarts is back within the grace"
    for _ in range(5):
        centre.wait(1)
        look(centre, watch, set())
    live = told(centre)
    assert set(live) == {HERE, THERE}
    assert {a.rule_kind for a in live.values()} == {RuleKind.UNOBSERVED}
    assert [live[grid].facts["cameras"] for grid in (HERE, THERE)] == [2, 1]
    assert {a.captured_at for a in live.values()} == {began}
    assert sorted(centre.tasks()) == sorted((a.id,) for a in live.values())

    centre.wait(1)
    look(centre, watch, {"far", "gate"})
    live = told(centre)
    assert (set(live), live[HERE].facts["cameras"]) == ({HERE}, 1)
    look(centre, watch, everything)
    assert told(centre) == {}
    centre.wait(120, every_s=60)
    assert len(centre.tasks()) == 2, "the second look told nobody anything new"
    assert not centre.story(), "the ledger counts findings, and these are none"


def test_a_worker_that_dies_again_is_a_new_alert(centre: Centre) -> None:
    watch = Watch()
    for observed in (set[str](), set(CAMERAS), set[str]()):
        look(centre, watch, observed)
        centre.wait(GRACE_S, every_s=GRACE_S)
        look(centre, watch, observed)
    assert len([a for a in centre.alerts() if a.place == HERE]) == 2
