"""What a model type is: how to read the outputs of one family of detection graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from hub.types.media import Frame
from hub.types.scene import Detections
from hub.types.site import Spec

F32 = NDArray[np.float32]
Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Tensor:
    """Name and shape of one input or output of a graph; None is a size left open."""

    name: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a head must know of its card: the network's size in pixels and its classes.

    `wanted` holds the indices of the classes that map to a kind, others are not worth decoding;
    `least` the least score of each of them.
    """

    width: int
    height: int
    classes: int
    wanted: tuple[int, ...]
    least: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes before suppression: `xyxy` [N, 4] in network pixels, `scores` [N], `classes` [N]."""

    xyxy: F32
    scores: F32
    classes: NDArray[np.int64]


class Head(Protocol):
    """A model type, made once per model with its settings; several threads call `decode`."""

    spec: ClassVar[type[Spec]]
    """The settings this model type takes in a card; its `kind` tells the types apart."""

    suppresses: ClassVar[bool]
    """True when the graph has suppressed overlapping boxes itself."""

    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs to ask for, in the order `decode` takes them; () for all."""
        ...

    def misfits(self, outputs: Sequence[Tensor]) -> list[str]:
        """What in the graph's outputs cannot be decoded, in words; [] when all fits."""
        ...

    def decode(self, outputs: Sequence[Array]) -> Candidates:
        """Candidates of wanted classes that reach their class's least score."""
        ...


class Detector(Protocol):
    """A model ready to look at frames; shared by cameras and threads."""

    @property
    def model_id(self) -> str:
        """The card's id."""
        ...

    @property
    def start_score(self) -> float:
        """Least score that may begin a track; weaker detections only carry one on."""
        ...

    def detect(self, frame: Frame) -> Detections:
        """What is seen in the frame; colour is asked of `frame.picture` here and nowhere else."""
        ...
