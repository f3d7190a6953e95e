"""Lists of a county's size are read in their own order, by an index, and not sorted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Select, select

from hub.store.db import Database
from hub.store.migrations import upgrade
from hub.store.page import newest_first
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import approvals, incidents, tasks
from hub.store.tables.notices import deliveries
from hub.store.tables.timers import supervisions

_A, _I, _T = alerts.c, incidents.c, tasks.c
LISTS = {
    "alerts": newest_first(select(alerts), _A.raised_at, _A.id, None, 50),
    **{
        f"alerts of a {what.name}": newest_first(
            select(alerts).where(what == "x"), _A.raised_at, _A.id, None, 50
        )
        for what in (_A.grid_code, _A.source, _A.rule_kind, _A.rule_id)
    },
    "alerts of an exercise": newest_first(
        select(alerts).where(_A.exercise.is_(True)), _A.raised_at, _A.id, None, 50
    ),
    "incidents of a grid": newest_first(
        select(incidents).where(_I.grid_code == "x"), _I.opened_at, _I.id, None, 50
    ),
    "tasks of a person": newest_first(
        select(tasks).where(_T.assignee == "x"), _T.created_at, _T.id, None, 50
    ),
    "approvals": newest_first(select(approvals), approvals.c.asked_at, approvals.c.id, None, 50),
    "deliveries": newest_first(
        select(deliveries), deliveries.c.created_at, deliveries.c.id, None, 50
    ),
    "supervisions": newest_first(
        select(supervisions), supervisions.c.opened_at, supervisions.c.id, None, 50
    ),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """SQLite plans by the indexes; PostgreSQL by what is in the tables, and here is nothing."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('lists') / 'hub.sqlite'}")
    upgrade(db)
    yield db
    db.close()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_not_sorted(empty: Database, name: str) -> None:
    plan = _plan(empty, LISTS[name])
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan, plan


def _plan(db: Database, query: Select[tuple[object, ...]]) -> str:
    text = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    with db.read() as tx:
        return "\n".join(row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
