"""`camera_offline`: no picture (from a sensor: no link) for a time."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from hub.alerts.rule import RuleConfig, Signal, State
from hub.types.finding import Facts, RuleKind
from hub.types.scene import HealthChanged, HealthState, Observation, SourceKind, Tick
from hub.types.site import Line, Zone

PICTURE_COMES = frozenset({HealthState.ONLINE, HealthState.FROZEN})


class CameraOfflineConfig(RuleConfig):
    """How long the picture must have been away. Counted from the last picture."""

    sources: ClassVar[frozenset[SourceKind]] = frozenset({SourceKind.CAMERA, SourceKind.SENSOR})

    kind: Literal[RuleKind.CAMERA_OFFLINE] = RuleKind.CAMERA_OFFLINE
    after_s: float = Field(default=15.0, ge=0, le=86_400)
    clear_after_s: float = Field(default=0.0, ge=0, le=86_400)


class CameraOffline:
    """Away is every state but online and frozen: connecting and stale show no new picture."""

    config: ClassVar[type[RuleConfig]] = CameraOfflineConfig
    reads: ClassVar[tuple[type, ...]] = (HealthChanged, Tick)
    shows: ClassVar[bool] = False

    def __init__(self, rule: CameraOfflineConfig, _zone: Zone | None, _line: Line | None) -> None:
        self._rule = rule

    def start(self) -> State:
        """Nothing known of the source."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """Signals at each change of state and each tick while the picture is away too long."""
        if isinstance(observation, HealthChanged):
            state = _changed(state, observation)
            at = observation.at
        elif isinstance(observation, Tick):
            at = observation.at
        else:
            return state, ()
        if not state or at - state["since"] < self._rule.after_s:
            return state, ()
        facts: Facts = {"state": state["state"], "after_s": self._rule.after_s}
        if state["detail"]:
            facts["detail"] = state["detail"]
        return state, (Signal(since=state["since"], at=at, facts=facts),)


def _changed(state: State, change: HealthChanged) -> State:
    if change.state in PICTURE_COMES:
        return {}
    began = change.last_picture_at if change.last_picture_at is not None else change.at
    since = state["since"] if state else min(began, change.at)
    return {"since": since, "state": change.state.value, "detail": change.detail}
