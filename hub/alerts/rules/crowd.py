"""`crowd`: too many, or too densely packed, in a zone for a time."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from hub.alerts.presence import MAX_GAP_S, Corners, corners
from hub.alerts.rule import Place, RuleConfig, Signal, State
from hub.kit.geometry import point_in_polygon, points_in_polygon
from hub.types.finding import Facts, RuleKind, Severity
from hub.types.scene import Box, ObjectKind, Observation, TracksSeen
from hub.types.site import Line, Zone

WHOLE_PICTURE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CELLS = 48
"""Side of the raster on which covered ground is counted."""

CRUSH_PER_M2 = 4.0
"""From about four people on a square metre a crowd can crush (G. K. Still, Crowd Safety)."""
CRUSH_SHARE = 0.6
"""The same where only the picture is known: share of the zone covered by people."""


class CrowdConfig(RuleConfig):
    """Either `count_min` things, or `density_min`, in the zone for `hold_s`.

    `density_min` is people per m² where `zone_area_m2` is given, else the share (0..1) of the
    zone that is covered. Dips shorter than `dip_s` do not break the hold.
    """

    needs: ClassVar[Place] = "zone_optional"

    kind: Literal[RuleKind.CROWD] = RuleKind.CROWD
    severity: Severity = Severity.P2
    kinds: tuple[ObjectKind, ...] = Field(default=(ObjectKind.PERSON,), min_length=1)
    count_min: int | None = Field(default=None, ge=1, le=10_000)
    density_min: float | None = Field(default=None, gt=0, le=20)
    zone_area_m2: float | None = Field(default=None, gt=0)
    hold_s: float = Field(default=5.0, ge=0, le=86_400)
    dip_s: float = Field(default=1.0, ge=0, le=MAX_GAP_S)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.count_min is None) == (self.density_min is None):
            raise ValueError("a crowd wants exactly one of count_min and density_min")
        if self.density_min is not None and self.zone_area_m2 is None and self.density_min > 1:
            raise ValueError("density_min is a share of the zone (0..1) without zone_area_m2")
        return self

    def is_safety(self) -> bool:
        """True for crush density; a mere gathering is not a matter of safety."""
        if self.density_min is None:
            return False
        return self.density_min >= (CRUSH_SHARE if self.zone_area_m2 is None else CRUSH_PER_M2)


class Crowd:
    """Counts foot points in the zone, or the cells of the zone that boxes cover."""

    config: ClassVar[type[RuleConfig]] = CrowdConfig
    reads: ClassVar[tuple[type, ...]] = (TracksSeen,)
    shows: ClassVar[bool] = True

    def __init__(self, rule: CrowdConfig, zone: Zone | None, _line: Line | None) -> None:
        self._rule = rule
        self._kinds = frozenset(rule.kinds)
        self._polygon = zone.polygon if zone is not None else WHOLE_PICTURE
        self._ground = _raster(self._polygon)

    def start(self) -> State:
        """No crowd."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """Signals while the crowd has held long enough, dips included."""
        if not isinstance(observation, TracksSeen):
            return state, ()
        at = observation.captured_at
        if state and not 0 <= at - state["at"] <= MAX_GAP_S:
            state = {}
        if observation.quiet:
            # Nothing moved: if the crowd stood at the last look, it stands still.
            standing = bool(state) and state["last"] == state["at"]
            next_state = {**state, "at": at, "last": at} if standing else state
        else:
            next_state = self._look(state, observation, at)
        if not next_state or at - next_state["last"] > self._rule.dip_s:
            return {}, ()
        next_state = {**next_state, "at": at}
        if next_state["last"] != at or at - next_state["since"] < self._rule.hold_s:
            return next_state, ()
        return next_state, (self._signal(next_state, at),)

    def _look(self, state: State, seen: TracksSeen, at: float) -> State:
        boxes = [
            corners(track)
            for track in seen.tracks
            if track.kind in self._kinds and point_in_polygon(track.box.foot, self._polygon)
        ]
        level = self._level(boxes)
        if level < self._bound:
            return state
        around = [float(edge) for edge in (*np.min(boxes, 0)[:2], *np.max(boxes, 0)[2:])]
        since = state.get("since", at)
        return {"since": since, "last": at, "count": len(boxes), "level": level, "box": around}

    @property
    def _bound(self) -> float:
        return float(self._rule.density_min or self._rule.count_min or math.inf)

    def _level(self, boxes: list[Corners]) -> float:
        if self._rule.density_min is None:
            return float(len(boxes))
        if self._rule.zone_area_m2 is not None:
            return len(boxes) / self._rule.zone_area_m2
        return covered_share(self._ground, boxes)

    def _signal(self, state: State, at: float) -> Signal:
        rule = self._rule
        facts: Facts = {"count": state["count"], "hold_s": round(at - state["since"], 3)}
        if rule.count_min is not None:
            facts["count_min"] = rule.count_min
        elif rule.density_min is not None:
            unit = "share" if rule.zone_area_m2 is None else "per_m2"
            facts[f"density_{unit}"] = round(state["level"], 3)
            facts[f"density_min_{unit}"] = rule.density_min
        x1, y1, x2, y2 = state["box"]
        box = Box(x1, y1, x2, y2)
        return Signal(since=state["since"], at=at, facts=facts, box=box, point=box.foot)


def _raster(polygon: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    """The zone on a raster [CELLS, CELLS], true where a cell's centre lies inside."""
    middles = (np.arange(CELLS) + 0.5) / CELLS
    grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
    return points_in_polygon(grid, polygon).reshape(CELLS, CELLS)


def covered_share(ground: NDArray[np.bool_], boxes: list[Corners]) -> float:
    """Share (0..1) of the zone's cells whose centre lies in at least one box."""
    total = int(ground.sum())
    if not total or not boxes:
        return 0.0
    covered = np.zeros_like(ground)
    for x1, y1, x2, y2 in boxes:
        rows = slice(_cell(y1), _cell(y2))
        covered[rows, _cell(x1) : _cell(x2)] = True
    return float((covered & ground).sum() / total)


def _cell(edge: float) -> int:
    """The first cell whose centre lies at or beyond `edge`."""
    return max(0, math.ceil(edge * CELLS - 0.5))
