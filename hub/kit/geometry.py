"""Plane geometry, pure: polygons, sides, crossings, the picture-to-ground homography, view cones.

Points are pairs of floats. In pictures they run 0..1 with y down; on the ground they are metres
east and north of a local origin (`hub.kit.datum.LocalPlane`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.kit.errors import Misconfigured

Point = tuple[float, float]
F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two edges of a ring (by the number of their first corner, from 0) that meet at `at`."""

    first_edge: int
    second_edge: int
    at: Point


def signed_area(ring: Sequence[Point]) -> float:
    """Area by the shoelace formula, positive when counter-clockwise with y up. Ring not closed."""
    xs, ys = np.asarray(ring, np.float64).T
    return float(np.dot(xs, np.roll(ys, -1)) - np.dot(ys, np.roll(xs, -1))) / 2


def polygon_area(ring: Sequence[Point]) -> float:
    """Area of a ring (not closed), in the square of its unit."""
    return abs(signed_area(ring))


def side_of_line(a: Point, b: Point, p: Point) -> float:
    """Twice the area of a, b, p: above 0 when p is right of a→b in a picture (y down), 0 on it.

    With y up (metres on the ground) the sign is the other way round: above 0 is left.
    """
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def segments_cross(p: Point, q: Point, a: Point, b: Point) -> bool:
    """True when the segments p–q and a–b have a point in common, ends included."""
    return meeting_point(p, q, a, b) is not None


def meeting_point(p: Point, q: Point, a: Point, b: Point) -> Point | None:
    """A common point of the segments p–q and a–b, None when there is none."""
    run = (q[0] - p[0], q[1] - p[1])
    rise = (b[0] - a[0], b[1] - a[1])
    apart = (a[0] - p[0], a[1] - p[1])
    det = run[0] * rise[1] - run[1] * rise[0]
    if det == 0:
        return _overlap_point(p, q, a, b)
    t = (apart[0] * rise[1] - apart[1] * rise[0]) / det
    u = (apart[0] * run[1] - apart[1] * run[0]) / det
    if 0 <= t <= 1 and 0 <= u <= 1:
        return (p[0] + t * run[0], p[1] + t * run[1])
    return None


def _overlap_point(p: Point, q: Point, a: Point, b: Point) -> Point | None:
    """A shared end of two parallel segments, None when they lie apart."""
    for end, one, other in ((a, p, q), (b, p, q), (p, a, b), (q, a, b)):
        if on_segment(end, one, other):
            return end
    return None


def on_segment(point: Point, a: Point, b: Point, tolerance: float = 1e-12) -> bool:
    """True when `point` lies on the segment a–b, within `tolerance` of twice the area."""
    if abs(side_of_line(a, b, point)) > tolerance:
        return False
    between_x = min(a[0], b[0]) - tolerance <= point[0] <= max(a[0], b[0]) + tolerance
    between_y = min(a[1], b[1]) - tolerance <= point[1] <= max(a[1], b[1]) + tolerance
    return between_x and between_y


def self_crossing(ring: Sequence[Point]) -> Crossing | None:
    """The first two edges of a ring (not closed) that cross or touch, None for a simple ring."""
    count = len(ring)
    for i in range(count):
        p, q = ring[i], ring[(i + 1) % count]
        for j in range(i + 1, count):
            a, b = ring[j], ring[(j + 1) % count]
            if j == i + 1 or (j + 1) % count == i:
                at = _folded_back(p, q, a, b)
            else:
                at = meeting_point(p, q, a, b)
            if at is not None:
                return Crossing(i, j, at)
    return None


def _folded_back(p: Point, q: Point, a: Point, b: Point) -> Point | None:
    """Where two neighbouring edges cover each other beyond their common corner."""
    shared = q if q == a else p
    far_one = p if shared == q else q
    far_other = b if shared == a else a
    if abs(side_of_line(shared, far_one, far_other)) > 1e-12:
        return None
    forward = (far_one[0] - shared[0]) * (far_other[0] - shared[0]) + (far_one[1] - shared[1]) * (
        far_other[1] - shared[1]
    )
    return far_other if forward > 0 else None


def ring_fault(ring: Sequence[Point]) -> str | None:
    """What is wrong with a ring (not closed) in words, None when it is a simple polygon."""
    if len(ring) < 3:
        return f"a polygon wants at least 3 points, here are {len(ring)}"
    for number, (here, there) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True), 1):
        if here == there:
            return f"point {number} is repeated by the next one (the ring closes by itself)"
    crossing = self_crossing(ring)
    if crossing is not None:
        x, y = crossing.at
        return (
            f"the polygon crosses itself: the edges after point {crossing.first_edge + 1} and "
            f"point {crossing.second_edge + 1} meet at ({x:.3f}, {y:.3f})"
        )
    if polygon_area(ring) < 1e-9:
        return "the polygon has no area"
    return None


def point_in_polygon(point: Point, ring: Sequence[Point]) -> bool:
    """True inside a ring (not closed) or on its edge."""
    inside = False
    x, y = point
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        if on_segment(point, a, b):
            return True
        if (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]):
            inside = not inside
    return inside


def points_in_polygon(points: F64, ring: Sequence[Point]) -> NDArray[np.bool_]:
    """For points [N, 2]: bool [N], true inside a ring (not closed) or on its edge."""
    x, y = points[:, 0, None], points[:, 1, None]
    a = np.asarray(ring, np.float64)
    b = np.roll(a, -1, axis=0)
    (ax, ay), (bx, by) = a.T, b.T
    straddles = (ay > y) != (by > y)
    rise = np.where(by == ay, 1.0, by - ay)
    odd: NDArray[np.bool_] = (straddles & (x < ax + (y - ay) / rise * (bx - ax))).sum(1) % 2 == 1
    on_line = np.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) <= 1e-12
    in_x = (np.minimum(ax, bx) - 1e-12 <= x) & (x <= np.maximum(ax, bx) + 1e-12)
    in_y = (np.minimum(ay, by) - 1e-12 <= y) & (y <= np.maximum(ay, by) + 1e-12)
    edge: NDArray[np.bool_] = (on_line & in_x & in_y).any(1)
    return odd | edge


@dataclass(frozen=True, slots=True)
class Homography:
    """Picture (0..1) to ground (metres) by a 3×3 matrix fitted to known points.

    `residual_m` is the root mean square error at those points (0 when there are only four: they
    fit exactly). `hull` holds the known picture points, counter-clockwise or clockwise.
    """

    matrix: F64
    residual_m: float
    hull: tuple[Point, ...]

    def ground(self, point: Point) -> Point | None:
        """Metres east and north of a picture point, None at or above the horizon."""
        east, north, scale = self.matrix @ (point[0], point[1], 1.0)
        # The fit is normalised so that the known points have a positive scale.
        if scale <= 1e-9:
            return None
        return (float(east / scale), float(north / scale))

    def metres_per_unit(self, point: Point) -> float:
        """How far a step in the picture moves on the ground here: the larger singular value."""
        east, north, scale = self.matrix @ (point[0], point[1], 1.0)
        top = self.matrix[:2, :2] - np.outer((east / scale, north / scale), self.matrix[2, :2])
        return float(np.linalg.svd(top / scale, compute_uv=False)[0])


def fit_homography(picture: Sequence[Point], ground: Sequence[Point]) -> Homography:
    """Fit picture → ground to four or more point pairs by the normalised direct linear transform
    (Hartley & Zisserman, Multiple View Geometry, algorithm 4.2).

    Raises Misconfigured (`bad_calibration`) when three of four points lie on a line or the points
    do not all lie on the same side of the horizon.
    """
    if len(picture) < 4 or len(picture) != len(ground):
        raise Misconfigured("a calibration wants at least four point pairs", code="bad_calibration")
    seen, known = np.asarray(picture, np.float64), np.asarray(ground, np.float64)
    to_seen, to_known = _normaliser(seen), _normaliser(known)
    rows = [
        _equations(s, k) for s, k in zip(_map(to_seen, seen), _map(to_known, known), strict=True)
    ]
    _, values, vectors = np.linalg.svd(np.concatenate(rows))
    if values[7] < 1e-6 * values[0]:
        raise Misconfigured("the calibration points lie on a line", code="bad_calibration")
    matrix = np.linalg.inv(to_known) @ vectors[-1].reshape(3, 3) @ to_seen
    scales = np.c_[seen, np.ones(len(seen))] @ matrix[2]
    if scales.min() * scales.max() <= 0:
        raise Misconfigured(
            "the calibration points contradict each other (are two of them swapped?)",
            code="bad_calibration",
        )
    matrix = matrix / scales.mean()
    if abs(np.linalg.det(matrix)) < 1e-9:
        raise Misconfigured("the calibration points lie on a line", code="bad_calibration")
    errors = np.linalg.norm(_map(matrix, seen) - known, axis=1)
    return Homography(matrix, float(np.sqrt(np.mean(errors**2))), convex_hull(picture))


def _equations(seen: F64, known: F64) -> F64:
    (x, y), (u, v) = seen, known
    return np.array(
        [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    )


def _normaliser(points: F64) -> F64:
    """Moves the centroid to the origin and the mean distance to √2."""
    centre = points.mean(0)
    spread = float(np.linalg.norm(points - centre, axis=1).mean())
    scale = math.sqrt(2) / max(spread, 1e-12)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _map(matrix: F64, points: F64) -> F64:
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    result: F64 = mapped[:, :2] / mapped[:, 2:]
    return result


def convex_hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """The convex hull, counter-clockwise with y up (monotone chain, A. Andrew 1979)."""
    ordered = sorted(set(points))
    halves: list[Point] = []
    for run in (ordered, ordered[::-1]):
        half: list[Point] = []
        for point in run:
            while len(half) > 1 and side_of_line(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves += half[:-1]
    return tuple(halves)


def distance_outside(point: Point, ring: Sequence[Point]) -> float:
    """Distance from a point to a ring (not closed), 0 inside it."""
    if point_in_polygon(point, ring):
        return 0.0
    return min(_to_segment(point, a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def _to_segment(point: Point, a: Point, b: Point) -> float:
    run = (b[0] - a[0], b[1] - a[1])
    length2 = run[0] ** 2 + run[1] ** 2
    along = (point[0] - a[0]) * run[0] + (point[1] - a[1]) * run[1]
    t = min(1.0, max(0.0, along / length2)) if length2 else 0.0
    return math.hypot(point[0] - a[0] - t * run[0], point[1] - a[1] - t * run[1])


def on_bearing(azimuth_deg: float, distance_m: float) -> Point:
    """Metres east and north of a step in a direction (degrees clockwise from north)."""
    angle = math.radians(azimuth_deg)
    return (distance_m * math.sin(angle), distance_m * math.cos(angle))


def view_cone(azimuth_deg: float, fov_deg: float, range_m: float, steps: int = 12) -> list[Point]:
    """What a camera at the origin sees on flat ground: a sector as a ring, metres."""
    bearings = (azimuth_deg - fov_deg / 2 + fov_deg * i / steps for i in range(steps + 1))
    return [(0.0, 0.0), *(on_bearing(bearing, range_m) for bearing in bearings)]
