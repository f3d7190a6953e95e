"""`line_crossing`: something of the given kinds crosses a line in a given direction."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field

from hub.alerts.rule import Place, RuleConfig, Signal, State, no_place
from hub.kit.geometry import segments_cross, side_of_line
from hub.types.finding import Facts, RuleKind
from hub.types.scene import ObjectKind, Observation, Point, Track, TracksSeen
from hub.types.site import Line, Zone

Direction = Literal["a_to_b", "b_to_a"]
FORGET_S = 3.0
"""A track not seen for this long is forgotten."""


class LineCrossingConfig(RuleConfig):
    """What may not cross, and which way.

    `margin`: how far beyond the line (share of the picture) a foot point must come before it
    counts as being on the other side, so that jitter on the line fires nothing.
    `cool_down_s`: crossings in the same direction within this time after one are only counted.
    """

    needs: ClassVar[Place] = "line"

    kind: Literal[RuleKind.LINE_CROSSING] = RuleKind.LINE_CROSSING
    kinds: tuple[ObjectKind, ...] = Field(default=(ObjectKind.PERSON,), min_length=1)
    direction: Literal["a_to_b", "b_to_a", "both"] = "both"
    margin: float = Field(default=0.01, ge=0, le=0.2)
    cool_down_s: float = Field(default=2.0, ge=0, le=3600)


class LineCrossing:
    """Follows foot points: a crossing is a change of side whose path goes through the line.

    The path counts, not only its ends: walking round the end of the line is no crossing.
    """

    config: ClassVar[type[RuleConfig]] = LineCrossingConfig
    reads: ClassVar[tuple[type, ...]] = (TracksSeen,)
    shows: ClassVar[bool] = True

    def __init__(self, rule: LineCrossingConfig, _zone: Zone | None, line: Line | None) -> None:
        if line is None:
            raise no_place(rule)
        self._rule = rule
        self._kinds = frozenset(rule.kinds)
        self._a, self._b = line.a, line.b
        self._length = math.dist(line.a, line.b) or 1.0

    def start(self) -> State:
        """Nobody followed."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """One signal for each crossing outside its direction's cool-down."""
        if not isinstance(observation, TracksSeen):
            return state, ()
        at = observation.captured_at
        before = state.get("paths", {})
        tracks = [track for track in observation.tracks if track.kind in self._kinds]
        if not tracks and not before:
            return state, ()
        if observation.quiet:
            # Nothing moved since: every path stands where it stood.
            return {**state, "paths": {key: [*path[:4], at] for key, path in before.items()}}, ()
        paths = {key: path for key, path in before.items() if 0 <= at - path[4] <= FORGET_S}
        crossed = []
        for track in tracks:
            key = str(track.track_id)
            paths[key], direction = self._walk(paths.get(key), track.box.foot, at)
            if direction and self._rule.direction in (direction, "both"):
                crossed.append((track, direction))
        cooling, signals = self._cool(state.get("cooling", {}), crossed, at)
        return {"paths": paths, "cooling": cooling}, signals

    def _walk(
        self, path: list[Any] | None, foot: Point, at: float
    ) -> tuple[list[Any], Direction | None]:
        """The next path (x, y, side last confirmed, odd crossings since, time) and a crossing."""
        offset = side_of_line(self._a, self._b, foot) / self._length
        side = 0 if abs(offset) <= self._rule.margin else (1 if offset > 0 else -1)
        if path is None:
            return [foot[0], foot[1], side, False, at], None
        x, y, was, odd, _ = path
        if self._through((x, y), foot):
            odd = not odd
        if side in (0, was):
            return [foot[0], foot[1], was, odd and side == 0, at], None
        direction: Direction = "a_to_b" if side > 0 else "b_to_a"
        return [foot[0], foot[1], side, False, at], direction if was and odd else None

    def _through(self, start: Point, end: Point) -> bool:
        """Whether a step passes the line; a stop exactly on it counts with the right side."""
        left = side_of_line(self._a, self._b, start) < 0
        if left == (side_of_line(self._a, self._b, end) < 0):
            return False
        return segments_cross(start, end, self._a, self._b)

    def _cool(
        self, cooling: dict[str, list[Any]], crossed: list[tuple[Track, Direction]], at: float
    ) -> tuple[dict[str, list[Any]], tuple[Signal, ...]]:
        """Signals of the crossings that count; `cooling` holds time and unreported by direction."""
        cooling, signals = dict(cooling), []
        for track, direction in crossed:
            last_at, unreported = cooling.get(direction, (-math.inf, 0))
            if 0 <= at - last_at < self._rule.cool_down_s:
                cooling[direction] = [last_at, unreported + 1]
                continue
            cooling[direction] = [at, 0]
            facts: Facts = {
                "direction": direction,
                "kind": track.kind.value,
                "crossings": unreported + 1,
            }
            box = track.box
            signals.append(Signal(since=at, at=at, facts=facts, box=box, point=box.foot))
        return cooling, tuple(signals)
