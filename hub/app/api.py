"""The api process: HTTP, the change feed, and the spool of what sensors post."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from zoneinfo import ZoneInfo

import uvicorn
from sqlalchemy import Connection

from hub.access.rates import Rates
from hub.alerts import service as alerts
from hub.alerts.admission import Admission
from hub.analytics.catalog.cards import Card
from hub.analytics.catalog.pull import present
from hub.api.app import create_app
from hub.api.bell import Bell
from hub.api.deps import Deps, ModelState, SiteCard
from hub.api.live.direct import DirectSockets
from hub.api.pages.files import Pages
from hub.app import registry
from hub.app.configured import CONFIG_S, Configured
from hub.app.desk import Desk, unfenced
from hub.app.drills import roll
from hub.app.handover import hand_over
from hub.app.setup import Setup
from hub.app.whereabouts import Lately, Whereabouts
from hub.config.settings import HubSettings
from hub.dispatch.timers import service as clocks
from hub.duty import service as duty
from hub.flow import judge_flow
from hub.grids.binding import Binder
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit import heap
from hub.kit.clock import Clock, RealClock
from hub.kit.errors import NotFound
from hub.kit.ids import random_id
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.live.relay import Relay
from hub.store.db import Database
from hub.store.feed import Waker
from hub.store.media import MediaStore
from hub.store.questions import Questions
from hub.store.records import tracks_from_json
from hub.store.secrets import SecretBox
from hub.store.spool import Spool
from hub.store.stream import BACKOFF, CENTRES, Heartbeats, Sender, connect
from hub.types.finding import Alert, Verdict
from hub.types.scene import TracksSeen

log = logging.getLogger(__name__)

ANSWER_S = 5.0
FLUSH_S = 8.0
LOOK_S = 0.5
"""How often the server looks whether it shall end."""


class Api:
    """One api process. Any number may run; each has a spool of its own."""

    def __init__(self, setup: Setup, name: str, clock: Clock) -> None:
        self._clock = clock
        metrics = Metrics()
        self._files = Configured(setup, metrics)
        self._setup = setup
        self._db = Database(setup.database)
        self._supervisor = Supervisor(clock)
        client = connect(setup.redis)
        self._spool = Spool(setup.spools / f"{name}.sqlite", name, clock)
        self._sender = Sender(client, self._spool, clock)
        self._waker = Waker(connect(setup.redis))
        self._announcer = Waker(client)
        self._beats = Lately(Heartbeats(client), clock)
        self._questions = Questions(connect(setup.redis, ANSWER_S + 2.0), clock)
        self._snapshot: registry.Snapshot | None = None
        self._bell = Bell()
        self._rates = Rates(self._files.now.settings.requests, clock, metrics)
        deps = Deps(
            db=self._db,
            clock=clock,
            ids=random_id,
            metrics=metrics,
            media=MediaStore(setup.media),
            spool=self._spool,
            secrets=SecretBox(setup.key_file),
            heartbeats=self._beats,
            centres=Heartbeats(client, group=CENTRES),
            bell=self._bell,
            binder=self._binder,
            judge=self._judge,
            histories=self._histories,
            models=self._models,
            announce=self._announce,
            roll=roll(lambda: self._files.now.duty),
            pages=Pages(setup.pages),
            rates=self._rates,
            relay=Relay(Whereabouts(self._beats.now, clock, self._beats.heard).find, clock),
            **self._by_config(),
        )
        self.app = create_app(deps)

    @property
    def deps(self) -> Deps:
        """What requests are answered with from now on."""
        return cast(Deps, self.app.state.deps)

    def _by_config(self) -> dict[str, Any]:
        """The parts that are as the files say."""
        config = self._files.now
        return {
            "policy": config.settings.addresses,
            "opener": AnyOpener(SourceSettings(addresses=config.settings.addresses), self._clock),
            "dispatch": config.dispatch,
            "duty": config.duty,
            "retention": config.settings.retention,
            "site": _site_card(config.settings),
            "consents": config.settings.consents,
            "roster": duty.roster_in(ZoneInfo(config.settings.site.time_zone)),
        }

    def start(self) -> None:
        """Start the loops beside the server."""
        self._supervisor.loop("config", self._reload)
        self._supervisor.loop("send", self._sender.step, backoff=BACKOFF, wake=self._spool.wake)
        self._supervisor.loop("wake", lambda: self._waker.listen(self._bell.ring))

    def stop(self) -> None:
        """Hand over what is spooled, as far as it goes."""
        hand_over(self._spool, self._clock, self._supervisor.stopping, FLUSH_S)
        self._supervisor.stop()
        self._spool.close()
        self._db.close()

    def _reload(self) -> float:
        """Files that changed are gone by in what begins from now on."""
        if self._files.look():
            self._rates.settings = self._files.now.settings.requests
            self.app.state.deps = replace(self.deps, **self._by_config())
            log.info("another configuration is in force")
        return CONFIG_S

    def _announce(self) -> None:
        self._announcer.wake()

    def _current(self, tx: Connection) -> registry.Snapshot:
        # Requests run in many threads: each goes on with what it saw, whoever stores last.
        known = self._snapshot
        if known is None or registry.stamp(tx) != known.stamp:
            known = self._snapshot = registry.load(tx)
        return known

    def _binder(self) -> Binder:
        with self._db.read() as tx:
            return self._current(tx).binder

    def _judge(
        self,
        tx: Connection,
        alert_id: str,
        verdict: Verdict,
        actor: str,
        now: float,
        *,
        note: str = "",
        version: int | None = None,
    ) -> Alert:
        hub = self.deps
        desk = Desk(
            self._current(tx),
            hub.dispatch,
            self._clock,
            random_id,
            unfenced,
            lambda: None,
            roster=hub.roster,
        )

        def judge(tx: Connection) -> Admission:
            by = alerts.Actor(actor)
            return alerts.verdict(
                tx, alert_id, verdict, actor=by, now=now, reason=note, version=version
            )

        judged = judge_flow(tx, judge, desk.file)
        if judged.alert is None:
            raise NotFound(f"there is no alert {alert_id}")
        clocks.end_verdict(tx, alert_id, now)
        return judged.alert

    def _histories(self, camera_id: str, seconds: float) -> Sequence[TracksSeen]:
        """The worker of a camera tells what it saw. Raises NotFound where nobody watches it."""
        for worker, body in self._beats.now().items():
            if any(camera["id"] == camera_id for camera in body.get("cameras", [])):
                asked = {"camera": camera_id, "seconds": seconds}
                answer = self._questions.ask(worker, "history", asked, ANSWER_S)
                if answer["found"]:  # else it went to another worker just now
                    return [tracks_from_json(seen) for seen in answer["seen"]]
        raise NotFound(f"no worker watches {camera_id} now")

    def _models(self) -> Sequence[ModelState]:
        return [self._model_state(card) for card in self._files.now.models.models]

    def _model_state(self, card: Card) -> ModelState:
        there = present(card, self._setup.cache)
        return ModelState(
            id=card.id,
            title=card.title,
            task=card.task,
            licence=card.licence,
            source=card.source,
            kinds=tuple(sorted(set(card.kinds.values()))),
            state="ready" if there else "absent",
        )


def _site_card(settings: HubSettings) -> SiteCard:
    return SiteCard(settings.site.name, settings.site.time_zone, settings.maps)


class Server(uvicorn.Server):
    """uvicorn's, which wakes up ten times a second only to see whether it shall end."""

    async def main_loop(self) -> None:
        """Of uvicorn: until `should_exit`."""
        while not await self.on_tick(0):  # of each tenth tick: those set the Date header anew
            await asyncio.sleep(LOOK_S)


def serve(setup: Setup, name: str, stopped: threading.Event) -> None:
    """Run an api until `stopped`."""
    api = Api(setup, name, RealClock())
    api.start()
    config = uvicorn.Config(
        api.app,
        host=setup.host,
        port=setup.port,
        log_config=None,
        access_log=False,
        ws=DirectSockets,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )
    server = Server(config)

    def end_with_us() -> None:
        stopped.wait()
        server.should_exit = True

    threading.Thread(target=end_with_us, name="stop", daemon=True).start()
    heap.settle()
    try:
        server.run()  # leaves by SystemExit when it cannot listen
    finally:
        stopped.set()
        api.stop()
