"""Each detector against its raw graph, run and read by hand on the same real picture.

What stands here shares no code with the hub: plain loops over what the graph gives out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import pytest

from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card
from hub.analytics.catalog.coco import COCO80
from hub.analytics.catalog.pull import pull
from hub.analytics.still import StillPicture
from hub.kit.metrics import Metrics
from hub.types.media import U8, Frame
from hub.types.scene import Detections

Hit = tuple[float, str, tuple[float, float, float, float]]
Pictures = Callable[[str, int], U8]
VEHICLES = {"car", "truck", "bus"}


def run(card: Card, cache: Path, feed: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    session = ort.InferenceSession(str(pull(card, cache)))
    names = [output.name for output in session.get_outputs()]
    given = {session.get_inputs()[0].name: feed.astype(np.float32)}
    return dict(zip(names, session.run(names, given), strict=True))


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def same_thing(a: str, b: str) -> bool:
    return a == b or {a, b} <= VEHICLES or {a, b} == {"bicycle", "motorcycle"}


def suppressed(hits: list[Hit], iou: float) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, reverse=True):
        if all(overlap(hit[2], k[2]) <= iou or not same_thing(hit[1], k[1]) for k in kept):
            kept.append(hit)
    return kept


def nanodet_by_hand(card: Card, cache: Path, pixels: U8) -> list[Hit]:
    small = cv2.resize(pixels, (416, 416), interpolation=cv2.INTER_AREA).astype(np.float32)
    mean, std = np.array([103.53, 116.28, 123.675]), np.array([57.375, 57.12, 58.395])
    out = run(card, cache, ((small - mean) / std).transpose(2, 0, 1)[None])
    hits: list[Hit] = []
    for level, stride in enumerate((8, 16, 32)):
        scores = out["Identity" if level == 0 else f"Identity_{level}"][0]
        sides = out[f"Identity_{level + 3}"][0]
        bins = sides.shape[1] // 4
        for cell in range(len(scores)):
            x = (cell % (416 // stride) + 0.5) * stride
            y = (cell // (416 // stride) + 0.5) * stride
            for index in range(80):
                kind = card.kinds.get(COCO80[index])
                if kind is None or scores[cell, index] < card.thresholds.least(kind):
                    continue
                far = []
                for side in range(4):
                    powers = [math.exp(v) for v in sides[cell, side * bins : (side + 1) * bins]]
                    far.append(sum(i * p for i, p in enumerate(powers)) / sum(powers) * stride)
                box = (x - far[0], y - far[1], x + far[2], y + far[3])
                hits.append((float(scores[cell, index]), kind.value, box))
    return [
        (score, kind, (box[0] / 416, box[1] / 416, box[2] / 416, box[3] / 416))
        for score, kind, box in suppressed(hits, card.thresholds.nms_iou)
    ]


def yolox_by_hand(card: Card, cache: Path, pixels: U8) -> list[Hit]:
    height, width = pixels.shape[:2]
    ratio = 416 / max(height, width)
    wide, high = round(width * ratio), round(height * ratio)
    feed = np.full((416, 416, 3), 114, np.uint8)
    feed[:high, :wide] = cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_AREA)
    out = run(card, cache, feed.transpose(2, 0, 1)[None])
    hits = []
    for (x1, y1, x2, y2, score), label in zip(out["dets"][0], out["labels"][0], strict=True):
        if label == 0 and score >= card.thresholds.score:
            box = (x1 / wide, y1 / high, x2 / wide, y2 / high)
            hits.append((float(score), "person", box))
    return hits


def yolo_by_hand(card: Card, cache: Path, pixels: U8) -> list[Hit]:
    height, width = pixels.shape[:2]
    ratio = min(416 / width, 320 / height)
    wide, high = round(width * ratio), round(height * ratio)
    left, top = (416 - wide) // 2, (320 - high) // 2
    feed = np.full((320, 416, 3), 114, np.uint8)
    small = cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_AREA)
    feed[top : top + high, left : left + wide] = small
    out = run(card, cache, feed[:, :, ::-1].transpose(2, 0, 1)[None] / 255.0)["output0"][0]
    hits: list[Hit] = []
    for cx, cy, w, h, *scores in out.T:
        for index, score in enumerate(scores):
            kind = card.kinds.get(COCO80[index])
            if kind is not None and score >= card.thresholds.score:
                box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
                hits.append((float(score), kind.value, box))
    return [
        (
            s,
            k,
            ((b[0] - left) / wide, (b[1] - top) / high, (b[2] - left) / wide, (b[3] - top) / high),
        )
        for s, k, b in suppressed(hits, card.thresholds.nms_iou)
    ]


def detected(card: Card, cache: Path, pixels: U8) -> Detections:
    detector = Catalog([card], cache, Metrics()).detector(card.id)
    return detector.detect(Frame("cam", 0, 0.0, 0.0, 0.0, StillPicture(pixels)))


@pytest.mark.parametrize(
    ("model", "by_hand", "clip_name", "number", "least"),
    [
        ("nanodet-m-416", nanodet_by_hand, "crowd", 100, 20),
        ("nanodet-m-416", nanodet_by_hand, "motorway", 200, 15),
        ("yolox-tiny-person", yolox_by_hand, "crowd", 100, 25),
        ("yolo11n", yolo_by_hand, "motorway", 200, 8),
    ],
)
def test_the_detector_sees_what_the_raw_graph_says(
    cards: dict[str, Card],
    cache: Path,
    picture: Pictures,
    model: str,
    by_hand: Callable[[Card, Path, U8], list[Hit]],
    clip_name: str,
    number: int,
    least: int,
) -> None:
    pixels = picture(clip_name, number)
    found = detected(cards[model], cache, pixels)
    expected = sorted(by_hand(cards[model], cache, pixels), reverse=True)
    assert len(expected) >= least, "the picture shows more than that: is the graph blind?"
    assert len(found) == len(expected)
    assert found.scores.tolist() == pytest.approx([score for score, *_ in expected], abs=2e-4)
    assert [kind.value for kind in found.kinds] == [kind for _, kind, _ in expected]
    clipped = np.clip([box for *_, box in expected], 0, 1)
    np.testing.assert_allclose(found.xyxy, clipped, atol=1e-3)


def test_conversion_gives_the_numbers_of_the_reference_converter(
    cards: dict[str, Card], cache: Path
) -> None:
    """Means and maxima for a seeded input, as TensorFlow's own converter's graph gives them."""
    noise = np.random.default_rng(0).normal(size=(1, 3, 416, 416))
    out = run(cards["nanodet-m-416"], cache, noise)
    for name, mean, most in (
        ("Identity", 0.005082, 0.030015),
        ("Identity_1", 0.008480, 0.053668),
        ("Identity_2", 0.011868, 0.114552),
    ):
        assert out[name].mean() == pytest.approx(mean, abs=1e-6)
        assert out[name].max() == pytest.approx(most, abs=1e-6)
    assert out["Identity_3"].max() == pytest.approx(4.282618, abs=1e-5)


def test_the_converted_graph_is_small_and_without_leftovers(
    cards: dict[str, Card], cache: Path
) -> None:
    path = pull(cards["nanodet-m-416"], cache)
    assert 3_000_000 < path.stat().st_size < 4_000_000


@pytest.mark.parametrize("model", ["nanodet-m-416", "yolox-tiny-person"])
def test_an_empty_grey_picture_shows_nothing(
    cards: dict[str, Card], cache: Path, model: str
) -> None:
    assert len(detected(cards[model], cache, np.full((360, 640, 3), 127, np.uint8))) == 0
