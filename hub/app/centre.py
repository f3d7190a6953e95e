"""The centre process: findings to alerts, alerts to the queue; one is active, others stand by."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.alerts import group
from hub.alerts import service as alerts
from hub.app import registry, sync
from hub.app.desk import Desk
from hub.app.intake import IntakeDesk
from hub.app.planner import Planner
from hub.app.seat import take_seat
from hub.app.setup import Setup
from hub.app.unobserved import Watch, by_grid
from hub.config import LiveConfig
from hub.dispatch import queue
from hub.dispatch.outbox.repository import DeadLetter
from hub.dispatch.relay import RELAY_BACKOFF, Relay
from hub.flow import clock_flow
from hub.kit.clock import Clock, RealClock
from hub.kit.errors import Conflict, Misconfigured
from hub.kit.ids import random_id
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.store import feed, media
from hub.store.db import Database
from hub.store.lease import Lease
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.stream import Heartbeats, Intake, Plans, connect
from hub.types.finding import RuleKind, Severity
from hub.types.scene import SourceKind

log = logging.getLogger(__name__)

STANDBY_S = 1.0
CLOCK_S = 1.0
CONFIG_S = 2.0
TIDY_S = 600.0
FEED_KEPT_S = 7 * 86400.0
FLUSH_S = 8.0


@dataclass(slots=True)
class Standing:
    """Whether this process is the active centre. `token` fences its transactions."""

    token: int | None = None
    awake_since: float | None = None


class Centre:
    """One centre process: `start`, then it looks after itself until `stop`.

    Everything it does in the database happens under its lease; a centre that was paused and
    overtaken is refused in its next transaction and stands by.
    """

    def __init__(self, setup: Setup, name: str, clock: Clock) -> None:
        self._setup = setup
        self._clock = clock
        self._metrics = Metrics()
        self._supervisor = Supervisor(clock)
        self._db = Database(setup.database)
        self._box = SecretBox(setup.key_file)
        self._live = LiveConfig(setup.config, setup.profile)
        if self._live.config is None:
            raise Misconfigured("the configuration is refused; `hub check` tells what is wrong")
        self._config = self._live.config
        self._seat = take_seat(setup.data, name)
        self._lease = Lease("centre", self._seat.holder)
        self._standing = Standing()
        client = connect(setup.redis_url or "")
        self._intake = IntakeDesk(self._db, Intake(client, clock), self._metrics, self._committed)
        self._beats = Heartbeats(client)
        self._waker = feed.Waker(client)
        self._planner = Planner(Plans(client))
        self._watch = Watch()
        self._desk: Desk | None = None
        self._refreshing = threading.Lock()
        self._relay_wake = threading.Event()
        self._media = MediaStore(setup.media)

    def start(self) -> None:
        """Start the loops."""
        loop = self._supervisor.loop
        loop("lease", self._hold)
        loop("config", self._active(self._reload))
        loop("intake", self._active(self._take))
        loop("clock", self._active(self._tick))
        loop("plans", self._active(self._plan))
        loop("tidy", self._active(self._tidy))
        redis = queue.connect(self._setup.redis_url or "")
        for centre in self._config.dispatch.centres:
            relay = Relay(
                self._db,
                queue.Queue(redis, centre),
                self._clock,
                self._config.dispatch,
                fence=self._fence,
                on_dead=self._raise_undelivered,
                metrics=self._metrics,
            )
            loop(
                f"relay-{centre.id}",
                self._active(relay.step),
                backoff=RELAY_BACKOFF,
                wake=self._relay_wake,
            )

    # -- the lease ---------------------------------------------------------------------------

    def _hold(self) -> float:
        now = self._clock.now()
        with self._db.write() as tx:
            if self._standing.token is None:
                token = self._lease.acquire(tx, now)
            else:
                token = self._renewed(tx, self._standing.token, now)
        if token is not None and self._standing.token is None:
            log.info("this is the active centre now (token %d)", token)
            self._intake.forget()
        if token is None and self._standing.token is not None:
            log.warning("another centre has taken over; standing by")
        self._standing.token = token
        self._standing.awake_since = None if token is None else self._standing.awake_since
        return self._lease.ttl_s / 3

    def _renewed(self, tx: Connection, token: int, now: float) -> int | None:
        try:
            self._lease.renew(tx, token, now)
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
        if self._live.refresh() and self._live.config is not None:
            self._config = self._live.config
            with self._db.write() as tx:
                self._fence(tx)
                sync.sync_files(tx, self._config, self._box, self._clock.now(), random_id)
        for problem in self._live.last.problems:
            log.error("the configuration in force stays: %s", problem)
        self._metrics.put("hub_config_problems", len(self._live.last.problems))
        self._refresh_desk()
        return CONFIG_S

    def _refresh_desk(self) -> Desk:
        with self._refreshing:
            return self._newest_desk()

    def _newest_desk(self) -> Desk:
        with self._db.read() as tx:
            if self._desk is not None and registry.stamp(tx) == self._desk.snapshot.stamp:
                return self._desk
            snapshot = registry.load(tx)
        before = self._desk.snapshot if self._desk else None
        with self._db.write() as tx:
            self._fence(tx)
            bound = sync.bind_cameras(tx, snapshot, before, self._clock.now())
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
            lambda: self._standing.awake_since,
        )
        return self._desk

    # -- the flow ----------------------------------------------------------------------------

    def _take(self) -> float:
        pause_s = self._intake.step(self._desk or self._refresh_desk())
        if self._intake.caught_up and self._standing.awake_since is None:
            self._standing.awake_since = self._clock.now()
        return pause_s

    def _committed(self) -> None:
        self._relay_wake.set()
        self._waker.wake()

    def _tick(self) -> float:
        clock_flow(self._db, (self._desk or self._refresh_desk()).stages())
        self._intake.heal()
        self._relay_wake.set()
        self._waker.wake()
        return CLOCK_S

    # -- workers -----------------------------------------------------------------------------

    def _plan(self) -> float:
        """Plans for the workers that live, and an alert for each grid nobody watches."""
        beats = self._beats.all()
        snapshot = (self._desk or self._refresh_desk()).snapshot
        self._planner.publish(snapshot, sorted(beats), self._config)
        observed = {camera["id"] for body in beats.values() for camera in body.get("cameras", [])}
        missing = self._watch.look(snapshot.cameras, observed, self._clock.now())
        grid_of = {c: snapshot.binder.ground(snapshot.cameras[c]).camera_grid for c in missing}
        with self._db.write() as tx:
            self._fence(tx)
            self._tell_unobserved(tx, snapshot, missing, grid_of)
        return 1.0

    def _tell_unobserved(
        self,
        tx: Connection,
        snapshot: registry.Snapshot,
        missing: dict[str, float],
        grid_of: dict[str, str | None],
    ) -> None:
        now = self._clock.now()
        gaps = {gap.grid_code or group.UNBOUND: gap for gap in by_grid(missing, grid_of)}
        for place in alerts.live_own_places(tx, RuleKind.UNOBSERVED) - gaps.keys():
            alerts.clear_own(tx, RuleKind.UNOBSERVED, "workers", place=place, now=now)
        for place, gap in gaps.items():
            raised = alerts.raise_own(
                tx,
                RuleKind.UNOBSERVED,
                "workers",
                SourceKind.WORKER,
                snapshot.binder.bind_named(gap.grid_code),
                place=place,
                since=gap.since,
                facts={"cameras": len(gap.cameras), "first": gap.cameras[0]},
                now=now,
                ids=random_id,
            )
            if raised.dispatch and raised.alert is not None and self._desk is not None:
                self._desk.file(tx, raised.alert, group.plan(raised.alert))

    def _raise_undelivered(self, tx: Connection, letters: Sequence[DeadLetter]) -> None:
        """A dead letter is an alarm on the wall; the queue that failed would not carry it."""
        if self._desk is None:
            return
        for letter in letters:
            alerts.raise_own(
                tx,
                RuleKind.UNDELIVERED,
                f"centre-{letter.centre}",
                SourceKind.HUB,
                self._desk.snapshot.binder.bind_named(None),
                severity=Severity.P1,
                facts={"task": letter.task_id, "error": letter.error},
                now=self._clock.now(),
                ids=random_id,
            )

    # -- tidying and the end -----------------------------------------------------------------

    def _tidy(self) -> float:
        now = self._clock.now()
        with self._db.write() as tx:
            self._fence(tx)
            feed.trim(tx, now - FEED_KEPT_S)
        retention = self._config.settings.retention
        kept_since = now - retention.evidence_days * 86400.0

        def linked(ids: set[str]) -> set[str]:
            with self._db.read() as tx:
                return media.linked(tx, ids, kept_since)

        swept = self._media.sweep(linked, now, retention.unlinked_hours * 3600.0)
        self._metrics.add("hub_media_swept_total", len(swept))
        return TIDY_S

    def stop(self) -> None:
        """Deliver what is on its way, as far as it goes, and give up the lease."""
        self._relay_wake.set()
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
    centre.start()
    stopped.wait()
    centre.stop()
