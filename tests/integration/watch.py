"""What a worker is made of between its cameras and its spool, without processes and Redis."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.alerts.rules import parse_rule
from hub.analytics.analyser import Analyser
from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card
from hub.analytics.model import Detector
from hub.app.evidence import EvidenceDesk
from hub.app.keeper import Keeper
from hub.app.lanes import Lanes, Tools
from hub.app.plan import PlannedCamera
from hub.ingest.ring import Ring
from hub.ingest.runner import CameraStats
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit.clock import RealClock
from hub.kit.ids import random_id
from hub.kit.masks import Mask
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.live.rendition import Rendition
from hub.live.tap import Tap
from hub.live.wire import Key
from hub.store.media import MediaStore
from hub.store.secrets import SecretBox
from hub.store.spool import Spool
from hub.types.finding import Finding
from hub.types.media import StreamRole
from tests.unit.ingest.clips import camera

SETTINGS = SourceSettings.model_validate({"addresses": {"schemes": ["rtsp", "file"]}})
OFFLINE = {"id": "off", "kind": "camera_offline", "after_s": 3, "clear_after_s": 0}


@dataclass(frozen=True)
class Watch:
    """`kept` are the findings the cameras' lanes handed over, in order."""

    lanes: Lanes
    analyser: Analyser
    evidence: EvidenceDesk
    spool: Spool
    media: MediaStore
    metrics: Metrics
    kept: list[Finding]

    def stats(self, camera_id: str) -> CameraStats:
        return self.lanes.stats()[camera_id][0]

    def ring(self, camera_id: str) -> Ring:
        return self.lanes._watched[camera_id].runner.ring(StreamRole.MAIN)

    def spooled(self) -> list[dict[str, Any]]:
        """The findings on the disk."""
        return [record.body for record in self.spool.after(0, 10_000)]

    def opened(self) -> list[dict[str, Any]]:
        """Those that opened an episode."""
        return [finding for finding in self.spooled() if finding["phase"] == "opened"]


def planned(
    camera_id: str,
    url: str,
    *rules: dict[str, Any],
    model: str | None = None,
    secret: str | None = None,
    **more: Any,
) -> PlannedCamera:
    """A camera with its rules, each in the zone `all` where its kind wants one."""
    made = tuple(parse_rule(rule) for rule in (OFFLINE, *rules))
    spec = camera(
        id=camera_id,
        main={"url": url},
        zones=[{"id": "all", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}],
        rules=[{"rule": r.id, "zone": "all" if r.needs == "zone" else None} for r in made],
        **more,
    )
    return PlannedCamera(camera=spec, secret=secret, rules=made, model=model)


@contextmanager
def watching(
    folder: Path,
    cards: Sequence[Card] = (),
    detector: Callable[[str], Detector] | None = None,
) -> Iterator[Watch]:
    """Everything real and running, with nothing planned yet."""
    clock, metrics = RealClock(), Metrics()
    supervisor = Supervisor(clock)
    spool = Spool(folder / "spool.sqlite", "worker-1", clock)
    keeper, media = Keeper(spool, metrics), MediaStore(folder / "media")
    evidence = EvidenceDesk(media, clock, metrics)
    analyser = Analyser(2, clock, metrics)
    kept: list[Finding] = []

    def keep(findings: Sequence[Finding]) -> None:
        kept.extend(findings)
        keeper.keep(findings)

    def paint(key: Key, masks: Sequence[Mask]) -> Rendition:
        rendition = Rendition(key, masks, metrics)
        rendition.start(supervisor)
        return rendition

    tap = Tap(paint, clock)
    catalog = Catalog(cards, folder / "cache", metrics)
    lanes = Lanes(
        Tools(
            clock=clock,
            ids=random_id,
            rng=random.Random(3),
            metrics=metrics,
            opener=AnyOpener(SETTINGS, clock),
            analyser=analyser,
            evidence=evidence,
            secrets=SecretBox(folder / "key"),
            detector=detector or catalog.detector,
            keep=keep,
            tap=tap,
        )
    )

    def tick() -> float:
        lanes.tick(clock.now())
        return 0.5

    analyser.start()
    supervisor.loop("keep", keeper.step)
    supervisor.loop("tick", tick)
    try:
        yield Watch(lanes, analyser, evidence, spool, media, metrics, kept)
        assert supervisor.failures == {}, supervisor.last_error
    finally:
        lanes.stop()
        analyser.stop()
        assert keeper.idle.wait(30)
        assert len(spool.ids()) == len(kept), "what was handed over is on the disk"
        supervisor.stop()
        spool.close()


def until(what: str, true: Callable[[], object], limit_s: float = 60.0) -> None:
    """Wait for something to become true; the machine may be busy."""
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, f"not within {limit_s:.0f} s: {what}"
        time.sleep(0.05)
