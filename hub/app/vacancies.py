"""The step of the active centre that tells of vacant posts: one alert for each grid above some."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from hub.alerts import group
from hub.alerts import service as alerts
from hub.app.desk import Desk
from hub.duty import posts
from hub.duty.config import DutyConfig
from hub.duty.posts import Vacancies
from hub.kit.clock import Clock
from hub.store.db import Database
from hub.types.finding import RuleKind, Severity
from hub.types.scene import SourceKind

DUTY = "duty"
"""The source of the alerts about posts without people."""
LOOK_S = 60.0


class VacancyStep:
    """Looks each minute; what has not changed since is told to nobody."""

    def __init__(self, db: Database, clock: Clock, fence: Callable[[Connection], None]) -> None:
        self._db = db
        self._clock = clock
        self._fence = fence
        self._told: Sequence[Vacancies] | None = None

    def step(self, desk: Desk, config: DutyConfig) -> float:
        """One look; returns the pause. The first one of a centre sets right what is told."""
        with self._db.read() as tx:
            found = posts.vacancies(posts.standings(tx, config, self._clock.now()))
        if found != self._told:
            with self._db.write() as tx:
                self._fence(tx)
                tell_vacancies(tx, desk, found)
            self._told = found
        return LOOK_S

    def forget(self) -> None:
        """Of who becomes the active centre again: another may have told something else since."""
        self._told = None


def tell_vacancies(tx: Connection, desk: Desk, found: Sequence[Vacancies]) -> None:
    """One alert for each grid above vacant posts; it clears when the last of them is filled."""
    now, above = desk.clock.now(), {each.parent for each in found}
    for place in alerts.live_own_places(tx, RuleKind.VACANCY) - above:
        alerts.clear_own(tx, RuleKind.VACANCY, DUTY, place=place, now=now)
    for each in found:
        raised = alerts.raise_own(
            tx,
            RuleKind.VACANCY,
            DUTY,
            SourceKind.HUB,
            desk.snapshot.binder.bind_named(each.parent),
            place=each.parent,
            severity=Severity.P4,
            facts={"posts": each.posts, "first": each.first},
            now=now,
            ids=desk.ids,
        )
        if raised.dispatch and raised.alert is not None:
            desk.file(tx, [(raised.alert, group.plan(raised.alert))])
