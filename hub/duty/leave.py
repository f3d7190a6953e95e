"""Leave: from when to when somebody is not there. Why is not asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from hub.duty import repository
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids

LEAVE_S_MAX = 400 * 86400.0


@dataclass(frozen=True, slots=True)
class Leave:
    """An absence on file; times are UTC epoch seconds. `ended_at`: taken back, None while not."""

    id: str
    account: str
    name: str
    starts_at: float
    ends_at: float
    ended_at: float | None = None

    @property
    def until(self) -> float:
        """When it really ends."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)


def lasting(tx: Connection, since: float, until: float | None = None) -> list[Leave]:
    """Those that touch a time, by when they begin; not those taken back before they began."""
    found = (_leave(row) for row in repository.leaves(tx, since, until))
    return [each for each in found if each.until > max(since, each.starts_at)]


def get(tx: Connection, leave_id: str) -> Leave:
    """One absence. Raises NotFound."""
    row = repository.leave(tx, leave_id)
    if row is None:
        raise NotFound(no_leave(leave_id))
    return _leave(row)


def no_leave(leave_id: str) -> str:
    """What is said of an absence that is not there, or not for whoever asks."""
    return f"there is no absence {leave_id}"


def add(
    tx: Connection, account: str, starts_at: float, ends_at: float, by: str, now: float, ids: Ids
) -> Leave:
    """Enter an absence that is not over. Raises Refused (`bad_leave`, `unknown_account`)."""
    if not max(starts_at, now) < ends_at <= starts_at + LEAVE_S_MAX:
        raise Refused("leave ends after it begins, and later than now", code="bad_leave")
    row = repository.account(tx, account)
    if row is None:
        raise Refused(f"there is no account {account}", code="unknown_account")
    began = max(starts_at, now)  # what was asked of the past keeps its answer
    made = Leave(ids(), account, row.name, began, ends_at)
    values = {"id": made.id, "account_id": account, "starts_at": began, "ends_at": ends_at}
    repository.insert_leave(tx, values | {"made_at": now, "made_by": by})
    return made


def end(tx: Connection, leave: Leave, by: str, now: float) -> Leave:
    """Somebody is back, or does not go. Raises Conflict (`leave_over`)."""
    if leave.until <= max(now, leave.starts_at):
        raise Conflict("this absence is over", code="leave_over")
    repository.end_leave(tx, leave.id, by, now)
    return replace(leave, ended_at=now)


def _leave(row: Any) -> Leave:
    return Leave(row.id, row.account_id, row.name, row.starts_at, row.ends_at, row.ended_at)
