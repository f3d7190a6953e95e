"""The centre process: findings to alerts, alerts to the queue; one is active, others stand by."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.app import registry, sync
from hub.app.desk import Desk
from hub.app.intake import IntakeDesk
from hub.app.planner import Planner
from hub.app.seat import take_seat
from hub.app.setup import Setup
from hub.app.unobserved import Watch
from hub.config import HubConfig, LiveConfig
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
from hub.store.audit.sealer import Sealer
from hub.store.db import Database
from hub.store.lease import CENTRE, Lease
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.stream import CENTRES, Heartbeats, Intake, Plans, connect

log = logging.getLogger(__name__)

STANDBY_S = 1.0
CLOCK_S = 1.0
BEAT_S = 2.0
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
        self._name = name
        self._clock = clock
        self._metrics = Metrics()
        self._supervisor = Supervisor(clock)
        self._db = Database(setup.database)
        self._box = SecretBox(setup.key_file)
        self._live = LiveConfig(setup.config, setup.profile)
        if self._live.config is None:
            raise Misconfigured("the configuration is refused; `hub check` tells what is wrong")
        self._config = self._live.config
        self._told = self._live.last
        self._seat = take_seat(setup.data, name)
        self._lease = Lease(CENTRE, self._seat.holder)
        self._standing = Standing()
        client = connect(setup.redis)
        self._intake = IntakeDesk(self._db, Intake(client, clock), self._metrics, self._committed)
        self._beats = Heartbeats(client)
        self._own_beats = Heartbeats(client, group=CENTRES)
        self._waker = feed.Waker(client)
        self._planner = Planner(Plans(client))
        self._watch = Watch()
        self._desk: Desk | None = None
        self._refreshing = threading.Lock()
        self._queues = queue.connect(setup.redis)
        self._relay_wakes: dict[str, threading.Event] = {}
        self._media = MediaStore(setup.media)
        self._sealer = Sealer(self._db, clock, self._fence, self._metrics)

    def start(self) -> None:
        """Start the loops."""
        loop = self._supervisor.loop
        loop("lease", self._hold)
        loop("beat", self._beat)
        loop("config", self._active(self._reload))
        loop("intake", self._active(self._take))
        loop("clock", self._active(self._tick))
        loop("plans", self._active(self._plan))
        loop("tidy", self._active(self._tidy))
        loop("seal", self._active(self._sealer.step))
        self._start_relays()

    def _start_relays(self) -> None:
        """A relay for each centre that has none yet; what is out for one that went is watched."""
        for centre in self._config.dispatch.centres:
            if centre.id in self._relay_wakes:
                continue
            relay = Relay(
                self._db,
                queue.Queue(self._queues, centre),
                self._clock,
                self._config.dispatch,
                fence=self._fence,
                on_dead=self._raise_undelivered,
                metrics=self._metrics,
            )
            wake = threading.Event()
            self._relay_wakes = {**self._relay_wakes, centre.id: wake}
            self._supervisor.loop(
                f"relay-{centre.id}", self._active(relay.step), backoff=RELAY_BACKOFF, wake=wake
            )

    def _beat(self) -> float:
        """Numbers for whoever asks the api, also of a centre that stands by."""
        active = self._standing.token is not None
        self._metrics.put("hub_centre_active", float(active))
        body = {"errors": self._supervisor.last_error, "metrics": self._metrics.snapshot()}
        self._own_beats.beat(self._name, body)
        return BEAT_S

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
            # What was known of marks and registers is as old as the last time it was active.
            self._intake.forget()
            self._desk, self._standing.awake_since = None, None
        if token is None and self._standing.token is not None:
            log.warning("another centre has taken over; standing by")
        self._standing.token = token
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
        self._live.refresh()
        if self._live.config is not None and self._live.config is not self._config:
            self._take_over(self._live.config)
        if self._live.last is not self._told:  # each reading once, not each look at the files
            self._told = self._live.last
            for problem in self._told.problems:
                log.error("the configuration in force stays: %s", problem)
        self._metrics.put("hub_config_problems", len(self._live.last.problems))
        self._refresh_desk()
        return CONFIG_S

    def _take_over(self, config: HubConfig) -> None:
        """Another configuration; one that could not be written down is tried again."""
        try:
            with self._db.write() as tx:
                self._fence(tx)
                sync.sync_files(tx, config, self._box, self._clock.now(), random_id)
        except Misconfigured:
            self._config = config  # the files as they are will be refused again: tell it once
            raise
        self._config = config
        self._start_relays()

    def _refresh_desk(self) -> Desk:
        with self._refreshing:
            return self._newest_desk()

    def _newest_desk(self) -> Desk:
        with self._db.read() as tx:
            desk = self._desk
            same = desk is not None and registry.stamp(tx) == desk.snapshot.stamp
            if desk is not None and same and desk.config is self._config.dispatch:
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
        self._wake_relays()
        self._waker.wake()

    def _wake_relays(self) -> None:
        for wake in self._relay_wakes.values():
            wake.set()

    def _tick(self) -> float:
        clock_flow(self._db, (self._desk or self._refresh_desk()).stages())
        self._intake.heal()
        self._wake_relays()
        self._waker.wake()
        return CLOCK_S

    # -- workers -----------------------------------------------------------------------------

    def _plan(self) -> float:
        """Plans for the workers that live, and an alert for each grid nobody watches."""
        beats = self._beats.all()
        desk = self._desk or self._refresh_desk()
        self._planner.publish(desk.snapshot, sorted(beats), self._config)
        observed = {camera["id"] for body in beats.values() for camera in body.get("cameras", [])}
        missing = self._watch.look(desk.snapshot.cameras, observed, self._clock.now())
        with self._db.write() as tx:
            self._fence(tx)
            desk.tell_unobserved(tx, missing)
        return 1.0

    def _raise_undelivered(self, tx: Connection, letters: Sequence[DeadLetter]) -> None:
        if self._desk is not None:
            self._desk.tell_undelivered(tx, letters)

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
        self._wake_relays()
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
