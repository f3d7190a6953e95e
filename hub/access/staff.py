"""Whose account one may see and change: of the staff of one's own ground, and what one could give.

Else who may set a password in one town could make himself administrator of the county.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import Connection

from hub.access import accounts, granting
from hub.access.accounts import Account
from hub.access.actions import Action, Subject
from hub.access.granting import Given, Holder
from hub.access.grants import Grant
from hub.access.rules import jurisdiction, may_give
from hub.kit.errors import Forbidden, NotFound
from hub.store import ground
from hub.store.ground import Path
from hub.types.staff import Jurisdiction

Paths = Callable[[str | None], Path]
"""The path of a grant's grid; () of the whole site."""


def paths_of(tx: Connection, grids: Iterable[str | None]) -> Paths:
    """The paths of these grids; one that is gone lies where it lay, so its people are found."""
    known = ground.paths_kept(tx, [code for code in grids if code is not None])
    return lambda code: () if code is None else known[code]


def list_seen(tx: Connection, who: Subject, now: float) -> list[Account]:
    """The accounts `who` may see, by login, each with the grants on that ground."""
    return _on_ground(tx, accounts.list_accounts(tx, now), jurisdiction(Action.ACCOUNTS_READ, who))


def seen(tx: Connection, who: Subject, action: Action, account_id: str, now: float) -> None:
    """That an account stands on the ground of that action. Raises NotFound."""
    if not _on_ground(tx, [accounts.by_id(tx, account_id, now)], jurisdiction(action, who)):
        raise NotFound(f"there is no account {account_id}")


def list_given(tx: Connection, who: Subject, holder: Holder) -> list[Given]:
    """What a holder was ever given on the ground where `who` reads grants, newest first."""
    found, within = granting.list_given(tx, holder), jurisdiction(Action.GRANTS_READ, who)
    path = paths_of(tx, [given.grant.grid for given in found])
    return [given for given in found if within.covers(path(given.grant.grid))]


def may_change(tx: Connection, who: Subject, account_id: str, now: float) -> None:
    """Whoever changes an account could have given all it has.

    Raises NotFound, Forbidden (`not_to_give`).
    """
    seen(tx, who, Action.ACCOUNTS_UPDATE, account_id, now)
    held = [given.grant for given in accounts.by_id(tx, account_id, now).grants]
    refuse_more(tx, who, held, Action.ACCOUNTS_UPDATE)


def refuse_more(
    tx: Connection, who: Subject, grants: Iterable[Grant], action: Action = Action.GRANTS_GIVE
) -> None:
    """Refuse what `who` cannot give, or by `action` end or touch.

    Raises Forbidden (`not_to_give`).
    """
    wanted = list(grants)
    path = paths_of(tx, [grant.grid for grant in wanted])
    for grant in wanted:
        if not may_give(who, grant, path(grant.grid), action):
            where = "the whole site" if grant.grid is None else f"grid {grant.grid}"
            raise Forbidden(f"{grant.role} on {where} is not yours to give", code="not_to_give")


def _on_ground(tx: Connection, found: list[Account], within: Jurisdiction) -> list[Account]:
    """Those with a grant in it, each with these grants only."""
    if within.everywhere:
        return found
    path = paths_of(tx, [g.grant.grid for account in found for g in account.grants])

    def inside(given: Given) -> bool:
        return within.covers(path(given.grant.grid))

    shown = [replace(a, grants=tuple(g for g in a.grants if inside(g))) for a in found]
    return [account for account in shown if account.grants]
