"""What others may ask of the figures. Transactions are opened by the caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.indicators import figures
from hub.indicators.catalog import OF_DEPARTMENTS, Indicator
from hub.indicators.days import Period, Step, bounds, part_of, parts
from hub.indicators.figures import Figure, Sheet, Wait
from hub.indicators.sums import repository as sums
from hub.types.work import IncidentState

_OVER = (
    IncidentState.HANDLED,
    IncidentState.VERIFYING,
    IncidentState.CLOSED,
    IncidentState.ARCHIVED,
    IncidentState.EVALUATED,
    IncidentState.VOID,
    IncidentState.MERGED,
)
"""Nobody has to go there any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which grid ('' = the whole site), for which period, as of which moment.

    Cases that are due only after `now` do not count yet.
    """

    grid: str
    period: Period
    zone: ZoneInfo
    now: float

    @property
    def days(self) -> tuple[str, str]:
        """The first day and the last, as they are written down."""
        return self.period.first.isoformat(), self.period.last.isoformat()

    @property
    def span(self) -> tuple[float, float]:
        """From when to when the period lasts, UTC epoch seconds."""
        return bounds(self.period.first, self.zone)[0], bounds(self.period.last, self.zone)[1]

    @property
    def due(self) -> tuple[float, float]:
        """Between which moments a case has to be due to count."""
        start, end = self.span
        return start, min(end, self.now)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a series; `first` is its first day."""

    first: date
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of a league table."""

    grid: str
    sheet: Sheet


def of_grid(tx: Connection, asked: Asked) -> Sheet:
    """All figures of one grid."""
    return figures.sheet(sums.tally(tx, asked.grid, asked.days, asked.due))


def waits(tx: Connection, asked: Asked) -> tuple[Wait, ...]:
    """How long each phase took."""
    found = sums.waits(tx, asked.grid, asked.due)
    return tuple(figures.wait(phase, seconds) for phase, seconds in found.items())


def league(tx: Connection, asked: Asked, indicator: Indicator) -> list[Rank]:
    """The grids right below one, the best first by one indicator."""
    below = sums.tallies_below(tx, asked.grid, asked.days, asked.due)
    sheets = {code: figures.sheet(tally) for code, tally in below.items()}
    return [Rank(code, sheets[code]) for code in figures.order(sheets, indicator)]


def series(tx: Connection, asked: Asked, step: Step) -> list[Part]:
    """The figures of one grid over time; also the parts in which nothing was."""
    found: dict[date, Counter[str]] = {part: Counter() for part in parts(asked.period, step)}
    for day, tally in sums.tallies_by_day(tx, asked.grid, asked.days, asked.due).items():
        found[part_of(date.fromisoformat(day), step)].update(tally)
    return [Part(first, figures.sheet(_plain(tally))) for first, tally in found.items()]


def _plain(tally: Counter[str]) -> Mapping[str, float]:
    return dict(tally)


@dataclass(frozen=True, slots=True)
class Department:
    """The figures of a department on a ground; `withdrawn` stand beside every rate."""

    unit: str
    called: int
    withdrawn: int
    figures: tuple[Figure, ...]
    waits: tuple[Wait, ...]


def departments(tx: Connection, asked: Asked) -> list[Department]:
    """What departments did when they were called to a grid's cases."""
    waited = sums.whistle_waits(tx, asked.grid, asked.due)
    return [
        Department(
            unit,
            int(counts["called"]),
            int(counts["withdrawn"]),
            tuple(figures.figure(each, counts) for each in OF_DEPARTMENTS),
            tuple(figures.wait(phase, s) for phase, s in waited.get(unit, {}).items()),
        )
        for unit, counts in sums.whistle_counts(tx, asked.grid, asked.due).items()
    ]


def hours(tx: Connection, asked: Asked) -> list[list[int]]:
    """How many cases were opened, by weekday (Monday first) and hour of the site: 7 x 24."""
    found = [[0] * 24 for _ in range(7)]
    for at in sums.opened(tx, asked.grid, *asked.span):
        moment = datetime.fromtimestamp(at, asked.zone)
        found[moment.weekday()][moment.hour] += 1
    return found


@dataclass(frozen=True, slots=True)
class Overdue:
    """A case whose handling was due `overdue_s` ago, and which is not closed."""

    id: str
    title: str
    grid_code: str | None
    state: str
    severity: str
    overdue_s: float


def overdue(tx: Connection, asked: Asked, limit: int = 20) -> list[Overdue]:
    """What is open and overdue in a grid now, the longest first."""
    over = sorted(state.value for state in _OVER)
    return [
        Overdue(
            row.id,
            row.title or row.rule_kind,
            row.grid_code,
            row.state,
            row.severity,
            asked.now - row.handle_by,
        )
        for row in sums.overdue(tx, asked.grid, asked.now, over, limit)
    ]
