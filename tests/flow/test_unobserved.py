"""Cameras that no worker watches: one alert a grid, and one task."""

from __future__ import annotations

import pytest

from hub.app.unobserved import GRACE_S, Watch
from hub.types.finding import Alert, Life, RuleKind
from tests.flow.centre import CAMERAS, HERE, THERE, Centre


def look(centre: Centre, watch: Watch, observed: set[str]) -> None:
    """What the centre does each second."""
    seen = watch.look(centre.desk.snapshot.cameras, observed)
    with centre.db.write() as tx:
        centre.desk.tell_unobserved(tx, seen)


def told(centre: Centre) -> dict[str, Alert]:
    return {a.place: a for a in centre.alerts() if a.life is Life.ACTIVE}


def test_a_dead_worker_is_one_alert_a_grid(centre: Centre) -> None:
    watch, everything = Watch(centre.clock), set(CAMERAS)
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
    watch = Watch(centre.clock)
    for observed in (set[str](), set(CAMERAS), set[str]()):
        look(centre, watch, observed)
        centre.wait(GRACE_S, every_s=GRACE_S)
        look(centre, watch, observed)
    assert len([a for a in centre.alerts() if a.place == HERE]) == 2


@pytest.mark.parametrize("worker_back", [False, True])
def test_a_centre_that_takes_over_goes_on_with_the_alerts_there_are(
    centre: Centre, worker_back: bool
) -> None:
    for watch in (Watch(centre.clock), Watch(centre.clock)):  # of the one, and of its successor
        for _ in range(int(GRACE_S) + 5):
            look(centre, watch, set())
            assert len(told(centre)) in {0, 2}, "never one without the other"
            centre.wait(1)
    assert len(centre.alerts()) == len(centre.tasks()) == 2, "and no case goes out a second time"
    if worker_back:
        look(centre, Watch(centre.clock), set(CAMERAS))
    assert len(told(centre)) == (0 if worker_back else 2)


def test_an_alert_lasts_while_another_camera_of_its_grid_has_its_grace(centre: Centre) -> None:
    watch = Watch(centre.clock)
    for observed in ({"far", "yard"}, {"far", "yard"}, {"far", "gate"}):
        look(centre, watch, observed)
        centre.wait(GRACE_S, every_s=GRACE_S)
    assert list(told(centre)) == [HERE]
    look(centre, watch, {"far", "gate"})
    assert len(centre.alerts()) == 1, "the same one goes on"


def test_setting_the_clock_back_clears_nothing(centre: Centre) -> None:
    watch = Watch(centre.clock)
    look(centre, watch, set())
    centre.wait(GRACE_S, every_s=GRACE_S)
    look(centre, watch, set())
    before = told(centre)
    centre.clock.set_wall(centre.clock.now() - 3600)
    look(centre, watch, set())
    assert told(centre).keys() == before.keys()
    assert len(centre.alerts()) == 2
