"""Who is there for a grid now, and what they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.types.finding import Severity
from hub.types.staff import Role


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A member of staff who answers for a grid at a moment.

    `grid` is where the post is; it may lie above the grid that was asked for: where nobody is on
    duty, the parent's people are. `why` says which: `shift`, `post` or `parent`.
    """

    account: str
    name: str
    role: Role
    grid: str | None
    why: str
    unit: str | None = None


Roster = Callable[[Connection, Sequence[str], Role, float], Sequence[OnDuty]]
"""(tx, grid path from the root, role, UTC epoch seconds) to who is on duty there, nearest first.

Nobody at all is an empty sequence, never an error.
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is to be told. Written in the transaction of what it tells of.

    `about` is `incident/<id>`, `whistle/<id>`, `alert/<id>`, `grid/<code>`; `kind` one word of
    what happened (`dispatched`, `escalated`, `red`, `supervision`, `leader`, `whistle`, `vacancy`,
    `storm`, ...). It goes to who is on duty in one of `roles` on `grid_path`, or of `unit`, or to
    the one `account`. `key`: told once under it.
    """

    key: str
    about: str
    kind: str
    severity: Severity
    grid_path: tuple[str, ...]
    at: float
    roles: frozenset[Role] = frozenset()
    unit: str | None = None
    account: str | None = None
    exercise: bool = False
