"""What every model type must do, whatever its outputs look like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hub.analytics.model import Array, Geometry, Head, Tensor
from hub.analytics.models import HEADS

PLANT = (8.0, 16.0, 24.0, 32.0)
"""The box that `outputs_with` must show, xyxy in network pixels."""


class HeadContract(ABC):
    """Inherit as `Test…`, and say how to make a head and outputs that it reads."""

    geometry = Geometry(width=64, height=64, classes=5, wanted=(1, 3), least=(0.3, 0.6))

    @abstractmethod
    def head(self) -> Head:
        """A head for `geometry`."""

    @abstractmethod
    def outputs_with(self, scores: dict[int, float]) -> Sequence[Array]:
        """Outputs that show one box, PLANT, with these scores by class; {} for an empty picture."""

    def declared(self) -> list[Tensor]:
        head = self.head()
        outputs = self.outputs_with({})
        names = head.outputs() or tuple(f"output{i}" for i in range(len(outputs)))
        pairs = zip(names, outputs, strict=True)
        return [Tensor(name, tuple(value.shape)) for name, value in pairs]

    def test_it_is_listed(self) -> None:
        assert type(self.head()) in HEADS
        assert [kind.spec for kind in HEADS].count(self.head().spec) == 1

    def test_a_box_comes_out_where_it_was_planted(self) -> None:
        found = self.head().decode(self.outputs_with({1: 0.9}))
        best = int(found.scores.argmax())
        assert found.xyxy[best].tolist() == pytest.approx(PLANT, abs=0.01)
        assert found.scores[best] == pytest.approx(0.9)
        assert set(found.classes.tolist()) == {1}
        assert found.xyxy.dtype == np.float32
        assert found.scores.dtype == np.float32
        assert found.classes.dtype == np.int64

    def test_an_empty_picture_gives_empty_arrays_of_the_right_shape(self) -> None:
        found = self.head().decode(self.outputs_with({}))
        assert found.xyxy.shape == (0, 4)
        assert found.scores.shape == (0,)
        assert found.classes.shape == (0,)

    def test_classes_that_are_not_wanted_never_come(self) -> None:
        assert len(self.head().decode(self.outputs_with({0: 0.99})).scores) == 0
        assert len(self.head().decode(self.outputs_with({4: 0.99})).scores) == 0

    def test_each_class_has_its_own_least_score(self) -> None:
        assert len(self.head().decode(self.outputs_with({1: 0.29})).scores) == 0
        assert len(self.head().decode(self.outputs_with({1: 0.31})).scores) > 0
        assert len(self.head().decode(self.outputs_with({3: 0.59})).scores) == 0
        assert len(self.head().decode(self.outputs_with({3: 0.61})).scores) > 0

    def test_what_it_reads_it_does_not_change(self) -> None:
        outputs = self.outputs_with({1: 0.9, 3: 0.7})
        before = [value.copy() for value in outputs]
        self.head().decode(outputs)
        for value, kept in zip(outputs, before, strict=True):
            np.testing.assert_array_equal(value, kept)

    def test_it_fits_its_own_outputs(self) -> None:
        assert self.head().misfits(self.declared()) == []

    def test_missing_outputs_are_named(self) -> None:
        wrong = self.head().misfits([])
        assert wrong
        for name in self.head().outputs():
            assert any(name in each for each in wrong)

    def test_an_output_of_another_rank_does_not_fit(self) -> None:
        for i, tensor in enumerate(self.declared()):
            outputs = self.declared()
            outputs[i] = Tensor(tensor.name, (*tensor.shape, 7, 7))
            assert self.head().misfits(outputs), tensor.name

    def test_several_threads_read_with_one_head(self) -> None:
        head = self.head()
        with ThreadPoolExecutor(4) as pool:
            scores = (0.35 + 0.01 * i for i in range(40))
            found = pool.map(lambda s: head.decode(self.outputs_with({1: s})).scores.max(), scores)
            assert list(found) == pytest.approx([0.35 + 0.01 * i for i in range(40)])
