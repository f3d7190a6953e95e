"""`sensor_threshold`: a sensor's value is beyond a bound for a time."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from hub.alerts.rule import RuleConfig, Signal, State
from hub.types.finding import Facts, RuleKind, Severity
from hub.types.scene import Observation, Quality, Reading, SourceKind, Tick
from hub.types.site import Identifier, Line, Zone


class SensorThresholdConfig(RuleConfig):
    """`quantity` above `above` or below `below` (or outside both) for `hold_s`.

    Once beyond, the value must come back by `hysteresis` (in its own unit) to count as normal.
    """

    sources: ClassVar[frozenset[SourceKind]] = frozenset({SourceKind.SENSOR})

    kind: Literal[RuleKind.SENSOR_THRESHOLD] = RuleKind.SENSOR_THRESHOLD
    severity: Severity = Severity.P2
    quantity: Identifier
    above: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)
    hysteresis: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    hold_s: float = Field(default=0.0, ge=0, le=86_400)
    clear_after_s: float = Field(default=0.0, ge=0, le=86_400)

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.above is None:
            if self.below is None:
                raise ValueError("a threshold wants at least one of above and below")
        elif self.below is not None and self.below + 2 * self.hysteresis > self.above:
            raise ValueError("below and above leave no room to come back to normal")
        return self


class SensorThreshold:
    """A value that is no number, or of bad quality, neither trips nor clears."""

    config: ClassVar[type[RuleConfig]] = SensorThresholdConfig
    reads: ClassVar[tuple[type, ...]] = (Reading, Tick)
    shows: ClassVar[bool] = False

    def __init__(self, rule: SensorThresholdConfig, _zone: Zone | None, _line: Line | None) -> None:
        self._rule = rule

    def start(self) -> State:
        """Normal."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """Signals while the value is beyond its bound, also between readings at each tick."""
        if isinstance(observation, Reading) and self._counts(observation):
            state = self._measured(state, observation)
            at, began = observation.measured_at, state.get("since", 0.0)
        elif isinstance(observation, Reading | Tick):
            # The last value stands. The sensor's own clock may be wrong: here ours counts.
            at = observation.at if isinstance(observation, Tick) else observation.received_at
            began = state.get("heard_at", 0.0)
        else:
            return state, ()
        if not state or at - began < self._rule.hold_s:
            return state, ()
        return state, (self._signal(state, held_s=at - began),)

    def _counts(self, reading: Reading) -> bool:
        sound = math.isfinite(reading.value) and reading.quality is not Quality.BAD
        return sound and reading.quantity == self._rule.quantity

    def _measured(self, state: State, reading: Reading) -> State:
        slack = self._rule.hysteresis if state else 0.0
        if not self._is_beyond(reading.value, slack):
            return {}
        return {
            "since": state.get("since", reading.measured_at),
            "heard_at": state.get("heard_at", reading.received_at),
            "value": reading.value,
            "unit": reading.unit,
        }

    def _is_beyond(self, value: float, slack: float) -> bool:
        above, below = self._rule.above, self._rule.below
        if above is not None and value > above - slack:
            return True
        return below is not None and value < below + slack

    def _signal(self, state: State, held_s: float) -> Signal:
        rule = self._rule
        facts: Facts = {"quantity": rule.quantity, "value": state["value"], "unit": state["unit"]}
        if rule.above is not None:
            facts["above"] = rule.above
        if rule.below is not None:
            facts["below"] = rule.below
        return Signal(since=state["since"], at=state["since"] + held_s, facts=facts)
