"""YOLOX as OpenMMLab exports it: suppression inside the graph, boxes and labels as outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from hub.analytics.model import Array, Candidates, Geometry, Tensor
from hub.types.site import Spec


class YoloxSpec(Spec):
    """Names of the two outputs."""

    kind: Literal["yolox"] = "yolox"
    dets: str = "dets"
    labels: str = "labels"


class Yolox:
    """Reads `dets` [1, N, 5] (xyxy in network pixels, score) and `labels` [1, N]."""

    spec: ClassVar[type[Spec]] = YoloxSpec
    suppresses: ClassVar[bool] = True

    def __init__(self, spec: YoloxSpec, geometry: Geometry) -> None:
        self._spec = spec
        self._geometry = geometry
        # No score reaches what is asked of a class that is not wanted.
        self._least = np.full(geometry.classes, np.inf, np.float32)
        self._least[list(geometry.wanted)] = geometry.least

    def outputs(self) -> tuple[str, ...]:
        """Boxes, then labels."""
        return (self._spec.dets, self._spec.labels)

    def misfits(self, outputs: Sequence[Tensor]) -> list[str]:
        """Boxes must be [1, N, 5] and labels [1, N]."""
        shapes = {tensor.name: tensor.shape for tensor in outputs}
        wrong = [f"output {name} is missing" for name in self.outputs() if name not in shapes]
        if not wrong:
            dets, labels = (shapes[name] for name in self.outputs())
            if len(dets) != 3 or dets[2] not in (5, None):
                wrong.append(f"output {self._spec.dets} is {list(dets)}, expected [1, N, 5]")
            if len(labels) != 2:
                wrong.append(f"output {self._spec.labels} is {list(labels)}, expected [1, N]")
        return wrong

    def decode(self, outputs: Sequence[Array]) -> Candidates:
        """Boxes that reach their least score; a label outside the card's classes is ignored."""
        dets = np.asarray(outputs[0], np.float32).reshape(-1, 5)
        labels = np.asarray(outputs[1], np.int64).reshape(-1)
        known = (labels >= 0) & (labels < self._geometry.classes)
        dets, labels = dets[known], labels[known]
        keep = dets[:, 4] >= self._least[labels]
        return Candidates(dets[keep, :4], dets[keep, 4], labels[keep])
