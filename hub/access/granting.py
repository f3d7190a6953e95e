"""Grants on file: given, ended, and which of them count now. None is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.access import repository
from hub.access.actions import ACCOUNT_ROLES, GIVEN_ROLES, Role
from hub.access.grants import Grant, check_grant
from hub.kit.errors import Conflict, NotFound
from hub.kit.ids import Ids
from hub.store.windows import window_of


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a grant is: an account's or a token's, by its id; the other one is None."""

    account: str | None = None
    token: str | None = None

    @property
    def roles(self) -> tuple[Role, ...]:
        """What such a holder can be given."""
        return GIVEN_ROLES if self.account is None else ACCOUNT_ROLES


@dataclass(frozen=True, slots=True)
class Given:
    """A grant on file: by whom it was given and ended, and when (UTC epoch seconds)."""

    id: str
    holder: Holder
    grant: Grant
    given_at: float
    given_by: str
    ended_at: float | None = None
    ended_by: str | None = None


def give(
    tx: Connection, holder: Holder, grants: Iterable[Grant], by: str, now: float, ids: Ids
) -> tuple[Given, ...]:
    """Write grants down; whether the holder exists is the caller's to know.

    Raises Refused (`role_not_given`, `unit_wanted`, `unit_not_wanted`, `bad_window`).
    """
    made = []
    for grant in grants:
        check_grant(grant, holder.roles)
        given = Given(ids(), holder, grant, now, by)
        repository.insert_grant(tx, _values(given))
        made.append(given)
    return tuple(made)


def end(tx: Connection, holder: Holder, grant_id: str, by: str, now: float) -> None:
    """End one grant. Raises NotFound (none, or ended), Conflict (`last_admin`)."""
    given = live(tx, holder, grant_id)
    if _administers(given.grant):
        somebody_is_left(tx, grant_id=grant_id)
    repository.end_grant(tx, grant_id, by, now)


def live(tx: Connection, holder: Holder, grant_id: str) -> Given:
    """One grant that has not been ended. Raises NotFound."""
    for given in list_given(tx, holder):
        if given.id == grant_id and given.ended_at is None:
            return given
    raise NotFound(f"there is no grant {grant_id}")


def list_given(tx: Connection, holder: Holder) -> list[Given]:
    """All that one holder was ever given, newest first."""
    rows = repository.grants_of(tx, account=holder.account, token=holder.token)
    return [given(row) for row in reversed(rows)]


def live_by_account(tx: Connection) -> dict[str, list[Given]]:
    """The grants of all accounts that have not been ended, oldest first."""
    return _by(repository.live_grants(tx, "account_id"), "account_id")


def live_by_token(tx: Connection) -> dict[str, list[Given]]:
    """The grants of all tokens that have not been ended, oldest first."""
    return _by(repository.live_grants(tx, "token_id"), "token_id")


def live_of(tx: Connection, holder: Holder) -> tuple[Given, ...]:
    """What one holder has and was not ended, oldest first, whether it counts now or not."""
    rows = repository.grants_of(tx, account=holder.account, token=holder.token)
    return tuple(given(row) for row in rows if row.ended_at is None)


def in_force(given: Iterable[Given], now: float, zone: ZoneInfo) -> tuple[Grant, ...]:
    """Those that count at this moment at a site of that time zone."""
    return tuple(g.grant for g in given if g.ended_at is None and g.grant.in_force(now, zone))


def roles_of(given: Iterable[Given]) -> frozenset[Role]:
    """The roles among them, whether they count now or not."""
    return frozenset(g.grant.role for g in given)


def somebody_is_left(
    tx: Connection,
    *,
    grant_id: str | None = None,
    account: str | None = None,
    token: str | None = None,
) -> None:
    """That the whole site could be administered, always, without what is named here.

    Raises Conflict (`last_admin`).
    """
    if repository.count_admins(tx, grant_id=grant_id, account=account, token=token) == 0:
        raise Conflict("nobody could administer any more", code="last_admin")


def administers(given: Collection[Given]) -> bool:
    """Whether one of them is such as `somebody_is_left` counts."""
    return any(_administers(g.grant) for g in given)


def given(row: Any) -> Given:
    """From a row of the table."""
    holder = Holder(row.account_id, row.token_id)
    grant = Grant(Role(row.role), row.grid, row.unit, window_of(row))
    return Given(row.id, holder, grant, row.given_at, row.given_by, row.ended_at, row.ended_by)


def _administers(grant: Grant) -> bool:
    return grant == Grant(Role.ADMIN)


def _by(rows: Sequence[Any], column: str) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(given(row))
    return found


def _values(given: Given) -> dict[str, Any]:
    grant, window = given.grant, given.grant.window
    values = {
        "id": given.id,
        "account_id": given.holder.account,
        "token_id": given.holder.token,
        "role": grant.role.value,
        "grid": grant.grid,
        "unit": grant.unit,
        "given_at": given.given_at,
        "given_by": given.given_by,
    }
    if window is None:
        return values
    return values | {
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "weekdays": "".join(str(day) for day in sorted(window.weekdays)),
        "from_minute": window.from_minute,
        "to_minute": window.to_minute,
    }
