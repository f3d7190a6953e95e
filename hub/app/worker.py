"""The worker process: cameras and MQTT sensors, through models and rules, into its spool."""

from __future__ import annotations

import json
import logging
import os
import random
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import psutil
from pydantic import ValidationError

from hub.analytics.analyser import Analyser
from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card
from hub.analytics.model import Detector
from hub.app.evidence import EvidenceDesk
from hub.app.handover import hand_over
from hub.app.keeper import Keeper
from hub.app.lanes import Lanes, Tools
from hub.app.listeners import Listeners
from hub.app.plan import WorkerPlan
from hub.app.setup import Setup
from hub.ingest.addresses import AddressPolicy
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit import heap
from hub.kit.clock import Clock, RealClock
from hub.kit.ids import random_id
from hub.kit.masks import Mask
from hub.kit.metrics import Metrics
from hub.kit.places import socket_path
from hub.kit.supervise import Supervisor
from hub.live.rendition import Rendition
from hub.live.server import Server
from hub.live.tap import Tap
from hub.live.wire import Key
from hub.store.media import MediaStore
from hub.store.questions import Questions
from hub.store.records import tracks_to_json
from hub.store.secrets import SecretBox
from hub.store.spool import Spool
from hub.store.stream import BACKOFF, Heartbeats, Plan, Plans, Sender, connect

log = logging.getLogger(__name__)

Json = dict[str, Any]

BEAT_S = 1.0
PLAN_S = 1.0
ABANDONED_MAX = 3
"""Threads that hang cannot be ended from outside; with so many the process is replaced."""
FLUSH_S = 15.0
ENCODE_NICE = 10


class Worker:
    """One worker: `start`, then it looks after itself until `stop`; `worn` asks for that.

    It owns its cameras' sockets and its spool, and opens no database. Without Redis it goes on
    with the plan it has and keeps its findings.
    """

    def __init__(self, setup: Setup, name: str, clock: Clock, *, worn: threading.Event) -> None:
        self._setup = setup
        self._name = name
        self._clock = clock
        self._metrics = Metrics()
        self._supervisor = Supervisor(clock)
        client = connect(setup.redis)
        self._spool = Spool(setup.spools / f"{name}.sqlite", name, clock)
        self._sender = Sender(client, self._spool, clock)
        self._beats = Heartbeats(client)
        self._plans = Plans(client)
        self._questions = Questions(connect(setup.redis), clock)
        self._plan_file = setup.spools / f"{name}.plan.json"
        self._plan_version = ""
        self._cards: tuple[Card, ...] = ()
        self._catalog = Catalog(self._cards, setup.cache, self._metrics)
        self._policy: AddressPolicy | None = None
        self.worn = worn
        cores = os.cpu_count() or 1
        self._analyser = Analyser(cores, clock, self._metrics)
        self._evidence = EvidenceDesk(MediaStore(setup.media), clock, self._metrics)
        self._keeper = Keeper(self._spool, self._metrics)
        secrets = SecretBox(setup.key_file)
        self._listeners = Listeners(self._spool, clock, secrets, self._supervisor, self._metrics)
        self._tap = Tap(self._paint, clock)
        self._live = f"unix:{socket_path(setup.data / 'live' / f'{name}.sock')}"
        self._server = Server(self._live, self._tap, self._metrics)
        self._process = psutil.Process()
        self._secrets = secrets
        self._lanes: Lanes | None = None
        self._parting: list[Json] | None = None
        # A plan that comes while the process ends must not start its cameras again.
        self._applying = threading.Lock()

    def start(self) -> None:
        """Start the loops; the plan in the data folder serves until a newer one is read."""
        self._analyser.start()
        loop = self._supervisor.loop
        loop("keep", self._keeper.step)
        loop("send", self._sender.step, backoff=BACKOFF, wake=self._spool.wake)
        loop("cut", self._evidence.cut_step, wake=self._evidence.wake)
        loop("evidence", self._evidence.make_step)
        loop("encode", self._encode)
        loop("live", self._server.step)
        loop("tap", self._tap.tend)
        loop("beat", self._beat, backoff=BACKOFF)
        loop("heap", heap.tend)
        if (kept := _kept_plan(self._plan_file)) is not None:
            self._apply(kept)
        loop("plan", self._look_for_plan)
        loop("tick", self._tick)
        loop("answers", self._answer)

    def _paint(self, key: Key, masks: Sequence[Mask]) -> Rendition:
        rendition = Rendition(key, masks, self._metrics)
        rendition.start(self._supervisor)
        return rendition

    def _encode(self) -> float:
        # Of this thread alone (Linux): a clip may take longer, the cameras may not.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), ENCODE_NICE)
        return self._evidence.encode_step()

    def _look_for_plan(self) -> float:
        news = self._plans.read(self._name, self._plan_version)
        with self._applying:
            if self._parting is not None:
                return PLAN_S
            if news is not None:
                self._apply(news)
            elif self._lanes is not None:
                self._lanes.mend()
        return PLAN_S

    def _apply(self, news: Plan) -> None:
        try:
            plan = WorkerPlan.model_validate(news.body)
        except ValidationError as error:
            log.error("a plan that cannot be read is passed over: %s", error)
            return
        if plan.cards != self._cards:  # a session belongs to its catalog: keep both
            self._catalog = Catalog(plan.cards, self._setup.cache, self._metrics)
            self._cards = plan.cards
        self._evidence.zone = ZoneInfo(plan.time_zone)
        if self._lanes is None or plan.policy != self._policy:
            self._renew_lanes(plan)
            self._policy = plan.policy
        if self._lanes is not None:
            self._lanes.apply(plan.cameras)
        self._listeners.apply(plan.brokers)
        self._plan_version = news.version
        _write_atomically(self._plan_file, json.dumps(asdict(news)))
        log.info(
            "plan %s: %d cameras, %d brokers", news.version, len(plan.cameras), len(plan.brokers)
        )

    def _renew_lanes(self, plan: WorkerPlan) -> None:
        if self._lanes is not None:
            self._lanes.stop()
        self._lanes = Lanes(self._tools(plan))

    def _tools(self, plan: WorkerPlan) -> Tools:
        return Tools(
            clock=self._clock,
            ids=random_id,
            rng=random.Random(),
            metrics=self._metrics,
            opener=AnyOpener(SourceSettings(addresses=plan.policy), self._clock),
            analyser=self._analyser,
            evidence=self._evidence,
            secrets=self._secrets,
            detector=self._detector,
            keep=self._keeper.keep,
            tap=self._tap,
        )

    def _detector(self, model: str) -> Detector:
        return self._catalog.detector(model)

    def _tick(self) -> float:
        if self._lanes is not None:
            self._lanes.tick(self._clock.now())
        return 1.0

    def _beat(self) -> float:
        if self._lanes is not None and self._lanes.abandoned() >= ABANDONED_MAX:
            log.error("%d threads hang in their cameras: this process starts anew", ABANDONED_MAX)
            self.worn.set()
        self._beats.beat(self._name, self.body())
        return BEAT_S

    def body(self) -> Json:
        """What this worker says of itself each second."""
        times = self._process.cpu_times()
        return {
            "at": self._clock.now(),
            "pid": self._process.pid,
            "plan": self._plan_version,
            "live": self._live,
            "cpu_s": times.user + times.system,
            "rss_bytes": self._process.memory_info().rss,
            "threads": self._process.num_threads(),
            "descriptors": self._process.num_fds(),
            "cameras": self._parting if self._parting is not None else self._cameras(),
            "spool_pending": self._spool.pending(),
            "errors": self._supervisor.last_error,
            "metrics": self._metrics.snapshot(),
        }

    def _cameras(self) -> list[Json]:
        if self._lanes is None:
            return []
        lacks, failing = self._lanes.lacks(), self._analyser.last_errors
        return [
            {
                **asdict(camera),
                "looked": lane.counts.looked,
                "analysis_error": lacks.get(key) or failing.get(key, ""),
            }
            for key, (camera, lane) in self._lanes.stats().items()
        ]

    def _answer(self) -> float:
        return self._questions.serve(self._name, self._reply, block_s=1.0)

    def _reply(self, topic: str, body: Json) -> Json:
        history = self._lanes.history(str(body.get("camera"))) if self._lanes else None
        if topic != "history" or history is None:
            return {"found": False}
        since = self._clock.now() - float(body.get("seconds", 0.0))
        seen = [tracks_to_json(s) for s in history.recent() if s.captured_at >= since]
        return {"found": True, "seen": seen}

    def stop(self) -> None:
        """Cameras first, then what they left: findings into the spool, the spool to the centre."""
        # They stay its own until all is handed over: nobody calls them unobserved meanwhile.
        with self._applying:
            self._parting = self._cameras()
        self._server.stop()
        self._tap.stop()
        self._listeners.stop()
        if self._lanes is not None:
            self._lanes.stop()
        self._analyser.stop()
        log.info("stopping: the cameras stand still")
        self._keeper.idle.wait(FLUSH_S)
        self._evidence.flush()
        log.info("stopping: the evidence is written")
        left = hand_over(self._spool, self._clock, self._supervisor.stopping, FLUSH_S)
        if left:
            log.warning("%d records stay in the spool for the next start", left)
        log.info("stopping: what was found is handed over")
        self._supervisor.stop()
        self._spool.close()


def _kept_plan(path: Path) -> Plan | None:
    """The plan of the last time, None where there is none that can be read (a cut of power)."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        return Plan(kept["version"], kept["body"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        log.error("the kept plan %s cannot be read and is passed over: %s", path, error)
        return None


def _write_atomically(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text, "utf-8")
    draft.replace(path)


def serve(setup: Setup, name: str, stopped: threading.Event) -> None:
    """Run a worker until `stopped`, or until it is worn out and has to be replaced."""
    # One thread a call: the parallelism is in the cameras, and idle pools only cost.
    cv2.setNumThreads(1)
    worker = Worker(setup, name, RealClock(), worn=stopped)
    heap.settle()
    worker.start()
    stopped.wait()
    worker.stop()
