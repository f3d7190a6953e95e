"""What a rule is: a pure step on state and observation, with a config model beside it.

A rule says only *whether its condition holds*: it returns a signal at every observation at which
it does. The engine makes episodes out of that (opened, updated, closed). A rule knows no ids, no
clock, no database; its state is plain JSON, so that it can be stored and put back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field

from hub.kit.errors import Misconfigured
from hub.types.finding import SAFETY_KINDS, Facts, Policy, RuleKind, Severity
from hub.types.scene import Box, Observation, Point, SourceKind
from hub.types.site import Identifier, Line, Spec, Zone

State = dict[str, Any]
"""State of one rule at one source: JSON-able, replaced at each step, never changed in place."""

GROUP_WAIT_S = {Severity.P1: 0.0, Severity.P2: 10.0, Severity.P3: 30.0, Severity.P4: 60.0}
"""How long an alert waits for others of its grid and kind where the rule does not say."""

Place = Literal["zone", "zone_optional", "line", "none"]
"""What part of the picture a kind of rule is applied to."""


class RuleConfig(Spec):
    """What all rules have in common.

    `clear_after_s`: the condition must have been gone this long before the episode closes.
    `repeat_within_s`: an episode that opens this soon after the last alert was cleared reopens it.
    `group_wait_s`: None means by severity (P1 0 s, P2 10 s, P3 30 s, P4 60 s). `policy`: None
    means that of the event's class.
    """

    needs: ClassVar[Place] = "none"
    sources: ClassVar[frozenset[SourceKind]] = frozenset({SourceKind.CAMERA})

    id: Identifier
    kind: RuleKind
    name: str = Field(default="", max_length=80)
    severity: Severity = Severity.P3
    policy: Policy | None = None
    group_wait_s: float | None = Field(default=None, ge=0, le=3600)
    clear_after_s: float = Field(default=5.0, ge=0, le=86_400)
    repeat_within_s: float = Field(default=120.0, ge=0, le=86_400)
    enabled: bool = True
    exercise: bool = False

    @property
    def wait_s(self) -> float:
        """The group wait in force, in seconds."""
        return GROUP_WAIT_S[self.severity] if self.group_wait_s is None else self.group_wait_s

    @property
    def policy_in_force(self) -> Policy:
        """The rule's own policy, else the one without any class."""
        return self.policy or Policy.AUTO_DISPATCH

    def is_safety(self) -> bool:
        """True when the rule looks for fire, a fall, a medical case, tampering or a crush."""
        return self.kind in SAFETY_KINDS


@dataclass(frozen=True, slots=True)
class RuleBinding:
    """A rule applied at one source, in a zone or on a line where its kind wants one."""

    rule: RuleConfig
    zone: Zone | None = None
    line: Line | None = None

    @property
    def place(self) -> str:
        """Id of the zone or the line, "" where there is none."""
        part = self.zone or self.line
        return part.id if part else ""


@dataclass(frozen=True, slots=True)
class Signal:
    """The condition holds at this observation, and began at `since` (UTC epoch seconds).

    `at` is the time of the observation on the same time line as `since`.
    """

    since: float
    at: float
    facts: Facts = field(default_factory=dict)
    box: Box | None = None
    point: Point | None = None


def no_place(rule: RuleConfig) -> Misconfigured:
    """The error of a rule that was given no zone or line."""
    return Misconfigured(f"rule {rule.id} ({rule.kind}) wants a {rule.needs}", code="no_place")


class Rule(Protocol):
    """One rule bound to one place of one source."""

    config: ClassVar[type[RuleConfig]]
    reads: ClassVar[tuple[type, ...]]
    """The observations the rule wants to see; others are not shown to it."""
    shows: ClassVar[bool]
    """True when there is a picture worth keeping as evidence."""

    def __init__(self, rule: Any, zone: Zone | None, line: Line | None, /) -> None:
        """Prepare for one place; `rule` is an instance of `config`.

        Raises Misconfigured (`no_place`) without the zone or line it needs.
        """

    def start(self) -> State:
        """The state of a rule that has seen nothing."""
        ...

    def step(self, state: State, observation: Observation) -> tuple[State, tuple[Signal, ...]]:
        """The next state, and a signal if the condition holds. Never changes `state`."""
        ...
