"""Who works with the hub, and where they may: roles of staff and the ground they answer for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What someone is to the hub. `sensor` and `anyone` are never given to anybody."""

    ADMIN = "admin"
    CAMERA_ADMIN = "camera_admin"
    OPERATOR = "operator"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    WORKER = "worker"
    CHIEF = "chief"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    ASSESSOR = "assessor"
    PRIVACY = "privacy"
    OWNER = "owner"
    CENTRE = "centre"
    SENSOR = "sensor"
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The ground somebody may act on: `roots` are grids, each with all below it.

    `everywhere` also covers what no grid contains, which nobody else does.
    """

    everywhere: bool = False
    roots: frozenset[str] = frozenset()

    def covers(self, path: Iterable[str]) -> bool:
        """Whether a place lies in it, by the codes of its grids from the root down."""
        return self.everywhere or any(code in self.roots for code in path)


EVERYWHERE = Jurisdiction(everywhere=True)
NOWHERE = Jurisdiction()
