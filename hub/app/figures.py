"""The step of the active centre that derives the figures from what the log says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.indicators import refresh, repository
from hub.indicators.days import bounds
from hub.kit.clock import Clock
from hub.store.audit.logs import TRANSITIONS
from hub.store.audit.settled import Settling, look
from hub.store.db import Database

PAUSE_S = 5.0
MORE_S = 0.2
"""While much is to be read: others get their turn to write."""
DAYS_S = 60.0
"""How often the days that may still change are counted anew."""


class Figures:
    """Follows the log, and counts the open days each minute; a step for the supervisor."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        fence: Callable[[Connection], None],
        zone: Callable[[], ZoneInfo],
    ) -> None:
        self._db = db
        self._clock = clock
        self._fence = fence
        self._zone = zone
        self._settling = Settling()

    def step(self) -> float:
        """One turn: some lines of the log, or one day; returns the pause."""
        with self._db.read() as tx:
            cut = look(tx, TRANSITIONS)
            reached = repository.mark(tx, refresh.LOG) or 0
        through = self._settling.through(cut)
        more = through > reached and self._followed(through)
        return MORE_S if more or self._counted() else PAUSE_S

    def _followed(self, through: int) -> bool:
        with self._db.write() as tx:
            self._fence(tx)
            return refresh.follow(tx, through, self._zone())

    def _counted(self) -> bool:
        """Count one day of those that are due, and say whether there was one."""
        now, zone = self._clock.now(), self._zone()
        for name in (refresh.ALERTS, refresh.CAMERAS):
            with self._db.read() as tx:
                reached = repository.mark(tx, name)
            if reached is None or abs(now - reached) >= DAYS_S:  # also after a clock that ran ahead
                self._count(name, now, zone)
                return True
        return False

    def _count(self, name: str, now: float, zone: ZoneInfo) -> None:
        if name == refresh.CAMERAS:
            with self._db.write() as tx:
                self._fence(tx)
                refresh.follow_cameras(tx, now)
        with self._db.read() as tx:
            days = refresh.open_days(tx, name, now, zone)
        for day in days:
            with self._db.write() as tx:
                self._fence(tx)
                if name == refresh.ALERTS:
                    refresh.count_alerts(tx, day, zone)
                else:
                    refresh.count_cameras(tx, day, zone, now)
                # The last day stands at this moment, the others are counted to their ends.
                done = now if day == days[-1] else _last(day, zone, now)
                repository.put_mark(tx, name, done)


def _last(day: date, zone: ZoneInfo, now: float) -> float:
    return min(bounds(day + timedelta(days=1), zone)[0], now)
