"""Which losses are a storm, of which grid, and how grave it is. Pure.

The finest grid with more than so many losses within the time takes them; what is left over of the
finer grids is counted one level up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from hub.alerts.group import UNBOUND
from hub.types.finding import RuleKind, Severity
from hub.types.site import Spec

KINDS = frozenset({RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_FROZEN})
"""What a storm is made of."""


class StormConfig(Spec):
    """A storm is more than `more_than` cameras lost within `within_s` seconds in one grid.

    With more than `grave_above` cameras it is P1.
    """

    more_than: int = Field(default=10, ge=1, le=100_000)
    within_s: float = Field(default=60.0, gt=0, le=3600)
    grave_above: int = Field(default=100, ge=1, le=1_000_000)


@dataclass(frozen=True, slots=True)
class Lost:
    """One camera lost: fingerprint, grids from the root down (() in none), UTC epoch seconds."""

    mark: str
    kind: RuleKind
    path: tuple[str, ...]
    at: float


def gather(lost: Iterable[Lost], config: StormConfig) -> dict[str, str]:
    """The code of the storm's grid (`unbound` for none) by fingerprint, of those in a storm."""
    found: dict[str, str] = {}
    left = list(lost)
    deepest = max((len(each.path) for each in left), default=0)
    for depth in range(max(deepest, 1), 0, -1):
        here: dict[tuple[RuleKind, str], list[Lost]] = {}
        for each in left:
            steps = each.path or (UNBOUND,)
            if len(steps) >= depth:
                here.setdefault((each.kind, steps[depth - 1]), []).append(each)
        for (_, code), those in here.items():
            found |= dict.fromkeys(_crowded(those, config), code)
        left = [each for each in left if each.mark not in found]
    return found


def _crowded(lost: Sequence[Lost], config: StormConfig) -> list[str]:
    """The fingerprints in some span of `within_s` with more than `more_than` of them."""
    ranked = sorted(lost, key=lambda each: each.at)
    chosen: list[str] = []
    first = taken = 0
    for last, each in enumerate(ranked):
        while each.at - ranked[first].at > config.within_s:
            first += 1
        if last - first >= config.more_than:
            chosen += [one.mark for one in ranked[max(first, taken) : last + 1]]
            taken = last + 1
    return chosen


def severity_of(rule: Severity, cameras: int, config: StormConfig) -> Severity:
    """One degree graver than the rule, at most P2; P1 above `grave_above` cameras."""
    if cameras > config.grave_above:
        return Severity.P1
    order = list(Severity)
    graver = order[max(0, order.index(rule) - 1)]
    return min(rule, max(graver, Severity.P2))
