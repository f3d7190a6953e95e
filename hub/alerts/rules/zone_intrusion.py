"""`zone_intrusion`: something of the given kinds stands or walks in a zone for a time."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from hub.alerts.presence import MAX_GAP_S, Presence, follow
from hub.alerts.rule import Place, RuleConfig, Signal, State, no_place
from hub.alerts.schedule import Schedule
from hub.kit.geometry import point_in_polygon
from hub.types.finding import Facts, RuleKind
from hub.types.scene import Box, ObjectKind, Observation, TracksSeen
from hub.types.site import Line, Zone


class ZoneIntrusionConfig(RuleConfig):
    """Kinds of things that must not be in the zone, for how long, and when.

    `gap_s`: a track lost for less than this (a miss of the detector) keeps dwelling.
    """

    needs: ClassVar[Place] = "zone"

    kind: Literal[RuleKind.ZONE_INTRUSION] = RuleKind.ZONE_INTRUSION
    kinds: tuple[ObjectKind, ...] = Field(default=(ObjectKind.PERSON,), min_length=1)
    dwell_s: float = Field(default=2.0, ge=0, le=86_400)
    gap_s: float = Field(default=1.0, ge=0, le=MAX_GAP_S)
    schedule: Schedule = Schedule()


class ZoneIntrusion:
    """A thing is in the zone when its foot point is; each track dwells for itself."""

    config: ClassVar[type[RuleConfig]] = ZoneIntrusionConfig
    reads: ClassVar[tuple[type, ...]] = (TracksSeen,)
    shows: ClassVar[bool] = True

    def __init__(self, rule: ZoneIntrusionConfig, zone: Zone | None, _line: Line | None) -> None:
        if zone is None:
            raise no_place(rule)
        self._rule = rule
        self._kinds = frozenset(rule.kinds)
        self._polygon = zone.polygon

    def start(self) -> State:
        """Nobody there."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """Signals while at least one track has dwelt long enough."""
        if not isinstance(observation, TracksSeen):
            return state, ()
        at = observation.captured_at
        if not self._rule.schedule.is_on(at):
            return {}, ()
        here = [
            track
            for track in observation.tracks
            if track.kind in self._kinds and point_in_polygon(track.box.foot, self._polygon)
        ]
        if not here and not state.get("in"):
            return {}, ()
        following = follow(state, here, at, quiet=observation.quiet, gap_s=self._rule.gap_s)
        dwelling = [
            presence
            for presence in following.values()
            if presence.last == at and at - presence.since >= self._rule.dwell_s
        ]
        next_state = {"at": at, "in": {key: p.dump() for key, p in following.items()}}
        return next_state if following else {}, self._signals(dwelling, at)

    def _signals(self, dwelling: list[Presence], at: float) -> tuple[Signal, ...]:
        if not dwelling:
            return ()
        first = min(dwelling, key=lambda presence: presence.since)
        box = Box(*first.box)
        facts: Facts = {
            "count": len(dwelling),
            "kind": first.kind,
            "dwell_s": round(at - first.since, 3),
            "dwell_s_min": self._rule.dwell_s,
        }
        return (Signal(since=first.since, at=at, facts=facts, box=box, point=box.foot),)
