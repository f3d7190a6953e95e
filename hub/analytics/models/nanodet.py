"""NanoDet: anchor-free, one score per class and cell, box sides as distributions over bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hub.analytics.model import F32, Array, Candidates, Geometry, Tensor
from hub.types.site import Spec


class NanodetSpec(Spec):
    """Outputs by name, finest stride first; box logits are [cells, 4 · bins]."""

    kind: Literal["nanodet"] = "nanodet"
    bins: int = 8
    strides: tuple[int, ...] = (8, 16, 32)
    scores: tuple[str, ...] = ("Identity", "Identity_1", "Identity_2")
    boxes: tuple[str, ...] = ("Identity_3", "Identity_4", "Identity_5")


class Nanodet:
    """Decodes scores [cells, classes] (sigmoid applied) and box logits [cells, 4 · bins].

    A side's length is the expectation of the softmax over its bins, times the stride, measured
    from the cell's centre ("Generalized Focal Loss", X. Li et al., 2020).
    """

    spec: ClassVar[type[Spec]] = NanodetSpec
    suppresses: ClassVar[bool] = False

    def __init__(self, spec: NanodetSpec, geometry: Geometry) -> None:
        self._spec = spec
        self._geometry = geometry
        self._wanted = np.array(geometry.wanted, np.int64)
        self._least = np.array(geometry.least, np.float32)
        self._centres = [self._cell_centres(stride) for stride in spec.strides]
        self._bins = np.arange(spec.bins, dtype=np.float32)

    def _cell_centres(self, stride: int) -> F32:
        """Centres of the cells, [cells, 2] in network pixels, row by row."""
        columns = -(-self._geometry.width // stride)
        rows = -(-self._geometry.height // stride)
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        centres: F32 = (np.stack([x.ravel(), y.ravel()], 1) + np.float32(0.5)) * np.float32(stride)
        return centres

    def outputs(self) -> tuple[str, ...]:
        """Scores, then boxes."""
        return self._spec.scores + self._spec.boxes

    def misfits(self, outputs: Sequence[Tensor]) -> list[str]:
        """Each output must be [cells, classes] or [cells, 4 · bins]."""
        shapes = {tensor.name: tensor.shape for tensor in outputs}
        widths = [self._geometry.classes] * len(self._spec.scores)
        widths += [4 * self._spec.bins] * len(self._spec.boxes)
        wrong = []
        for name, width, centres in zip(self.outputs(), widths, self._centres * 2, strict=True):
            expected = (len(centres), width)
            if name not in shapes:
                wrong.append(f"output {name} is missing")
            elif _plain(shapes[name]) != expected:
                wrong.append(f"output {name} is {list(shapes[name])}, expected {list(expected)}")
        return wrong

    def decode(self, outputs: Sequence[Array]) -> Candidates:
        """Each wanted class of each cell that reaches its least score."""
        levels = len(self._centres)
        parts = [
            self._level(
                np.asarray(outputs[i], np.float32).reshape(-1, self._geometry.classes),
                np.asarray(outputs[levels + i], np.float32).reshape(-1, 4, self._spec.bins),
                self._centres[i],
                self._spec.strides[i],
            )
            for i in range(levels)
        ]
        xyxy, scores, classes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return Candidates(xyxy, scores, classes)

    def _level(
        self, scores: F32, logits: F32, centres: F32, stride: int
    ) -> tuple[F32, F32, NDArray[np.int64]]:
        wanted = scores.take(self._wanted, axis=1)
        rows, columns = np.divmod(np.flatnonzero(wanted >= self._least), len(self._wanted))
        bins = logits[rows]
        weights = np.exp(bins - bins.max(axis=2, keepdims=True))
        sides = (weights @ self._bins) / weights.sum(axis=2) * np.float32(stride)
        at = centres[rows]
        xyxy = np.concatenate([at - sides[:, :2], at + sides[:, 2:]], axis=1)
        return xyxy.astype(np.float32), wanted[rows, columns], self._wanted[columns]


def _plain(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The shape without a leading batch of one."""
    return shape[1:] if len(shape) == 3 and shape[0] in (1, None) else shape
