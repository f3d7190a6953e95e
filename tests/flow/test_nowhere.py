"""A camera that stands outside all grids: its alerts are kept, listed and dispatched."""

from __future__ import annotations

from hub.alerts import service as alerts
from hub.alerts.page import AlertFilter
from hub.dispatch import service as dispatch
from hub.dispatch.outbox import repository as outbox
from hub.ingest import service as sources
from hub.types.finding import GridWhy, Phase
from tests.flow.centre import HERE, Centre
from tests.unit.grids import town


def test_it_stands_on_the_unbound_list_and_in_the_centres_own_queue(centre: Centre) -> None:
    with centre.db.write() as tx:
        lost = town.camera(9000, 9000, id="lost")
        sources.cameras().create(tx, lost, centre.clock.now())
    centre.start()
    centre.take(centre.finding(Phase.OPENED, "lost"), centre.finding(Phase.OPENED, "gate"))
    assert centre.story() == [("opened", "new")] * 2
    alert = centre.alert("lost")
    assert alert.binding.unbound
    assert alert.binding.why is GridWhy.NO_GRID
    with centre.db.read() as tx:
        listed = alerts.list_alerts(tx, AlertFilter(unbound=True)).items
        tasks = {task.grid_code: task for task in dispatch.tasks(tx).items}
        queued = {row["grid_code"] for row in outbox.deliveries(tx)}
    assert [one.id for one in listed] == [alert.id]
    assert tasks.keys() == queued == {None, HERE}
    assert tasks[None].centre == "county"
    assert len(centre.tasks()) == 2
