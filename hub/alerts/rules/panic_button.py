"""`panic_button`: somebody pressed it. At once, and whatever else is going on."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from hub.alerts.rule import RuleConfig, Signal, State
from hub.types.finding import Facts, RuleKind, Severity
from hub.types.scene import Observation, Quality, Reading, SourceKind, Tick
from hub.types.site import Identifier, Line, Zone


class PanicButtonConfig(RuleConfig):
    """A press is a reading of `quantity` above 0; another within `cool_down_s` is the same one."""

    sources: ClassVar[frozenset[SourceKind]] = frozenset({SourceKind.SENSOR})

    kind: Literal[RuleKind.PANIC_BUTTON] = RuleKind.PANIC_BUTTON
    severity: Severity = Severity.P1
    quantity: Identifier = "pressed"
    cool_down_s: float = Field(default=10.0, ge=0, le=3600)
    clear_after_s: float = Field(default=60.0, ge=0, le=86_400)


class PanicButton:
    """Every press outside the cool-down is a signal."""

    config: ClassVar[type[RuleConfig]] = PanicButtonConfig
    reads: ClassVar[tuple[type, ...]] = (Reading, Tick)
    shows: ClassVar[bool] = False

    def __init__(self, rule: PanicButtonConfig, _zone: Zone | None, _line: Line | None) -> None:
        self._rule = rule

    def start(self) -> State:
        """Not pressed."""
        return {}

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """A signal for a press outside the cool-down, which counts by our own clock."""
        if isinstance(observation, Tick):
            return (state if self._cooling(state, observation.at) else {}), ()
        if not isinstance(observation, Reading) or observation.quantity != self._rule.quantity:
            return state, ()
        # A NaN is not above 0: no press.
        pressed = observation.value > 0 and observation.quality is not Quality.BAD
        if not pressed or self._cooling(state, observation.received_at):
            return state, ()
        at = observation.measured_at
        facts: Facts = {"quantity": self._rule.quantity, "value": observation.value}
        return {"pressed_at": observation.received_at}, (Signal(since=at, at=at, facts=facts),)

    def _cooling(self, state: State, at: float) -> bool:
        return bool(state) and 0 <= at - state["pressed_at"] < self._rule.cool_down_s
