"""Polygons, sides, crossings, homography and cones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hub.kit.errors import Misconfigured
from hub.kit.geometry import (
    convex_hull,
    distance_outside,
    fit_homography,
    point_in_polygon,
    points_in_polygon,
    polygon_area,
    ring_fault,
    self_crossing,
    side_of_line,
    view_cone,
)

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
BOW_TIE = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]
HOLLOW = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.5), (0.1, 0.9)]


def test_area_of_a_square_and_of_a_hollow_shape() -> None:
    assert polygon_area(SQUARE) == 1.0
    assert polygon_area(SQUARE[::-1]) == 1.0
    assert polygon_area(HOLLOW) == pytest.approx(0.8 * 0.8 - 0.5 * 0.8 * 0.4)


def test_a_bow_tie_is_named_with_its_edges_and_place() -> None:
    crossing = self_crossing(BOW_TIE)
    assert crossing is not None
    assert (crossing.first_edge, crossing.second_edge) == (0, 2)
    assert crossing.at == (0.5, 0.5)
    fault = ring_fault(BOW_TIE)
    assert fault is not None
    assert "point 1 and point 3 meet at (0.500, 0.500)" in fault


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([(0.0, 0.0), (1.0, 0.0)], "at least 3"),
        ([(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], "point 1 is repeated"),
        ([*SQUARE, SQUARE[0]], "closes by itself"),
        ([(0.0, 0.0), (1.0, 0.0), (0.5, 0.0)], "crosses itself"),
        ([(0.0, 0.0), (1.0, 0.0), (0.4, 0.0), (0.4, 1.0)], "crosses itself"),
        # A figure of eight that only touches itself in one corner.
        ([(0.0, 0.0), (0.5, 0.5), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5), (0.0, 1.0)], "crosses"),
    ],
)
def test_rings_that_are_no_polygon(ring: list[tuple[float, float]], words: str) -> None:
    fault = ring_fault(ring)
    assert fault is not None
    assert words in fault


def test_simple_rings_have_no_fault() -> None:
    assert ring_fault(SQUARE) is None
    assert ring_fault(HOLLOW) is None


def test_the_vectorised_test_agrees_with_the_single_one() -> None:
    rng = np.random.default_rng(1)
    points = np.r_[rng.uniform(-0.1, 1.1, (300, 2)), HOLLOW, [[0.5, 0.1], [0.5, 0.4], [0.5, 0.6]]]
    many = points_in_polygon(points, HOLLOW)
    assert many.tolist() == [point_in_polygon((x, y), HOLLOW) for x, y in points.tolist()]
    assert many[-3:].tolist() == [True, True, False]
    assert many[300:305].all()


def test_right_of_a_line_is_right_as_one_sees_it_in_the_picture() -> None:
    walking_right = ((0.0, 0.5), (1.0, 0.5))
    assert side_of_line(*walking_right, (0.5, 0.9)) > 0
    assert side_of_line(*walking_right, (0.5, 0.1)) < 0


def test_a_homography_gives_back_a_known_camera() -> None:
    """A camera 6 m up, looking north, 20° down: the ground of its picture points is known."""
    seen, ground = [], []
    for x in (0.1, 0.5, 0.9):
        for y in (0.4, 0.6, 0.9):
            seen.append((x, y))
            ground.append(_ground_of(x, y))
    fitted = fit_homography(seen, ground)
    assert fitted.residual_m < 1e-6
    where = fitted.ground((0.3, 0.75))
    assert where == pytest.approx(_ground_of(0.3, 0.75), abs=1e-6)
    assert fitted.ground((0.5, 0.0)) is None, "above the horizon there is no ground"
    near, far = fitted.metres_per_unit((0.5, 0.9)), fitted.metres_per_unit((0.5, 0.4))
    assert far > 3 * near, "a step in the picture is longer where it looks far"


def _ground_of(x: float, y: float) -> tuple[float, float]:
    height_m, down, half_w, half_h = 6.0, math.radians(20), 0.7, 0.4
    right, lower = (2 * x - 1) * half_w, (2 * y - 1) * half_h
    forward = math.cos(down) - lower * math.sin(down)
    fall = math.sin(down) + lower * math.cos(down)
    return (right * height_m / fall, forward * height_m / fall)


def test_the_residual_tells_of_a_wrong_point() -> None:
    seen = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.5, 0.5)]
    ground = [(0.0, 40.0), (40.0, 40.0), (40.0, 0.0), (0.0, 0.0), (20.0, 26.0)]
    assert 0.5 < fit_homography(seen, ground).residual_m < 6


@pytest.mark.parametrize(
    ("seen", "ground"),
    [
        ([(0.1, 0.1), (0.5, 0.5), (0.9, 0.9), (0.3, 0.3)], [(0, 0), (5, 5), (9, 9), (3, 3)]),
        ([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)], [(0, 9), (9, 0), (9, 9), (0, 0)]),
    ],
    ids=["on a line", "swapped"],
)
def test_senseless_calibrations_are_refused(
    seen: list[tuple[float, float]], ground: list[tuple[float, float]]
) -> None:
    with pytest.raises(Misconfigured) as refused:
        fit_homography(seen, ground)
    assert refused.value.code == "bad_calibration"


def test_hull_and_distance_outside() -> None:
    hull = convex_hull([*SQUARE, (0.5, 0.5), (0.5, 0.0)])
    assert set(hull) == set(SQUARE)
    assert distance_outside((0.5, 0.5), hull) == 0
    assert distance_outside((0.5, 1.25), hull) == pytest.approx(0.25)
    assert distance_outside((2.0, 2.0), hull) == pytest.approx(math.sqrt(2))


def test_a_cone_to_the_east_lies_in_the_east() -> None:
    ring = view_cone(90, 60, 50)
    assert ring[0] == (0.0, 0.0)
    assert point_in_polygon((40.0, 0.0), ring)
    assert point_in_polygon((40.0, 20.0), ring)
    assert not point_in_polygon((0.0, 40.0), ring)
    assert polygon_area(ring) == pytest.approx(math.pi * 50**2 / 6, rel=0.01)
