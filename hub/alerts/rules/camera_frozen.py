"""`camera_frozen`: the camera sends, but always the same picture."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from hub.alerts.rule import RuleConfig, Signal, State
from hub.types.finding import Facts, RuleKind
from hub.types.scene import HealthChanged, HealthState, Observation, Tick
from hub.types.site import Line, Zone


class CameraFrozenConfig(RuleConfig):
    """How long the state `frozen` must have lasted; finding it out takes 10 s by itself."""

    kind: Literal[RuleKind.CAMERA_FROZEN] = RuleKind.CAMERA_FROZEN
    after_s: float = Field(default=0.0, ge=0, le=86_400)
    clear_after_s: float = Field(default=0.0, ge=0, le=86_400)


class CameraFrozen:
    """Frozen is what the watch over the decoded picture says; any other state ends it."""

    config: ClassVar[type[RuleConfig]] = CameraFrozenConfig
    reads: ClassVar[tuple[type, ...]] = (HealthChanged, Tick)
    shows: ClassVar[bool] = True

    def __init__(self, rule: CameraFrozenConfig, _zone: Zone | None, _line: Line | None) -> None:
        self._rule = rule

    def start(self) -> State:
        """Not frozen."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """Signals at each change of state and each tick while the picture stands."""
        if isinstance(observation, HealthChanged):
            state = _changed(state, observation)
            at = observation.at
        elif isinstance(observation, Tick):
            at = observation.at
        else:
            return state, ()
        if not state or at - state["since"] < self._rule.after_s:
            return state, ()
        facts: Facts = {"frozen_s": round(at - state["since"], 3), "after_s": self._rule.after_s}
        return state, (Signal(since=state["since"], at=at, facts=facts),)


def _changed(state: State, change: HealthChanged) -> State:
    if change.state is not HealthState.FROZEN:
        return {}
    return state or {"since": change.at}
