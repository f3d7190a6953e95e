"""Pictures brought to a network's size, against the plain arithmetic."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from hub.analytics.catalog.cards import Input
from hub.analytics.catalog.picture_input import PictureInput, Placement
from hub.analytics.still import StillPicture

PIXELS = np.random.default_rng(3).integers(0, 256, (90, 160, 3), dtype=np.uint8)
MEAN, STD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)


def prepared(**spec: Any) -> tuple[np.ndarray[Any, Any], Placement]:
    return PictureInput(Input.model_validate(spec)).prepare(StillPicture(PIXELS))


def test_stretched_bgr_with_mean_and_deviation() -> None:
    feed, place = prepared(width=64, height=64, order="bgr", mean=MEAN, std=STD, resize="stretch")
    small = cv2.resize(PIXELS, (64, 64), interpolation=cv2.INTER_AREA)
    plain = (small.astype(np.float64) - MEAN) / STD
    assert feed.shape == (1, 3, 64, 64)
    assert feed.dtype == np.float32
    np.testing.assert_allclose(feed[0], plain.transpose(2, 0, 1), atol=1e-5)
    assert place == Placement(0, 0, 64, 64)


def test_letterboxed_rgb_in_the_middle() -> None:
    feed, place = prepared(width=64, height=64, scale=1 / 255, resize="letterbox_centre", pad=114)
    assert place == Placement(0, 14, 64, 36)
    small = cv2.resize(PIXELS, (64, 36), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    np.testing.assert_allclose(feed[0, :, 14:50], small.transpose(2, 0, 1) / 255.0, atol=1e-6)
    np.testing.assert_allclose(feed[0, :, :14], 114 / 255, atol=1e-6)
    np.testing.assert_allclose(feed[0, :, 50:], 114 / 255, atol=1e-6)


def test_letterboxed_in_the_corner_and_channels_last() -> None:
    feed, place = prepared(
        width=32, height=64, order="bgr", resize="letterbox_top_left", pad=0, layout="nhwc"
    )
    assert place == Placement(0, 0, 32, 18)
    assert feed.shape == (1, 64, 32, 3)
    small = cv2.resize(PIXELS, (32, 18), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(feed[0, :18], small.astype(np.float32))
    assert not feed[0, 18:].any()


def test_each_channel_has_its_own_mean_in_the_order_given() -> None:
    feed, _ = prepared(width=160, height=90, mean=(1.0, 2.0, 3.0), resize="stretch")
    plain = PIXELS[:, :, ::-1].astype(np.float32) - np.array([1, 2, 3], np.float32)
    np.testing.assert_allclose(feed[0], plain.transpose(2, 0, 1))


def test_network_pixels_become_picture_coordinates_and_stay_inside() -> None:
    place = Placement(0, 14, 64, 36)
    boxes = np.array([[0, 14, 64, 50], [16, 23, 32, 32], [-5, 0, 70, 64]], np.float32)
    unit = place.to_unit(boxes)
    assert unit.dtype == np.float32
    assert unit[0].tolist() == [0, 0, 1, 1]
    assert unit[1].tolist() == pytest.approx([0.25, 0.25, 0.5, 0.5])
    assert unit[2].tolist() == [0, 0, 1, 1]


def test_a_picture_of_one_pixel_still_fits() -> None:
    feed, place = PictureInput(Input(width=64, height=32)).prepare(
        StillPicture(np.zeros((1, 500, 3), np.uint8))
    )
    assert (place.width, place.height) == (64, 1)
    assert feed.shape == (1, 3, 32, 64)
