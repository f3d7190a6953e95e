"""YOLOv8 and YOLO11: one output [1, 4 + classes, anchors], boxes as centre and size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from hub.analytics.model import Array, Candidates, Geometry, Tensor
from hub.types.site import Spec


class YoloSpec(Spec):
    """Name of the output; empty for the graph's only one."""

    kind: Literal["yolo"] = "yolo"
    output: str = ""


class Yolo:
    """Decodes [1, 4 + classes, anchors]: cx, cy, w, h in network pixels, then class scores."""

    spec: ClassVar[type[Spec]] = YoloSpec
    suppresses: ClassVar[bool] = False

    def __init__(self, spec: YoloSpec, geometry: Geometry) -> None:
        self._spec = spec
        self._geometry = geometry
        self._wanted = np.array(geometry.wanted, np.int64)
        self._least = np.array(geometry.least, np.float32)[:, None]

    def outputs(self) -> tuple[str, ...]:
        """The one output, or all."""
        return (self._spec.output,) if self._spec.output else ()

    def misfits(self, outputs: Sequence[Tensor]) -> list[str]:
        """The output must be [1, 4 + classes, anchors]."""
        found = [t for t in outputs if t.name == self._spec.output or not self._spec.output]
        if not found:
            return [f"output {self._spec.output} is missing"]
        if len(found) > 1:
            return ["the graph has several outputs: name one in the card (head.output)"]
        tensor, rows = found[0], 4 + self._geometry.classes
        if len(tensor.shape) == 3 and tensor.shape[1] in (rows, None):
            return []
        hint = " (exported with nms=True? export without)" if tensor.shape[-1:] == (6,) else ""
        return [
            f"output {tensor.name} is {list(tensor.shape)}, expected [1, {rows}, anchors]: "
            f"4 + {self._geometry.classes} classes{hint}"
        ]

    def decode(self, outputs: Sequence[Array]) -> Candidates:
        """Each wanted class of each anchor that reaches its least score."""
        table = np.asarray(outputs[0][0], np.float32)
        wanted = table[4:][self._wanted]
        rows, columns = np.nonzero(wanted >= self._least)
        centre, half = table[0:2, columns], table[2:4, columns] / 2
        xyxy = np.concatenate([centre - half, centre + half]).T
        return Candidates(xyxy, wanted[rows, columns], self._wanted[rows])
