"""The centre process: findings to alerts, alerts to the queue; one is active, others stand by."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.alerts import service as alerts
from hub.app import registry, sync
from hub.app.auditor import Auditor
from hub.app.configured import CONFIG_S, Configured
from hub.app.desk import Desk
from hub.app.drills import Drills, roll
from hub.app.exports import ExportStep
from hub.app.figures import Figures
from hub.app.intake import IntakeDesk, overtaken
from hub.app.notices import NoticeSteps, check_address
from hub.app.planner import Planner
from hub.app.relays import Relays
from hub.app.retention import RetentionStep
from hub.app.seat import take_seat
from hub.app.setup import Setup
from hub.app.unobserved import Watch
from hub.app.vacancies import VacancyStep
from hub.config import HubConfig
from hub.dispatch import queue
from hub.dispatch.calls import Caller
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.timers import service as clocks
from hub.duty import service as duty
from hub.flow import clock_flow
from hub.kit import heap
from hub.kit.clock import Clock, RealClock, Steady
from hub.kit.errors import Conflict
from hub.kit.ids import random_id
from hub.kit.metrics import Metrics
from hub.kit.supervise import Aside, Supervisor
from hub.store import feed
from hub.store.audit.sealer import Sealer
from hub.store.db import Database
from hub.store.lease import CENTRE, Lease
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.stream import BACKOFF, CENTRES, Heartbeats, Intake, Plans, connect
from hub.types.finding import RuleKind

log = logging.getLogger(__name__)

STANDBY_S = 1.0
CLOCK_S = 1.0
BEAT_S = 2.0
TIDY_S = 600.0
FEED_KEPT_S = 7 * 86400.0
TIMERS_KEPT_S = 30 * 86400.0
"""Of cases that are over; what fired stands in their log."""
FLUSH_S = 8.0


@dataclass(slots=True)
class Standing:
    """Whether this process is the active centre. `token` fences its transactions."""

    token: int | None = None


class Centre:
    """One centre process: `start`, then it looks after itself until `stop`.

    Everything it does in the database happens under its lease; a centre that was paused and
    overtaken is refused in its next transaction and stands by.
    """

    def __init__(self, setup: Setup, name: str, clock: Clock) -> None:
        self._setup = setup
        self._name = name
        self._clock = clock
        self._steady = Steady(clock)
        self._metrics = Metrics()
        self._supervisor = Supervisor(clock)
        self._db = Database(setup.database)
        self._box = SecretBox(setup.key_file)
        self._files = Configured(setup, self._metrics)
        self._seat = take_seat(setup.data, name)
        self._lease = Lease(CENTRE, self._seat.holder, clock)
        self._standing = Standing()
        client = connect(setup.redis)
        self._intake = IntakeDesk(
            self._db, Intake(client, clock), clock, self._metrics, self._committed
        )
        self._beats = Heartbeats(client)
        self._own_beats = Heartbeats(client, group=CENTRES)
        self._waker = feed.Waker(client)
        self._ticked = threading.Event()
        self._planner = Planner(Plans(client))
        self._watch = Watch(clock)
        self._desk: Desk | None = None
        self._refreshing = threading.Lock()
        self._relays = Relays(
            self._db, queue.connect(setup.redis), clock,
            fence=self._fence,
            on_dead=self._raise_undelivered,
            metrics=self._metrics,
            loop=lambda name, step, **how: self._supervisor.loop(name, self._active(step), **how),
        )  # fmt: skip
        self._media = MediaStore(setup.media)
        self._sealer = Sealer(self._db, clock, self._fence, self._metrics)
        self._vacancies = VacancyStep(self._db, clock, self._fence)
        caller = Caller(check_address)
        self._aside = Aside(clock, self._metrics, overtaken)
        self._auditor = Auditor(
            self._db, clock, self._fence, self._beats.all, self._metrics, caller,
            aside=lambda: self._aside.named,
        )  # fmt: skip
        self._figures = Figures(self._db, clock, self._fence, self._zone)
        called = roll(lambda: self._config.duty)
        self._drills = Drills(self._db, clock, self._fence, self._zone, called, random_id)
        self._retention = RetentionStep(
            self._db, self._media, clock, random_id, self._fence, self._metrics
        )
        self._exports = ExportStep(self._db, self._media, clock, self._fence, self._metrics)
        self._notices = NoticeSteps(
            self._db, clock, random_id, self._fence,
            config=lambda: self._config.dispatch,
            zone=self._zone,
            binder=lambda: None if self._desk is None else self._desk.snapshot.binder,
            metrics=self._metrics,
            wake=self._waker.wake,
        )  # fmt: skip

    def start(self) -> None:
        """Start the loops."""
        loop = self._supervisor.loop
        loop("lease", self._hold)
        loop("beat", self._beat)
        loop("config", self._active(self._reload))
        loop("intake", self._active(self._take), backoff=BACKOFF)
        loop("clock", self._active(self._tick))
        loop("heal", self._active(self._heal), backoff=BACKOFF, wake=self._ticked)
        loop("plans", self._active(self._plan))
        loop("tidy", self._active(self._tidy))
        loop("seal", self._active(self._sealer.step))
        loop("figures", self._active(self._figures.step))
        loop("drills", self._active(self._drills.step))
        loop("vacancies", self._active(self._look_for_vacancies))
        loop("retention", self._active(self._retain))
        loop("exports", self._active(self._export))
        loop("auditor", self._active(self._audit))
        loop("branches", self._active(self._branch_out))

    def _branch_out(self) -> float:
        """Loops for the centres and channels that have none yet."""
        self._notices.start(self._supervisor, self._active)
        self._relays.follow(self._config.dispatch)
        return CONFIG_S

    @property
    def _config(self) -> HubConfig:
        """What is in force now."""
        return self._files.now

    def _beat(self) -> float:
        """Numbers for whoever asks the api, also of a centre that stands by."""
        active = self._standing.token is not None
        self._metrics.put("hub_centre_active", float(active))
        self._metrics.put("hub_centre_awake", float(self._intake.awake_since is not None))
        for loop, spent_s in self._supervisor.cpu_s.items():
            self._metrics.put("hub_loop_cpu_seconds_total", spent_s, loop=loop)
        body = {"errors": self._supervisor.last_error, "metrics": self._metrics.snapshot()}
        self._own_beats.beat(self._name, body)
        return BEAT_S

    # -- the lease ---------------------------------------------------------------------------

    def _hold(self) -> float:
        with self._db.write() as tx:
            if self._standing.token is None:
                token = self._lease.acquire(tx)
            else:
                token = self._renewed(tx, self._standing.token)
        if token is not None and self._standing.token is None:
            log.info("this is the active centre now (token %d)", token)
            # What was known of marks and registers is as old as the last time it was active.
            self._intake.forget()
            self._desk = None
            self._vacancies.forget()
            self._watch = Watch(self._clock)
        if token is None and self._standing.token is not None:
            log.warning("another centre has taken over; standing by")
        self._standing.token = token
        return STANDBY_S if token is None else self._lease.ttl_s / 3

    def _renewed(self, tx: Connection, token: int) -> int | None:
        try:
            self._lease.renew(tx, token)
        except Conflict:
            return None
        return token

    def _fence(self, tx: Connection) -> None:
        if self._standing.token is None:
            raise Conflict("this centre stands by", code="fenced")
        self._lease.check(tx, self._standing.token)

    def _active(self, step: Callable[[], float]) -> Callable[[], float]:
        """The step, done only by the active centre."""

        def turn() -> float:
            return STANDBY_S if self._standing.token is None else step()

        return turn

    # -- what is registered ------------------------------------------------------------------

    def _reload(self) -> float:
        """Files into the database when they changed; a new desk when the registers did."""
        self._files.look(self._write_down)
        sync.settle_grids(self._db, self._fence, self._clock.now())
        self._refresh_desk()
        return CONFIG_S

    def _write_down(self, config: HubConfig) -> None:
        with self._db.write() as tx:
            self._fence(tx)
            sync.sync_files(tx, config, self._box, self._clock.now(), random_id)

    def _refresh_desk(self) -> Desk:
        with self._refreshing:
            return self._newest_desk()

    def _newest_desk(self) -> Desk:
        with self._db.read() as tx:
            desk = self._desk
            same = desk is not None and registry.stamp(tx) == desk.snapshot.stamp
            kept = desk is not None and desk.storms == self._config.settings.storms
            if desk is not None and same and kept and desk.config is self._config.dispatch:
                return desk
            snapshot = registry.load(tx)
        before = desk.snapshot if desk else None
        with self._db.write() as tx:
            self._fence(tx)
            bound = sync.bind_sources(tx, snapshot, before, self._clock.now())
        log.info(
            "%d cameras (%d bound anew), %d sensors, %d rules",
            len(snapshot.cameras), bound, len(snapshot.sensors), len(snapshot.rules),
        )  # fmt: skip
        self._desk = Desk(
            snapshot,
            self._config.dispatch,
            self._clock,
            random_id,
            self._fence,
            lambda: self._intake.awake_since,
            self._steady.now,
            duty.roster_in(self._zone()),
            self._config.settings.storms,
        )
        return self._desk

    # -- the flow ----------------------------------------------------------------------------

    def _take(self) -> float:
        return self._intake.step(self._desk or self._refresh_desk())

    def _committed(self) -> None:
        self._relays.wake()
        self._waker.wake()

    def _tick(self) -> float:
        clock_flow(self._db, (self._desk or self._refresh_desk()).stages(), self._aside)
        self._relays.wake()
        self._ticked.set()
        return CLOCK_S

    def _heal(self) -> float:
        """What Redis shall know each second, apart from the clocks: they go on without it."""
        self._intake.heal()
        self._waker.wake()
        return CLOCK_S

    # -- workers -----------------------------------------------------------------------------

    def _plan(self) -> float:
        """Plans for the workers that live, and an alert for each grid nobody watches."""
        beats = self._beats.all()
        desk = self._desk or self._refresh_desk()
        self._planner.publish(desk.snapshot, sorted(beats), self._config)
        observed = {camera["id"] for body in beats.values() for camera in body.get("cameras", [])}
        seen = self._watch.look(desk.snapshot.cameras, observed)
        if seen.overdue or self._is_told_unobserved():
            with self._db.write() as tx:
                self._fence(tx)
                desk.tell_unobserved(tx, seen)
        return 1.0

    def _is_told_unobserved(self) -> bool:
        """Whether some of it stands on the wall. Asked beforehand: at rest nothing is written."""
        with self._db.read() as tx:
            return bool(alerts.live_own_places(tx, RuleKind.UNOBSERVED))

    def _raise_undelivered(self, tx: Connection, letters: Sequence[DeadLetter]) -> None:
        if self._desk is not None:
            self._desk.tell_undelivered(tx, letters)

    # -- tidying and the end -----------------------------------------------------------------

    def _look_for_vacancies(self) -> float:
        desk = self._desk or self._refresh_desk()
        return self._vacancies.step(desk, self._config.duty)

    def _audit(self) -> float:
        desk = self._desk or self._refresh_desk()
        return self._auditor.step(desk, self._config.dispatch.auditor)

    def _retain(self) -> float:
        return self._retention.step(self._config.settings.retention)

    def _export(self) -> float:
        return self._exports.step(ZoneInfo(self._config.settings.site.time_zone))

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._config.settings.site.time_zone)

    def _tidy(self) -> float:
        now = self._clock.now()
        with self._db.write() as tx:
            self._fence(tx)
            feed.trim(tx, now - FEED_KEPT_S)
            clocks.trim(tx, now - TIMERS_KEPT_S)
        return TIDY_S

    def stop(self) -> None:
        """Deliver what is on its way, as far as it goes, and give up the lease."""
        self._relays.wake()
        self._clock.wait(self._supervisor.stopping, 0.5)
        self._supervisor.stop(FLUSH_S)
        if self._standing.token is not None:
            with self._db.write() as tx:
                self._lease.release(tx, self._standing.token)
        self._db.close()
        self._seat.leave()


def serve(setup: Setup, name: str, stopped: threading.Event) -> None:
    """Run a centre until `stopped`."""
    centre = Centre(setup, name, RealClock())
    heap.settle()
    centre.start()
    stopped.wait()
    centre.stop()
