"""The model types, each held to the contract."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hub.analytics.model import Array, Head, Tensor
from hub.analytics.models import HEADS
from hub.analytics.models.nanodet import Nanodet, NanodetSpec
from hub.analytics.models.yolo import Yolo, YoloSpec
from hub.analytics.models.yolox import Yolox, YoloxSpec
from tests.contract.heads import PLANT, HeadContract


class TestNanodet(HeadContract):
    def head(self) -> Head:
        return Nanodet(NanodetSpec(bins=8), self.geometry)

    def outputs_with(self, scores: dict[int, float]) -> Sequence[Array]:
        cells = {8: 64, 16: 16, 32: 4}
        score_maps = {stride: np.zeros((1, n, 5), np.float32) for stride, n in cells.items()}
        boxes = {stride: np.zeros((1, n, 32), np.float32) for stride, n in cells.items()}
        # Stride 8, row 2, column 1: the centre is (12, 20), so the sides are 4, 4, 12, 12 pixels
        # or 0.5, 0.5, 1.5, 1.5 strides: halfway between two bins.
        row = 2 * 8 + 1
        for side, length in enumerate((0.5, 0.5, 1.5, 1.5)):
            boxes[8][0, row, 8 * side + int(length)] = 40.0
            boxes[8][0, row, 8 * side + int(length) + 1] = 40.0
        for index, score in scores.items():
            score_maps[8][0, row, index] = score
        return [*score_maps.values(), *boxes.values()]


class TestYolox(HeadContract):
    def head(self) -> Head:
        return Yolox(YoloxSpec(), self.geometry)

    def outputs_with(self, scores: dict[int, float]) -> Sequence[Array]:
        dets = np.array([(*PLANT, score) for score in scores.values()], np.float32)
        labels = np.array(list(scores), np.int64)
        return [dets.reshape(1, -1, 5), labels.reshape(1, -1)]

    def test_a_label_outside_the_card_is_ignored(self) -> None:
        for label in (-1, 5, 400):
            outputs: list[Array] = [np.array([[(*PLANT, 0.9)]], np.float32), np.array([[label]])]
            assert len(self.head().decode(outputs).scores) == 0


class TestYolo(HeadContract):
    def head(self) -> Head:
        return Yolo(YoloSpec(), self.geometry)

    def outputs_with(self, scores: dict[int, float]) -> Sequence[Array]:
        table = np.zeros((1, 9, 84), np.float32)
        x1, y1, x2, y2 = PLANT
        table[0, :4, 50] = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
        for index, score in scores.items():
            table[0, 4 + index, 50] = score
        return [table]

    def test_of_several_outputs_one_must_be_named(self) -> None:
        shape = (1, 9, 84)
        two = [Tensor("output0", shape), Tensor("output1", shape)]
        assert "name one" in self.head().misfits(two)[0]
        named = Yolo(YoloSpec(output="output1"), self.geometry)
        assert named.misfits(two) == []
        assert named.outputs() == ("output1",)


def test_every_model_type_is_held_to_the_contract() -> None:
    held = {type(contract().head()) for contract in (TestNanodet, TestYolox, TestYolo)}
    assert held == set(HEADS)
