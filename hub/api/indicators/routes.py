"""The numbers people are judged by, of the ground of whoever asks."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.rules import jurisdiction
from hub.access.service import LookReason
from hub.api.deps import Deps
from hub.api.guard import Hub, domain, may
from hub.api.indicators.schemas import (
    DepartmentFiguresOut,
    FigureOut,
    FigureSheetOut,
    FiguresOut,
    HoursOut,
    IndicatorOut,
    OverdueOut,
    PartOut,
    RankOut,
    WaitOut,
    WeeklyOut,
)
from hub.api.reach import Units, Within, ground
from hub.api.schemas import Body
from hub.api.searches import note_export
from hub.grids import service as grids
from hub.indicators import days, service, sheets
from hub.indicators.catalog import INDICATORS, OF_DEPARTMENTS
from hub.indicators.figures import by_id
from hub.indicators.places import WHOLE_SITE
from hub.indicators.service import Asked
from hub.kit.errors import NotFound, Refused
from hub.store.ground import is_grid, paths
from hub.types.staff import NOWHERE, Jurisdiction

router = domain("indicators")


class PeriodQuery(Body):
    """Of which grid and days. Without a grid: the whole site, or the asker's own ground."""

    grid: str | None = Field(default=None, max_length=64)
    first: date
    last: date


class LeagueQuery(PeriodQuery):
    """By which indicator the grids below are ranked."""

    by: str = Field(default="closed_on_time", max_length=64)


class SeriesQuery(PeriodQuery):
    """How long a part of the series is."""

    step: days.Step = days.Step.WEEK


class WeekQuery(Body):
    """The week, Monday to Sunday, of a day."""

    grid: str | None = Field(default=None, max_length=64)
    day: date


class Format(StrEnum):
    """As what figures are taken away."""

    CSV = "csv"
    XLSX = "xlsx"


class Sheet(StrEnum):
    """Which table a CSV has; XLSX has them all."""

    FIGURES = "figures"
    DEPARTMENTS = "departments"


class ExportQuery(LeagueQuery):
    """As what, and why: it stands in the register."""

    format: Format = Format.XLSX
    table: Sheet = Sheet.FIGURES
    reason: LookReason = LookReason.PATROL


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Reader = Annotated[Subject, may(Action.INDICATORS_READ)]
"""Whoever is judged by them, on the own ground."""
Ranker = Annotated[Subject, may(Action.INDICATORS_RANK)]
"""Whoever compares grids and departments with each other."""


@router.get("/indicators/catalog")
def list_indicators(_who: Reader) -> list[IndicatorOut]:
    """All indicators with their formulas, in the order in which they are shown."""
    return [IndicatorOut.model_validate(each) for each in (*INDICATORS, *OF_DEPARTMENTS)]


@router.get("/indicators")
def read_indicators(
    hub: Hub, wanted: Annotated[PeriodQuery, Query()], _who: Reader, within: Within
) -> FiguresOut:
    """The figures of a grid, of the time before, and how long each phase took."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        return _report(tx, asked)


@router.get("/indicators/league")
def read_league(
    hub: Hub, wanted: Annotated[LeagueQuery, Query()], _who: Ranker, within: Within
) -> list[RankOut]:
    """The grids right below one, the best first."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        return _ranks(tx, asked, wanted.by)


@router.get("/indicators/series")
def read_series(
    hub: Hub, wanted: Annotated[SeriesQuery, Query()], _who: Reader, within: Within
) -> list[PartOut]:
    """The figures of a grid over time."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        return [PartOut.model_validate(part) for part in service.series(tx, asked, wanted.step)]


@router.get("/indicators/hours")
def read_hours(
    hub: Hub, wanted: Annotated[PeriodQuery, Query()], _who: Reader, within: Within
) -> HoursOut:
    """When cases are opened, by weekday and hour."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        return HoursOut(rows=tuple(tuple(row) for row in service.hours(tx, asked)))


@router.get("/indicators/departments")
def read_departments(
    hub: Hub, wanted: Annotated[PeriodQuery, Query()], who: Reader, units: Units
) -> list[DepartmentFiguresOut]:
    """What departments did when they were called to a grid's cases.

    Of all of them to who compares there, of its own alone to a department.
    """
    names = {each.id: each.name for each in hub.dispatch.departments}
    within = ground(Action.INDICATORS_READ, who)
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        path = () if asked.grid == WHOLE_SITE else paths(tx, [asked.grid])[asked.grid]
        everybody = jurisdiction(Action.INDICATORS_RANK, who).covers(path)
        return [
            DepartmentFiguresOut(
                unit=each.unit,
                name=names.get(each.unit, each.unit),
                called=each.called,
                withdrawn=each.withdrawn,
                figures=tuple(FigureOut.model_validate(figure) for figure in each.figures),
                waits=tuple(WaitOut.model_validate(wait) for wait in each.waits),
            )
            for each in service.departments(tx, asked)
            if everybody or units.get(each.unit, NOWHERE).covers(path)
        ]


@router.get("/indicators/weekly")
def read_weekly(
    hub: Hub, wanted: Annotated[WeekQuery, Query()], _who: Ranker, within: Within
) -> WeeklyOut:
    """A week's report of a grid."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.week_of(wanted.day), within)
        return WeeklyOut(
            report=_report(tx, asked),
            ranks=tuple(_ranks(tx, asked, "closed_on_time")),
            overdue=tuple(OverdueOut.model_validate(each) for each in service.overdue(tx, asked)),
        )


@router.get("/indicators/export", response_class=Response)
def export_indicators(
    hub: Hub,
    wanted: Annotated[ExportQuery, Query()],
    who: Annotated[Subject, may(Action.INDICATORS_EXPORT)],
    within: Within,
) -> Response:
    """The figures as a file: CSV has one table, XLSX also times and league table."""
    with hub.db.read() as tx:
        asked = _asked(hub, tx, wanted.grid, days.period(wanted.first, wanted.last), within)
        book = _book(hub, tx, asked, wanted.by)
    note_export(hub, who, Action.INDICATORS_EXPORT, "indicators", wanted.reason)
    name = f"indicators-{asked.grid or 'all'}-{wanted.first}-{wanted.last}.{wanted.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if wanted.format is Format.CSV:
        of_units = wanted.table is Sheet.DEPARTMENTS
        leaf = sheets.departments(book) if of_units else sheets.leaves(book)[0]
        return Response(sheets.as_csv(leaf), media_type="text/csv; charset=utf-8", headers=headers)
    return Response(sheets.as_xlsx(book), media_type=_XLSX, headers=headers)


def _asked(
    hub: Deps, tx: Connection, grid: str | None, period: days.Period, within: Jurisdiction
) -> Asked:
    """What is asked for. Raises NotFound for a grid beyond the asker's ground, Refused."""
    return Asked(_grid(tx, grid, within), period, ZoneInfo(hub.site.time_zone), hub.clock.now())


def _grid(tx: Connection, grid: str | None, within: Jurisdiction) -> str:
    if grid is None:
        if within.everywhere:
            return WHOLE_SITE
        if len(within.roots) != 1:
            raise Refused(f"of which grid: {', '.join(sorted(within.roots))}", code="grid_needed")
        return next(iter(within.roots))
    if grid == WHOLE_SITE:
        if not within.everywhere:
            raise NotFound("there is no grid ''")
        return WHOLE_SITE
    if not is_grid(tx, grid, ever=True) or not within.covers(paths(tx, [grid])[grid]):
        raise NotFound(f"there is no grid {grid}")
    return grid


def _report(tx: Connection, asked: Asked) -> FiguresOut:
    previous = Asked(asked.grid, days.before(asked.period), asked.zone, asked.now)
    named = {each.code: each.name for each in grids.names(tx, [asked.grid])}
    return FiguresOut(
        grid=asked.grid,
        name=named.get(asked.grid, asked.grid),
        first=asked.period.first,
        last=asked.period.last,
        now=FigureSheetOut.model_validate(service.of_grid(tx, asked)),
        before=FigureSheetOut.model_validate(service.of_grid(tx, previous)),
        waits=tuple(WaitOut.model_validate(each) for each in service.waits(tx, asked)),
    )


def _ranks(tx: Connection, asked: Asked, by: str) -> list[RankOut]:
    indicator = by_id(by)
    if indicator is None:
        raise Refused(f"there is no indicator {by!r}", code="no_such_indicator")
    ranks = service.league(tx, asked, indicator)
    named = {each.code: each.name for each in grids.names(tx, [rank.grid for rank in ranks])}
    return [
        RankOut(
            grid=rank.grid,
            name=named.get(rank.grid, rank.grid),
            sheet=FigureSheetOut.model_validate(rank.sheet),
        )
        for rank in ranks
    ]


def _book(hub: Deps, tx: Connection, asked: Asked, by: str) -> sheets.Book:
    indicator = by_id(by)
    if indicator is None:
        raise Refused(f"there is no indicator {by!r}", code="no_such_indicator")
    ranks = service.league(tx, asked, indicator)
    codes = [asked.grid, *(rank.grid for rank in ranks)]
    return sheets.Book(
        asked.grid,
        asked.days[0],
        asked.days[1],
        service.of_grid(tx, asked),
        service.waits(tx, asked),
        ranks,
        {each.code: each.name for each in grids.names(tx, codes)},
        service.departments(tx, asked),
        {each.id: each.name for each in hub.dispatch.departments},
    )
