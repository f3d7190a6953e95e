"""Shifts on file: those of duty.yaml, and those made for a grid and all below it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.duty import repository
from hub.duty.config import DutyConfig
from hub.duty.turns import DAY_MINUTES, Shift
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids


def all_shifts(tx: Connection, config: DutyConfig) -> list[Shift]:
    """Those of the file, then the others by when they begin."""
    made = [
        Shift(row.id, row.name, row.from_minute, row.to_minute, row.grid)
        for row in repository.live_shifts(tx)
    ]
    return [*(spec.shift() for spec in config.shifts), *made]


def get(tx: Connection, config: DutyConfig, shift_id: str) -> Shift:
    """One shift. Raises NotFound."""
    for shift in all_shifts(tx, config):
        if shift.id == shift_id:
            return shift
    raise NotFound(no_shift(shift_id))


def on(shifts: Sequence[Shift], path: Sequence[str]) -> list[Shift]:
    """Those that may be given on a grid."""
    return [shift for shift in shifts if shift.grid is None or shift.grid in path]


def no_shift(shift_id: str) -> str:
    """What is said of a shift that is not there, or not for whoever asks."""
    return f"there is no shift {shift_id}"


def add(tx: Connection, shift: Shift, now: float, ids: Ids) -> Shift:
    """Put a shift on file. Raises Refused (`bad_shift`), Conflict (`name_taken`)."""
    if not 0 <= shift.from_minute < DAY_MINUTES or not 0 < shift.to_minute <= DAY_MINUTES:
        raise Refused("the minutes of a shift are of one day", code="bad_shift")
    same = [row for row in repository.live_shifts(tx) if row.name == shift.name]
    if any(row.grid == shift.grid for row in same):
        raise Conflict(f"there is a shift {shift.name} here", code="name_taken")
    made = Shift(ids(), shift.name, shift.from_minute, shift.to_minute, shift.grid)
    values = {"id": made.id, "name": made.name, "grid": made.grid, "made_at": now}
    values |= {"from_minute": made.from_minute, "to_minute": made.to_minute}
    repository.insert_shift(tx, values)
    return made


def end(tx: Connection, shift: Shift, now: float) -> None:
    """Give it no more; the turns that were made by it stay. Raises Conflict (`managed_by_file`)."""
    if shift.from_file:
        raise Conflict(f"the shift {shift.id} is managed by duty.yaml", code="managed_by_file")
    repository.end_shift(tx, shift.id, now)
