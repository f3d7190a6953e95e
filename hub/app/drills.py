"""Roll calls: what is called on a ground, and the step that calls it when it is time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.drills import repository, service
from hub.drills.checklist import Kind
from hub.drills.drill import Called
from hub.duty import posts
from hub.duty.config import DutyConfig
from hub.ingest import service as sources
from hub.kit.clock import Clock, Steady
from hub.kit.ids import Ids
from hub.store.db import Database
from hub.store.ground import Standing, source_paths
from hub.store.matters import ailing_cameras
from hub.types.finding import RuleKind

PAUSE_S = 10.0
ONLINE = "online"
_SEEN = {RuleKind.CAMERA_FROZEN: "frozen", RuleKind.CAMERA_OFFLINE: "offline"}
"""What the hub sees of a camera, in a word."""


def roll(duty: Callable[[], DutyConfig]) -> service.Roll:
    """Who is called on a ground: its cameras in use, and its posts."""

    def called(tx: Connection, grid: str | None, now: float) -> Sequence[Called]:
        found = [*_cameras(tx), *_posts(tx, duty(), now)]
        return [each for each in found if grid is None or grid in each.grid_path]

    return called


def _cameras(tx: Connection) -> list[Called]:
    names = {
        entry.spec.id: entry.spec.name for entry in sources.cameras().list(tx) if entry.enabled
    }
    ill = ailing_cameras(tx)
    ground = source_paths(tx, Standing.CAMERA, names)
    return [
        Called(Kind.CAMERA, id_, names[id_], ground[id_], _SEEN[ill[id_]] if id_ in ill else ONLINE)
        for id_ in sorted(names)
    ]


def _posts(tx: Connection, duty: DutyConfig, now: float) -> list[Called]:
    return [
        Called(
            Kind.POST,
            f"{each.post.grid}/{each.post.role}",
            f"{each.grid_name} {each.post.title}".strip(),
            each.path,
        )
        for each in posts.standings(tx, duty, now)
        if each.known
    ]


class Drills:
    """Calls what was planned, and ends what is over; a step for the supervisor."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        fence: Callable[[Connection], None],
        zone: Callable[[], ZoneInfo],
        roll: service.Roll,
        ids: Ids,
    ) -> None:
        self._db = db
        # What a roll call that ends too early leaves open is missed for good.
        self._clock = Steady(clock)
        self._fence = fence
        self._zone = zone
        self._roll = roll
        self._ids = ids

    def step(self) -> float:
        """One turn; returns the pause."""
        now = self._clock.now()
        with self._db.read() as tx:
            if not repository.is_due(tx, now):
                return PAUSE_S
        with self._db.write() as tx:
            self._fence(tx)
            service.finish_over(tx, now)
            service.call_due(tx, now, self._zone(), self._roll, self._ids)
        return PAUSE_S
