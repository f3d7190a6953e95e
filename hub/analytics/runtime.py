"""Running graphs: one onnxruntime session, on the processor or on CUDA."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from hub.analytics.model import F32, Array, Tensor
from hub.kit.errors import Permanent
from hub.kit.metrics import Metrics

log = logging.getLogger(__name__)

Device = Literal["cpu", "cuda"]
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_REFUSALS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class Graph:
    """A loaded graph. `run` may be called by several threads at once; each uses its own core."""

    def __init__(self, path: Path, model_id: str, device: Device, metrics: Metrics) -> None:
        """Load. Raises Permanent (`model_corrupt`) when the file is no graph that can run."""
        try:
            self._session = _session(path, device)
        except _REFUSALS as error:
            raise Permanent(
                f"model {model_id}: the graph cannot be loaded: {_first_line(error)}",
                code="model_corrupt",
            ) from error
        self._model_id = model_id
        self.inputs = tuple(_tensor(each) for each in self._session.get_inputs())
        self.outputs = tuple(_tensor(each) for each in self._session.get_outputs())
        self.input_types = tuple(each.type for each in self._session.get_inputs())
        self.device: Device = "cuda" if _CUDA in self._session.get_providers() else "cpu"
        if device == "cuda" and self.device == "cpu":
            log.warning("model %s: no CUDA here, it runs on the processor instead", model_id)
            metrics.add("hub_model_fallbacks_total", model=model_id)

    def run(self, names: Sequence[str], feed: F32) -> list[Array]:
        """The named outputs (all for none) for one input. Raises Permanent (`model_failed`)."""
        try:
            return self._session.run(list(names) or None, {self.inputs[0].name: feed})
        except _REFUSALS as error:
            raise Permanent(
                f"model {self._model_id}: the run failed: {_first_line(error)}",
                code="model_failed",
            ) from error


def _session(path: Path, device: Device) -> ort.InferenceSession:
    """One thread a run and no spinning: the threads that call share out the cores (see Analyser).

    The library's own thread pool doubles the CPU of small graphs; the arena doubles memory.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    wanted = [_CUDA, _CPU] if device == "cuda" else [_CPU]
    present = ort.get_available_providers()
    return ort.InferenceSession(str(path), options, [each for each in wanted if each in present])


def _tensor(argument: ort.NodeArg) -> Tensor:
    sizes = tuple(each if isinstance(each, int) and each > 0 else None for each in argument.shape)
    return Tensor(argument.name, sizes)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
