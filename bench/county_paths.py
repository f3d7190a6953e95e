"""What is asked of the invented county: every list, board and indicator, with its usual filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Where:
    """The busiest town, its busiest grid, a case, an alert, and the last day of the year."""

    town: str
    grid: str
    incident: str
    alert: str
    today: date


LISTS = (
    "/incidents/board",
    "/incidents/board?grid={town}",
    "/incidents?limit=50",
    "/incidents?limit=50&state=dispatched",
    "/incidents?limit=50&severity=P1",
    "/incidents?limit=50&rule_kind=report",
    "/incidents?limit=50&unbound=true",
    "/incidents?limit=50&grid={town}",
    "/incidents?limit=50&grid={grid}",
    "/tasks?limit=50",
    "/tasks?limit=50&open=true",
    "/tasks?limit=50&mine=true",
    "/tasks?limit=50&state=void",
    "/tasks?limit=50&grid={town}",
    "/tasks?limit=50&grid={grid}",
    "/alerts?limit=50",
    "/alerts?limit=50&order=urgency&judged=false&live=true",
    "/alerts?limit=50&judged=false",
    "/alerts?limit=50&life=pending",
    "/alerts?limit=50&rule_kind=audit",
    "/alerts?limit=50&rule_id=night-intrusion",
    "/alerts?limit=50&exercise=true",
    "/alerts?limit=50&unbound=true",
    "/alerts?limit=50&grid={town}",
    "/alerts?limit=50&grid={grid}",
    "/approvals?limit=50",
    "/approvals?limit=50&state=asked",
    "/whistles?limit=50",
    "/whistles?limit=50&open=true",
    "/whistles?limit=50&unit=fire",
    "/supervisions?limit=50",
    "/supervisions?limit=50&state=answered",
    "/deliveries?limit=50",
    "/deliveries?limit=50&state=dead",
    "/notices?limit=50",
    "/drills?limit=50",
    "/cameras?limit=50",
    "/cameras?limit=50&text=nowhere",
    "/cameras/states",
    "/camera-files?limit=50",
    "/owners?limit=50",
    "/consents?limit=50",
    "/sensors?limit=50",
    "/accounts",
    "/names",
    "/mutes",
    "/tuning",
    "/looks?limit=50",
    "/looks?limit=50&subject=xs-00001",
    "/looks?limit=50&actor=nobody",
    "/audit/heads",
    "/ledger",
    "/holds?limit=50",
    "/exports?limit=50",
    "/retention",
    "/system",
    "/health",
)
GROUND = (
    "/grids",
    "/grids?under={town}",
    "/grids/{town}",
    "/grids/shapes",
    "/grids/versions",
    "/duty/now?grid={grid}",
    "/duty/posts?grid={town}",
    "/duty/vacancies",
    "/duty/shifts",
    "/duty/roster?grid={town}",
    "/duty/absences",
)
FIGURES = (
    "/indicators?{year}",
    "/indicators?{month}&grid={town}",
    "/indicators/league?{year}",
    "/indicators/league?{year}&grid={town}",
    "/indicators/series?{year}",
    "/indicators/hours?{year}",
    "/indicators/departments?{year}",
    "/indicators/weekly?day={today}",
)
ONE = (
    "/incidents/{incident}",
    "/incidents/{incident}/timeline",
    "/alerts/{alert}/story",
    "/alerts/{alert}/log",
)


def paths(where: Where, more: Sequence[str] = ()) -> list[str]:
    """All of them, below /api/v1."""
    last = where.today.isoformat()
    year, month = (f"first={where.today - timedelta(days=n)}&last={last}" for n in (364, 30))
    said = {
        "town": where.town,
        "grid": where.grid,
        "incident": where.incident,
        "alert": where.alert,
        "today": last,
        "year": year,
        "month": month,
    }
    return [*(path.format(**said) for path in (*LISTS, *GROUND, *FIGURES, *ONE)), *more]
