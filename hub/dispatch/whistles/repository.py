"""Queries on whistles, and on whose an incident is because of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    false,
    insert,
    or_,
    select,
    update,
)

from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.dispatch import incidents
from hub.store.tables.whistles import whistles
from hub.types.finding import RuleKind, Severity
from hub.types.site import LonLat
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.whistle import Report, Whistle, WhistlePart, WhistleState

Found = Row[Any]
"""A row as the database has it, with what the incident says of it."""
Units = Mapping[str, Jurisdiction]
"""For which departments somebody acts, and on which ground."""
NO_UNITS: Units = MappingProxyType({})

ENDS = (
    WhistleState.ACCEPTED,
    WhistleState.REFUSED,
    WhistleState.WITHDRAWN,
    WhistleState.VOID,
)


@dataclass(frozen=True, slots=True)
class WhistleFilter:
    """None leaves a condition out. `called_by`: those that this person called.

    Seen are those of incidents `within`, and those for one of `units` on its ground.
    """

    state: WhistleState | None = None
    open: bool | None = None
    unit: str | None = None
    incident_id: str | None = None
    called_by: str | None = None
    within: Jurisdiction = EVERYWHERE
    units: Units = field(default_factory=dict)


# -- whose an incident is -------------------------------------------------------------------


def units_of(tx: Connection, incident_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The departments that were ever called for each of these; those with none are left out."""
    found: dict[str, tuple[str, ...]] = {}
    if incident_ids:
        query = select(whistles.c.incident_id, whistles.c.unit).distinct()
        query = query.where(whistles.c.incident_id.in_(incident_ids))
        for incident_id, unit in tx.execute(query.order_by(whistles.c.unit)):
            found[incident_id] = (*found.get(incident_id, ()), unit)
    return found


def called_for(units: Units) -> ColumnElement[bool]:
    """Whether one of these departments was called for an incident that lies on its ground."""
    return or_(
        false(),
        *(
            and_(
                exists().where(whistles.c.incident_id == incidents.c.id, whistles.c.unit == unit),
                inside(incidents.c.grid_path, ground),
            )
            for unit, ground in sorted(units.items())
        ),
    )


def is_called_for(tx: Connection, incident_id: str, units: Units) -> bool:
    """Whether one of these departments was called for it, on its own ground."""
    query = select(incidents.c.id).where(incidents.c.id == incident_id, called_for(units))
    return bool(units) and tx.execute(query).first() is not None


# -- whistles -------------------------------------------------------------------------------


def add(tx: Connection, **values: object) -> None:
    """A new whistle."""
    blank = {"reason": "", "answer": "", "reports": [], "version": 1}
    tx.execute(insert(whistles).values(**blank, **values))


def change(tx: Connection, whistle_id: str, **values: object) -> None:
    """Set columns of one whistle; its version counts up."""
    tx.execute(
        update(whistles)
        .where(whistles.c.id == whistle_id)
        .values(version=whistles.c.version + 1, **values)
    )


def row(tx: Connection, whistle_id: str, *, lock: bool = False) -> Found | None:
    """One whistle; `lock` until the transaction ends."""
    query = _rows().where(whistles.c.id == whistle_id)
    return tx.execute(query.with_for_update(of=whistles) if lock else query).first()


def open_ones(tx: Connection, incident_id: str) -> Sequence[Found]:
    """Those of an incident that have not ended, the oldest first, locked."""
    query = _rows().where(whistles.c.incident_id == incident_id, _open())
    query = query.order_by(whistles.c.called_at, whistles.c.id)
    return tx.execute(query.with_for_update(of=whistles)).all()


def lead_is_open(tx: Connection, incident_id: str) -> bool:
    """Whether a department that leads is still called for it."""
    query = select(whistles.c.id).where(
        whistles.c.incident_id == incident_id, whistles.c.part == WhistlePart.LEAD.value, _open()
    )
    return tx.execute(query.limit(1)).first() is not None


def ids_of(tx: Connection, incident_ids: Collection[str]) -> list[str]:
    """All whistles of these incidents, however they ended."""
    query = select(whistles.c.id).where(whistles.c.incident_id.in_(incident_ids))
    return list(tx.execute(query).scalars())


def listed(
    tx: Connection, wanted: WhistleFilter, after: Cursor | None, limit: int
) -> Sequence[Found]:
    """Newest first."""
    query = _rows()
    for column, value in (
        (whistles.c.state, None if wanted.state is None else wanted.state.value),
        (whistles.c.unit, wanted.unit),
        (whistles.c.incident_id, wanted.incident_id),
        (whistles.c.called_by, wanted.called_by),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.open is not None:
        query = query.where(_open() if wanted.open else ~_open())
    query = query.where(or_(inside(incidents.c.grid_path, wanted.within), _own(wanted.units)))
    return tx.execute(newest_first(query, whistles.c.called_at, whistles.c.id, after, limit)).all()


def to_whistle(row: Found) -> Whistle:
    """A row as the value the other rooms know."""
    told = {name: getattr(row, name) for name in Whistle.__slots__ if name != "position"}
    told |= {
        "position": _position(row),
        "rule_kind": RuleKind(row.rule_kind),
        "part": WhistlePart(row.part),
        "state": WhistleState(row.state),
        "severity": Severity(row.severity),
        "grid_path": tuple(row.grid_path),
        "reports": tuple(
            Report(each["at"], each["text"], tuple(each["photo_ids"])) for each in row.reports
        ),
    }
    return Whistle(**told)


def _position(row: Found) -> LonLat | None:
    """Where it was reported, else where the gravest of what was seen is."""
    if row.lon is not None and row.lat is not None:
        return LonLat(row.lon, row.lat)
    seen = row.told[0]["position"] if row.told else None
    return None if seen is None else LonLat(seen["lon"], seen["lat"])


def _rows() -> Select[Any]:
    of = incidents.c
    case = (of.severity, of.rule_kind, of.grid_code, of.grid_path, of.exercise, of.title)
    place = (of.lon, of.lat, of.reports.label("told"))
    return select(whistles, *case, *place).join(incidents, of.id == whistles.c.incident_id)


def _open() -> ColumnElement[bool]:
    return whistles.c.ended_at.is_(None)


def _own(units: Units) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            and_(whistles.c.unit == unit, inside(incidents.c.grid_path, ground))
            for unit, ground in sorted(units.items())
        ),
    )
