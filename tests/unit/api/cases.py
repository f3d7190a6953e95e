"""An alert and its task, as the centre would have made them."""

from __future__ import annotations

from hub.alerts import service as alerts
from hub.dispatch import service as dispatch
from hub.dispatch.matter import Filing
from hub.dispatch.message import SourceCard, report
from hub.types.finding import Alert, Binding, GridWhy, RuleKind
from hub.types.scene import SourceKind
from hub.types.work import DispatchTask
from tests.unit.api.conftest import Desk

NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)


def an_alert(desk: Desk, source: str = "worker-1") -> Alert:
    """A live alert."""
    with desk.deps.db.write() as tx:
        made = alerts.raise_own(
            tx,
            RuleKind.UNOBSERVED,
            source,
            SourceKind.WORKER,
            NOWHERE,
            now=desk.clock.now(),
            ids=desk.deps.ids,
        )
    assert made.alert is not None
    return made.alert


def a_task(desk: Desk) -> DispatchTask:
    """A task on its way to the centre, with its incident."""
    alert = an_alert(desk)
    with desk.deps.db.write() as tx:
        told = report(
            alert,
            SourceCard("worker-1", "hub", None),
            "Unobserved",
            desk.deps.dispatch.evidence_path,
        )
        filed = [Filing(alert, told, "group-1", 0.0)]
        (incident,) = dispatch.file(
            tx, filed, config=desk.deps.dispatch, now=desk.clock.now(), ids=desk.deps.ids
        )
        (task,) = dispatch.tasks(tx).items
    assert task.incident_id == incident.id
    return task
