"""Which grids and whose absences one may see and change: the ground of duty.read and duty.write."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.deps import Deps
from hub.api.reach import ground, reach
from hub.duty import repository
from hub.grids.service import no_grid
from hub.grids.tree import GridTree
from hub.kit.errors import Forbidden, NotFound
from hub.store import ground as paths
from hub.types.staff import Jurisdiction


def readable(who: Subject) -> Jurisdiction:
    """Where one may see who is there; a department's people on the ground of their department."""
    return ground(Action.DUTY_READ, who)


def writable(who: Subject) -> Jurisdiction:
    """Where one keeps the roster."""
    return reach(Action.DUTY_WRITE, who)


def grid_in(hub: Deps, code: str, within: Jurisdiction) -> tuple[str, ...]:
    """The path of a grid of that ground. Raises NotFound."""
    tree: GridTree = hub.binder().tree
    if code not in tree or not within.covers(tree.path(code)):
        raise no_grid(code)
    return tree.path(code)


def refuse_unless_all(within: Jurisdiction) -> None:
    """For what is of the whole site. Raises Forbidden (`outside_jurisdiction`)."""
    if not within.everywhere:
        raise Forbidden("that is of the whole site", code="outside_jurisdiction")


def staff_in(tx: Connection, people: Collection[str], within: Jurisdiction) -> set[str]:
    """Those of these accounts who hold something on that ground."""
    if within.everywhere:
        return set(people)
    held = repository.ground_of(tx, people)
    codes = {code for grids in held.values() for code in grids if code is not None}
    path = paths.paths_kept(tx, codes)
    return {
        account
        for account, grids in held.items()
        if any(code is not None and within.covers(path[code]) for code in grids)
    }


def refuse_strangers(tx: Connection, account: str, within: Jurisdiction) -> None:
    """Raises NotFound for an account that holds nothing on that ground."""
    if repository.account(tx, account) is None or not staff_in(tx, [account], within):
        raise NotFound(f"there is no account {account}")
