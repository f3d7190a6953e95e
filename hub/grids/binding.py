"""To which grid an alert belongs: in memory, no query an alert."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from hub.grids.index import GridIndex
from hub.grids.tree import GridKind, GridTree
from hub.grids.view import GroundPoint, How, View, look
from hub.kit.datum import position_wgs84
from hub.kit.errors import Misconfigured
from hub.kit.geometry import Point
from hub.types.finding import Binding, GridShare, GridWhy
from hub.types.site import CameraSpec, LonLat, SensorSpec

log = logging.getLogger(__name__)

SURE = 0.8
"""From this confidence on the ground point decides; below it the mount point does."""
CONE_CONFIDENCE = 0.7
"""A cone tells the bearing of what was seen, not how far it is: never enough to decide."""
MOUNT_CONFIDENCE = 0.3
"""Without any view 12–32 % of cameras look into another grid, and what is near an edge worse."""


@dataclass(frozen=True, slots=True)
class CameraGround:
    """A camera's view together with the grids it stands in and looks at."""

    camera: CameraSpec
    view: View
    standing: dict[GridKind, str]
    shares: tuple[GridShare, ...]

    @property
    def camera_grid(self) -> str | None:
        """The civil grid that contains the mount point."""
        return self.standing.get(GridKind.CIVIL)


class Binder:
    """Binds alerts to grids. Built once per version of the grids; views are kept per camera."""

    def __init__(self, tree: GridTree) -> None:
        self.tree = tree
        self.index = GridIndex(tree)
        self._grounds: dict[str, CameraGround] = {}

    def ground(self, camera: CameraSpec) -> CameraGround:
        """A camera's view and grids, worked out at its first use and whenever its entry changed."""
        known = self._grounds.get(camera.id)
        if known is None or known.camera != camera:
            known = self._grounds[camera.id] = self._survey(camera)
        return known

    def _survey(self, camera: CameraSpec) -> CameraGround:
        view = _look(camera)
        standing = self.index.locate(view.mount) if view.mount is not None else {}
        if view.polygon is not None and not view.polygon.is_empty:
            return CameraGround(camera, view, standing, self.index.shares(view.polygon))
        return CameraGround(camera, view, standing, _whole(standing))

    def bind(
        self,
        camera: CameraSpec | None,
        sensor: SensorSpec | None,
        picture_point: Point | None = None,
    ) -> Binding:
        """The two grids of what was noticed, which one was taken, and why.

        `picture_point` is where in the picture it stands (0..1), None for a source's own health.
        """
        if camera is not None:
            return self._bind_camera(self.ground(camera), picture_point)
        if sensor is not None:
            return self._bind_sensor(sensor)
        return _nowhere(GridWhy.NO_POSITION)

    def bind_named(self, code: str | None) -> Binding:
        """For matters of a grid itself, such as cameras nobody observes."""
        if code is None or code not in self.tree:
            return _nowhere(GridWhy.NO_GRID)
        return Binding(code, None, code, self.tree.path(code), GridWhy.NAMED, 1.0, None)

    def _bind_sensor(self, sensor: SensorSpec) -> Binding:
        if sensor.position is None:
            return _nowhere(GridWhy.NO_POSITION)
        return self.bind_at(position_wgs84(sensor.position), GridWhy.SENSOR_POSITION)

    def bind_at(self, at: LonLat, why: GridWhy = GridWhy.REPORTED_POSITION) -> Binding:
        """The grid of a known position, such as one that a person reports."""
        standing = self.index.locate(at)
        code = standing.get(GridKind.CIVIL)
        return Binding(
            camera_grid=code,
            event_grid=code,
            grid_code=code,
            grid_path=self.tree.path(code) if code else (),
            why=why if code else GridWhy.NO_GRID,
            confidence=1.0 if code else 0.0,
            position=at,
            secondary=_others(_whole(standing), code),
        )

    def _bind_camera(self, ground: CameraGround, picture_point: Point | None) -> Binding:
        event_grid, confidence, why, position = self._event(ground, picture_point)
        taken = event_grid if why is GridWhy.GROUND_POINT else ground.camera_grid
        if taken is None:
            why = GridWhy.NO_POSITION if ground.view.mount is None else GridWhy.NO_GRID
        return Binding(
            camera_grid=ground.camera_grid,
            event_grid=event_grid,
            grid_code=taken,
            grid_path=self.tree.path(taken) if taken else (),
            why=why,
            confidence=confidence,
            position=position,
            secondary=_others(ground.shares, taken),
        )

    def _event(
        self, ground: CameraGround, picture_point: Point | None
    ) -> tuple[str | None, float, GridWhy, LonLat | None]:
        """Grid of what was seen, its confidence, why it is or is not taken, and the position."""
        mount = ground.view.mount
        if picture_point is None:
            return None, 0.0, GridWhy.MOUNT_POINT, mount
        if ground.view.how is How.HOMOGRAPHY:
            return self._by_ground_point(ground, ground.view.ground(picture_point))
        code, confidence = self._by_ray(ground, picture_point)
        return code, confidence, GridWhy.NOT_CALIBRATED, mount

    def _by_ground_point(
        self, ground: CameraGround, point: GroundPoint | None
    ) -> tuple[str | None, float, GridWhy, LonLat | None]:
        # Just below the horizon a hair's breadth in the picture is a kilometre on the ground.
        if point is None or point.error_m > ground.view.range_m:
            return None, 0.0, GridWhy.LOW_CONFIDENCE, ground.view.mount
        code = self.index.locate(point.at).get(GridKind.CIVIL)
        if code is None:
            return None, 0.0, GridWhy.GROUND_POINT_OUTSIDE, point.at
        confidence = _stays_inside(self.index.to_edge_m(code, point.at), point.error_m)
        why = GridWhy.GROUND_POINT if confidence >= SURE else GridWhy.LOW_CONFIDENCE
        return code, confidence, why, point.at

    def _by_ray(self, ground: CameraGround, picture_point: Point) -> tuple[str | None, float]:
        ray = ground.view.ray(picture_point[0])
        if ray is not None:
            for part in self.index.shares(ray):
                if part.kind == GridKind.CIVIL:
                    return part.code, part.share * CONE_CONFIDENCE
        return ground.camera_grid, MOUNT_CONFIDENCE if ground.camera_grid else 0.0


def _look(camera: CameraSpec) -> View:
    """A senseless calibration is refused at registration; an alert is bound all the same."""
    try:
        return look(camera)
    except Misconfigured as error:
        log.warning("camera %s: %s; bound without its ground points", camera.id, error)
        plain = camera.view.model_copy(update={"ground_points": ()})
        return look(camera.model_copy(update={"view": plain}))


def _stays_inside(to_edge_m: float, error_m: float) -> float:
    """The chance that a normal error of this size does not reach over a straight edge."""
    return 0.5 * (1 + math.erf(to_edge_m / error_m / math.sqrt(2)))


def _whole(standing: dict[GridKind, str]) -> tuple[GridShare, ...]:
    return tuple(GridShare(code, kind.value, 1.0) for kind, code in standing.items())


def _others(shares: tuple[GridShare, ...], taken: str | None) -> tuple[GridShare, ...]:
    return tuple(share for share in shares if share.code != taken)


def _nowhere(why: GridWhy) -> Binding:
    return Binding(None, None, None, (), why, 0.0, None)
