"""Who is there for a grid now, and what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


class Roster(Protocol):
    """Who is on duty where; nobody at all is an empty sequence, never an error."""

    def __call__(
        self,
        tx: Connection,
        path: Sequence[str],
        role: Role,
        at: float,
        unit: str | None = None,
        /,
    ) -> Sequence[OnDuty]:
        """The people of the nearest grid where anybody is.

        `path` is the grid's from the root, `at` UTC epoch seconds. `unit`: who holds the role for
        that department alone; others of the role, however near, are nobody then.
        """
        ...


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
