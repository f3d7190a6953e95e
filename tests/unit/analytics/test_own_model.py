"""A user's own model works from a card alone; one that does not fit its card is refused by name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from pydantic import ValidationError

from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card, ModelsFile
from hub.analytics.catalog.pull import present
from hub.kit.errors import HubError, Misconfigured, NotFound, Permanent
from hub.kit.metrics import Metrics
from hub.types.scene import ObjectKind
from tests.unit.analytics import graphs

RED, BLACK = (0, 0, 255), (0, 0, 0)


@pytest.fixture
def yolo(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "smoke-and-fire.onnx"
    return path, graphs.two_class_yolo(path)


def catalog(tmp_path: Path, card: Card) -> Catalog:
    return Catalog([card], tmp_path / "cache", Metrics())


def refused(tmp_path: Path, card: Card) -> HubError:
    with pytest.raises(HubError) as caught:
        catalog(tmp_path, card).detector(card.id)
    assert card.id in str(caught.value)
    return caught.value


def test_two_classes_of_its_own_from_a_card_alone(tmp_path: Path, yolo: tuple[Path, str]) -> None:
    card = graphs.card_for(*yolo)
    assert not present(card, tmp_path / "cache")
    models = catalog(tmp_path, card)
    detector = models.detector("smoke-and-fire")
    assert present(card, tmp_path / "cache")

    found = detector.detect(graphs.frame_of(graphs.picture(RED, BLACK)))
    assert found.kinds == (ObjectKind.SMOKE,)
    assert found.xyxy[0].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert found.scores[0] == pytest.approx(1.0)

    found = detector.detect(graphs.frame_of(graphs.picture(BLACK, RED)))
    assert found.kinds == (ObjectKind.FIRE,)
    assert found.xyxy[0].tolist() == pytest.approx([0.5, 0.0, 1.0, 1.0])

    nothing = detector.detect(graphs.frame_of(graphs.picture(BLACK, BLACK)))
    assert len(nothing) == 0
    assert nothing.xyxy.shape == (0, 4)
    assert models.detector("smoke-and-fire") is detector, "one session is shared"


def test_an_unmapped_class_is_ignored_and_a_kind_has_its_own_threshold(
    tmp_path: Path, yolo: tuple[Path, str]
) -> None:
    both = graphs.frame_of(graphs.picture((0, 0, 153), (0, 0, 153)))  # red at 0.6
    fire_only = graphs.card_for(*yolo, kinds={"flame": "fire"})
    found = catalog(tmp_path, fire_only).detector("smoke-and-fire").detect(both)
    assert found.kinds == (ObjectKind.FIRE,)
    careful = graphs.card_for(*yolo, thresholds={"score": 0.3, "kinds": {"fire": 0.7}})
    found = catalog(tmp_path, careful).detector("smoke-and-fire").detect(both)
    assert found.kinds == (ObjectKind.SMOKE,)


def test_letterboxed_boxes_come_back_to_the_picture(tmp_path: Path, yolo: tuple[Path, str]) -> None:
    # 128x96 in 64x64 is 64x48 with 8 rows of padding above and below.
    where = {"width": 64, "height": 64, "scale": 1 / 255, "resize": "letterbox_centre", "pad": 0}
    detector = catalog(tmp_path, graphs.card_for(*yolo, input=where)).detector("smoke-and-fire")
    found = detector.detect(graphs.frame_of(graphs.picture(RED, BLACK)))
    assert found.scores[0] == pytest.approx(48 / 64)
    assert found.xyxy[0].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0]), "clipped to the picture"


def test_a_corrupt_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"\x08\x07 this is no graph" * 50)
    error = refused(tmp_path, graphs.card_for(path, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert isinstance(error, Permanent)
    assert error.code == "model_corrupt"


def test_a_truncated_model(tmp_path: Path, yolo: tuple[Path, str]) -> None:
    path, _ = yolo
    path.write_bytes(path.read_bytes()[:-40])
    error = refused(tmp_path, graphs.card_for(path, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert error.code == "model_corrupt"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"input": {"width": 96, "height": 96}}, "input images is [1, 3, 64, 64]"),
        (
            {"classes": ["smoke", "flame", "ember"]},
            "output0 is [1, 6, 2], expected [1, 7, anchors]",
        ),
        ({"head": {"kind": "yolo", "output": "boxes"}}, "output boxes is missing"),
        ({"head": {"kind": "yolox"}}, "output dets is missing"),
        ({"head": {"kind": "nanodet"}}, "output Identity is missing"),
        ({"input": {"width": 64, "height": 64, "layout": "nhwc"}}, "expected [1, 64, 64, 3]"),
    ],
)
def test_a_card_that_does_not_fit(
    tmp_path: Path, yolo: tuple[Path, str], changes: dict[str, Any], says: str
) -> None:
    error = refused(tmp_path, graphs.card_for(*yolo, **changes))
    assert isinstance(error, Misconfigured)
    assert error.code == "model_misfit"
    assert says in str(error)


def test_an_export_with_suppression_inside_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "nms.onnx"
    node = helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0)
    shaped = helper.make_node("Expand", ["mean", "shape"], ["output0"])
    sha = graphs.save(
        path, [node, shaped], {"output0": (1, 300, 6)}, {"shape": np.array([1, 300, 6])}
    )
    assert "nms=True" in str(refused(tmp_path, graphs.card_for(path, sha)))


def test_open_sizes_are_judged_by_a_run(tmp_path: Path) -> None:
    path = tmp_path / "open.onnx"
    node = helper.make_node("Identity", ["images"], ["output0"])
    sha = graphs.save(path, [node], {"output0": (None, None, None)}, {}, (None, None, None))
    error = refused(tmp_path, graphs.card_for(path, sha))
    assert "input images is [None, None, None]" in str(error)


def test_values_that_are_not_numbers(tmp_path: Path) -> None:
    path = tmp_path / "nan.onnx"
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "nan"], ["broken"]),
        helper.make_node("Expand", ["broken", "shape"], ["output0"]),
    ]
    constants = {"nan": np.array(np.nan, np.float32), "shape": np.array([1, 6, 2])}
    sha = graphs.save(path, nodes, {"output0": (1, 6, 2)}, constants)
    assert "not numbers" in str(refused(tmp_path, graphs.card_for(path, sha)))


def test_an_input_of_another_type(tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    nodes = [
        helper.make_node("Cast", ["images"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["wide"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "shape"], ["output0"]),
    ]
    sha = graphs.save(
        path,
        nodes,
        {"output0": (1, 6, 2)},
        {"shape": np.array([1, 6, 2])},
        dtype=TensorProto.FLOAT16,
    )
    assert "tensor(float16), expected tensor(float)" in str(
        refused(tmp_path, graphs.card_for(path, sha))
    )


def test_a_model_for_something_else_does_not_detect(tmp_path: Path, yolo: tuple[Path, str]) -> None:
    assert refused(tmp_path, graphs.card_for(*yolo, task="pose")).code == "model_task"


def test_an_unknown_model(tmp_path: Path, yolo: tuple[Path, str]) -> None:
    with pytest.raises(NotFound, match="no model nobody"):
        catalog(tmp_path, graphs.card_for(*yolo)).detector("nobody")


def test_cuda_that_is_not_there_is_said_aloud(
    tmp_path: Path, yolo: tuple[Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    card = graphs.card_for(*yolo, device="cuda")
    detector = Catalog([card], tmp_path / "cache", metrics).detector(card.id)
    if detector.device == "cuda":
        pytest.skip("this machine has CUDA: nothing falls back")
    assert "no CUDA here" in caplog.text
    assert metrics.get("hub_model_fallbacks_total", model=card.id) == 1
    assert len(detector.detect(graphs.frame_of(graphs.picture(RED, RED)))) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"task": "face"}, "task"),
        ({"kinds": {"smoke": "face"}}, "kinds"),
        ({"kinds": {"ember": "fire"}}, "no class ember"),
        ({"kinds": {}}, "would see nothing"),
        ({"classes": ["smoke", "smoke", "flame"]}, "stands twice"),
        ({"members": []}, "members"),
        ({"members": [{"sha256": "0" * 64}, {"sha256": "1" * 64}]}, "one file"),
        ({"head": {"kind": "oracle"}}, "oracle"),
        ({"input": {"width": 64, "height": 64, "std": [1, 0, 1]}}, "must not be 0"),
        ({"thresholds": {"score": 1.5}}, "score"),
        ({"thresholds": {"score": 0.5, "start": 0.4}}, "start: below score"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_cards_that_make_no_sense(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        graphs.card_for(Path("x.onnx"), "0" * 64, **changes)


@pytest.mark.parametrize(
    ("thresholds", "start"),
    [({}, 0.45), ({"score": 0.6}, 0.6), ({"score": 0.2, "start": 0.3}, 0.3)],
)
def test_what_begins_a_track(thresholds: dict[str, float], start: float) -> None:
    card = graphs.card_for(Path("x.onnx"), "0" * 64, thresholds=thresholds)
    assert card.thresholds.start_score == start


def test_the_file_of_cards_agrees_with_itself() -> None:
    card = graphs.card_for(Path("x.onnx"), "0" * 64)
    with pytest.raises(ValidationError, match="there is no model other"):
        ModelsFile(default="other", models=(card,))
    with pytest.raises(ValidationError, match="twice the id smoke-and-fire"):
        ModelsFile(default=card.id, models=(card, card))
