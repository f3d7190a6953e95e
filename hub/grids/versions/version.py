"""A version of the whole set of grids: one import that changed something. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VersionState(StrEnum):
    """Where a version stands in time."""

    PLANNED = "planned"
    IN_FORCE = "in_force"
    PAST = "past"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Version:
    """By whom (`by`), when, why and with which written exception the grids were redrawn.

    Times are UTC epoch seconds. `added`, `changed` and `retired` are numbers of grids.
    `settled_at` is when the centre put it in force, None while it is planned.
    """

    no: int
    at: float
    by: str
    why: str
    exception: str
    valid_from: float
    managed_by: str
    origin: str | None
    added: int
    changed: int
    retired: int
    settled_at: float | None = None
    withdrawn_at: float | None = None
    withdrawn_by: str | None = None

    def state(self, newest_in_force: int) -> VersionState:
        """What it is beside the newest one in force."""
        if self.withdrawn_at is not None:
            return VersionState.WITHDRAWN
        if self.settled_at is None:
            return VersionState.PLANNED
        return VersionState.IN_FORCE if self.no == newest_in_force else VersionState.PAST
