"""The dispatch board: columns of the life, each with its count and its most urgent incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection

from hub.dispatch import repository
from hub.dispatch.cases import repository as cases
from hub.types.staff import EVERYWHERE, Jurisdiction
from hub.types.work import Incident, IncidentState

_I = IncidentState

COLUMNS: Mapping[str, tuple[IncidentState, ...]] = MappingProxyType(
    {
        "intake": (_I.REPORTED, _I.TRIAGED),
        "filed": (_I.FILED, _I.RETURNED),
        "dispatched": (_I.DISPATCHED,),
        "handling": (_I.ACCEPTED, _I.ON_WAY, _I.ON_SCENE),
        "suspended": (_I.SUSPENDED,),
        "verifying": (_I.HANDLED, _I.VERIFYING),
        "closed": (_I.CLOSED,),
    }
)
"""From left to right. REWORK is never seen: it is left in the transaction that enters it."""


@dataclass(frozen=True, slots=True)
class Column:
    """`counts` by state; `first` are the gravest, among equals those that are due first."""

    id: str
    states: tuple[IncidentState, ...]
    counts: Mapping[IncidentState, int]
    first: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """`asked` questions wait for a second person, `unbound` open incidents have no grid."""

    columns: tuple[Column, ...]
    asked: int
    unbound: int


def board(
    tx: Connection,
    *,
    grid: str | None = None,
    within: Jurisdiction = EVERYWHERE,
    first: int = 20,
) -> Board:
    """The board of that ground; `grid` means that grid and all below it."""
    states = [state.value for column in COLUMNS.values() for state in column]
    counted = cases.counts(tx, states, within, grid)
    columns = [
        Column(
            name,
            of,
            {state: counted.get(state.value, 0) for state in of},
            _first(tx, of, within, grid, first),
        )
        for name, of in COLUMNS.items()
    ]
    still_open = [state for state in states if state != IncidentState.CLOSED]
    return Board(
        tuple(columns), cases.count_asks(tx, within), cases.count_unbound(tx, still_open, within)
    )


def _first(
    tx: Connection,
    states: tuple[IncidentState, ...],
    within: Jurisdiction,
    grid: str | None,
    limit: int,
) -> tuple[Incident, ...]:
    rows = cases.most_urgent(tx, [state.value for state in states], within, grid, limit)
    alerts = repository.alert_ids(tx, [row.id for row in rows])
    return tuple(repository.to_incident(row, alerts[row.id]) for row in rows)
