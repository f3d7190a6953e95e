"""What time brings about, kind by kind: named row by row, and done by the desk's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.dispatch import service as dispatch
from hub.dispatch.cases.errands import Office
from hub.dispatch.cases.verifying import archive_due
from hub.dispatch.due import repository as due
from hub.dispatch.timers.fire import fire_due
from hub.dispatch.timers.rows import Subject
from hub.flow import Chore
from hub.kit.supervise import Key

if TYPE_CHECKING:
    from hub.app.desk import Desk

SILENT_AT_ONCE = 1000
"""Episodes of which nobody speaks: with a worker, all of its cameras' fall silent at once."""


def chores(desk: Desk) -> Sequence[Chore]:
    """All kinds, in the order they are looked for."""
    own = _Chores(desk)
    return (
        Chore("wait", own.waits, own.send_out),
        Chore("archive", own.closed, own.archive),
        Chore("timer", own.timers, own.fire),
        Chore("silence", own.silent, own.clear, SILENT_AT_ONCE),
        Chore("storm", own.silent_storms, own.end_storms),
    )


@dataclass(frozen=True, slots=True)
class _Chores:
    """What is due at one desk, and what is done about it."""

    desk: Desk

    def waits(self, tx: Connection, limit: int) -> list[Key]:
        return keys(due.wait_ids(tx, self.desk.steady_now(), limit))

    def send_out(self, tx: Connection, these: Sequence[Key]) -> None:
        config, now, ids = self.desk.config, self.desk.steady_now(), self.desk.ids
        only, roster = names(these), self.desk.roster
        dispatch.dispatch_due(tx, config=config, now=now, ids=ids, roster=roster, only=only)

    def closed(self, tx: Connection, limit: int) -> list[Key]:
        before = self.desk.clock.now() - self.desk.config.archive_after_s
        return keys(due.closed_ids(tx, before, limit))

    def archive(self, tx: Connection, these: Sequence[Key]) -> None:
        config, now = self.desk.config, self.desk.clock.now()
        archive_due(tx, config=config, now=now, only=names(these))

    def timers(self, tx: Connection, limit: int) -> list[Key]:
        return due.timer_keys(tx, self.desk.steady_now(), limit)

    def fire(self, tx: Connection, these: Sequence[Key]) -> None:
        """Clocks that are due; what fired of an alert has its line in the alert's own log."""
        desk, now = self.desk, self.desk.steady_now()
        office = Office(desk.config, desk.ids, desk.roster)
        for fired in fire_due(tx, now=now, office=office, only=these):
            timer = fired.timer
            if timer.subject is Subject.ALERT:
                alerts.note(tx, timer.subject_id, timer.level.value, timer.step.value, now=now)

    def silent(self, tx: Connection, limit: int) -> list[Key]:
        since, now = self.desk.awake_since(), self.desk.clock.now()
        if since is None:
            return []
        return keys(alerts.silent_episodes(tx, now, awake_since=since, limit=limit))

    def clear(self, tx: Connection, these: Sequence[Key]) -> None:
        alerts.close_silent_episodes(tx, self.desk.clock.now(), only=names(these))

    def silent_storms(self, tx: Connection, limit: int) -> list[Key]:
        since, now = self.desk.awake_since(), self.desk.clock.now()
        if since is None:
            return []
        return keys(alerts.silent_storms(tx, now, awake_since=since, limit=limit))

    def end_storms(self, tx: Connection, these: Sequence[Key]) -> None:
        alerts.end_silent_storms(tx, self.desk.clock.now(), names(these))


def keys(found: Iterable[str]) -> list[Key]:
    """Rows that are named by one word."""
    return [(one,) for one in found]


def names(these: Sequence[Key]) -> list[str]:
    """The same words back."""
    return [one for (one,) in these]
