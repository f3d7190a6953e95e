"""How far whoever asks may reach: the ground of a route's action, handed to the rooms.

A list is filtered in its query, and one thing beyond the ground is not found, in the words for
what does not exist. What lies inside but would be brought outside is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from hub.access.actions import Action, Subject
from hub.access.rules import jurisdiction, units
from hub.api.guard import subject_now
from hub.kit.errors import Forbidden
from hub.types.staff import Jurisdiction


def reach(action: Action, who: Subject) -> Jurisdiction:
    """The ground on which the subject may do this now."""
    return jurisdiction(action, who)


def ground(action: Action, who: Subject) -> Jurisdiction:
    """The same with the ground on which the subject acts for a department or an owner.

    For what belongs to no unit, such as the grids themselves.
    """
    parts = [jurisdiction(action, who), *units(action, who).values()]
    everywhere = any(part.everywhere for part in parts)
    return Jurisdiction(everywhere, frozenset[str]().union(*(part.roots for part in parts)))


def refuse_outside(within: Jurisdiction, path: Iterable[str]) -> None:
    """Return if the place lies in the ground. Raises Forbidden (`outside_jurisdiction`)."""
    if not within.covers(path):
        raise Forbidden("that place is outside your jurisdiction", code="outside_jurisdiction")


async def _within(connection: HTTPConnection) -> Jurisdiction:
    return reach(connection.state.asker.guard.action, await subject_now(connection))


async def _units(connection: HTTPConnection) -> Mapping[str, Jurisdiction]:
    return units(connection.state.asker.guard.action, await subject_now(connection))


Within = Annotated[Jurisdiction, Depends(_within)]
"""The ground of the route's own action, for whoever asks."""
Units = Annotated[Mapping[str, Jurisdiction], Depends(_units)]
"""The departments for which whoever asks may do the route's own action, each with its ground."""
