"""What is told of the figures."""

from __future__ import annotations

from datetime import date

from hub.api.schemas import Answer
from hub.indicators.catalog import Basis, Unit
from hub.types.staff import Role


class IndicatorOut(Answer):
    """One indicator of the catalog, with the formula that stands beside it everywhere.

    Those that judge departments are figures of departments, the others of grids.
    """

    id: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    judges: Role
    basis: Basis
    unit: Unit
    more_is_better: bool
    target: float | None
    key_target: float | None


class FigureOut(Answer):
    """`value` is null where there is nothing to divide by."""

    indicator: str
    value: float | None
    hits: float
    of: float


class SharesOut(Answer):
    """Shares of all cases of the period; they stand beside every rate.

    `said_later`: of what was done without a network, by the phone's clock.
    """

    void: float | None
    suspended: float | None
    extended: float | None
    said_later: float | None


class FigureSheetOut(Answer):
    """All figures of one grid and period."""

    cases: int
    shares: SharesOut
    figures: tuple[FigureOut, ...]


class WaitOut(Answer):
    """How long a phase took, seconds."""

    phase: str
    cases: int
    p50_s: float | None
    p90_s: float | None


class RankOut(Answer):
    """One line of a league table; the best comes first."""

    grid: str
    name: str
    sheet: FigureSheetOut


class PartOut(Answer):
    """One part of a series, by its first day."""

    first: date
    sheet: FigureSheetOut


class FiguresOut(Answer):
    """The figures of a grid ('' = the whole site), and of the period of the same length before."""

    grid: str
    name: str
    first: date
    last: date
    now: FigureSheetOut
    before: FigureSheetOut
    waits: tuple[WaitOut, ...]


class OverdueOut(Answer):
    """A case whose handling was due, and which is not closed."""

    id: str
    title: str
    grid_code: str | None
    state: str
    severity: str
    overdue_s: float


class WeeklyOut(Answer):
    """A week's report: the figures, the grids below in their order, what is open and overdue."""

    report: FiguresOut
    ranks: tuple[RankOut, ...]
    overdue: tuple[OverdueOut, ...]


class DepartmentFiguresOut(Answer):
    """A department's figures on a ground; `withdrawn` stand beside every rate."""

    unit: str
    name: str
    called: int
    withdrawn: int
    figures: tuple[FigureOut, ...]
    waits: tuple[WaitOut, ...]


class HoursOut(Answer):
    """Cases opened by weekday (Monday first) and hour of the site: 7 rows of 24."""

    rows: tuple[tuple[int, ...], ...]
