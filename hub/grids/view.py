"""What a camera sees on the ground: by four points, by a cone, or not known at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hub.kit.datum import LocalPlane, position_wgs84, to_wgs84
from hub.kit.geometry import (
    Homography,
    Point,
    distance_outside,
    fit_homography,
    on_bearing,
    view_cone,
)
from hub.types.site import CameraSpec, Datum, LonLat

SURVEY_ERROR_M = 1.0
"""Error of one ground point read off a map or an aerial picture: four points fit without any
residual, so it is assumed, not measured."""
PICTURE_ERROR = 0.01
"""The foot of a box is off by about one per cent of the picture."""
EXTRAPOLATION = 0.15
"""How fast the picture error grows with the distance outside the known points: the lens's
distortion and the slope of the ground are known only between them."""


class How(StrEnum):
    """Where a view comes from, best first."""

    HOMOGRAPHY = "homography"
    CONE = "cone"
    MOUNT = "mount"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class GroundPoint:
    """A picture point on the ground, with the standard error of its position in metres."""

    at: LonLat
    error_m: float


@dataclass(frozen=True, slots=True)
class View:
    """A camera's view. `polygon` is in WGS-84 degrees, None when only the mount point is known.

    `facing` and `fov_deg` belong to a cone; `plane` and `homography` to a calibrated camera.
    """

    how: How
    mount: LonLat | None
    polygon: BaseGeometry | None = None
    plane: LocalPlane | None = None
    homography: Homography | None = None
    azimuth_deg: float = 0.0
    fov_deg: float = 0.0
    range_m: float = 0.0

    def ground(self, picture_point: Point) -> GroundPoint | None:
        """The place of a picture point by the homography, None above the horizon or without one."""
        if self.homography is None or self.plane is None:
            return None
        metres = self.homography.ground(picture_point)
        if metres is None:
            return None
        outside = distance_outside(picture_point, self.homography.hull)
        in_picture = PICTURE_ERROR + EXTRAPOLATION * outside
        error_m = math.hypot(
            SURVEY_ERROR_M,
            self.homography.residual_m,
            in_picture * self.homography.metres_per_unit(picture_point),
        )
        return GroundPoint(self.plane.degrees(*metres), error_m)

    def ray(self, picture_x: float) -> shapely.LineString | None:
        """The line on the ground along which a picture column looks, None without a cone."""
        if self.how is not How.CONE or self.mount is None:
            return None
        bearing = self.azimuth_deg + (picture_x - 0.5) * self.fov_deg
        end = LocalPlane(self.mount).degrees(*on_bearing(bearing, self.range_m))
        return shapely.LineString([(self.mount.lon, self.mount.lat), (end.lon, end.lat)])


def look(camera: CameraSpec) -> View:
    """Work out what a camera sees. Ground points share the datum of the camera's position.

    Raises Misconfigured (`bad_calibration`) when the ground points do not make a homography.
    """
    mount = position_wgs84(camera.position) if camera.position is not None else None
    given = camera.view
    if given.ground_points:
        return _calibrated(camera, mount)
    if mount is None:
        return View(How.NOWHERE, None)
    if given.azimuth_deg is None or given.fov_deg is None:
        return View(How.MOUNT, mount)
    sector = view_cone(given.azimuth_deg, given.fov_deg, given.range_m)
    return View(
        How.CONE,
        mount,
        polygon=_polygon(sector, LocalPlane(mount)),
        azimuth_deg=given.azimuth_deg,
        fov_deg=given.fov_deg,
        range_m=given.range_m,
    )


def _calibrated(camera: CameraSpec, mount: LonLat | None) -> View:
    datum = camera.position.datum if camera.position is not None else Datum.WGS84
    known = [to_wgs84(point.lon, point.lat, datum) for point in camera.view.ground_points]
    plane = LocalPlane(mount or known[0])
    homography = fit_homography(
        [(point.x, point.y) for point in camera.view.ground_points],
        [plane.metres(at) for at in known],
    )
    seen = _seen(homography, camera.view.range_m, anchored=mount is not None)
    return View(
        How.HOMOGRAPHY,
        mount,
        polygon=_polygon(seen, plane) if len(seen) > 3 else None,
        plane=plane,
        homography=homography,
        range_m=camera.view.range_m,
    )


def _seen(homography: Homography, range_m: float, *, anchored: bool) -> list[Point]:
    """The picture's lower edge on the ground, then back along the horizon or the range."""
    foot = homography.ground((0.5, 1.0))
    origin = (0.0, 0.0) if anchored or foot is None else foot
    near: list[Point] = []
    far: list[Point] = []
    for x in np.linspace(0, 1, 13).tolist():
        column = [
            ground
            for y in np.linspace(1, 0, 101).tolist()
            if (ground := homography.ground((x, y))) is not None
            and math.dist(ground, origin) <= range_m
        ]
        if len(column) > 1:
            near.append(column[0])
            far.append(column[-1])
    return near + far[::-1]


def _polygon(ring: list[Point], plane: LocalPlane) -> BaseGeometry:
    corners = [plane.degrees(*metres) for metres in ring]
    return shapely.Polygon([(at.lon, at.lat) for at in corners]).buffer(0)
