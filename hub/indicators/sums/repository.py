"""Sums over what was derived, of one grid or of those right below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, func, select

from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import incidents
from hub.store.tables.indicators import (
    COUNTS,
    PHASES,
    alert_days,
    camera_days,
    case_facts,
    case_places,
)
from hub.store.tables.whistles import whistles

Found = Row[Any]

NOT_CALLED = ("withdrawn", "void")
"""Whistles that judge nobody."""

_CASE_SUMS = tuple(func.sum(case_facts.c[f"n_{name}"]).label(name) for name in COUNTS)
_ALERT_SUMS = tuple(
    func.sum(alert_days.c[name]).label(name)
    for name in ("alerts", "findings", "judged", "false_alarms", "incidents")
)
_CAMERA_SUMS = tuple(
    func.sum(camera_days.c[name]).label(name)
    for name in ("seconds", "offline_s", "faulty_s", "disabled_s")
)


def _cases_of(place: ColumnElement[bool], start: float, end: float, *columns: Any) -> Select[Any]:
    joined = case_places.join(case_facts, case_facts.c.incident_id == case_places.c.incident_id)
    return (
        select(*columns)
        .select_from(joined)
        .where(place, case_places.c.due_by >= start, case_places.c.due_by < end)
    )


def tally(
    tx: Connection, grid: str, days: tuple[str, str], due: tuple[float, float]
) -> dict[str, float]:
    """The counts of a grid ('' = the whole site); `days` both counted, `due` from and before."""
    found: dict[str, float] = {}
    queries = (
        _cases_of(case_places.c.grid_code == grid, *due, *_CASE_SUMS),
        _days_of(alert_days, alert_days.c.grid_code == grid, days, *_ALERT_SUMS),
        _days_of(camera_days, camera_days.c.grid_code == grid, days, *_CAMERA_SUMS),
    )
    for query in queries:
        found |= _numbers(dict(tx.execute(query).one()._mapping))
    return found


def tallies_below(
    tx: Connection, parent: str, days: tuple[str, str], due: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """The counts of each grid right below one, by code."""
    found: dict[str, dict[str, float]] = {}
    cases_at, alerts_at, cameras_at = case_places.c, alert_days.c, camera_days.c
    queries = (
        _cases_of(cases_at.parent_code == parent, *due, cases_at.grid_code, *_CASE_SUMS).group_by(
            cases_at.grid_code
        ),
        _days_of(
            alert_days, alerts_at.parent_code == parent, days, alerts_at.grid_code, *_ALERT_SUMS
        ).group_by(alerts_at.grid_code),
        _days_of(
            camera_days, cameras_at.parent_code == parent, days, cameras_at.grid_code, *_CAMERA_SUMS
        ).group_by(cameras_at.grid_code),
    )
    for query in queries:
        for row in tx.execute(query):
            numbers = dict(row._mapping)
            code = numbers.pop("grid_code")
            found.setdefault(code, {}).update(_numbers(numbers))
    return found


def tallies_by_day(
    tx: Connection, grid: str, days: tuple[str, str], due: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """The counts of a grid by the site's day."""
    found: dict[str, dict[str, float]] = {}
    by_due = case_facts.c.due_day.label("day")
    queries = (
        _cases_of(case_places.c.grid_code == grid, *due, by_due, *_CASE_SUMS).group_by(by_due),
        _days_of(
            alert_days, alert_days.c.grid_code == grid, days, alert_days.c.day, *_ALERT_SUMS
        ).group_by(alert_days.c.day),
        _days_of(
            camera_days, camera_days.c.grid_code == grid, days, camera_days.c.day, *_CAMERA_SUMS
        ).group_by(camera_days.c.day),
    )
    for query in queries:
        for row in tx.execute(query):
            numbers = dict(row._mapping)
            found.setdefault(numbers.pop("day"), {}).update(_numbers(numbers))
    return found


def _days_of(
    table: Table, place: ColumnElement[bool], days: tuple[str, str], *columns: Any
) -> Select[Any]:
    return select(*columns).where(place, table.c.day >= days[0], table.c.day <= days[1])


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    numbers = {str(name): float(value or 0) for name, value in row.items()}
    if "seconds" in numbers:
        numbers["online_s"] = numbers["seconds"] - numbers.pop("offline_s")
        numbers["registered_s"] = numbers["seconds"] + numbers["disabled_s"]
        numbers["whole_s"] = numbers["seconds"] - numbers.pop("faulty_s")
    return numbers


def waits(tx: Connection, grid: str, due: tuple[float, float]) -> dict[str, list[float]]:
    """How long the cases of a grid waited in each phase, seconds."""
    columns = [case_facts.c[f"s_{name}"] for name in PHASES]
    rows = tx.execute(_cases_of(case_places.c.grid_code == grid, *due, *columns)).all()
    by_phase = zip(*rows, strict=True) if rows else [()] * len(PHASES)
    return {
        phase: [each for each in seconds if each is not None]
        for phase, seconds in zip(PHASES, by_phase, strict=True)
    }


def opened(tx: Connection, grid: str, start: float, end: float) -> list[float]:
    """When the cases of a grid were opened, UTC epoch seconds."""
    joined = case_places.join(case_facts, case_facts.c.incident_id == case_places.c.incident_id)
    at = case_facts.c.opened_at
    query = select(at).select_from(joined).where(case_places.c.grid_code == grid, at >= start)
    return list(tx.execute(query.where(at < end)).scalars())


def overdue(tx: Connection, grid: str, now: float, over: Sequence[str], limit: int) -> list[Found]:
    """Cases of a grid that should be handled by now and are not over, the longest overdue first."""
    at = incidents.c
    joined = case_places.join(incidents, at.id == case_places.c.incident_id)
    query = (
        select(at.id, at.title, at.rule_kind, at.grid_code, at.state, at.severity, at.handle_by)
        .select_from(joined)
        .where(case_places.c.grid_code == grid, case_places.c.due_by < now, at.state.not_in(over))
        .order_by(case_places.c.due_by)
        .limit(limit)
    )
    return list(tx.execute(query))


# -- departments -----------------------------------------------------------------------------


def whistle_counts(
    tx: Connection, grid: str, due: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """Whistles of a grid's cases whose report was due then, by department."""
    at, log = whistles.c, transitions.c
    called = at.state.not_in(NOT_CALLED)
    sent_back = exists().where(
        log.entity == "whistle", log.entity_id == at.id, log.what == "send_back"
    )
    sums = {
        "called": called,
        "withdrawn": ~called,
        "refused": at.state == "refused",
        "signed_on_time": called & (at.signed_at <= at.sign_by),
        "contacted_on_time": called & (at.contacted_at <= at.contact_by),
        "reported_on_time": called & (at.reported_at <= at.report_by),
        "settled_on_time": (at.state == "accepted") & (at.reported_at <= at.report_by),
        "sent_back": called & sent_back,
    }
    counts = (func.count().filter(each).label(name) for name, each in sums.items())
    query = _whistles_of(grid, due, at.unit, *counts).group_by(at.unit).order_by(at.unit)
    found: dict[str, dict[str, float]] = {}
    for row in tx.execute(query):
        numbers = dict(row._mapping)
        unit = numbers.pop("unit")
        found[unit] = {name: float(value) for name, value in numbers.items()}
    return found


def whistle_waits(
    tx: Connection, grid: str, due: tuple[float, float]
) -> dict[str, dict[str, list[float]]]:
    """How long departments took from the whistle to sign and to report, seconds, by department."""
    at = whistles.c
    query = _whistles_of(grid, due, at.unit, at.called_at, at.signed_at, at.reported_at).where(
        at.state.not_in(NOT_CALLED)
    )
    found: dict[str, dict[str, list[float]]] = {}
    for unit, called_at, signed_at, reported_at in tx.execute(query):
        waits = found.setdefault(unit, {"to_sign": [], "to_report": []})
        if signed_at is not None:
            waits["to_sign"].append(signed_at - called_at)
        if reported_at is not None:
            waits["to_report"].append(reported_at - called_at)
    return found


def _whistles_of(grid: str, due: tuple[float, float], *columns: Any) -> Select[Any]:
    at = whistles.c
    return (
        select(*columns)
        .select_from(whistles.join(case_places, case_places.c.incident_id == at.incident_id))
        .where(case_places.c.grid_code == grid, at.report_by >= due[0], at.report_by < due[1])
    )
