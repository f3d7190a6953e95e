"""Model types. To add one: a file with its settings and its class, and a line in both lists."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.analytics.model import Geometry, Head
from hub.analytics.models.nanodet import Nanodet, NanodetSpec
from hub.analytics.models.yolo import Yolo, YoloSpec
from hub.analytics.models.yolox import Yolox, YoloxSpec

HeadSpec = Annotated[NanodetSpec | YoloxSpec | YoloSpec, Field(discriminator="kind")]
HEADS = (Nanodet, Yolox, Yolo)


def head_for(spec: NanodetSpec | YoloxSpec | YoloSpec, geometry: Geometry) -> Head:
    """The model type whose settings these are."""
    kind = next(kind for kind in HEADS if type(spec) is kind.spec)
    return kind(spec, geometry)  # type: ignore[arg-type]  # the line above paired them
