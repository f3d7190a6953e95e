"""Which case a notice belongs to, and whether its matter is over: asked by who tells and by who
deletes.

A notice names what it is about as `<kind>/<id>`; what nobody knows is not over.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, exists, func, or_, select

from hub.store.cases import held, over_at
from hub.store.tables.alerts import alerts
from hub.store.tables.dispatch import tasks
from hub.store.tables.notices import deliveries, notices
from hub.store.tables.whistles import whistles
from hub.types.finding import Life

_PARTS: tuple[tuple[str, Table], ...] = (("alert", alerts), ("task", tasks), ("whistle", whistles))
"""What belongs to an incident; beside the incident itself all matters that there are."""


def case_of() -> ColumnElement[Any]:
    """The incident that a row of `notices` belongs to, NULL where there is none."""
    found = [(_is("incident"), _id("incident"))]
    for kind, table in _PARTS:
        of = select(table.c.incident_id).where(table.c.id == _id(kind))
        found.append((_is(kind), of.correlate(notices).scalar_subquery()))
    return case(*found)


def case_of_delivery() -> ColumnElement[Any]:
    """The same of a row of `deliveries`."""
    of = select(case_of()).where(notices.c.key == deliveries.c.notice_key)
    return of.correlate(deliveries).scalar_subquery()


def ended_at() -> ColumnElement[Any]:
    """When the case of a row of `notices` was over; NULL where there is none, or it goes on."""
    return over_at(case_of())


def over() -> ColumnElement[bool]:
    """Whether the matter of a row of `notices` is over: its case, or an alert that came to none."""
    lone = exists().where(
        alerts.c.id == _id("alert"),
        alerts.c.incident_id.is_(None),
        alerts.c.life == Life.CLEARED.value,
    )
    return or_(ended_at().is_not(None), and_(_is("alert"), lone.correlate(notices)))


def kept(now: float) -> ColumnElement[bool]:
    """Whether a row of `notices` is of a matter that goes on, or of a case that is held."""
    matter = or_(*(_is(kind) for kind in ("incident", *(kind for kind, _table in _PARTS))))
    return func.coalesce(or_(and_(matter, ~over()), held(case_of(), now)), False)


def _is(kind: str) -> ColumnElement[bool]:
    return notices.c.about.like(f"{kind}/%")


def _id(kind: str) -> ColumnElement[str]:
    return func.substr(notices.c.about, len(kind) + 2)
