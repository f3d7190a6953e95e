"""What was seen, read or noticed: detections, tracks, readings, health; the observations of rules.

The enumerations here are closed on purpose. They name things and incidents; there is no
face, plate, identity or attribute of a person, and nothing to hang one on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class ModelTask(StrEnum):
    """What a model may be used for."""

    DETECT = "detect"
    CLASSIFY_SCENE = "classify_scene"
    EMBED_SCENE = "embed_scene"
    POSE = "pose"


class ObjectKind(StrEnum):
    """Kinds of things a rule can speak of. A model class that maps to none is ignored."""

    PERSON = "person"
    BICYCLE = "bicycle"
    MOTORCYCLE = "motorcycle"
    CAR = "car"
    BUS = "bus"
    TRUCK = "truck"
    TRAIN = "train"
    BOAT = "boat"
    ANIMAL = "animal"
    BAG = "bag"
    FIRE = "fire"
    SMOKE = "smoke"
    FALLEN_PERSON = "fallen_person"
    WATER = "water"
    DEBRIS = "debris"


class SourceKind(StrEnum):
    """Who speaks."""

    CAMERA = "camera"
    SENSOR = "sensor"
    WORKER = "worker"
    HUB = "hub"


class HealthState(StrEnum):
    """State of a camera's picture, or of a sensor's link (online and offline only)."""

    CONNECTING = "connecting"
    ONLINE = "online"
    STALE = "stale"
    FROZEN = "frozen"
    OFFLINE = "offline"


class Quality(StrEnum):
    """How far a reading can be trusted."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


Point = tuple[float, float]
"""Picture coordinates from 0 to 1: x to the right, y down, so that main and sub agree."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in picture coordinates 0..1."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def foot(self) -> Point:
        """Middle of the lower edge: where the thing stands."""
        return ((self.x1 + self.x2) / 2, self.y2)


@dataclass(frozen=True, slots=True)
class Detections:
    """All detections of one frame.

    `xyxy` float32 [N, 4] in picture coordinates 0..1, `scores` float32 [N], `kinds` a
    tuple of N kinds.
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    kinds: tuple[ObjectKind, ...]

    def __len__(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True, slots=True)
class Track:
    """One thing followed within one camera for minutes at most; never stored, never joined."""

    track_id: int
    kind: ObjectKind
    box: Box
    score: float
    first_seen_at: float


@dataclass(frozen=True, slots=True)
class TracksSeen:
    """The tracks of one analysed frame; empty when the gate was shut or nothing was found.

    `quiet` is true when the gate was shut: no model ran and the last tracks still stand.
    """

    source: str
    captured_at: float
    received_at: float
    tracks: tuple[Track, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one sensor. `value` may be NaN only with quality `bad`."""

    source: str
    quantity: str
    value: float
    unit: str
    measured_at: float
    received_at: float
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """A camera's picture or a sensor's link changed its state at `at` (UTC epoch seconds)."""

    source: str
    source_kind: SourceKind
    state: HealthState
    at: float
    last_picture_at: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed for a source without anything seen; hold times may run out."""

    source: str
    at: float


Observation = TracksSeen | Reading | HealthChanged | Tick


def observed_at(observation: Observation) -> float:
    """The moment an observation speaks of, UTC epoch seconds."""
    match observation:
        case TracksSeen():
            return observation.captured_at
        case Reading():
            return observation.measured_at
        case HealthChanged() | Tick():
            return observation.at
