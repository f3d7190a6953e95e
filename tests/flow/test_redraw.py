"""The grids are redrawn under a live alert: it stays where it was, and what comes next is new."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hub.app import sync
from hub.app.sync import bind_sources
from hub.grids import service as grids
from hub.grids.plan import Missing, Terms
from hub.kit.ids import counted_ids
from hub.store.tables import alerts as alert_tables
from hub.store.tables import dispatch as dispatch_tables
from hub.types.finding import Phase
from tests.flow.centre import HERE, THERE, Centre
from tests.unit.grids import town

NEW = "990101100201005"
DAY = 86400.0
FROZEN = (
    alert_tables.alerts,
    alert_tables.outcomes,
    dispatch_tables.incidents,
    dispatch_tables.tasks,
    dispatch_tables.outbox,
)


def rows(centre: Centre) -> dict[str, list[Any]]:
    with centre.db.read() as tx:
        return {table.name: list(tx.execute(select(table))) for table in FROZEN}


def joined() -> list[town.Feature]:
    """The base grids of `gate` and of `far` are one from now on."""
    kept = [f for f in town.town_features() if f["properties"]["code"] not in (HERE, THERE)]
    return [*kept, town.feature(NEW, town.rectangle(0, 0, 1000, 500))]


def test_an_alert_keeps_its_grid_and_the_next_one_gets_the_new(centre: Centre) -> None:
    centre.take(centre.finding(Phase.OPENED, "gate"))
    alert, (incident,) = centre.alert(), centre.incidents()
    path = ("990101000000000", "990101100000000", "990101100201000", HERE)
    assert (alert.binding.grid_path, incident.grid_path) == (path, path)

    new_year = centre.clock.now() + DAY
    with centre.db.write() as tx:
        report = grids.import_features(
            tx,
            town.collection(joined()),
            now=centre.clock.now(),
            ids=counted_ids("new"),
            origin="grids.geojson",
            terms=Terms(valid_from=new_year, missing=Missing.END),
        )
    assert set(report.retired) == {HERE, THERE}
    before = rows(centre)
    planned = centre.desk.snapshot
    centre.clock.advance(DAY - 1)
    assert not redraws(centre)
    centre.clock.advance(1)
    assert redraws(centre)
    centre.start()
    assert centre.desk.snapshot.stamp != planned.stamp
    with centre.db.write() as tx:
        assert bind_sources(tx, centre.desk.snapshot, planned, new_year) == 3
        assert grids.mounted(tx) == dict.fromkeys(("gate", "yard", "far"), NEW)
        assert grids.sensors_standing(tx) == {"attic": NEW}
    assert rows(centre) == before, "no alert, incident or task is another for it"

    centre.take(centre.finding(Phase.OPENED, "far", "slow"))
    assert centre.alert("far").binding.grid_path == (*path[:-1], NEW)
    assert centre.alert("gate").binding.grid_path == path
    with centre.db.read() as tx:
        assert {s.grid.code for s in grids.drawing(tx, alert.raised_at)} >= {HERE, THERE}


def redraws(centre: Centre) -> bool:
    """One turn of the centre's: whether another drawing is in force after it."""
    with centre.db.read() as tx:
        before = grids.stamp(tx)
    sync.settle_grids(centre.db, centre.fence, centre.clock.now())
    with centre.db.read() as tx:
        return grids.stamp(tx) != before
