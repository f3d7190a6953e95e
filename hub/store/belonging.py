"""Of which incident a row is that does not say so in a column of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, case, func, select

from hub.store import tellings
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import approvals, incident_actions, incidents, task_actions, tasks
from hub.store.tables.notices import deliveries, notices
from hub.store.tables.ops import media
from hub.store.tables.timers import supervisions
from hub.store.tables.whistles import whistles

Element = ColumnElement[Any]


def case_of(table: Table) -> Element | None:
    """The incident of a row of the table, NULL for none; None where no row has one."""
    if table is incidents:
        return incidents.c.id
    found = _TOLD.get(table.name)
    return table.c.get("incident_id") if found is None else found()


def is_told(table: Table) -> bool:
    """Whether a row's incident is only found by way of others, and is thus dear to ask for."""
    return table.name in _TOLD


def _through(table: Table, id_: Element, *outer: Table) -> Element:
    """The incident of the row with this id."""
    column = incidents.c.id if table is incidents else table.c.incident_id
    return select(column).where(table.c.id == id_).correlate(*outer).scalar_subquery()


def _link(word: Element, *outer: Table) -> Element:
    """The incident of what media call `alert:<id>`."""

    def named(kind: str, table: Table) -> tuple[Element, Element]:
        rest = func.substr(word, len(kind) + 2)
        return word.like(f"{kind}:%"), _through(table, rest, *outer)

    return case(
        named("incident", incidents),
        named("alert", alerts),
        named("task", tasks),
        named("whistle", whistles),
    )


def _of_task_action() -> Element:
    return _through(tasks, task_actions.c.task_id, task_actions)


def _of_supervision(*outer: Table) -> Element:
    subject, id_ = supervisions.c.subject, supervisions.c.subject_id
    seen = (supervisions, *outer)
    return case(
        (subject == "incident", _through(incidents, id_, *seen)),
        (subject == "alert", _through(alerts, id_, *seen)),
        (subject == "whistle", _through(whistles, id_, *seen)),
    )


def _of_deed() -> Element:
    """By what was done something to: an incident, what was asked, called, answered or sent."""
    id_, own = incident_actions.c.subject, incident_actions
    supervised = select(_of_supervision(own)).where(supervisions.c.id == id_)
    photo = select(_link(media.c.linked_to, media, own)).where(media.c.id == id_)
    # A report is made with its incident: by the same person at the same moment.
    made = select(incidents.c.id).where(
        id_ == "report",
        incidents.c.opened_at == own.c.at,
        incidents.c.reported_by == own.c.actor,
    )
    return func.coalesce(
        _through(incidents, id_, own),
        _through(approvals, id_, own),
        _through(whistles, id_, own),
        supervised.correlate(own).scalar_subquery(),
        photo.correlate(own).scalar_subquery(),
        made.limit(1).correlate(own).scalar_subquery(),
    )


_TOLD: Mapping[str, Callable[[], Element]] = {
    task_actions.name: _of_task_action,
    notices.name: tellings.case_of,
    deliveries.name: tellings.case_of_delivery,
    supervisions.name: _of_supervision,
    incident_actions.name: _of_deed,
}
