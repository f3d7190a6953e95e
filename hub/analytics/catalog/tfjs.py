"""A TFJS graph model (topology in JSON, weights beside it) rewritten as an ONNX graph.

Covers the operations detection graphs of the catalog use; another one is refused by name. What
TensorFlow computes channels-last is wrapped in transposes. Those that cancel each other are left
out, and a padding of zeros before a convolution becomes the convolution's own: onnxruntime would
cancel the transposes too, but not see the padding behind them, and every padding left standing
costs it two changes of memory layout.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hub.kit.errors import Permanent

Any_ = NDArray[Any]
Node = Mapping[str, Any]

_TO_FIRST, _TO_LAST = (0, 3, 1, 2), (0, 2, 3, 1)
_OPSET, _IR = 18, 8


def convert(topology: Path, weights: Sequence[Path], name: str) -> bytes:
    """The model as a serialised ONNX graph. Raises Permanent (`conversion_failed`)."""
    try:
        model = json.loads(topology.read_bytes())
        blob = b"".join(path.read_bytes() for path in weights)
        return _Builder(_constants(model["weightsManifest"], blob)).build(model, name)
    except (KeyError, IndexError, ValueError, TypeError, onnx.checker.ValidationError) as error:
        raise Permanent(
            f"{name}: not a TFJS graph model that can be converted: {error!r}",
            code="conversion_failed",
        ) from error


def _constants(manifest: Sequence[Node], blob: bytes) -> dict[str, Any_]:
    """All weights by name, widened from what they are stored as."""
    found: dict[str, Any_] = {}
    at = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        quant = entry.get("quantization")
        stored = np.dtype(quant["dtype"] if quant else entry["dtype"]).newbyteorder("<")
        count = math.prod(entry["shape"])
        raw = np.frombuffer(blob, stored, count, at)
        at += count * stored.itemsize
        values = raw.astype(entry["dtype"])
        if quant and stored.kind == "u":
            values = raw.astype(np.float32) * np.float32(quant["scale"]) + np.float32(quant["min"])
        found[entry["name"]] = values.reshape(entry["shape"])
    if at != len(blob):
        raise ValueError(f"the weights are {len(blob)} bytes, the manifest tells of {at}")
    return found


class _Builder:
    """Writes ONNX nodes one TensorFlow node at a time; values it knows already it folds."""

    def __init__(self, constants: dict[str, Any_]) -> None:
        self._constants = constants
        self._nodes: list[onnx.NodeProto] = []
        self._initial: dict[str, onnx.TensorProto] = {}
        self._made: dict[str, onnx.NodeProto] = {}
        self._same: dict[str, str] = {}
        self._pads: dict[str, tuple[str, Any_, float]] = {}
        self._write: dict[str, Callable[[Node], None]] = {
            "Add": self._add,
            "AddV2": self._add,
            "ConcatV2": self._concat,
            "Conv2D": self._conv,
            "DepthwiseConv2dNative": self._conv,
            "Identity": lambda node: self._plain("Identity", node),
            "LeakyRelu": lambda node: self._plain("LeakyRelu", node, alpha=_float(node, "alpha")),
            "MaxPool": self._max_pool,
            "Pad": self._pad,
            "PadV2": self._pad,
            "Reshape": self._reshape,
            "ResizeBilinear": self._resize,
            "Sigmoid": lambda node: self._plain("Sigmoid", node),
            "SparseToDense": self._sparse_to_dense,
            "SplitV": self._split,
            "Transpose": self._transpose,
        }

    def build(self, model: Node, name: str) -> bytes:
        nodes = _in_order(model["modelTopology"]["node"])
        for node in nodes:
            if node["op"] in ("Const", "Placeholder"):
                continue
            if node["op"] not in self._write:
                raise ValueError(f"the operation {node['op']} is not known")
            self._write[node["op"]](node)
        inputs = [_info(node) for node in nodes if node["op"] == "Placeholder"]
        outputs = [_signature_info(entry) for entry in model["signature"]["outputs"].values()]
        self._drop_unused({info.name for info in outputs})
        graph = helper.make_graph(
            self._nodes,
            name,
            inputs,
            sorted(outputs, key=lambda info: info.name),
            list(self._initial.values()),
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
        made.ir_version = _IR
        onnx.checker.check_model(made, full_check=True)
        return bytes(made.SerializeToString())

    def _known(self, name: str) -> Any_:
        if name not in self._constants:
            raise ValueError(f"{name} is not a constant")
        return self._constants[name]

    def _value(self, name: str) -> str:
        """A name usable as an ONNX input; a constant becomes an initializer on its first use."""
        if name in self._constants:
            self._initial.setdefault(name, _tensor(name, self._constants[name]))
        return self._same.get(name, name)

    def _given(self, name: str, values: Any_) -> str:
        self._initial[name] = _tensor(name, values)
        return name

    def _emit(self, op: str, inputs: Sequence[str], outputs: Sequence[str], **attrs: Any) -> None:
        made = helper.make_node(op, list(inputs), list(outputs), outputs[0], **attrs)
        self._nodes.append(made)
        self._made.update(dict.fromkeys(outputs, made))

    def _turn(self, source: str, target: str, perm: Sequence[int]) -> None:
        """A transpose, or nothing where it undoes the one before."""
        before = self._made.get(source)
        if before is not None and before.op_type == "Transpose":
            first = list(helper.get_node_attr_value(before, "perm"))
            if [first[axis] for axis in perm] == list(range(len(perm))):
                self._same[target] = before.input[0]
                return
        self._emit("Transpose", [source], [target], perm=perm)

    def _drop_unused(self, outputs: set[str]) -> None:
        """Leave out what folding made superfluous."""
        needed, kept = set(outputs), []
        for node in reversed(self._nodes):
            if needed & set(node.output):
                kept.append(node)
                needed |= set(node.input)
        self._nodes = kept[::-1]
        self._initial = {name: value for name, value in self._initial.items() if name in needed}

    def _plain(self, op: str, node: Node, **attrs: Any) -> None:
        self._emit(op, [self._value(each) for each in _inputs(node)], [node["name"]], **attrs)

    def _channels_first(self, op: str, node: Node, more: Sequence[str], **attrs: Any) -> None:
        """An operation on the first input, with channels first around it."""
        name = node["name"]
        before, after = f"{name}/first", f"{name}/raw"
        self._turn(self._value(_inputs(node)[0]), before, _TO_FIRST)
        source = self._same.get(before, before)
        if source in self._pads and attrs.get("auto_pad") == "VALID":
            unpadded, pads, fill = self._pads[source]
            neutral = 0.0 if op == "Conv" else -np.inf
            if fill == neutral and not pads[[0, 1, 4, 5]].any():
                del attrs["auto_pad"]
                source, attrs["pads"] = unpadded, pads[[2, 3, 6, 7]].tolist()
        self._emit(op, [source, *more], [after], **attrs)
        self._turn(after, name, _TO_LAST)

    def _add(self, node: Node) -> None:
        left, right = _inputs(node)
        if left in self._constants and right in self._constants:
            self._constants[node["name"]] = self._constants[left] + self._constants[right]
        else:
            self._plain("Add", node)

    def _sparse_to_dense(self, node: Node) -> None:
        indices, shape, values, default = (self._known(each) for each in _inputs(node))
        dense = np.full(shape, default, values.dtype)
        dense[tuple(np.atleast_2d(indices).reshape(-1, len(shape)).T)] = values
        self._constants[node["name"]] = dense

    def _concat(self, node: Node) -> None:
        *parts, axis = _inputs(node)
        parts = [self._value(each) for each in parts]
        self._emit("Concat", parts, [node["name"]], axis=int(self._known(axis)))

    def _conv(self, node: Node) -> None:
        kernel = self._known(_inputs(node)[1])  # height, width, in, out (or multiplier)
        rows, columns, channels, _ = kernel.shape
        groups = 1
        weights = kernel.transpose(3, 2, 0, 1)
        if node["op"] == "DepthwiseConv2dNative":
            groups = channels
            weights = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, rows, columns)
        self._channels_first(
            "Conv",
            node,
            [self._given(f"{node['name']}/weights", np.ascontiguousarray(weights))],
            group=groups,
            strides=_ints(node, "strides")[1:3],
            dilations=(_ints(node, "dilations") or [1, 1, 1, 1])[1:3],
            auto_pad=_padding(node),
        )

    def _max_pool(self, node: Node) -> None:
        self._channels_first(
            "MaxPool",
            node,
            [],
            kernel_shape=_ints(node, "ksize")[1:3],
            strides=_ints(node, "strides")[1:3],
            auto_pad=_padding(node),
        )

    def _pad(self, node: Node) -> None:
        source, paddings, *value = _inputs(node)
        pads = self._known(paddings).T.ravel().astype(np.int64)
        fill = self._known(value[0]) if value else np.zeros((), np.float32)
        more = [
            self._given(f"{node['name']}/pads", pads),
            self._given(f"{node['name']}/fill", fill.astype(np.float32)),
        ]
        if len(pads) == 8:
            self._pads[node["name"]] = (self._value(source), pads, float(fill))
        self._emit("Pad", [self._value(source), *more], [node["name"]])

    def _reshape(self, node: Node) -> None:
        source, shape = _inputs(node)
        target = self._given(f"{node['name']}/shape", self._known(shape).astype(np.int64))
        self._emit("Reshape", [self._value(source), target], [node["name"]])

    def _resize(self, node: Node) -> None:
        mode = "half_pixel" if _flag(node, "half_pixel_centers") else "asymmetric"
        mode = "align_corners" if _flag(node, "align_corners") else mode
        sizes = self._known(_inputs(node)[1]).astype(np.int64)
        self._channels_first(
            "Resize",
            node,
            ["", "", self._given(f"{node['name']}/sizes", sizes)],
            axes=(2, 3),
            mode="linear",
            coordinate_transformation_mode=mode,
        )

    def _split(self, node: Node) -> None:
        source, sizes, axis = _inputs(node)
        lengths = self._known(sizes).astype(np.int64)
        names = [node["name"]] + [f"{node['name']}:{i}" for i in range(1, len(lengths))]
        given = self._given(f"{node['name']}/sizes", lengths)
        self._emit("Split", [self._value(source), given], names, axis=int(self._known(axis)))

    def _transpose(self, node: Node) -> None:
        source, order = _inputs(node)
        perm = [int(each) for each in self._known(order)]
        self._turn(self._value(source), node["name"], perm)


def _in_order(nodes: Sequence[Node]) -> list[Node]:
    """Nodes so that each stands after those it reads from."""
    waiting = {node["name"]: node for node in nodes}
    ordered: list[Node] = []
    path = [node["name"] for node in reversed(nodes)]
    entered: set[str] = set()
    while path:
        name = path[-1]
        if name not in waiting:
            path.pop()
            continue
        needs = [each.split(":")[0] for each in _inputs(waiting[name])]
        open_ones = [each for each in needs if each in waiting]
        if not open_ones:
            ordered.append(waiting.pop(path.pop()))
        elif name in entered:
            raise ValueError(f"the graph runs in a circle at {name}")
        else:
            entered.add(name)
            path += open_ones
    return ordered


def _inputs(node: Node) -> list[str]:
    """Names of the inputs; control edges (`^name`) carry no value, `:0` is the node itself."""
    names = [name for name in node.get("input", ()) if not name.startswith("^")]
    return [name.removesuffix(":0") for name in names]


def _float(node: Node, key: str) -> float:
    return float(node["attr"][key]["f"])


def _flag(node: Node, key: str) -> bool:
    return bool(node["attr"].get(key, {}).get("b", False))


def _ints(node: Node, key: str) -> list[int]:
    return [int(each) for each in node["attr"].get(key, {}).get("list", {}).get("i", ())]


def _padding(node: Node) -> str:
    attr = node["attr"]
    if attr.get("data_format", {}).get("s", "TkhXQw==") != "TkhXQw==":
        raise ValueError(f"{node['name']}: only NHWC is known")
    padding = base64.b64decode(attr["padding"]["s"]).decode()
    return {"VALID": "VALID", "SAME": "SAME_UPPER"}[padding]


def _tensor(name: str, values: Any_) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def _info(node: Node) -> onnx.ValueInfoProto:
    return _value_info(node["name"], node["attr"]["shape"]["shape"])


def _signature_info(entry: Node) -> onnx.ValueInfoProto:
    return _value_info(entry["name"].removesuffix(":0"), entry["tensorShape"])


def _value_info(name: str, shape: Node) -> onnx.ValueInfoProto:
    sizes = [int(dim["size"]) if int(dim["size"]) > 0 else None for dim in shape["dim"]]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
