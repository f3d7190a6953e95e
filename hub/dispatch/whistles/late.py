"""A department lets its time pass: what a clock that has come to a level brings about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from hub.dispatch.lives import HUB
from hub.dispatch.notices import repository as notices
from hub.dispatch.supervisions import service as supervisions
from hub.dispatch.supervisions.service import Late
from hub.dispatch.timers import repository as timers
from hub.dispatch.timers.rows import Level, Timer, TimerState
from hub.dispatch.whistles import clock, journal, repository
from hub.dispatch.whistles.journal import Turn
from hub.kit.ids import Ids
from hub.types.duty import Notice
from hub.types.staff import Role
from hub.types.whistle import Whistle, WhistleState

DEPARTMENT = frozenset({Role.DEPARTMENT})
BESIDE: Mapping[Level, frozenset[Role]] = MappingProxyType(
    {Level.RED: frozenset({Role.DISPATCHER, Role.SHIFT_LEADER}), **supervisions.TO}
)
"""Who hears of a level beside the department: who calls when it is too late, then those above."""


def fire(tx: Connection, timer: Timer, beyond: Collection[Level], now: float, ids: Ids) -> bool:
    """The line in the log, who is told, and the supervision where the level asks for one.

    `beyond`: graver levels of the step whose time has come too; who hears of one of those is not
    told of this one.

    False where the row does not count any more. Only the whistle is locked, after any incident.
    """
    row = repository.row(tx, timer.subject_id, lock=True)
    if row is None or WhistleState(row.state) not in clock.RUNS[timer.step]:
        timers.end(tx, timer, TimerState.CANCELLED, now)
        return False
    if not timers.end(tx, timer, TimerState.FIRED, now):
        return False
    repository.change(tx, row.id, updated_at=now)
    turn, state = Turn(timer.level.value), WhistleState(row.state)
    whistle = journal.write(tx, row.id, turn, state, at=now, by=HUB.value, why=timer.step.value)
    notices.put(tx, _told(whistle, timer.level, beyond, now))
    if timer.level in supervisions.TO:
        supervisions.begin(tx, timer, timer.level, _late(whistle, timer.level), now, ids)
    return True


def _late(whistle: Whistle, level: Level) -> Late:
    """The department itself answers first; the leader for all of them."""
    return Late(
        whistle.severity,
        whistle.grid_code,
        whistle.grid_path,
        whistle.title or whistle.rule_kind.value,
        whistle.exercise,
        unit=whistle.unit if level is Level.SUPERVISION else None,
    )


def _told(whistle: Whistle, level: Level, beyond: Collection[Level], at: float) -> Iterator[Notice]:
    nobody = frozenset[Role]()
    department = nobody if beyond else DEPARTMENT
    beside = BESIDE.get(level, nobody).difference(*(BESIDE.get(each, nobody) for each in beyond))
    for roles, unit in ((department, whistle.unit), (beside, None)):
        if roles:
            yield Notice(
                key=f"whistle/{whistle.id}/{whistle.version}/{unit or 'others'}",
                about=f"whistle/{whistle.id}",
                kind=level.value,
                severity=whistle.severity,
                grid_path=whistle.grid_path,
                at=at,
                roles=roles,
                unit=unit,
                exercise=whistle.exercise,
            )
