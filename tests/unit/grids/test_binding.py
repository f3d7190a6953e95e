"""Which grid an alert belongs to: decision 5, case by case, on known ground."""

from __future__ import annotations

import math

import pytest

from hub.grids.binding import SURE, Binder
from hub.grids.tree import GridTree
from hub.grids.view import How
from hub.kit.datum import distance_m
from hub.types.finding import GridWhy
from hub.types.site import CameraSpec, Datum, GroundPoint, OwnerKind, Position, SensorSpec, View

from .town import COUNTY, at, camera, grids

WEST, EAST = "990101100201001", "990101100201002"


@pytest.fixture(scope="module")
def binder() -> Binder:
    return Binder(GridTree(grids()))


def calibrated(east: float, north: float, corners: list[tuple[float, float]] | None = None) -> View:
    """A camera at (east, north) that looks east: its picture's corners are a 40 m square
    from 20 m to 60 m before it (wrongly, but exactly, without perspective)."""
    metres = corners or [
        (east + 20, north + 20),
        (east + 20, north - 20),
        (east + 60, north - 20),
        (east + 60, north + 20),
    ]
    picture = [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)]
    points = tuple(
        GroundPoint(x=x, y=y, lon=at(*m).lon, lat=at(*m).lat)
        for (x, y), m in zip(picture, metres, strict=True)
    )
    return View(ground_points=points, range_m=100)


def test_a_calibrated_camera_sends_to_where_it_happened(binder: Binder) -> None:
    eye = camera(470, 250, view=calibrated(470, 250))
    binding = binder.bind(eye, None, (0.5, 0.25))
    assert binding.camera_grid == WEST
    assert binding.event_grid == binding.grid_code == EAST
    assert binding.why is GridWhy.GROUND_POINT
    assert binding.confidence > 0.99
    assert binding.position is not None
    assert distance_m(binding.position, at(470 + 50, 250)) < 0.01
    assert binding.grid_path == (COUNTY, "990101100000000", "990101100201000", EAST)


def test_near_the_border_the_mount_point_decides(binder: Binder) -> None:
    eye = camera(470, 250, view=calibrated(470, 250))
    on_the_border = binder.bind(eye, None, (0.5, 0.74))
    assert on_the_border.event_grid == EAST
    assert 0.5 <= on_the_border.confidence < SURE
    assert on_the_border.grid_code == WEST
    assert on_the_border.why is GridWhy.LOW_CONFIDENCE


def test_confidence_falls_outside_the_known_points(binder: Binder) -> None:
    """The same ground, once between the known points and once far outside of them."""
    inner = calibrated(440, 250)
    points = tuple(
        point.model_copy(update={"x": point.x * 0.2, "y": 0.8 + point.y * 0.2})
        for point in inner.ground_points
    )
    eye = camera(440, 250, view=View(ground_points=points, range_m=400))
    guessed = binder.bind(eye, None, (0.1, 0.3))
    far = binder.ground(eye).view.ground((0.1, 0.3))
    near = binder.ground(eye).view.ground((0.1, 0.85))
    assert far is not None
    assert near is not None
    assert far.error_m > 5 * near.error_m
    assert guessed.event_grid == EAST


def test_just_below_the_horizon_nothing_is_claimed(binder: Binder) -> None:
    """The far corners are nearer to each other in the picture than on the ground: perspective."""
    corners = [(450, 262), (450, 238), (490, 222), (490, 278)]
    metres = [(x, float(y)) for x, y in corners]
    picture = [(0.1, 0.9), (0.9, 0.9), (0.7, 0.3), (0.3, 0.3)]
    points = tuple(
        GroundPoint(x=x, y=y, lon=at(*m).lon, lat=at(*m).lat)
        for (x, y), m in zip(picture, [metres[0], metres[1], metres[2], metres[3]], strict=True)
    )
    eye = camera(430, 250, view=View(ground_points=points, range_m=80))
    horizon = next(y / 1000 for y in range(300, 0, -1) if _ground(binder, eye, y / 1000) is None)
    binding = binder.bind(eye, None, (0.5, horizon + 0.002))
    assert binding.why is GridWhy.LOW_CONFIDENCE
    assert binding.grid_code == binding.camera_grid == WEST
    assert binding.position == at(430, 250)


def _ground(binder: Binder, eye: CameraSpec, y: float) -> object:
    return binder.ground(eye).view.ground((0.5, y))


def test_a_health_alert_belongs_to_the_mount_point(binder: Binder) -> None:
    binding = binder.bind(camera(470, 250, view=calibrated(470, 250)), None, None)
    assert (binding.event_grid, binding.grid_code) == (None, WEST)
    assert binding.why is GridWhy.MOUNT_POINT


def test_a_cone_guesses_but_never_decides(binder: Binder) -> None:
    view = View(azimuth_deg=90, fov_deg=60, range_m=100)
    eye = camera(490, 250, view=view)
    binding = binder.bind(eye, None, (0.5, 0.5))
    assert binding.event_grid == EAST
    assert 0.5 < binding.confidence < SURE
    assert binding.grid_code == WEST
    assert binding.why is GridWhy.NOT_CALIBRATED
    shares = {share.code: share.share for share in binding.secondary}
    assert shares[EAST] == pytest.approx(1 - 10 * 10 * math.tan(math.pi / 6) / 5236, abs=0.01)
    assert WEST not in shares, "the grid that was taken is no secondary one"
    assert shares["JW-1"] == pytest.approx(1.0)


def test_the_ray_follows_the_picture_column(binder: Binder) -> None:
    view = View(azimuth_deg=0, fov_deg=90, range_m=100)
    eye = camera(500, 250, view=view)
    assert binder.bind(eye, None, (0.1, 0.5)).event_grid == WEST
    assert binder.bind(eye, None, (0.9, 0.5)).event_grid == EAST


def test_without_a_view_the_mount_point_is_marked_as_a_guess(binder: Binder) -> None:
    binding = binder.bind(camera(470, 250), None, (0.5, 0.5))
    assert binding.camera_grid == binding.event_grid == binding.grid_code == WEST
    assert binding.why is GridWhy.NOT_CALIBRATED
    assert binding.confidence < 0.5
    assert [(s.code, s.share) for s in binding.secondary] == [("JW-1", 1.0)]


def test_a_ground_point_outside_all_grids_falls_back(binder: Binder) -> None:
    eye = camera(1990, 250, view=calibrated(1990, 250))
    binding = binder.bind(eye, None, (0.5, 0.5))
    assert binding.event_grid is None
    assert binding.why is GridWhy.GROUND_POINT_OUTSIDE
    assert binding.grid_code == binding.camera_grid == "990101101201002"


def test_a_camera_outside_all_grids_is_unbound_and_named(binder: Binder) -> None:
    binding = binder.bind(camera(-300, 250), None, (0.5, 0.5))
    assert binding.unbound
    assert binding.why is GridWhy.NO_GRID
    assert binding.grid_path == ()
    nowhere = binder.bind(camera(None), None, (0.5, 0.5))
    assert nowhere.unbound
    assert nowhere.why is GridWhy.NO_POSITION


def test_a_camera_outside_that_surely_looks_in_is_bound(binder: Binder) -> None:
    eye = camera(-10, 250, view=calibrated(-10, 250))
    binding = binder.bind(eye, None, (0.5, 0.5))
    assert binding.camera_grid is None
    assert binding.grid_code == WEST
    assert binding.why is GridWhy.GROUND_POINT


def test_a_calibration_without_a_mount_point_still_binds(binder: Binder) -> None:
    binding = binder.bind(camera(None, view=calibrated(200, 250)), None, (0.5, 0.5))
    assert binding.grid_code == WEST
    assert binding.camera_grid is None


def test_a_senseless_calibration_never_loses_an_alert(binder: Binder) -> None:
    line = calibrated(470, 250, [(20, 20), (30, 30), (40, 40), (50, 50)])
    binding = binder.bind(camera(470, 250, view=line), None, (0.5, 0.5))
    assert binding.grid_code == WEST
    assert binding.why is GridWhy.NOT_CALIBRATED


def test_a_view_over_a_border_is_shared_out(binder: Binder) -> None:
    eye = camera(470, 250, view=calibrated(470, 250))
    ground = binder.ground(eye)
    assert ground.view.how is How.HOMOGRAPHY
    shares = {share.code: share.share for share in ground.shares}
    assert shares[EAST] == pytest.approx(0.75, abs=0.02)
    assert shares[WEST] == pytest.approx(0.25, abs=0.02)


def test_a_moved_camera_is_looked_at_again(binder: Binder) -> None:
    assert binder.bind(camera(470, 250), None).grid_code == WEST
    assert binder.bind(camera(530, 250), None).grid_code == EAST


def test_sensors_by_position(binder: Binder) -> None:
    where = at(530, 250)
    sensor = SensorSpec(
        id="smoke",
        name="烟感",
        owner_kind=OwnerKind.SCHOOL,
        owner="小学",
        position=Position(lon=where.lon, lat=where.lat, datum=Datum.WGS84),
    )
    binding = binder.bind(None, sensor)
    assert binding.grid_code == EAST
    assert binding.why is GridWhy.SENSOR_POSITION
    assert binding.confidence == 1.0
    assert [share.code for share in binding.secondary] == ["JW-1"]
    unplaced = binder.bind(None, sensor.model_copy(update={"position": None}))
    assert unplaced.unbound
    assert unplaced.why is GridWhy.NO_POSITION


def test_a_grid_may_be_named(binder: Binder) -> None:
    named = binder.bind_named("990101100201000")
    assert named.grid_path[-1] == "990101100201000"
    assert named.why is GridWhy.NAMED
    assert binder.bind_named("nowhere").unbound
    assert binder.bind(None, None).unbound
