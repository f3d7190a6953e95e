"""Who hears of which level of which step; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from hub.dispatch.supervisions.service import TO
from hub.dispatch.timers.rows import Level, Step
from hub.types.staff import Role

_FIELD = frozenset({Role.WORKER, Role.CHIEF})

DOERS: Mapping[Step, frozenset[Role]] = MappingProxyType(
    {
        Step.VERDICT: frozenset({Role.OPERATOR}),
        Step.FILE: frozenset({Role.OPERATOR, Role.DISPATCHER}),
        Step.ACCEPT: _FIELD,
        Step.ON_SCENE: _FIELD,
        Step.HANDLE: _FIELD,
        Step.VERIFY: frozenset({Role.OPERATOR, Role.SUPERVISOR}),
        Step.SILENCE: _FIELD,
    }
)
"""Whose turn a step is."""


def roles(step: Step, level: Level, graver: Collection[Level] = ()) -> frozenset[Role]:
    """Who on duty is told: first whose turn it is, then who answers for them.

    Where the time of graver levels has come as well (after an outage, or when a case goes on that
    was suspended), nobody is told of this one who hears of one of those.
    """
    return _roles(step, level).difference(*(_roles(step, each) for each in graver))


def _roles(step: Step, level: Level) -> frozenset[Role]:
    match level:
        case Level.YELLOW:
            return DOERS[step]
        case Level.RED:
            return DOERS[step] | {Role.DISPATCHER}
        case Level.CLIMB:
            return _FIELD | {Role.DISPATCHER}
        case _:
            return TO[level]
