"""Small ONNX graphs made on the spot, and cards for them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hub.analytics.catalog.cards import Card
from hub.analytics.still import StillPicture
from hub.types.media import Frame

SIZE = 64


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    outputs: dict[str, Sequence[int | None]],
    constants: dict[str, NDArray[Any]],
    shape: Sequence[int | None] = (1, 3, SIZE, SIZE),
    dtype: int = TensorProto.FLOAT,
) -> str:
    """Write a graph with the input `images`; returns its sha256."""
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info("images", dtype, shape)],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def two_class_yolo(path: Path, output: str = "output0") -> str:
    """A YOLO11-shaped graph of two classes, [1, 6, 2], that truly looks at the picture.

    Anchor 0 covers the left half; its score for class 0 is how red that half is. Anchor 1 covers
    the right half; its score for class 1 is how red that one is. (Channel 0 is red: RGB, 0..1.)
    """
    half = SIZE / 2
    boxes = np.array([[half / 2, half * 1.5], [half, half], [half, half], [SIZE, SIZE]], np.float32)
    nodes = [
        helper.make_node("AveragePool", ["images"], ["halves"], kernel_shape=[SIZE, SIZE // 2],
                         strides=[1, SIZE // 2]),
        helper.make_node("Gather", ["halves", "red"], ["row"], axis=1),
        helper.make_node("Squeeze", ["row", "axis"], ["flat"]),
        helper.make_node("Mul", ["flat", "eye"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], [output], axis=1),
    ]  # fmt: skip
    constants: dict[str, NDArray[Any]] = {
        "red": np.array([0], np.int64),
        "axis": np.array([2], np.int64),
        "eye": np.eye(2, dtype=np.float32)[None],
        "boxes": boxes[None],
    }
    return save(path, nodes, {output: (1, 6, 2)}, constants)


def card_for(path: Path, sha256: str, **changes: Any) -> Card:
    """A card as a user would write it for `two_class_yolo`."""
    written: dict[str, Any] = {
        "id": "smoke-and-fire",
        "source": f"file:{path}",
        "members": [{"sha256": sha256}],
        "licence": "our own",
        "input": {"width": SIZE, "height": SIZE, "scale": 1 / 255, "resize": "stretch"},
        "head": {"kind": "yolo"},
        "classes": ["smoke", "flame"],
        "kinds": {"smoke": "smoke", "flame": "fire"},
        "thresholds": {"score": 0.3, "start": 0.4},
    }
    return Card.model_validate(written | changes)


def picture(left: Sequence[int], right: Sequence[int]) -> StillPicture:
    """128x96, two halves of one colour each (BGR)."""
    pixels = np.empty((96, 128, 3), np.uint8)
    pixels[:, :64], pixels[:, 64:] = left, right
    return StillPicture(pixels)


def frame_of(still: StillPicture, source: str = "cam", seq: int = 0) -> Frame:
    return Frame(source, seq, float(seq), float(seq), float(seq), still)
