"""One camera's lane: when the model looks, what quiet frames say, and in which order."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from hub.alerts.history import TrackHistory
from hub.alerts.rule import RuleBinding
from hub.alerts.rules import parse_rule
from hub.analytics.model import Detector
from hub.analytics.tracking import Tracker
from hub.app.lane import LOOK_AGAIN_S, LOOK_ANYWAY_S, Lane
from hub.types.finding import Finding, Phase
from hub.types.media import U8, Frame
from hub.types.scene import Detections, HealthChanged, HealthState, ObjectKind, SourceKind, Track
from tests.unit.alerts.scenes import LEFT_HALF, T0, engine

SOMEBODY = (0.1, 0.3, 0.3, 0.6)


class Grey:
    """A picture that nobody needs to look at."""

    width, height = 64, 36

    def luma(self) -> U8:
        return np.zeros((36, 64), np.uint8)

    def bgr(self, width: int, height: int) -> U8:
        return np.zeros((height, width, 3), np.uint8)


class Model:
    """Sees somebody in the left half while `there`."""

    there = False
    looked: int = 0

    def detect(self, frame: Frame) -> Detections:
        self.looked += 1
        boxes = [SOMEBODY] if self.there else []
        return Detections(
            xyxy=np.array(boxes, np.float32).reshape(-1, 4),
            scores=np.full(len(boxes), 0.9, np.float32),
            kinds=(ObjectKind.PERSON,) * len(boxes),
        )


class Scene:
    """A lane whose analysis threads are this one, at five frames a second."""

    def __init__(self, *, with_model: bool = True) -> None:
        self.model = Model()
        self.kept: list[Finding] = []
        self.offered: list[Frame] = []
        self.busy = False
        zone = parse_rule({"id": "r1", "kind": "zone_intrusion", "dwell_s": 2, "clear_after_s": 3})
        self.lane = Lane(
            "cam",
            detector=cast(Detector, self.model) if with_model else None,
            tracker=Tracker(5.0),
            engine=engine(RuleBinding(zone, zone=LEFT_HALF)),
            history=TrackHistory(60.0, 1000),
            offer=self.offer,
            illustrate=self.illustrate,
            keep=self.kept.extend,
        )
        self.at = T0
        self.shown: list[tuple[float, int]] = []

    def offer(self, frame: Frame) -> None:
        self.offered.append(frame)
        if not self.busy:
            self.lane.analyse(frame)

    def illustrate(self, finding: Finding, frame: Frame | None, tracks: Sequence[Track]) -> Finding:
        self.shown.append((frame.captured_at - T0 if frame else -1.0, len(tracks)))
        return finding

    def frames(self, seconds: float, *, gate_open: bool) -> None:
        for _ in range(round(seconds * 5)):
            self.at = round(self.at + 0.2, 3)
            self.lane.on_frame(
                Frame("cam", 0, self.at, self.at + 0.1, 0.0, Grey(), gate_open=gate_open)
            )

    @property
    def phases(self) -> list[Phase]:
        return [finding.phase for finding in self.kept]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_open_gate_shows_every_frame_to_the_model(scene: Scene) -> None:
    scene.frames(4, gate_open=True)
    assert (scene.lane.counts.frames, scene.lane.counts.gate_open, scene.model.looked) == (
        20,
        20,
        20,
    )


def test_an_empty_picture_is_looked_at_now_and_then(scene: Scene) -> None:
    scene.frames(2 * LOOK_ANYWAY_S + 1, gate_open=False)
    assert scene.model.looked == 3, "the first frame, and every ten seconds"
    assert scene.lane.history.recent()[-1].tracks == ()


def test_somebody_who_stands_still_is_not_forgotten(scene: Scene) -> None:
    scene.model.there = True
    scene.frames(1, gate_open=True)
    assert len(scene.lane.tracks) == 1
    before = scene.model.looked
    scene.frames(10, gate_open=False)
    assert scene.model.looked - before == pytest.approx(10 / LOOK_AGAIN_S, abs=1)
    assert scene.phases == [Phase.OPENED], "quiet frames let the dwelling go on"
    assert len(scene.lane.tracks) == 1
    assert any(seen.quiet for seen in scene.lane.history.recent())
    scene.model.there = False
    scene.frames(LOOK_ANYWAY_S + 2, gate_open=False)
    assert scene.phases[-1] is Phase.CLOSED
    assert len(scene.lane.tracks) == 0


def test_a_quiet_frame_never_overtakes_one_at_the_model(scene: Scene) -> None:
    scene.model.there = True
    scene.frames(1, gate_open=True)
    inside, go_on = threading.Event(), threading.Event()
    detect = scene.model.detect

    def slow(frame: Frame) -> Detections:
        inside.set()
        go_on.wait(5)
        return detect(frame)

    scene.model.detect = slow  # type: ignore[method-assign]
    scene.busy = True
    scene.frames(0.2, gate_open=True)
    looking = threading.Thread(target=scene.lane.analyse, args=(scene.offered[-1],))
    looking.start()
    assert inside.wait(5)
    told = len(scene.lane.history.recent())
    scene.frames(0.4, gate_open=False)
    assert len(scene.lane.history.recent()) == told, "they wait for nobody and say nothing"
    go_on.set()
    looking.join(5)
    scene.frames(0.2, gate_open=False)
    times = [seen.captured_at for seen in scene.lane.history.recent()]
    assert times == sorted(times)
    assert len(times) == told + 2


def test_a_lost_picture_says_nothing_of_what_stands_there(scene: Scene) -> None:
    scene.model.there = True
    scene.frames(3, gate_open=True)
    scene.lane.on_health(
        HealthChanged("cam", SourceKind.CAMERA, HealthState.OFFLINE, scene.at, scene.at)
    )
    assert scene.lane.tracks == ()
    scene.lane.tick(scene.at + 30)
    assert scene.phases == [Phase.OPENED, Phase.CLOSED], "the episode ends with the picture"
    assert scene.shown[0][1] == 1


def test_a_camera_without_a_model_never_asks_for_one() -> None:
    scene = Scene(with_model=False)
    scene.frames(15, gate_open=True)
    assert (scene.offered, scene.kept, scene.lane.counts.frames) == ([], [], 75)
