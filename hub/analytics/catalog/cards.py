"""Cards: all the hub knows of a model, written by an administrator."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from hub.analytics.catalog.coco import COCO80
from hub.analytics.models import HeadSpec
from hub.types.scene import ModelTask, ObjectKind
from hub.types.site import Identifier, Spec, Unit

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Three = tuple[float, float, float]


class Resize(StrEnum):
    """How a picture is brought to the network's size."""

    STRETCH = "stretch"
    LETTERBOX_TOP_LEFT = "letterbox_top_left"
    LETTERBOX_CENTRE = "letterbox_centre"


class Member(Spec):
    """One file inside the source; `path` is empty when the source is the file itself."""

    path: str = ""
    sha256: Sha256


class Input(Spec):
    """What the network is fed: (pixel · `scale` − `mean`) / `std` per channel in `order`.

    `width` and `height` in pixels; `pad` is the grey (0..255) around a letterboxed picture.
    """

    width: int = Field(ge=32, le=4096)
    height: int = Field(ge=32, le=4096)
    layout: Literal["nchw", "nhwc"] = "nchw"
    order: Literal["bgr", "rgb"] = "rgb"
    scale: float = Field(default=1.0, gt=0)
    mean: Three = (0.0, 0.0, 0.0)
    std: Annotated[Three, Field(description="none may be 0")] = (1.0, 1.0, 1.0)
    resize: Resize = Resize.LETTERBOX_CENTRE
    pad: int = Field(default=114, ge=0, le=255)


class Thresholds(Spec):
    """Least score of a detection, of all kinds or of one; overlap above which one box wins.

    `start` is the score that may begin a track (0.45, or `score` where that is more, if it is not
    given); between `score` and `start` a detection only carries a track on.
    """

    score: Unit = 0.25
    start: Unit | None = None
    nms_iou: Unit = 0.5
    kinds: dict[ObjectKind, Unit] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _a_track_begins_with_a_detection(self) -> Thresholds:
        if self.start is not None and self.start < self.score:
            raise ValueError("start: below score, no detection is that weak")
        return self

    @property
    def start_score(self) -> float:
        """Least score that may begin a track."""
        return max(self.score, 0.45) if self.start is None else self.start

    def least(self, kind: ObjectKind) -> float:
        """Least score of a detection of this kind."""
        return self.kinds.get(kind, self.score)


class Card(Spec):
    """One model.

    `classes` names the graph's classes in order, or says `coco80`; `kinds` maps class names to
    kinds. A class that maps to none is ignored. `convert: tfjs` makes an ONNX graph of a TFJS
    graph model when it is pulled.
    """

    id: Identifier
    title: str = ""
    source: str = Field(min_length=6)
    members: tuple[Member, ...] = Field(min_length=1)
    convert: Literal["none", "tfjs"] = "none"
    licence: str = Field(min_length=2)
    task: ModelTask = ModelTask.DETECT
    input: Input
    head: HeadSpec
    classes: Literal["coco80"] | tuple[str, ...]
    kinds: dict[str, ObjectKind]
    thresholds: Thresholds = Thresholds()
    device: Literal["cpu", "cuda"] = "cpu"

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The graph's classes in order."""
        return COCO80 if self.classes == "coco80" else self.classes

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Card:
        if unknown := sorted(set(self.kinds) - set(self.class_names)):
            raise ValueError(f"kinds: the model has no class {', '.join(unknown)}")
        if len(set(self.class_names)) != len(self.class_names):
            raise ValueError("classes: a name stands twice")
        if not self.kinds:
            raise ValueError("kinds: no class maps to a kind, the model would see nothing")
        if not all(self.input.std):
            raise ValueError("input.std: must not be 0")
        if self.convert == "none" and len(self.members) != 1:
            raise ValueError("members: an ONNX model is one file")
        return self


class ModelsFile(Spec):
    """models.yaml: the cards, and which model a camera has that names none."""

    default: Identifier
    models: tuple[Card, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _default_exists(self) -> ModelsFile:
        ids = [card.id for card in self.models]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"models: twice the id {', '.join(twice)}")
        if self.default not in ids:
            raise ValueError(f"default: there is no model {self.default}")
        return self
