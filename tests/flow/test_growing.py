"""A storm grows past its threshold after its case went out: the case is as grave, and told so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from hub.alerts import register
from hub.dispatch import repository
from hub.dispatch import service as dispatch
from hub.dispatch.page import TaskFilter
from hub.dispatch.timers import repository as timers
from hub.dispatch.timers.rows import Level, Step, Subject
from hub.ingest import service as sources
from hub.store import feed
from hub.store.tables.notices import notices
from hub.types.finding import Phase, Severity
from hub.types.work import Incident, IncidentState, Receipt, TaskAction
from tests.flow.centre import RULES, Centre
from tests.flow.staff import WANG, printed
from tests.unit.alerts.scenes import rule
from tests.unit.grids import town

MINUTE_S = 60.0
HERE = [f"here-{n:03}" for n in range(140)]


@pytest.fixture
def county(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    monkeypatch.setitem(RULES, "lost", rule("camera_offline", id="lost", severity="P3"))
    with centre.db.write() as tx:
        stored = {"lost": RULES["lost"].model_dump(mode="json")}
        register.rules().sync_file(tx, stored, "lost.yaml", centre.clock.now())
        specs = [town.camera(200, 200, id=name) for name in HERE]
        sources.cameras().put_all(tx, [(each, None) for each in specs], centre.clock.now())
    centre.start()
    centre.awake_since = None  # nobody is silent: updates are left out here
    return centre


def lose(centre: Centre, names: list[str]) -> None:
    centre.take(*(centre.finding(Phase.OPENED, each, "lost", episode_id=each) for each in names))


def case_of(centre: Centre) -> Incident:
    [one] = centre.incidents()
    return one


def due(centre: Centre, one: Incident) -> dict[tuple[Step, Level], float]:
    with centre.db.read() as tx:
        rows = timers.of(tx, Subject.INCIDENT, [one.id])[one.id]
    return {row.key: row.due_at for row in rows}


def act(centre: Centre, action: TaskAction) -> None:
    with centre.db.write() as tx:
        [task] = dispatch.tasks(tx, TaskFilter(open=True)).items
        said = Receipt(task.id, action, centre.clock.now(), WANG[0], f"{task.id}/{action}")
        dispatch.act(tx, replace(said, roles=frozenset({WANG[1]})))


def test_the_case_of_a_storm_that_grows_is_as_grave_and_hastened(county: Centre) -> None:
    lose(county, HERE[:40])
    county.wait(15)
    before, then = case_of(county), due(county, case_of(county))
    assert (before.severity, before.state) == (Severity.P2, IncidentState.DISPATCHED)
    act(county, TaskAction.ACCEPT)
    county.wait(20)

    rise = county.clock.now()
    lose(county, HERE[40:])
    after, now = case_of(county), due(county, case_of(county))
    assert (after.id, after.severity, after.state) == (
        before.id, Severity.P1, IncidentState.ACCEPTED,
    )  # fmt: skip
    assert after.due.handle_by == rise + 2 * 3600
    assert after.due.on_scene_by == rise + 15 * MINUTE_S
    assert now[Step.HANDLE, Level.RED] == after.due.handle_by
    assert now[Step.HANDLE, Level.YELLOW] == rise + 0.8 * 2 * 3600
    assert now[Step.SILENCE, Level.SUPERVISION] == rise + 4 * 3600
    assert all(now[key] <= at for key, at in then.items()), "nothing is later than it was"

    with county.db.read() as tx:
        lines = [line for line in printed(tx, after.id, before.opened_at) if "worsen" in line]
        told = tx.execute(select(notices).where(notices.c.kind == "worsen")).all()
        [task] = dispatch.tasks(tx, TaskFilter(open=True)).items
        pushed = [each for each in feed.after(tx, 0, 5000) if each.topic == "task"]
    assert any("P2 > P1" in line for line in lines), lines
    assert [row.severity for row in told] == ["P1"]
    assert task.message["severity"] == "P1"
    assert pushed[-1].entity_id == task.id, "whoever has it is told on the phone"
    assert len(county.tasks()) == 1, "no second errand"

    lose(county, [])
    county.wait(15 * MINUTE_S, every_s=30)
    with county.db.read() as tx:
        red = [line for line in printed(tx, after.id, before.opened_at) if "red" in line]
    assert any("on_scene" in line for line in red), "by the time of a P1, not of a P2"


def test_one_that_still_waits_for_its_group_goes_out_at_once(county: Centre) -> None:
    lose(county, HERE[:40])
    assert case_of(county).state is IncidentState.FILED
    county.wait(2)
    lose(county, HERE[40:])
    county.wait(1)
    after = case_of(county)
    assert (after.severity, after.state) == (Severity.P1, IncidentState.DISPATCHED)
    assert after.due.accept_by <= county.clock.now() + 2 * MINUTE_S
    with county.db.read() as tx:
        kinds = list(tx.execute(select(notices.c.kind)).scalars())
    assert kinds.count("worsen") == 0, "the errand itself tells it"
    assert kinds.count("dispatched") == 1


def test_what_was_overdue_stays_so_and_fires_no_second_time(county: Centre) -> None:
    lose(county, HERE[:40])
    county.wait(12 * MINUTE_S, every_s=15)
    opened = case_of(county).opened_at
    lose(county, HERE[40:])
    county.wait(MINUTE_S)
    with county.db.read() as tx:
        lines = [line.split(" | ")[2:] for line in printed(tx, case_of(county).id, opened)]
    reds = [line for line in lines if line[0].split()[1:2] == ["red"]]
    assert len(reds) == len({tuple(line) for line in reds})


def test_what_is_over_is_not_touched(county: Centre) -> None:
    lose(county, HERE[:40])
    county.wait(15)
    with county.db.write() as tx:
        state = {"state": IncidentState.CLOSED.value}
        repository.update_incident(tx, case_of(county).id, **state)
    lose(county, HERE[40:])
    assert case_of(county).severity is Severity.P2
