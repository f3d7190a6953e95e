"""The invented county: of the size of a real one, sound, and the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import shapely
from sqlalchemy import Connection, Table, func, select

from hub.app.seed import county, ground
from hub.app.seed import whistles as called
from hub.app.seed.people import ACCOUNTS, staff
from hub.dispatch.auditing import repository as audit
from hub.dispatch.auditing.config import AuditorConfig
from hub.dispatch.auditing.repository import Kind
from hub.dispatch.config import CentreConfig, DispatchConfig
from hub.dispatch.incident import INCIDENTS, TASKS, WHISTLES
from hub.dispatch.lives import Verb
from hub.dispatch.whistles import clock
from hub.grids.tree import GridKind, GridTree
from hub.kit.errors import Conflict
from hub.store.db import Database
from hub.store.tables.access import looks
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import incidents, tasks
from hub.store.tables.drills import drill_items
from hub.store.tables.duty import roster
from hub.store.tables.indicators import case_facts
from hub.store.tables.notices import deliveries
from hub.store.tables.sources import cameras
from hub.store.tables.timers import timers
from hub.store.tables.whistles import whistles
from hub.types.staff import Role
from hub.types.whistle import WhistleState
from hub.types.work import IncidentState, TaskState

CONFIG = DispatchConfig(
    centres=(CentreConfig(id="county", name="County"),), default_centre="county"
)
UNTIL = 1_700_000_000.0
PLAN = county.Plan(seed=3, until=UNTIL, password_hash="x", scale=0.003)


def seed(db: Database, plan: county.Plan = PLAN) -> county.Written:
    with db.write() as tx:
        return county.seed(tx, plan, CONFIG, lambda _line: None)


def rows(tx: Connection, table: Table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]


def test_the_ground_is_of_a_countys_size_without_gaps_or_overlaps() -> None:
    civil, police = ground.civil(1), ground.police()
    tree = GridTree(plot.grid for plot in [*civil, *police])
    tiers = [tree.tier(plot.grid.code) for plot in civil if plot.grid.kind is GridKind.CIVIL]
    assert [tiers.count(tier) for tier in range(4)] == [1, 18, 799, 996]
    assert (len(civil), len(police)) == (1817, 64)
    county_ground = civil[0].grid.geometry
    for plots in (police, [p for p in civil if p.grid.parent_code == ground.COUNTY][:18]):
        whole = shapely.union_all([plot.grid.geometry for plot in plots])
        assert whole.symmetric_difference(county_ground).area < 1e-9
        assert sum(p.grid.geometry.area for p in plots) == pytest.approx(county_ground.area)


def test_there_are_as_many_people_as_in_a_county() -> None:
    people = staff(ground.civil(1), random.Random(1), ACCOUNTS).people
    assert len(people) == len({person.name for person in people}) == ACCOUNTS
    units = {person.grant.unit for person in people if person.grant.role is Role.DEPARTMENT}
    assert len(units) == 16
    assert sum(person.grant.role is Role.WORKER for person in people) > 1000


def test_no_life_does_what_the_tables_forbid(db: Database) -> None:
    seed(db)
    with db.read() as tx:
        log = tx.execute(
            select(transitions).order_by(transitions.c.entity_id, transitions.c.version)
        )
        found = log.all()
        states = {
            row.id: row.state for table in (incidents, tasks) for row in tx.execute(select(table))
        }
        raised = tx.execute(select(alerts)).all()
    last: dict[str, tuple[int, str]] = {}
    for row in (row for row in found if row.entity in ("incident", "task")):
        version, state = last.get(row.entity_id, (0, None))
        assert (row.version, row.from_state) == (version + 1, state)
        last[row.entity_id] = (row.version, row.to_state)
        if row.what.startswith("ask_"):
            continue
        if row.entity == "incident":
            assert INCIDENTS.can(IncidentState(state) if state else None, Verb(row.what)), row
        elif state is not None:
            assert TASKS.can(TaskState(state), Verb(row.what)), row
        assert row.at <= UNTIL
    assert {entity: state for entity, (_, state) in last.items()} == states
    with db.read() as tx:
        wrong = {each.kind for each in audit.findings(tx, UNTIL, AuditorConfig())}
    assert not wrong & {Kind.NO_CLOCK, Kind.NOT_SENT}, "open cases have their clocks"
    assert {row.life for row in raised} <= {"pending", "active", "cleared"}
    assert len(raised) == 300


def test_whistles_walk_their_table_and_outlive_no_case(db: Database) -> None:
    seed(db)
    with db.read() as tx:
        mine = transitions.c.entity == "whistle"
        order = (transitions.c.entity_id, transitions.c.version)
        log = tx.execute(select(transitions).where(mine).order_by(*order)).all()
        joined = select(whistles, incidents.c.closed_at).join(
            incidents, incidents.c.id == whistles.c.incident_id
        )
        rows = tx.execute(joined).all()
    assert rows
    for row in log:
        before = WhistleState(row.from_state) if row.from_state else None
        assert WHISTLES.can(before, Verb(row.what)), row
    last = {row.entity_id: row.to_state for row in log}
    assert last == {row.id: row.state for row in rows}
    for row in rows:
        assert row.updated_at <= UNTIL
        if row.closed_at is not None:
            assert row.called_at <= row.ended_at <= row.closed_at


def test_departments_that_are_called_have_the_clock_of_their_turn(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A small year ends with few open cases, this one with some.
    monkeypatch.setattr(called, "CALLED", 1.0)
    seed(db, replace(PLAN, seed=11, scale=0.012))
    with db.read() as tx:
        open_ones = tx.execute(select(whistles).where(whistles.c.ended_at.is_(None))).all()
        mine = select(timers.c.subject_id, timers.c.step).where(
            timers.c.subject == "whistle", timers.c.state == "waiting", timers.c.level == "leader"
        )
        runs = {(row.subject_id, row.step) for row in tx.execute(mine)}
        found = audit.findings(tx, UNTIL, AuditorConfig())
    states = {row.id: WhistleState(row.state) for row in open_ones}
    assert states
    assert runs == {
        (whistle, step.value)
        for whistle, state in states.items()
        for step, when in clock.RUNS.items()
        if state in when
    }
    assert Kind.NO_CLOCK not in {each.kind for each in found}


def test_the_year_leaves_its_registers_and_figures(db: Database) -> None:
    seed(db)
    with db.read() as tx:
        for table in (roster, looks, deliveries, drill_items, case_facts):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one(), table.name
        cases = tx.execute(select(func.count()).select_from(case_facts)).scalar_one()
        assert cases == tx.execute(select(func.count()).select_from(incidents)).scalar_one()


def test_the_same_seed_is_the_same_county_and_no_camera_is_opened(db: Database) -> None:
    written = seed(db)
    with db.write() as tx:
        first = {table.name: rows(tx, table) for table in (alerts, incidents, tasks, cameras)}
        assert not any(row.enabled for row in tx.execute(select(cameras.c.enabled)))
        for table in reversed(alerts.metadata.sorted_tables):
            tx.execute(table.delete())
    assert seed(db) == written
    with db.read() as tx:
        again = {table.name: rows(tx, table) for table in (alerts, incidents, tasks, cameras)}
    assert again == first


def test_what_holds_something_already_is_left_alone(db: Database) -> None:
    seed(db)
    with pytest.raises(Conflict) as refused:
        seed(db)
    assert refused.value.code == "not_empty"
