"""A small TFJS model converted, against the same arithmetic in numpy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from hub.analytics.catalog.tfjs import convert
from hub.kit.errors import Permanent

F32 = np.float32
VALID, NHWC = {"s": "VkFMSUQ="}, {"s": "TkhXQw=="}


def ints(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def shape(*sizes: int) -> dict[str, Any]:
    return {"dim": [{"size": str(size)} for size in sizes]}


def node(name: str, op: str, *inputs: str, **attr: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attr}


class Model:
    """Pad, convolve, add, activate, pool and split; the shape of the split comes folded."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(5)
        self.kernel = rng.normal(size=(3, 3, 2, 4)).astype(np.float16)
        self.deep = rng.integers(0, 255, (3, 3, 4, 1)).astype(np.uint8)
        self.bias = rng.normal(size=4).astype(F32)
        self.folder = folder
        self.nodes = [
            # Out of order on purpose: the last node stands first.
            node("out_a", "Identity", "split"),
            node("out_b", "Identity", "split:1"),
            node("x", "Placeholder", shape={"shape": shape(1, 2, 6, 6)}),
            node("pad", "Pad", "x", "pads"),
            node("last", "Transpose", "pad", "to_last"),
            node("conv", "Conv2D", "last", "kernel", strides=ints(1, 1, 1, 1),
                 dilations=ints(1, 1, 1, 1), padding=VALID, data_format=NHWC),
            node("biased", "AddV2", "conv", "bias"),
            node("leaky", "LeakyRelu", "biased", alpha={"f": 0.1}),
            node("deep", "DepthwiseConv2dNative", "leaky", "deep_kernel", strides=ints(1, 1, 1, 1),
                 dilations=ints(1, 1, 1, 1), padding=VALID, data_format=NHWC),
            node("pool", "MaxPool", "deep", ksize=ints(1, 2, 2, 1), strides=ints(1, 2, 2, 1),
                 padding=VALID, data_format=NHWC),
            node("large", "ResizeBilinear", "pool", "size", half_pixel_centers={"b": True}),
            node("dense", "SparseToDense", "where", "length", "values", "zero"),
            node("sum", "AddV2", "dense", "rest"),
            node("flat", "Reshape", "large", "sum"),
            node("split", "SplitV", "flat", "sizes", "axis"),
        ]  # fmt: skip
        self.weights: dict[str, np.ndarray[Any, Any]] = {
            "pads": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32),
            "to_last": np.array([0, 2, 3, 1], np.int32),
            "kernel": self.kernel,
            "bias": self.bias,
            "deep_kernel": self.deep,
            "size": np.array([4, 4], np.int32),
            "where": np.array([[1]], np.int32),
            "length": np.array([2], np.int32),
            "values": np.array([60], np.int32),
            "zero": np.array(0, np.int32),
            "rest": np.array([1, 4], np.int32),
            "sizes": np.array([24, 40], np.int32),
            "axis": np.array(1, np.int32),
        }

    def convert(self) -> bytes:
        entries = []
        for name, values in self.weights.items():
            entry: dict[str, Any] = {"name": name, "shape": list(values.shape), "dtype": "int32"}
            if values.dtype != np.int32:
                entry["dtype"] = "float32"
            if values.dtype == np.float16:
                entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
            if values.dtype == np.uint8:
                entry["quantization"] = {"dtype": "uint8", "scale": 0.01, "min": -1.0}
            entries.append(entry)
        outputs = {f"{n}:0": {"name": f"{n}:0", "tensorShape": shape(1, size)}
                   for n, size in (("out_a", 24), ("out_b", 40))}  # fmt: skip
        model = {
            "modelTopology": {"node": [*self.nodes, *(node(n, "Const") for n in self.weights)]},
            "signature": {"outputs": outputs},
            "weightsManifest": [{"paths": ["w.bin"], "weights": entries}],
        }
        (self.folder / "model.json").write_text(json.dumps(model))
        blob = b"".join(values.tobytes() for values in self.weights.values())
        (self.folder / "w.bin").write_bytes(blob)
        return convert(self.folder / "model.json", [self.folder / "w.bin"], "small")

    def by_hand(self, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        padded = np.pad(x[0].transpose(1, 2, 0), ((1, 1), (1, 1), (0, 0)))
        conv = np.zeros((6, 6, 4))
        deep = np.zeros((4, 4, 4))
        kernel, deep_kernel = self.kernel.astype(F32), self.deep[..., 0] * 0.01 - 1.0
        for i in range(6):
            for j in range(6):
                conv[i, j] = np.einsum("abc,abco->o", padded[i : i + 3, j : j + 3], kernel)
        conv += self.bias
        active = np.where(conv > 0, conv, 0.1 * conv)
        for i in range(4):
            for j in range(4):
                deep[i, j] = (active[i : i + 3, j : j + 3] * deep_kernel).sum((0, 1))
        pooled = deep.reshape(2, 2, 2, 2, 4).max((1, 3))
        mix = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])  # half-pixel, doubling
        large = np.einsum("ia,jb,abc->ijc", mix, mix, pooled)
        return np.asarray(large.reshape(1, 64))


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(tmp_path)


def test_the_graph_computes_what_numpy_computes(model: Model) -> None:
    session = ort.InferenceSession(model.convert())
    x = np.random.default_rng(7).normal(size=(1, 2, 6, 6)).astype(F32)
    first, second = session.run(["out_a", "out_b"], {"x": x})
    plain = model.by_hand(x)
    np.testing.assert_allclose(first, plain[:, :24], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(second, plain[:, 24:], rtol=1e-4, atol=1e-4)


def test_padding_becomes_the_convolutions_own_and_transposes_cancel(model: Model) -> None:
    nodes = onnx.load_from_string(model.convert()).graph.node
    kinds = [each.op_type for each in nodes]
    assert "Pad" not in kinds
    (conv, _) = (each for each in nodes if each.op_type == "Conv")
    assert list(onnx.helper.get_node_attr_value(conv, "pads")) == [1, 1, 1, 1]
    assert conv.input[0] == "x"


def test_a_padding_that_is_not_zero_stays(model: Model) -> None:
    model.nodes[3] = node("pad", "PadV2", "x", "pads", "five")
    model.weights["five"] = np.array(5, np.int32)
    nodes = onnx.load_from_string(model.convert()).graph.node
    assert "Pad" in [each.op_type for each in nodes]


def test_an_operation_that_is_not_known_is_named(model: Model) -> None:
    model.nodes.append(node("odd", "NonMaxSuppressionV5", "x"))
    with pytest.raises(Permanent, match="NonMaxSuppressionV5") as caught:
        model.convert()
    assert caught.value.code == "conversion_failed"


def test_weights_that_end_too_early_or_too_late(model: Model) -> None:
    model.convert()
    blob = (model.folder / "w.bin").read_bytes()
    for wrong in (blob[:-3], blob + b"\0\0\0\0"):
        (model.folder / "w.bin").write_bytes(wrong)
        with pytest.raises(Permanent):
            convert(model.folder / "model.json", [model.folder / "w.bin"], "small")


def test_a_graph_that_runs_in_a_circle(model: Model) -> None:
    model.nodes += [node("a", "Identity", "b"), node("b", "Identity", "a")]
    with pytest.raises(Permanent, match="circle"):
        model.convert()


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("[]")
    with pytest.raises(Permanent, match="not a TFJS graph model"):
        convert(tmp_path / "model.json", [], "small")
